import { amountProblem } from '@/features/payments/amount';
import { periodOf } from '@/features/periods';
import { day, moment, money, month, paise, rupees, todayInIndia } from '@/format';

it.each([
  ['0.00', '₹0.00'],
  ['999.5', '₹999.50'],
  ['1000.00', '₹1,000.00'],
  ['100000.00', '₹1,00,000.00'],
  ['123456789.01', '₹12,34,56,789.01'],
  ['-15000.00', '−₹15,000.00'],
  ['what is this', 'what is this'],
])('writes %s as %s', (amount, text) => expect(money(amount)).toBe(text));

it.each([
  ['15000', 1500000],
  ['15000.5', 1500050],
  ['0.01', 1],
  ['-1.00', -100],
  ['999999999999.99', 99999999999999],
  ['', null],
  ['1e5', null],
  ['12.345', null],
  ['1,000', null],
  ['9999999999999', null],
])('reads %s as %s paise', (amount, value) => expect(paise(amount)).toBe(value));

it('goes from paise to rupees and back without a float', () => {
  for (const value of [0, 1, 99, 100, 1500050, -1, 99999999999999]) expect(paise(rupees(value))).toBe(value);
});

it('shows instants in India’s time, whatever the phone’s zone', () => {
  expect(moment('2026-11-27T21:28:27.272000Z', 'en')).toMatch(/28 Nov 2026.*2:58\sam/);
  expect(day('2026-11-27T21:28:27Z', 'en')).toBe('28 Nov 2026');
  expect(day('2026-11-05', 'en')).toBe('5 Nov 2026');
  expect(todayInIndia(new Date('2026-11-27T18:29:59Z'))).toBe('2026-11-27');
  expect(todayInIndia(new Date('2026-11-27T18:30:00Z'))).toBe('2026-11-28');
});

it('names months in both languages, with digits that everybody reads', () => {
  expect(month('2026-11', 'en')).toBe('November 2026');
  expect(month('2026-11', 'hi')).toBe('नवंबर 2026');
});

it.each([
  [null, 'noAmount'],
  [99, 'tooSmall'],
  [100, null],
  [1500001, 'tooMuch'],
  [1500000, null],
  [1499950, 'restTooSmall'],
  [1499900, null],
])('of ₹15,000.00 finds in %s paise: %s', (amount, problem) => expect(amountProblem(amount, 1500000)).toBe(problem));

it.each([
  ['thisMonth', '2026-02-10', '2026-02-01', '2026-02-28'],
  ['lastMonth', '2026-01-10', '2025-12-01', '2025-12-31'],
  ['thisYear', '2026-03-31', '2025-04-01', '2026-03-31'],
  ['thisYear', '2026-04-01', '2026-04-01', '2027-03-31'],
  ['lastYear', '2026-04-01', '2025-04-01', '2026-03-31'],
] as const)('takes %s on %s from %s to %s', (period, today, from, to) =>
  expect(periodOf(period, today)).toEqual({ from, to }),
);
