import type { Payable } from './payable';

export type Channel = 'redirect' | 'mobile_sdk';

export async function channelFor(_userId: number): Promise<Channel> {
  return 'redirect';
}

/** Let the person pay. What comes back says nothing about the payment: whoever waits has to ask the backend. */
export async function openPayPage(order: Payable): Promise<void> {
  if (order.redirect_url) await openAddress(order.redirect_url);
}

/**
 * Leave to the pay page in this tab: no pop-up blocker stands in the way, the referrer that PhonePe wants is kept, and
 * "back" leads to the status of the payment, whose address the router has to write first.
 */
export async function openAddress(redirectUrl: string): Promise<boolean> {
  await new Promise((resolve) => setTimeout(resolve, 50));
  window.location.assign(redirectUrl);
  return true;
}
