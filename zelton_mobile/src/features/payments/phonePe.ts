import { NativeModules, Platform } from 'react-native';
import PhonePePaymentSDK from 'react-native-phonepe-pg';

const MERCHANT_ID = process.env.EXPO_PUBLIC_PHONEPE_MERCHANT_ID ?? '';
const ENVIRONMENT = process.env.EXPO_PUBLIC_PHONEPE_ENVIRONMENT === 'PRODUCTION' ? 'PRODUCTION' : 'SANDBOX';
/** Of `scheme` in app.json: where a UPI app leads back to on iOS. */
const URL_SCHEME = 'zelton';

/** PhonePe's SDK. Its typings say `any`, and its status is no proof of payment: no answer of it is kept. */
export const phonePe = {
  /** Whether this build has the SDK's native module and it starts for this person. */
  async isReady(userId: number): Promise<boolean> {
    if (!NativeModules.PhonePePaymentSDK || !MERCHANT_ID) return false;
    try {
      const started: unknown = await PhonePePaymentSDK.init(ENVIRONMENT, MERCHANT_ID, `user${userId}`, false);
      return started === true;
    } catch {
      return false;
    }
  },

  async pay(orderId: string, token: string): Promise<void> {
    const request = { orderId, token, merchantId: MERCHANT_ID, paymentMode: { type: 'PAY_PAGE' } };
    const appSchema = Platform.OS === 'ios' ? URL_SCHEME : '';
    await PhonePePaymentSDK.startTransaction(JSON.stringify(request), appSchema).catch(() => undefined);
  },
};
