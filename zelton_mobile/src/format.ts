/** Money in Indian grouping, times in India's zone. Amounts are decimal strings of rupees and never become floats. */
import { clock } from '@/services/api/clock';

const AMOUNT = /^(-?)(\d+)(?:\.(\d{1,2}))?$/;
const ZONE = 'Asia/Kolkata';

/** `"100000.00"` as `₹1,00,000.00`. What is no amount is shown as it came. */
export function money(amount: string): string {
  const match = AMOUNT.exec(amount);
  if (!match) return amount;
  const [, sign, whole = '', fraction = ''] = match;
  const grouped = whole.replace(/(\d)(?=(\d\d)+\d$)/g, '$1,');
  return `${sign === '-' ? '−' : ''}₹${grouped}.${fraction.padEnd(2, '0')}`;
}

/** Paise of an amount; null if it is none. Twelve digits of rupees fit. */
export function paise(amount: string): number | null {
  const match = AMOUNT.exec(amount.trim());
  const [, sign, whole = '', fraction = ''] = match ?? [];
  if (!match || whole.length > 12) return null;
  return (Number(whole) * 100 + Number(fraction.padEnd(2, '0'))) * (sign === '-' ? -1 : 1);
}

/** Rupees with two decimals, as the API takes them. */
export function rupees(amountInPaise: number): string {
  const absolute = Math.abs(amountInPaise);
  const sign = amountInPaise < 0 ? '-' : '';
  return `${sign}${Math.floor(absolute / 100)}.${String(absolute % 100).padStart(2, '0')}`;
}

const localeOf = (language: string): string => (language === 'hi' ? 'hi-IN' : 'en-IN');

/** An instant in UTC, as a clock in India shows it. */
export function moment(instant: string, language: string): string {
  return shown(instant, language, { dateStyle: 'medium', timeStyle: 'short', timeZone: ZONE });
}

/** A day of the Indian calendar (`2026-11-05`), or the Indian day of an instant. */
export function day(value: string, language: string): string {
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(value);
  return shown(value, language, { dateStyle: 'medium', timeZone: isDay ? 'UTC' : ZONE });
}

/** A month (`2026-11`) by its name. */
export function month(value: string, language: string, length: 'long' | 'short' = 'long'): string {
  const options: Intl.DateTimeFormatOptions =
    length === 'long' ? { month: 'long', year: 'numeric' } : { month: 'short' };
  return shown(`${value}-01`, language, { ...options, timeZone: 'UTC' });
}

function shown(value: string, language: string, options: Intl.DateTimeFormatOptions): string {
  const date = new Date(value);
  if (Number.isNaN(date.getTime())) return value;
  return new Intl.DateTimeFormat(localeOf(language), { ...options, numberingSystem: 'latn' }).format(date);
}

/** Today in India, as `2026-11-27`. */
export function todayInIndia(now: Date = clock.now()): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone: ZONE }).format(now);
}
