import AsyncStorage from '@react-native-async-storage/async-storage';
import { act, fireEvent, screen, waitFor } from '@testing-library/react-native';
import { router } from 'expo-router';
import * as Sharing from 'expo-sharing';

import { i18n, speak } from '@/i18n';
import { AccountScreen } from '@/screens/AccountScreen';
import { OwnerHomeScreen } from '@/screens/OwnerHomeScreen';
import { PaymentsScreen } from '@/screens/PaymentsScreen';
import { ReceivedPaymentScreen } from '@/screens/ReceivedPaymentScreen';
import { SubscriptionScreen } from '@/screens/SubscriptionScreen';

import { FakeApi, json, pdf, refusal } from '../fakeApi';
import {
  creditNote,
  downgrade,
  failed,
  invoice,
  noSubscription,
  ORDER,
  owner,
  ownerDashboard,
  paid,
  payments,
  plans,
  problem,
  refund,
  refundable,
  startedSubscription,
  subscription,
  subscriptionPaid,
  tenant,
  upgrade,
} from '../recorded';
import { show } from '../screen';

const REFUND = 'POST /api/payments/3/refund/';
let api: FakeApi;
beforeEach(async () => {
  jest.clearAllMocks();
  await AsyncStorage.clear();
  api = new FakeApi();
});

const press = (name: string | RegExp): void => fireEvent.press(screen.getByRole('button', { name }));

describe('a refund', () => {
  it('is not offered of what the payer disputes, and it is said why', async () => {
    const disputed = { ...refundable, can_refund: false, refundable_amount: '0.00', refunds: [refund] };
    api.on('GET /api/payments/3/', disputed);
    await show(<ReceivedPaymentScreen id={3} />, owner);
    expect(await screen.findByText(/₹14,500.00 of this payment cannot be paid back here/)).toBeVisible();
    expect(screen.queryByRole('button', { name: 'Refund' })).toBeNull();
  });

  it('says nothing of disputes while all of the rest can go back', async () => {
    api.on('GET /api/payments/3/', { ...refundable, refundable_amount: '14500.00', refunds: [refund] });
    await show(<ReceivedPaymentScreen id={3} />, owner);
    expect(await screen.findByRole('button', { name: 'Refund' })).toBeVisible();
    expect(screen.queryByTestId('withheld')).toBeNull();
  });

  const fill = async (): Promise<void> => {
    await show(<ReceivedPaymentScreen id={3} />, owner);
    fireEvent.press(await screen.findByRole('button', { name: 'Refund' }));
    fireEvent.press(screen.getByRole('radio', { name: 'A part of it' }));
    fireEvent.changeText(screen.getByLabelText('Amount in rupees'), '500');
    fireEvent.changeText(screen.getByLabelText('Reason'), 'Repair');
    press('Continue');
  };
  const asked = { success: true, merchant_refund_id: 'ZLR-1', refund_id: '', state: 'PENDING', amount: '500.00' };

  it('asks whether it is meant, goes out with a key, and shows how it stands', async () => {
    const after = { ...refundable, can_refund: false, refunds: [{ ...refund, state: 'PENDING' }] };
    api.on('GET /api/payments/3/', refundable, after).on(REFUND, () => json(asked, 202));
    await fill();
    expect(screen.getByText('₹500.00 will go back to Ravi Kumar. This cannot be undone.')).toBeVisible();
    expect(api.to(REFUND)).toHaveLength(0);
    press('Refund ₹500.00');
    expect(await screen.findByText('On its way')).toBeVisible();
    expect(api.to(REFUND)[0]?.body).toEqual({ amount: '500.00', reason: 'Repair' });
    expect(api.to(REFUND)[0]?.headers.get('Idempotency-Key')).toBeTruthy();
  });

  it('says why it was refused, and asks anew after a change', async () => {
    const running = problem(409, 'refund_running', 'Another refund of this payment is under way.');
    api.on('GET /api/payments/3/', refundable).on(REFUND, () => refusal(running));
    await fill();
    press('Refund ₹500.00');
    expect(await screen.findByText(running.detail)).toBeVisible();
    fireEvent.changeText(screen.getByLabelText('Amount in rupees'), '600');
    expect(screen.queryByText(/cannot be undone/)).toBeNull();
  });

  it('is not offered where the API does not', async () => {
    api.on('GET /api/payments/3/', paid);
    await show(<ReceivedPaymentScreen id={3} />, owner);
    await screen.findByText('063196443483');
    expect(screen.queryByText('Refund')).toBeNull();
  });
});

it('tells the chart to who cannot see it, and shows it as a list', async () => {
  api.on('GET /api/dashboard/', ownerDashboard);
  await show(<OwnerHomeScreen />, owner);
  expect(
    await screen.findByLabelText(/October 2026 ₹15,000.00; November 2026 ₹1,15,000.00 ₹500.00 paid back/),
  ).toBeVisible();
  press('Show as a list');
  expect(screen.getByText('₹500.00 paid back')).toBeVisible();
  expect(screen.getByText('Paid ahead')).toBeVisible();
});

describe('the subscription', () => {
  const PAY = 'POST /api/owner-subscriptions/initiate-payment/';
  const INVOICES = 'GET /api/owner-subscriptions/invoices/';
  const CHANGE = 'POST /api/owner-subscriptions/change-plan/';
  const open = async (stands: object): Promise<void> => {
    api
      .on('GET /api/owner-subscriptions/', stands)
      .on('GET /api/pricing-plans/', plans)
      .on('GET /api/owner-subscriptions/payments/', { next: null, previous: null, results: [subscriptionPaid] })
      .on(INVOICES, { next: null, previous: null, results: [creditNote, invoice] });
    await show(<SubscriptionScreen />, owner);
    await screen.findByRole('radio', { name: /Growth/ });
  };

  it('is paid for by the year', async () => {
    api.on(PAY, () => json(startedSubscription, 201));
    await open(noSubscription);
    expect(screen.getByText(/No plan is running/)).toBeVisible();
    fireEvent.press(screen.getByRole('radio', { name: /Growth/ }));
    fireEvent.press(screen.getByRole('radio', { name: /Yearly/ }));
    press('Pay ₹14,990.00');
    await waitFor(() => expect(router.replace).toHaveBeenCalledWith(`/payments/${ORDER}`));
    expect(api.to(PAY)[0]?.body).toEqual({ pricing_plan_id: 2, period: 'yearly', channel: 'redirect' });
  });

  it('changes at once for what the API says, and pays that', async () => {
    api.on(CHANGE, upgrade, () => json(startedSubscription, 201));
    await open(subscription);
    fireEvent.press(screen.getByRole('radio', { name: /Growth/ }));
    press('See what changes');
    fireEvent.press(await screen.findByRole('button', { name: 'Change now and pay ₹1,000.00' }));
    await waitFor(() => expect(router.replace).toHaveBeenCalledWith(`/payments/${ORDER}`));
    const [preview, change] = api.to(CHANGE);
    expect(preview?.body).toMatchObject({ pricing_plan_id: 2, period: 'monthly', preview: true });
    expect(preview?.headers.get('Idempotency-Key')).toBeNull();
    expect(change?.body).toMatchObject({ pricing_plan_id: 2, period: 'monthly', preview: false });
    expect(change?.headers.get('Idempotency-Key')).toBeTruthy();
  });

  it('changes later where that costs nothing now', async () => {
    api.on(CHANGE, downgrade, { ...downgrade, preview: false });
    await open(subscription);
    fireEvent.press(screen.getByRole('radio', { name: /Growth/ }));
    press('See what changes');
    fireEvent.press(await screen.findByRole('button', { name: /^Change on 28 Nov 2026/ }));
    expect(await screen.findByText(/^Growth · monthly begins on 28 Nov 2026\. Nothing was charged\.$/)).toBeVisible();
    expect(router.replace).not.toHaveBeenCalled();
  });

  it('is cancelled after a second word, and resumed', async () => {
    const cancelled = { ...subscription, cancel_at_period_end: true };
    api
      .on('POST /api/owner-subscriptions/cancel/', cancelled)
      .on('POST /api/owner-subscriptions/resume/', subscription);
    await open(subscription);
    press('Cancel the plan');
    expect(screen.getByText(/stays until 28 Dec 2026/)).toBeVisible();
    press('Cancel the plan');
    expect(await screen.findByText(/ends on 28 Dec 2026/)).toBeVisible();
    press('Keep the plan');
    expect(await screen.findByRole('button', { name: 'Cancel the plan' })).toBeVisible();
  });

  it('has invoices and credit notes, each with its PDF', async () => {
    api.on('GET /api/owner-subscriptions/invoices/4/', pdf);
    await open(subscription);
    expect(await screen.findByLabelText('Tax invoice, ₹499.00, 28 Nov 2026')).toBeVisible();
    expect(screen.getByText('Credit note')).toBeVisible();
    expect(screen.getByText('For invoice ZS/26-27/000123')).toBeVisible();
    press('Invoice ZS/26-27/000123 (PDF)');
    await waitFor(() =>
      expect(Sharing.shareAsync).toHaveBeenCalledWith('file:///cache/zelton-ZS-26-27-000123.pdf', expect.anything()),
    );
  });

  it('has no invoices yet, or says why it cannot show them', async () => {
    await open(subscription);
    api.on(INVOICES, () => refusal(problem(403, 'permission_denied', 'This is for somebody else to do.')));
    await show(<SubscriptionScreen />, owner);
    expect(await screen.findByText('This is for somebody else to do.')).toBeVisible();
    api.on(INVOICES, payments());
    press('Try again');
    expect(await screen.findByText('No invoices yet.')).toBeVisible();
  });

  it('shows what is due, what comes next, and what was paid', async () => {
    const change = { plan: plans[1], period: 'yearly', starts_at: '2026-12-27T21:28:10Z', amount: '14990.00' };
    await open({ ...subscription, status: 'past_due', amount_due: '499.00', pending_change: change });
    expect(screen.getByText('Payment due')).toBeVisible();
    expect(screen.getByText('Growth · yearly, ₹14,990.00')).toBeVisible();
    fireEvent.press(await screen.findByRole('button', { name: 'Paid' }));
    expect(router.push).toHaveBeenCalledWith(`/payments/${ORDER}`);
  });
});

describe('the list of payments', () => {
  it('leads a tenant to the status and an owner to the payment', async () => {
    api.on('GET /api/payments/', payments(failed));
    await show(<PaymentsScreen />, tenant);
    fireEvent.press(await screen.findByRole('button', { name: 'Not completed' }));
    expect(router.push).toHaveBeenCalledWith(`/payments/${ORDER}`);
    await show(<PaymentsScreen />, owner);
    fireEvent.press((await screen.findAllByRole('button', { name: /Ravi Kumar/ })).at(-1) as never);
    expect(router.push).toHaveBeenCalledWith('/received/3');
  });

  it('has more pages', async () => {
    const next = 'https://api.example/api/payments/?cursor=cD0y';
    api.on(
      'GET /api/payments/',
      { ...payments(paid), next },
      payments({ ...refundable, id: 4, payer: 'Ravi Kumar', amount: '1.00' }),
    );
    await show(<PaymentsScreen />, tenant);
    fireEvent.press(await screen.findByRole('button', { name: 'Show more' }));
    expect(await screen.findByText('₹1.00')).toBeVisible();
    expect(api.to('GET /api/payments/')[1]?.query.get('cursor')).toBe('cD0y');
  });
});

describe('the account', () => {
  afterEach(() => act(() => speak('en')));

  it('speaks Hindi, also after a restart', async () => {
    await show(<AccountScreen />, tenant);
    fireEvent.press(screen.getByRole('radio', { name: 'हिन्दी' }));
    expect(await screen.findByText('साइन आउट करें')).toBeVisible();
    await waitFor(async () => expect(await AsyncStorage.getItem('language')).toBe('hi'));
  });

  it('says the API’s refusals in Hindi where it can', async () => {
    await i18n.changeLanguage('hi');
    api.on('GET /api/payments/3/', failed);
    await show(<ReceivedPaymentScreen id={3} />, owner);
    expect(await screen.findByText('UPI पिन ग़लत था। सही पिन से फिर भुगतान करें।')).toBeVisible();
  });

  it('signs out here whatever the network does, and everywhere only if the API has done it', async () => {
    const dead = () => Promise.reject(new TypeError('Network request failed'));
    api.on('POST /api/auth/logout-all/', dead).on('POST /api/auth/logout/', dead);
    await show(<AccountScreen />, tenant);
    press('Sign out on all devices');
    expect(await screen.findByText(/cannot reach Zelton/)).toBeVisible();
    press('Sign out');
    expect(await screen.findByText('signed out')).toBeVisible();
  });
});
