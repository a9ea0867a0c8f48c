import type { Started } from '@/api/schema';

/** Where an order can be paid: at an address, which may open a UPI app, or with a token for PhonePe's SDK. */
export type Payable = Partial<Pick<Started, 'order_id' | 'redirect_url' | 'token'>>;
