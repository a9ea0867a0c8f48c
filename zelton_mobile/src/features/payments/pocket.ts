import AsyncStorage from '@react-native-async-storage/async-storage';

/**
 * What the device keeps of a payment before its pay page opens, so that a killed app finds it again; forgotten once there
 * is a final word. Each person has their own: a phone is lent.
 */
export interface KeptOrder {
  readonly merchantOrderId: string;
  /** Where to pay, while it is open; null where PhonePe's SDK takes its place. */
  readonly redirectUrl: string | null;
}

const nameFor = (userId: number): string => `payment-under-way.${userId}`;

export async function keptOrder(userId: number): Promise<KeptOrder | null> {
  try {
    const value: unknown = JSON.parse((await AsyncStorage.getItem(nameFor(userId))) ?? 'null');
    return isKeptOrder(value) ? value : null;
  } catch {
    return null;
  }
}

export async function keepOrder(userId: number, order: KeptOrder): Promise<void> {
  await AsyncStorage.setItem(nameFor(userId), JSON.stringify(order));
}

/** Forget an order, if it is still the one that is kept: another may have been begun meanwhile. */
export async function forgetOrder(userId: number, merchantOrderId: string): Promise<void> {
  if ((await keptOrder(userId))?.merchantOrderId === merchantOrderId) await AsyncStorage.removeItem(nameFor(userId));
}

function isKeptOrder(value: unknown): value is KeptOrder {
  return (
    typeof value === 'object' &&
    value !== null &&
    'merchantOrderId' in value &&
    typeof value.merchantOrderId === 'string' &&
    'redirectUrl' in value
  );
}
