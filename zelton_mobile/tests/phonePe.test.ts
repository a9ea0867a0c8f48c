import { NativeModules } from 'react-native';

import type * as payPageOfABuild from '@/features/payments/payPage';

import { started } from './recorded';

type Sdk = { init: jest.Mock; startTransaction: jest.Mock };
type PayPage = typeof payPageOfABuild;

/** The module as a build with these settings has it. */
function built(withNativeModule: boolean, merchantId = 'MERCHANTUAT'): { sdk: Sdk; payPage: PayPage } {
  process.env.EXPO_PUBLIC_PHONEPE_MERCHANT_ID = merchantId;
  NativeModules.PhonePePaymentSDK = withNativeModule ? {} : undefined;
  let payPage: PayPage | undefined;
  let sdk: Sdk | undefined;
  jest.isolateModules(() => {
    payPage = jest.requireActual<PayPage>('@/features/payments/payPage');
    sdk = jest.requireMock<{ default: Sdk }>('react-native-phonepe-pg').default;
  });
  if (!payPage || !sdk) throw new Error('not loaded');
  return { sdk, payPage };
}

const order = { ...started, token: 'order-token', redirect_url: undefined };

it('is used where its native module is in the build and starts', async () => {
  const { sdk, payPage } = built(true);
  sdk.init.mockResolvedValue(true);
  expect(await payPage.channelFor(7)).toBe('mobile_sdk');
  expect(sdk.init).toHaveBeenCalledWith('SANDBOX', 'MERCHANTUAT', 'user7', false);
});

it.each([
  ['has no native module', () => built(false)],
  ['has no merchant', () => built(true, '')],
])('leaves it to the browser where the build %s', async (_, build) => {
  const { sdk, payPage } = build();
  expect(await payPage.channelFor(7)).toBe('redirect');
  expect(sdk.init).not.toHaveBeenCalled();
});

it.each([
  ['says no', (sdk: Sdk) => sdk.init.mockResolvedValue(false)],
  ['throws', (sdk: Sdk) => sdk.init.mockRejectedValue(new Error('Invalid environment'))],
])('leaves it to the browser when the SDK %s', async (_, answer) => {
  const { sdk, payPage } = built(true);
  answer(sdk);
  expect(await payPage.channelFor(7)).toBe('redirect');
});

it('gets the order’s token as JSON text, and is believed nothing', async () => {
  const { sdk, payPage } = built(true);
  for (const answer of [{ status: 'SUCCESS' }, { status: 'FAILURE', error: 'key_error' }, { status: 'INTERUPTED' }]) {
    sdk.startTransaction.mockResolvedValueOnce(answer);
    expect(await payPage.openPayPage(order)).toBeUndefined();
  }
  sdk.startTransaction.mockRejectedValueOnce(new Error('SDK not initialized'));
  expect(await payPage.openPayPage(order)).toBeUndefined();
  const [request, appSchema] = sdk.startTransaction.mock.calls[0] as [string, string];
  expect(JSON.parse(request)).toEqual({
    orderId: started.order_id,
    token: 'order-token',
    merchantId: 'MERCHANTUAT',
    paymentMode: { type: 'PAY_PAGE' },
  });
  expect(appSchema).toBe('zelton');
});
