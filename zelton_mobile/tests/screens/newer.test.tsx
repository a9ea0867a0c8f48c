/** What a newer backend says in codes that this app does not know: told in words, and never shown as a code. */
import { screen } from '@testing-library/react-native';
import type { ReactElement } from 'react';

import type { User } from '@/api/schema';
import { i18n } from '@/i18n';
import { AccountScreen } from '@/screens/AccountScreen';
import { BillingScreen } from '@/screens/BillingScreen';
import { OwnerHomeScreen } from '@/screens/OwnerHomeScreen';
import { PaymentsScreen } from '@/screens/PaymentsScreen';
import { PaymentStatusScreen } from '@/screens/PaymentStatusScreen';
import { ReceivedPaymentScreen } from '@/screens/ReceivedPaymentScreen';
import { StatementScreen } from '@/screens/StatementScreen';
import { SubscriptionScreen } from '@/screens/SubscriptionScreen';
import { TenantHomeScreen } from '@/screens/TenantHomeScreen';

import { FakeApi, refusal } from '../fakeApi';
import {
  autopay,
  invoice,
  me,
  ORDER,
  owner,
  paid,
  payments,
  plans,
  problem,
  refund,
  refundable,
  statement,
  subscription,
  subscriptionPaid,
  tenancies,
  tenant,
  tenantDashboard,
  verify,
} from '../recorded';
import { show } from '../screen';

/** The same answer with a code of tomorrow in the place of each of these. */
const newer = (answer: object, ...names: string[]): object =>
  JSON.parse(JSON.stringify(answer), (name, value: unknown) =>
    names.includes(name) && typeof value === 'string'
      ? value === value.toUpperCase()
        ? 'NEW_CODE'
        : 'new_code'
      : value,
  ) as object;

interface Case {
  readonly name: string;
  readonly element: ReactElement;
  readonly user: User;
  readonly answers: Readonly<Record<string, object>>;
  readonly shows: RegExp;
}

const PAYMENT = ['status', 'payment_mode', 'kind', 'purpose', 'period'];
const LISTS = {
  'GET /api/pricing-plans/': plans,
  'GET /api/owner-subscriptions/payments/': payments(),
  'GET /api/owner-subscriptions/invoices/': payments(),
};
const CASES: Case[] = [
  {
    name: 'a payment that was paid in a new way',
    element: <PaymentStatusScreen merchantOrderId={ORDER} />,
    user: tenant,
    answers: { [`GET /api/payments/verify-payment/${ORDER}/`]: newer(verify.paid, ...PAYMENT) },
    shows: /^another way$/,
  },
  {
    name: 'a payment in a new state',
    element: <PaymentStatusScreen merchantOrderId={ORDER} />,
    user: tenant,
    answers: { [`GET /api/payments/verify-payment/${ORDER}/`]: newer(verify.pending, 'state', 'status') },
    shows: /Waiting for your payment/,
  },
  {
    name: 'a subscription’s payment',
    element: <PaymentStatusScreen merchantOrderId={ORDER} />,
    user: owner,
    answers: {
      [`GET /api/owner-subscriptions/verify-payment/${ORDER}/`]: newer(
        { ...verify.paid, payment: subscriptionPaid },
        ...PAYMENT,
      ),
    },
    shows: /^Starter$/,
  },
  {
    name: 'a refund in a new state',
    element: <ReceivedPaymentScreen id={3} />,
    user: owner,
    answers: { 'GET /api/payments/3/': newer({ ...refundable, refunds: [refund] }, 'state', 'kind', 'payment_mode') },
    shows: /Not known to this version/,
  },
  {
    name: 'a list of payments with a new status',
    element: <PaymentsScreen />,
    user: tenant,
    answers: { 'GET /api/payments/': payments(newer(paid, 'status') as typeof paid) },
    shows: /^Paid$/,
  },
  {
    name: 'a list of payments with a new status and state',
    element: <PaymentsScreen />,
    user: tenant,
    answers: { 'GET /api/payments/': payments(newer(paid, 'status', 'state') as typeof paid) },
    shows: /Not known to this version/,
  },
  {
    name: 'a subscription',
    element: <SubscriptionScreen />,
    user: owner,
    answers: {
      ...LISTS,
      'GET /api/owner-subscriptions/': newer(
        {
          ...subscription,
          pending_change: { plan: plans[1], period: 'monthly', starts_at: '2026-12-27', amount: '1.00' },
        },
        'status',
        'period',
      ),
    },
    shows: /Not known to this version/,
  },
  {
    name: 'AutoPay',
    element: <SubscriptionScreen />,
    user: owner,
    answers: { ...LISTS, 'GET /api/owner-subscriptions/': newer({ ...subscription, autopay }, 'state') },
    shows: /PhonePe says something about your AutoPay/,
  },
  {
    name: 'papers and payments of a subscription',
    element: <SubscriptionScreen />,
    user: owner,
    answers: {
      ...LISTS,
      'GET /api/owner-subscriptions/': subscription,
      'GET /api/owner-subscriptions/payments/': newer({ next: null, results: [subscriptionPaid] }, ...PAYMENT),
      'GET /api/owner-subscriptions/invoices/': newer({ next: null, results: [invoice] }, 'kind'),
    },
    shows: /^Document$/,
  },
  {
    name: 'a statement',
    element: <StatementScreen />,
    user: tenant,
    answers: {
      'GET /api/tenancies/': tenancies,
      'GET /api/statements/': newer(statement, 'kind', 'subject'),
    },
    shows: /Rent for November 2026/,
  },
  {
    name: 'a state of India',
    element: <BillingScreen />,
    user: owner,
    answers: { 'GET /api/me/': { ...me, state: '98' } },
    shows: /^Code 98$/,
  },
  {
    name: 'a role',
    element: <AccountScreen />,
    user: newer(tenant, 'role') as User,
    answers: {},
    shows: /^You are$/,
  },
  {
    name: 'the home of a new role',
    element: <TenantHomeScreen />,
    user: newer(tenant, 'role') as User,
    answers: {
      'GET /api/dashboard/': { role: 'new_code', months: [] },
      'GET /api/tenancies/': tenancies,
    },
    shows: /There is no rent to pay here/,
  },
  {
    name: 'an owner’s home for a new role',
    element: <OwnerHomeScreen />,
    user: owner,
    answers: { 'GET /api/dashboard/': newer(tenantDashboard, 'role') },
    shows: /There is no property here/,
  },
];

/** A code, or the key of a word that is missing. */
const RAW = /new_code|^(unknown|statuses|refunds|modes|periods|autopay|invoices|subscription|roles)\.\w/i;
const raw = () => [...screen.queryAllByText(RAW), ...screen.queryAllByLabelText(RAW)];
afterEach(() => i18n.changeLanguage('en'));

test.each(CASES)('$name', async ({ element, user, answers, shows }) => {
  const api = new FakeApi();
  for (const [operation, answer] of Object.entries(answers)) api.on(operation, answer);
  await show(element, user);

  expect((await screen.findAllByText(shows)).length).toBeGreaterThan(0);

  expect(raw()).toEqual([]);
});

test('a refusal and a failure bring a sentence with their code', async () => {
  const failure = { code: 'NEW_CODE', sentence: 'The bank asks you to call it.' };
  const order = `GET /api/payments/verify-payment/${ORDER}/`;
  new FakeApi().on(order, { ...verify.failed, payment: { ...verify.failed.payment, failure } });
  await show(<PaymentStatusScreen merchantOrderId={ORDER} />, tenant);
  expect(await screen.findByText(failure.sentence)).toBeVisible();
  screen.unmount();

  new FakeApi().on('GET /api/payments/', () => refusal(problem(409, 'new_code', 'Wait until tomorrow.')));
  await show(<PaymentsScreen />, tenant);
  expect(await screen.findByText('Wait until tomorrow.')).toBeVisible();
  expect(raw()).toEqual([]);
});
