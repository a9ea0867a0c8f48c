import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRouter } from 'expo-router';

import type {
  ChangePlanRequest,
  SetUpAutopayRequest,
  StartRentPaymentRequest,
  StartSubscriptionPaymentRequest,
} from '@/api/schema';
import { withKey } from '@/features/idempotency';
import { api } from '@/services/api';
import { useUser } from '@/services/session';

import { channelFor, openPayPage, type Channel } from './payPage';
import { keepOrder } from './pocket';

export type Wish =
  | { readonly kind: 'rent'; readonly body: Omit<StartRentPaymentRequest, 'channel'> }
  | { readonly kind: 'subscription'; readonly body: Omit<StartSubscriptionPaymentRequest, 'channel'> }
  | { readonly kind: 'change'; readonly body: Omit<ChangePlanRequest, 'channel'> }
  | { readonly kind: 'autopay'; readonly body: SetUpAutopayRequest };

/**
 * Begin a payment, keep it on the device, show its status, and open the pay page over that. A change of the plan may cost
 * nothing now; then there is nothing to pay.
 */
export function usePay() {
  const user = useUser();
  const router = useRouter();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (wish: Wish) => {
      const channel = await channelFor(user.id);
      return withKey(`payment.${user.id}`, { ...wish, channel }, async (key) => {
        const order = await begin(wish, channel, key);
        if (!('merchant_order_id' in order)) return order;
        const { merchant_order_id: merchantOrderId, redirect_url: redirectUrl = null } = order;
        await keepOrder(user.id, { merchantOrderId, redirectUrl });
        return order;
      });
    },
    onSuccess: async (order) => {
      void queries.invalidateQueries();
      if (!('merchant_order_id' in order)) return;
      router.replace(`/payments/${order.merchant_order_id}`);
      if (order.state === 'PENDING') await openPayPage(order);
    },
  });
}

async function begin(wish: Wish, channel: Channel, key: string) {
  switch (wish.kind) {
    case 'rent':
      return api.startRentPayment({ ...wish.body, channel }, key);
    case 'subscription':
      return api.startSubscriptionPayment({ ...wish.body, channel }, key);
    case 'change':
      return api.changePlan({ ...wish.body, channel }, key);
    case 'autopay': {
      // Asked by UPI ID, its owner finds the request in their UPI app, and there is nothing to open.
      const { merchant_order_id, intent_url, state } = await api.setUpAutopay(wish.body, key);
      const isOpen = state === 'ACTIVATION_IN_PROGRESS';
      return { merchant_order_id, redirect_url: intent_url || undefined, state: isOpen ? 'PENDING' : 'COMPLETED' };
    }
  }
}
