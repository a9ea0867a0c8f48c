/** Zelton's API. The one place of the app that talks HTTP; every call returns an answer or throws an ApiError. */
import createClient from 'openapi-fetch';

import type {
  AskRefundRequest,
  ChangePlanRequest,
  NewTenancyRequest,
  NewUnitRequest,
  PatchedChangeMeRequest,
  PaymentStatus,
  PeriodEnum,
  PropertyRequest,
  SetUpAutopayRequest,
  StartRentPaymentRequest,
  StartSubscriptionPaymentRequest,
  paths,
} from '@/api/schema';

import { ApiError } from './errors';
import { ASK_ONCE, DOCUMENT, MONEY, READ, WRITE, sender } from './http';

export { ApiError } from './errors';
export { clock } from './clock';
export { credentials } from './credentials';

export const API_URL = (process.env.EXPO_PUBLIC_API_URL ?? 'http://localhost:8000').replace(/\/+$/, '');

const client = createClient<paths>({ baseUrl: API_URL });

const read = { fetch: sender(READ) };
const write = { fetch: sender(WRITE) };
const money = { fetch: sender(MONEY) };
/** Making something twice would be as bad as paying twice: it has a key, too, and may go out again. */
const keyed = money;
const once = { fetch: sender(ASK_ONCE) };
const document = { fetch: sender(DOCUMENT), parseAs: 'arrayBuffer' } as const;

/**
 * Unwrap openapi-fetch's answer: `sender` has thrown for whatever is no success. What lacks one of `fields` is no answer
 * of ours: a portal may speak JSON, too, and what is not there must not be shown as nothing.
 */
async function answer<T>(call: Promise<{ data?: T }>, ...fields: (keyof T & string)[]): Promise<T> {
  const { data } = await call;
  const has = (field: string) => typeof data === 'object' && data !== null && field in data;
  if (data === undefined || !fields.every(has)) throw new ApiError('unreadable');
  return data;
}

async function list<T>(call: Promise<{ data?: T[] }>): Promise<T[]> {
  const { data } = await call;
  if (!Array.isArray(data)) throw new ApiError('unreadable');
  return data;
}

async function done(call: Promise<{ response: Response }>): Promise<void> {
  const { response } = await call;
  if (response.status !== 204) throw new ApiError('unreadable');
}

/** The cursor of an address that a list's `next` gives; the address itself is never followed, whatever host it names. */
export function cursorOf(next: string | null): string | undefined {
  return next === null ? undefined : (new URL(next).searchParams.get('cursor') ?? undefined);
}

export const api = {
  signIn: (username: string, password: string) =>
    answer(client.POST('/api/auth/login/', { body: { username, password }, ...write }), 'token', 'user'),
  signOut: () => done(client.POST('/api/auth/logout/', write)),
  signOutEverywhere: () => done(client.POST('/api/auth/logout-all/', write)),
  changePassword: (old_password: string, new_password: string) =>
    done(client.POST('/api/auth/change-password/', { body: { old_password, new_password }, ...write })),
  askPasswordReset: (email: string) =>
    answer(client.POST('/api/auth/password-reset/', { body: { email }, ...write }), 'success'),
  choosePassword: (token: string, password: string) =>
    answer(client.POST('/api/auth/password-reset/confirm/', { body: { token, password }, ...write }), 'success'),
  me: () => answer(client.GET('/api/me/', read), 'id', 'role'),
  changeMe: (body: PatchedChangeMeRequest) => answer(client.PATCH('/api/me/', { body, ...write }), 'id', 'role'),

  dashboard: () => answer(client.GET('/api/dashboard/', read), 'role', 'months'),
  tenancies: () => list(client.GET('/api/tenancies/', read)),

  properties: () => list(client.GET('/api/properties/', read)),
  addProperty: (body: PropertyRequest, key: string) =>
    answer(client.POST('/api/properties/', { body, params: { header: { 'Idempotency-Key': key } }, ...keyed }), 'id'),
  changeProperty: (id: number, body: PropertyRequest) =>
    answer(client.PATCH('/api/properties/{id}/', { body, params: { path: { id: String(id) } }, ...write }), 'id'),
  deleteProperty: (id: number) =>
    done(client.DELETE('/api/properties/{id}/', { params: { path: { id: String(id) } }, ...write })),
  units: () => list(client.GET('/api/units/', read)),
  addUnit: (body: NewUnitRequest, key: string) =>
    answer(client.POST('/api/units/', { body, params: { header: { 'Idempotency-Key': key } }, ...keyed }), 'id'),
  changeUnit: (id: number, body: { name: string }) =>
    answer(client.PATCH('/api/units/{id}/', { body, params: { path: { id: String(id) } }, ...write }), 'id'),
  deleteUnit: (id: number) =>
    done(client.DELETE('/api/units/{id}/', { params: { path: { id: String(id) } }, ...write })),
  letUnit: (body: NewTenancyRequest, key: string) =>
    answer(
      client.POST('/api/tenancies/', { body, params: { header: { 'Idempotency-Key': key } }, ...keyed }),
      'id',
      'invitation',
    ),
  inviteAgain: (id: number, key: string) =>
    answer(
      client.POST('/api/tenancies/{id}/invite/', {
        params: { path: { id: String(id) }, header: { 'Idempotency-Key': key } },
        ...keyed,
      }),
      'link',
    ),
  endTenancy: (id: number, ends_on: string) =>
    answer(
      client.POST('/api/tenancies/{id}/end/', { body: { ends_on }, params: { path: { id: String(id) } }, ...write }),
      'id',
    ),

  payments: (query: { cursor?: string; status?: PaymentStatus }) =>
    answer(client.GET('/api/payments/', { params: { query }, ...read }), 'results'),
  payment: (id: number) =>
    answer(client.GET('/api/payments/{id}/', { params: { path: { id: String(id) } }, ...read }), 'id', 'refunds'),

  startRentPayment: (body: StartRentPaymentRequest, key: string) =>
    answer(
      client.POST('/api/payments/initiate-rent-payment/', {
        body,
        params: { header: { 'Idempotency-Key': key } },
        ...money,
      }),
      'merchant_order_id',
    ),
  verifyRentPayment: (merchant_order_id: string) =>
    answer(
      client.GET('/api/payments/verify-payment/{merchant_order_id}/', {
        params: { path: { merchant_order_id } },
        ...once,
      }),
      'state',
      'payment',
    ),
  refundPayment: (id: number, body: AskRefundRequest, key: string) =>
    answer(
      client.POST('/api/payments/{id}/refund/', {
        body,
        params: { path: { id: String(id) }, header: { 'Idempotency-Key': key } },
        ...money,
      }),
      'merchant_refund_id',
    ),

  plans: () => list(client.GET('/api/pricing-plans/', read)),
  subscription: () => answer(client.GET('/api/owner-subscriptions/', read), 'status', 'plan'),
  subscriptionPayments: (query: { cursor?: string }) =>
    answer(client.GET('/api/owner-subscriptions/payments/', { params: { query }, ...read }), 'results'),
  previewPlanChange: async (body: { pricing_plan_id: number; period: PeriodEnum }) => {
    const request = { ...body, preview: true, channel: 'redirect' } as const;
    const change = await answer(client.POST('/api/owner-subscriptions/change-plan/', { body: request, ...write }));
    if (!('takes_effect' in change)) throw new ApiError('unreadable');
    return change;
  },
  changePlan: (body: ChangePlanRequest, key: string) =>
    answer(
      client.POST('/api/owner-subscriptions/change-plan/', {
        body,
        params: { header: { 'Idempotency-Key': key } },
        ...money,
      }),
    ),
  setUpAutopay: (body: SetUpAutopayRequest, key: string) =>
    answer(
      client.POST('/api/owner-subscriptions/autopay/', {
        body,
        params: { header: { 'Idempotency-Key': key } },
        ...money,
      }),
      'merchant_order_id',
    ),
  endAutopay: () => answer(client.DELETE('/api/owner-subscriptions/autopay/', write), 'state'),
  cancelSubscription: () => answer(client.POST('/api/owner-subscriptions/cancel/', write), 'status', 'plan'),
  resumeSubscription: () => answer(client.POST('/api/owner-subscriptions/resume/', write), 'status', 'plan'),
  startSubscriptionPayment: (body: StartSubscriptionPaymentRequest, key: string) =>
    answer(
      client.POST('/api/owner-subscriptions/initiate-payment/', {
        body,
        params: { header: { 'Idempotency-Key': key } },
        ...money,
      }),
      'merchant_order_id',
    ),
  verifySubscriptionPayment: (merchant_order_id: string) =>
    answer(
      client.GET('/api/owner-subscriptions/verify-payment/{merchant_order_id}/', {
        params: { path: { merchant_order_id } },
        ...once,
      }),
      'state',
      'payment',
    ),

  receipt: (id: number) =>
    answer<ArrayBuffer>(
      client.GET('/api/payments/{id}/receipt/', { params: { path: { id: String(id) } }, ...document }),
    ),
  refundReceipt: (payment_id: number, merchant_refund_id: string) =>
    answer<ArrayBuffer>(
      client.GET('/api/payments/{payment_id}/refunds/{merchant_refund_id}/receipt/', {
        params: { path: { payment_id: String(payment_id), merchant_refund_id } },
        ...document,
      }),
    ),
  subscriptionReceipt: (id: number) =>
    answer<ArrayBuffer>(
      client.GET('/api/owner-subscriptions/{id}/receipt/', { params: { path: { id: String(id) } }, ...document }),
    ),
  invoices: (query: { cursor?: string }) =>
    answer(client.GET('/api/owner-subscriptions/invoices/', { params: { query }, ...read }), 'results'),
  invoice: (id: number) =>
    answer<ArrayBuffer>(
      client.GET('/api/owner-subscriptions/invoices/{invoice_id}/', {
        params: { path: { invoice_id: String(id) } },
        ...document,
      }),
    ),
  statement: async (query: { from: string; to: string; tenancy?: number }) => {
    const statement = await answer(client.GET('/api/statements/', { params: { query }, ...read }));
    if (typeof statement === 'string' || !('movements' in statement)) throw new ApiError('unreadable');
    return statement;
  },
  statementPdf: (query: { from: string; to: string; tenancy?: number }) =>
    answer<ArrayBuffer>(
      client.GET('/api/statements/', { params: { query: { ...query, format: 'pdf' } }, ...document }) as Promise<{
        data?: ArrayBuffer;
      }>,
    ),
};
