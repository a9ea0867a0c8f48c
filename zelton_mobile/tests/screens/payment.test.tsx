import AsyncStorage from '@react-native-async-storage/async-storage';
import { act, fireEvent, screen, waitFor } from '@testing-library/react-native';
import * as Linking from 'expo-linking';
import * as Network from 'expo-network';
import { router } from 'expo-router';
import * as Sharing from 'expo-sharing';
import * as WebBrowser from 'expo-web-browser';

import { keepOrder, keptOrder } from '@/features/payments/pocket';
import { PaymentStatusScreen } from '@/screens/PaymentStatusScreen';
import { TenantPaymentScreen } from '@/screens/TenantPaymentScreen';

import { FakeApi, json, noNetwork, pdf, refusal } from '../fakeApi';
import { ORDER, owner, PAY_PAGE, problem, started, tenancies, tenant, verifiedSubscription, verify } from '../recorded';
import { show } from '../screen';

const VERIFY = `GET /api/payments/verify-payment/${ORDER}/`;
const PAY = 'POST /api/payments/initiate-rent-payment/';

let api: FakeApi;
beforeEach(async () => {
  jest.clearAllMocks();
  await AsyncStorage.clear();
  jest.useFakeTimers();
  api = new FakeApi().on('GET /api/tenancies/', tenancies);
});
afterEach(() => jest.useRealTimers());

/** Second by second, since React sets the next timer only between two steps. */
async function pass(seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second += 1) await act(() => jest.advanceTimersByTimeAsync(1000));
}
const button = (name: string | RegExp) => screen.getByRole('button', { name });
const press = (name: string | RegExp): void => fireEvent.press(button(name));
const asked = (): number => api.to(VERIFY).length;
const showStatus = (): Promise<void> => show(<PaymentStatusScreen merchantOrderId={ORDER} />, tenant);

describe('paying', () => {
  const open = async (): Promise<void> => {
    await show(<TenantPaymentScreen />, tenant);
    await screen.findByText(/All of it/);
  };

  it('pays all of it by UPI unless told otherwise: kept on the device, then shown, then opened', async () => {
    const order: string[] = [];
    jest.mocked(router.replace).mockImplementation(() => void order.push('status'));
    jest.mocked(WebBrowser.openAuthSessionAsync).mockImplementation(async () => {
      order.push((await keptOrder(tenant.id)) ? 'page, with the payment kept' : 'page');
      return { type: 'cancel' } as never;
    });
    api.on(PAY, () => json(started, 201));
    await open();
    press('Pay ₹15,000.00');
    await waitFor(() => expect(order).toEqual(['status', 'page, with the payment kept']));
    const [call] = api.to(PAY);
    expect(call?.body).toEqual({
      amount: '15000.00',
      tenancy: 1,
      payment_modes: ['UPI_INTENT', 'UPI_QR'],
      channel: 'redirect',
    });
    expect(call?.headers.get('Idempotency-Key')).toMatch(/^[0-9a-f-]{36}$/);
    expect(router.replace).toHaveBeenCalledWith(`/payments/${ORDER}`);
    expect(WebBrowser.openAuthSessionAsync).toHaveBeenCalledWith(PAY_PAGE, 'zelton://payments');
  });

  it('pays a part by card', async () => {
    api.on(PAY, () => json(started, 201));
    await open();
    fireEvent.press(screen.getByRole('radio', { name: 'A part of it' }));
    fireEvent.changeText(screen.getByLabelText('Amount in rupees'), '1,500.5');
    fireEvent.press(screen.getByRole('radio', { name: /card/ }));
    press('Pay ₹1,500.50');
    await waitFor(() => expect(api.to(PAY)[0]?.body).toMatchObject({ amount: '1500.50', payment_modes: ['CARD'] }));
  });

  it.each([
    ['0.5', 'The smallest payment is ₹1.00.'],
    ['15000.01', 'You can pay at most ₹15,000.00.'],
    ['14999.50', /Less than ₹1.00 would be left/],
    ['some', /Please enter an amount/],
  ])('does not send %s', async (text, sentence) => {
    await open();
    fireEvent.press(screen.getByRole('radio', { name: 'A part of it' }));
    expect(button('Pay')).toBeDisabled();
    fireEvent.changeText(screen.getByLabelText('Amount in rupees'), text);
    expect(screen.getByText(sentence)).toBeVisible();
    expect(button(/^Pay/)).toBeDisabled();
  });

  it('goes out under the same key after silence, and another after a refusal', async () => {
    const tooMuch = () => refusal(problem(400, 'amount_above_due', 'You can pay at most ₹1.00.'));
    api.on(PAY, noNetwork, noNetwork, noNetwork, tooMuch, () => json(started, 201));
    await open();
    press('Pay ₹15,000.00');
    await pass(10);
    expect(screen.getByText(/cannot reach Zelton/)).toBeVisible();
    press('Pay ₹15,000.00');
    expect(await screen.findByText('You can pay at most ₹1.00.')).toBeVisible();
    press('Pay ₹15,000.00');
    await waitFor(() => expect(router.replace).toHaveBeenCalled());
    const keys = api.to(PAY).map(({ headers }) => headers.get('Idempotency-Key'));
    expect(new Set(keys.slice(0, 4)).size).toBe(1);
    expect(keys[4]).not.toBe(keys[0]);
  });

  it('opens no page for an order that is paid by now', async () => {
    api.on(PAY, { ...started, state: 'COMPLETED' });
    await open();
    press('Pay ₹15,000.00');
    await waitFor(() => expect(router.replace).toHaveBeenCalledWith(`/payments/${ORDER}`));
    expect(WebBrowser.openAuthSessionAsync).not.toHaveBeenCalled();
  });
});

describe('the status of a payment', () => {
  it('waits calmly, offers the page again and nothing that would pay twice, and ends with the receipt', async () => {
    await keepOrder(tenant.id, { merchantOrderId: ORDER, redirectUrl: PAY_PAGE });
    api.on(VERIFY, verify.pending, verify.pending, verify.paid).on('GET /api/payments/3/receipt/', pdf);
    await showStatus();
    expect(await screen.findByText('Waiting for your payment')).toBeVisible();
    expect(screen.queryByText('Pay again')).toBeNull();
    await act(async () => press('Open the payment page'));
    expect(WebBrowser.openAuthSessionAsync).toHaveBeenCalledWith(PAY_PAGE, 'zelton://payments');

    await pass(5);
    expect(screen.getByText('Payment received')).toBeVisible();
    expect(screen.getByText('063196443483')).toBeVisible();
    expect(screen.getByText('November 2026')).toBeVisible();
    expect(screen.queryByText('Open the payment page')).toBeNull();
    await waitFor(async () => expect(await keptOrder(tenant.id)).toBeNull());
    await act(async () => press('Receipt (PDF)'));
    await waitFor(() =>
      expect(Sharing.shareAsync).toHaveBeenCalledWith('file:///cache/zelton-receipt-3.pdf', expect.anything()),
    );
    await pass(60);
    expect(asked()).toBe(3);
  });

  it('says why it failed, and offers to pay again only when the backend does', async () => {
    api.on(VERIFY, verify.failed);
    await showStatus();
    expect(await screen.findByText('The UPI PIN was wrong. Pay again with the right PIN.')).toBeVisible();
    press('Pay again');
    expect(router.replace).toHaveBeenCalledWith('/pay');
  });

  it('does not call failed what may still come', async () => {
    api.on(VERIFY, verify.uncertain, verify.paid);
    await showStatus();
    expect(await screen.findByText('Not confirmed yet')).toBeVisible();
    expect(screen.queryByText(/not completed/)).toBeNull();
    expect(screen.queryByText('Pay again')).toBeNull();
    await pass(31);
    expect(screen.getByText('Payment received')).toBeVisible();
  });

  it.each([
    ['review', /We are looking into this payment/],
    ['refunded', /Paid back/],
  ] as const)('shows a payment: %s', async (name, text) => {
    api.on(VERIFY, verify[name]);
    await showStatus();
    expect((await screen.findAllByText(text)).length).toBeGreaterThan(0);
    expect(screen.queryByText('Pay again')).toBeNull();
  });

  it('knows nothing of somebody else’s', async () => {
    api.on(VERIFY, () => refusal(problem(404, 'not_found', 'There is no such payment.')));
    await showStatus();
    expect(await screen.findByText('We do not find this payment')).toBeVisible();
  });

  it('keeps a payment when the sign-in ends, so that it is asked about after the next one', async () => {
    await keepOrder(tenant.id, { merchantOrderId: ORDER, redirectUrl: null });
    api.on(VERIFY, () => refusal(problem(401, 'authentication_failed', 'Log in again.')));
    await showStatus();
    expect(await screen.findByText('signed out')).toBeVisible();
    expect(await keptOrder(tenant.id)).not.toBeNull();
  });

  it('survives a minute without network, and says that the payment is not affected', async () => {
    api.on(VERIFY, verify.pending, noNetwork, noNetwork, noNetwork, verify.paid);
    await showStatus();
    await pass(5);
    expect(screen.getByText(/keep trying/)).toBeVisible();
    expect(screen.getByText('Waiting for your payment')).toBeVisible();
    await pass(60);
    expect(screen.getByText('Payment received')).toBeVisible();
  });

  it('does not ask while the phone is offline', async () => {
    api.on(VERIFY, verify.pending);
    await showStatus();
    await pass(1);
    const [listener] = jest.mocked(Network.addNetworkStateListener).mock.calls.at(-1) ?? [];
    act(() => listener?.({ isConnected: false }));
    expect(await screen.findByText(/You are offline/)).toBeVisible();
    const before = asked();
    await pass(100);
    expect(asked()).toBe(before);
    act(() => listener?.({ isConnected: true }));
    await pass(1);
    expect(asked()).toBeGreaterThan(before);
  });

  it('takes a deep link as a reason to ask, whatever it says', async () => {
    api.on(VERIFY, { ...verify.pending, poll_after: 100 });
    await showStatus();
    await pass(1);
    const [, listener] = jest.mocked(Linking.addEventListener).mock.calls.at(-1) ?? [];
    act(() => listener?.({ url: `zelton://payments/${ORDER}?status=SUCCESS` }));
    await pass(1);
    expect(asked()).toBe(2);
    expect(screen.getByText('Waiting for your payment')).toBeVisible();
  });

  it('follows an owner’s payment for the plan in the same way', async () => {
    const operation = `GET /api/owner-subscriptions/verify-payment/${ORDER}/`;
    api.on(operation, verifiedSubscription);
    await show(<PaymentStatusScreen merchantOrderId={ORDER} />, owner);
    expect(await screen.findByText('Payment received')).toBeVisible();
    expect(screen.getByText('Starter · monthly')).toBeVisible();
  });
});
