import AsyncStorage from '@react-native-async-storage/async-storage';

import { withKey } from '@/features/idempotency';
import { forgetOrder, keepOrder, keptOrder } from '@/features/payments/pocket';
import { ApiError } from '@/services/api';

import { problem } from './recorded';

beforeEach(() => AsyncStorage.clear());

const silence = new ApiError('network');
const refusal = new ApiError('problem', 400, problem(400, 'amount_above_due', 'Too much.'));
const signedOut = new ApiError('problem', 401, problem(401, 'authentication_failed', 'Log in again.'));

/** The key with which a wish goes out, and what comes of it. */
async function sent(request: object, outcome?: Error): Promise<string> {
  let used = '';
  const send = async (key: string): Promise<void> => {
    used = key;
    if (outcome) throw outcome;
  };
  await withKey('payment.1', request, send).catch(() => undefined);
  return used;
}

describe('an Idempotency-Key', () => {
  it('is one for two taps at once, whose request goes out once', async () => {
    const send = jest.fn(async (key: string) => key);
    const [one, other] = await Promise.all([1, 2].map(() => withKey('unit.1', { name: 'Flat 1' }, send)));
    expect(one).toBe(other);
    expect(send).toHaveBeenCalledTimes(1);
  });

  it('is new for each wish that was answered', async () => {
    expect(await sent({ amount: '1.00' })).not.toBe(await sent({ amount: '1.00' }));
  });

  it.each([
    ['nobody answered', silence],
    ['the sign-in had ended', signedOut],
  ])('is the same on a repeat after %s, also after the app was killed', async (_, error) => {
    const first = await sent({ amount: '1.00' }, error);
    expect(await sent({ amount: '1.00' }, error)).toBe(first);
    expect(await sent({ amount: '1.00' })).toBe(first);
    expect(await sent({ amount: '1.00' })).not.toBe(first);
  });

  it('is another for another wish', async () => {
    const first = await sent({ amount: '1.00' }, silence);
    expect(await sent({ amount: '2.00' }, silence)).not.toBe(first);
  });

  it('is done with after a refusal', async () => {
    const first = await sent({ amount: '1.00' }, refusal);
    expect(await sent({ amount: '1.00' })).not.toBe(first);
  });

  it('is on the device before the request goes out', async () => {
    await withKey('refund.1.3', {}, async (key) => {
      expect(await AsyncStorage.getItem('idempotency-key.refund.1.3')).toContain(key);
    });
  });
});

describe('the payment that a device keeps', () => {
  const order = { merchantOrderId: 'ZLT-1', redirectUrl: 'https://pay.example/1' };

  it('is each person’s own', async () => {
    await keepOrder(1, order);
    expect(await keptOrder(1)).toEqual(order);
    expect(await keptOrder(2)).toBeNull();
  });

  it('is forgotten at its final word, but not for another one’s', async () => {
    await keepOrder(1, order);
    await forgetOrder(1, 'ZLT-0');
    expect(await keptOrder(1)).toEqual(order);
    await forgetOrder(1, 'ZLT-1');
    expect(await keptOrder(1)).toBeNull();
  });

  it.each(['{"merchantOrderId": 5}', 'not JSON', '{"key": "of an older version"}'])('is none in %s', async (text) => {
    await AsyncStorage.setItem('payment-under-way.1', text);
    expect(await keptOrder(1)).toBeNull();
  });
});
