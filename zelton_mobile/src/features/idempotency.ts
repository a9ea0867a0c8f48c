import AsyncStorage from '@react-native-async-storage/async-storage';
import { randomUUID } from 'expo-crypto';

import { ApiError } from '@/services/api';

/** What is on its way, by purpose and request: a second tap waits for the answer to the first. */
const underWay = new Map<string, Promise<unknown>>();

/**
 * Send a request that moves money or makes something with an Idempotency-Key of its own. Until somebody knows what came of it, the key stays
 * on the device, so that the same wish goes out again under the same key, also after the app was killed.
 *
 * @param purpose what the wish is about; another request for the same purpose is another wish
 */
export function withKey<T>(purpose: string, request: object, send: (key: string) => Promise<T>): Promise<T> {
  const wish = `${purpose} ${JSON.stringify(request)}`;
  const first = underWay.get(wish) as Promise<T> | undefined;
  const answer = first ?? sendOnce(purpose, request, send).finally(() => underWay.delete(wish));
  underWay.set(wish, answer);
  return answer;
}

async function sendOnce<T>(purpose: string, request: object, send: (key: string) => Promise<T>): Promise<T> {
  const name = `idempotency-key.${purpose}`;
  const text = JSON.stringify(request);
  const key = (await keptKey(name, text)) ?? randomUUID();
  await AsyncStorage.setItem(name, JSON.stringify({ key, request: text }));
  try {
    const answer = await send(key);
    await AsyncStorage.removeItem(name);
    return answer;
  } catch (error) {
    // A refusal is the last word on a key. Silence is not: what was asked for may have been done.
    const isLastWord = error instanceof ApiError && !error.isPassing && error.status !== 401;
    if (isLastWord) await AsyncStorage.removeItem(name);
    throw error;
  }
}

async function keptKey(name: string, request: string): Promise<string | null> {
  try {
    const value: unknown = JSON.parse((await AsyncStorage.getItem(name)) ?? 'null');
    const isKept = typeof value === 'object' && value !== null && 'key' in value && 'request' in value;
    return isKept && value.request === request && typeof value.key === 'string' ? value.key : null;
  } catch {
    return null;
  }
}
