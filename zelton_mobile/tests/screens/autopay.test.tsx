import AsyncStorage from '@react-native-async-storage/async-storage';
import { fireEvent, screen, waitFor } from '@testing-library/react-native';
import * as Linking from 'expo-linking';
import { router } from 'expo-router';
import * as WebBrowser from 'expo-web-browser';
import { Platform } from 'react-native';

import type { Autopay, Subscription } from '@/api/schema';
import { keepOrder, keptOrder } from '@/features/payments/pocket';
import { i18n } from '@/i18n';
import { PaymentStatusScreen } from '@/screens/PaymentStatusScreen';
import { SubscriptionScreen } from '@/screens/SubscriptionScreen';

import { FakeApi, json, noNetwork, refusal } from '../fakeApi';
import {
  autopay,
  autopaySetup,
  noSubscription,
  ORDER,
  owner,
  payments,
  plans,
  problem,
  subscription,
  subscriptionPaid,
  verifiedSubscription,
} from '../recorded';
import { show } from '../screen';

const AUTOPAY = '/api/owner-subscriptions/autopay/';
const SET_UP = `POST ${AUTOPAY}`;
const END = `DELETE ${AUTOPAY}`;
const STANDS = 'GET /api/owner-subscriptions/';

let api: FakeApi;
beforeEach(async () => {
  jest.clearAllMocks();
  await AsyncStorage.clear();
  api = new FakeApi()
    .on('GET /api/pricing-plans/', plans)
    .on('GET /api/owner-subscriptions/payments/', payments())
    .on('GET /api/owner-subscriptions/invoices/', payments());
});
afterEach(async () => {
  jest.restoreAllMocks();
  await i18n.changeLanguage('en');
});

const press = (name: string | RegExp): void => fireEvent.press(screen.getByRole('button', { name }));
const having = (changed: Partial<Autopay>): Subscription => ({ ...subscription, autopay: { ...autopay, ...changed } });
const open = async (...stands: Subscription[]): Promise<void> => {
  api.on(STANDS, ...stands);
  await show(<SubscriptionScreen />, owner);
  await screen.findByRole('radio', { name: /Growth/ });
  await screen.findByText(i18n.t('invoices.none'));
  await screen.findByText(i18n.t('subscription.noPayments'));
};

describe('setting AutoPay up', () => {
  it('goes out with a key, is kept on the device, and opens the UPI app over its status', async () => {
    const order: string[] = [];
    jest.mocked(router.replace).mockImplementationOnce(() => void order.push('status'));
    jest.mocked(Linking.openURL).mockImplementationOnce(async () => {
      order.push((await keptOrder(owner.id)) ? 'app, with the order kept' : 'app');
      return true;
    });
    api.on(SET_UP, () => json(autopaySetup, 201));
    await open(subscription);
    expect(screen.getByText(/₹2.00 to check your account/)).toBeVisible();
    fireEvent.press(screen.getByRole('radio', { name: 'Google Pay' }));
    press('Set up AutoPay');
    await waitFor(() => expect(order).toEqual(['status', 'app, with the order kept']));
    expect(Linking.openURL).toHaveBeenCalledWith(autopaySetup.intent_url);
    expect(WebBrowser.openAuthSessionAsync).not.toHaveBeenCalled();
    expect(router.replace).toHaveBeenCalledWith(`/payments/${ORDER}`);
    const [call] = api.to(SET_UP);
    expect(call?.body).toEqual({ pricing_plan_id: 1, period: 'monthly', device_os: 'IOS', target_app: 'GPAY' });
    expect(call?.headers.get('Idempotency-Key')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('names apps by their packages on Android, and takes the plan that comes next', async () => {
    jest.replaceProperty(Platform, 'OS', 'android');
    api.on(SET_UP, () => json(autopaySetup, 201));
    const next = {
      plan: plans[1] as never,
      period: 'yearly',
      starts_at: '2026-12-27T21:28:10Z',
      amount: '1.00',
    } as const;
    await open({ ...subscription, pending_change: next });
    press('Set up AutoPay');
    await waitFor(() => expect(api.to(SET_UP)).toHaveLength(1));
    expect(api.to(SET_UP)[0]?.body).toEqual({
      pricing_plan_id: 2,
      period: 'yearly',
      device_os: 'ANDROID',
      target_app: 'com.phonepe.app',
    });
  });

  it('asks by UPI ID in a browser, which can open no app, and says so', async () => {
    jest.replaceProperty(Platform, 'OS', 'web');
    api.on(SET_UP, () => json({ ...autopaySetup, intent_url: '' }, 201));
    await open(subscription);
    expect(screen.getByText(/AutoPay has no QR code/)).toBeVisible();
    expect(screen.queryByRole('radio', { name: 'PhonePe' })).toBeNull();
    fireEvent.changeText(screen.getByLabelText('UPI ID'), 'meera');
    expect(screen.getByRole('button', { name: 'Set up AutoPay' })).toBeDisabled();
    fireEvent.changeText(screen.getByLabelText('UPI ID'), 'meera@ybl ');
    press('Set up AutoPay');
    await waitFor(() => expect(router.replace).toHaveBeenCalledWith(`/payments/${ORDER}`));
    expect(api.to(SET_UP)[0]?.body).toMatchObject({ device_os: 'ANDROID', upi_id: 'meera@ybl' });
    expect(Linking.openURL).not.toHaveBeenCalled();
  });

  it('pays the first period where no plan runs, and says how much', async () => {
    api.on(SET_UP, () => json(autopaySetup, 201));
    await open(noSubscription);
    fireEvent.press(screen.getByRole('radio', { name: /Growth/ }));
    expect(screen.getByText(/Approving pays ₹1,499.00 now/)).toBeVisible();
    press('Set up AutoPay');
    await waitFor(() => expect(api.to(SET_UP)[0]?.body).toMatchObject({ pricing_plan_id: 2, period: 'monthly' }));
  });

  it('says why it was refused', async () => {
    const waits = problem(409, 'autopay_setup_waits', 'Another AutoPay setup can still be approved.');
    api.on(SET_UP, () => refusal(waits));
    await open(subscription);
    press('Set up AutoPay');
    expect(await screen.findByText(waits.detail)).toBeVisible();
    expect(router.replace).not.toHaveBeenCalled();
  });

  it('is not offered while the plan is to end', async () => {
    await open({ ...subscription, cancel_at_period_end: true });
    expect(screen.queryByText('AutoPay')).toBeNull();
  });

  it('says when no app takes the link', async () => {
    jest.mocked(Linking.openURL).mockRejectedValueOnce(new Error('No activity found'));
    await keepOrder(owner.id, { merchantOrderId: ORDER, redirectUrl: autopaySetup.intent_url });
    const waiting = { ...verifiedSubscription, state: 'PENDING', final: false, poll_after: 60 };
    api.on(`GET /api/owner-subscriptions/verify-payment/${ORDER}/`, waiting);
    await show(<PaymentStatusScreen merchantOrderId={ORDER} />, owner);
    fireEvent.press(await screen.findByTestId('continue-paying'));
    expect(await screen.findByText(/No app on this phone has taken the payment/)).toBeVisible();
  });
});

describe('the status of a setup', () => {
  const setup = { ...subscriptionPaid, amount: '2.00', kind: 'autopay_setup', goes_back: true } as const;
  const waiting = { ...verifiedSubscription, state: 'PENDING', final: false, poll_after: 60, payment: setup } as const;
  const VERIFY = `GET /api/owner-subscriptions/verify-payment/${ORDER}/`;

  it.each([
    ['only checked the account', setup, /The ₹2.00 of the check come back/],
    ['paid the first period', { ...setup, amount: '499.00', goes_back: false }, /paid ₹499.00 for the first period/],
  ])('says that AutoPay is set up and what is debited when, where it %s', async (_, payment, sentence) => {
    api.on(VERIFY, { ...verifiedSubscription, payment }).on(STANDS, having({}));
    await show(<PaymentStatusScreen merchantOrderId={ORDER} />, owner);
    expect(await screen.findByText('AutoPay is set up')).toBeVisible();
    expect(await screen.findByText(/₹499.00 will be debited on 28 Dec 2026/)).toBeVisible();
    expect(screen.getByText(sentence)).toBeVisible();
    expect(screen.queryByText('Payment received')).toBeNull();
  });

  it('lets a request that waits be ended, and asks how it stands then', async () => {
    const ended = { ...waiting, state: 'FAILED', final: true, payment: { ...setup, status: 'cancelled' } };
    api.on(VERIFY, waiting, ended).on(STANDS, having({ state: 'ACTIVATION_IN_PROGRESS' }));
    api.on(END, () => json({ success: true, state: 'CANCEL_IN_PROGRESS' }, 202));
    await show(<PaymentStatusScreen merchantOrderId={ORDER} />, owner);
    expect(await screen.findByText('Approve AutoPay')).toBeVisible();
    fireEvent.press(await screen.findByRole('button', { name: 'End this request' }));
    press('End this request');
    expect(await screen.findByText('AutoPay was not set up')).toBeVisible();
    expect(api.to(END)).toHaveLength(1);
  });

  it('offers no end of a request beside AutoPay that runs, which would end with it', async () => {
    api.on(VERIFY, waiting).on(STANDS, having({}));
    await show(<PaymentStatusScreen merchantOrderId={ORDER} />, owner);
    await waitFor(() => expect(api.to(STANDS)).toHaveLength(1));
    expect(screen.queryByText('End this request')).toBeNull();
  });
});

describe('how AutoPay stands', () => {
  it('shows the next debit, the most that one may be, and no second setup', async () => {
    await open(having({}));
    expect(screen.getByText('Your plan is paid by itself.')).toBeVisible();
    expect(screen.getByLabelText('At most per debit, ₹748.50')).toBeVisible();
    expect(screen.getByLabelText('Next debit, ₹499.00, 28 Dec 2026')).toBeVisible();
    expect(screen.queryByText('Set up AutoPay')).toBeNull();
  });

  it.each([
    ['ACTIVATION_IN_PROGRESS', /Approve it in your UPI app/, true, false],
    ['PAUSED', /You paused AutoPay/, false, true],
    ['REVOKED', /was withdrawn in your UPI app/, true, false],
    ['CANCEL_IN_PROGRESS', /is being ended/, true, false],
    ['SLEEPING', /PhonePe says something about your AutoPay/, false, true],
  ])('says %s in a sentence', async (state, sentence, mayBegin, mayEnd) => {
    await open(having({ state: state as never, next_debit_at: null, next_debit_amount: null }));
    expect(screen.getByText(sentence)).toBeVisible();
    expect(screen.queryByText('Set up AutoPay') !== null).toBe(mayBegin);
    expect(screen.queryByText('End AutoPay') !== null).toBe(mayEnd);
  });

  it('speaks Hindi', async () => {
    await i18n.changeLanguage('hi');
    await open(having({ state: 'PAUSED' }));
    expect(screen.getByText(/आपने अपने UPI ऐप में ऑटोपे रोका है/)).toBeVisible();
  });
});

describe('ending AutoPay', () => {
  it('takes a second word, and shows what came of it', async () => {
    api.on(END, () => json({ success: true, state: 'CANCEL_IN_PROGRESS' }, 202));
    await open(having({}), having({ state: 'CANCEL_IN_PROGRESS', next_debit_at: null, next_debit_amount: null }));
    press('End AutoPay');
    expect(screen.getByText(/No debit is begun from now on/)).toBeVisible();
    expect(api.to(END)).toHaveLength(0);
    press('End AutoPay');
    expect(await screen.findByText(/AutoPay is being ended/)).toBeVisible();
    expect(api.to(END)).toHaveLength(1);
    expect(screen.queryByText('End AutoPay')).toBeNull();
  });

  it('is confirmed also while PhonePe has not, and can be thought better of', async () => {
    api.on(END, noNetwork, () => json({ success: true, state: 'ACTIVE' }, 202));
    await open(having({}));
    press('End AutoPay');
    press('Keep AutoPay');
    press('End AutoPay');
    press('End AutoPay');
    expect(await screen.findByText(/cannot reach Zelton/)).toBeVisible();
    press('End AutoPay');
    expect(await screen.findByText(/AutoPay ends/)).toBeVisible();
  });
});
