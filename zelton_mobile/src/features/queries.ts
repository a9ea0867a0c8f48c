import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';

import { api, cursorOf } from '@/services/api';

/** What is under way is looked at again while somebody looks; the status screen follows one payment more closely. */
const SOON = 15_000;
const SETTLED_REFUNDS = new Set(['COMPLETED', 'FAILED']);

export const dashboardQuery = queryOptions({
  queryKey: ['dashboard'],
  queryFn: api.dashboard,
  refetchInterval: ({ state: { data } }) => (data && 'open_payment' in data && data.open_payment ? SOON : false),
});
export const meQuery = queryOptions({ queryKey: ['me'], queryFn: api.me });
export const tenanciesQuery = queryOptions({ queryKey: ['tenancies'], queryFn: api.tenancies });
export const propertiesQuery = queryOptions({ queryKey: ['properties'], queryFn: api.properties });
export const unitsQuery = queryOptions({ queryKey: ['units'], queryFn: api.units });
export const plansQuery = queryOptions({ queryKey: ['plans'], queryFn: api.plans });

export const paymentsQuery = infiniteQueryOptions({
  queryKey: ['payments'],
  queryFn: ({ pageParam }) => api.payments({ cursor: pageParam }),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (page) => cursorOf(page.next),
});

export const paymentQuery = (id: number) =>
  queryOptions({
    queryKey: ['payment', id],
    queryFn: () => api.payment(id),
    refetchInterval: ({ state: { data } }) => {
      const moves = data?.state === 'PENDING' || data?.refunds.some(({ state }) => !SETTLED_REFUNDS.has(state));
      return moves ? SOON : false;
    },
  });

export const subscriptionQuery = queryOptions({
  queryKey: ['subscription'],
  queryFn: api.subscription,
  refetchInterval: ({ state: { data } }) => (data?.autopay?.state.endsWith('_IN_PROGRESS') ? SOON : false),
});

export const subscriptionPaymentsQuery = infiniteQueryOptions({
  queryKey: ['subscription-payments'],
  queryFn: ({ pageParam }) => api.subscriptionPayments({ cursor: pageParam }),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (page) => cursorOf(page.next),
});

export const invoicesQuery = infiniteQueryOptions({
  queryKey: ['invoices'],
  queryFn: ({ pageParam }) => api.invoices({ cursor: pageParam }),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (page) => cursorOf(page.next),
});
