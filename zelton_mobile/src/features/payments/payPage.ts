import * as Linking from 'expo-linking';
import * as WebBrowser from 'expo-web-browser';

import type { Payable } from './payable';
import { phonePe } from './phonePe';

export const RETURN_TO = 'zelton://payments';

export type Channel = 'redirect' | 'mobile_sdk';

/** PhonePe's SDK where its native module is in this build and starts, else its page in a browser. */
export async function channelFor(userId: number): Promise<Channel> {
  return (await phonePe.isReady(userId)) ? 'mobile_sdk' : 'redirect';
}

/** Let the person pay. What comes back says nothing about the payment: whoever waits has to ask the backend. */
export async function openPayPage(order: Payable): Promise<void> {
  if (order.token && order.order_id) await phonePe.pay(order.order_id, order.token);
  else if (order.redirect_url) await openAddress(order.redirect_url);
}

/** Open a page in a browser over the app, or the UPI app of a link. False if no app takes the link. */
export async function openAddress(redirectUrl: string): Promise<boolean> {
  const isPage = /^https?:/i.test(redirectUrl);
  try {
    await (isPage ? WebBrowser.openAuthSessionAsync(redirectUrl, RETURN_TO) : Linking.openURL(redirectUrl));
    return true;
  } catch {
    return false;
  }
}
