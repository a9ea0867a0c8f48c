import { todayInIndia } from '@/format';
import { api, ApiError, clock, credentials, cursorOf } from '@/services/api';
import { sender } from '@/services/api/http';

import { FakeApi, html, json, never, noNetwork, pdf, refusal } from './fakeApi';
import { payments, problem, started, tenant, tenantDashboard, verify, ORDER } from './recorded';

const DASHBOARD = 'GET /api/dashboard/';
const PAY = 'POST /api/payments/initiate-rent-payment/';
const busy = () => refusal(problem(503, 'busy', 'The database is busy.'), { 'Retry-After': '1' });
const KEY = 'b1946ac9-2492-4f6b-8e9a-0d4b1c0f5a77';

let fake: FakeApi;
beforeEach(() => {
  jest.useFakeTimers();
  fake = new FakeApi();
  credentials.use('a-token');
});
afterEach(() => jest.useRealTimers());

/** Let a call come to its end, however long it waits in between. */
async function outcome<T>(call: Promise<T>): Promise<T | ApiError> {
  const settled = call.catch((error: unknown) => {
    if (error instanceof ApiError) return error;
    throw error;
  });
  await jest.advanceTimersByTimeAsync(300_000);
  return settled;
}

it('sends the token, and reads what the API says whatever else it may say', async () => {
  fake.on(DASHBOARD, { ...tenantDashboard, a_field_of_next_year: [1] });
  expect(await outcome(api.dashboard())).toMatchObject({ outstanding: '29000.00' });
  expect(fake.calls[0]?.headers.get('Authorization')).toBe('Token a-token');
});

it('goes by the clock of the backend, however wrong its own is', async () => {
  jest.setSystemTime(new Date('2026-11-05T12:00:00Z'));
  const dated = json(tenantDashboard);
  dated.headers.set('Date', 'Wed, 04 Nov 2026 12:00:00 GMT');
  fake.on(DASHBOARD, () => dated);
  await api.dashboard();
  expect(todayInIndia()).toBe('2026-11-04');
  clock.heard(new Date().toUTCString());
});

describe('what is safe is sent again', () => {
  it('reads three times at most', async () => {
    fake.on(DASHBOARD, noNetwork, busy, tenantDashboard);
    expect(await outcome(api.dashboard())).toMatchObject({ role: 'tenant' });
    expect(fake.calls).toHaveLength(3);
  });

  it('gives up with an error that can be shown', async () => {
    fake.on(DASHBOARD, noNetwork);
    expect(await outcome(api.dashboard())).toMatchObject({ kind: 'network' });
    expect(fake.calls).toHaveLength(3);
  });

  it('repeats a payment under the same Idempotency-Key', async () => {
    fake.on(PAY, noNetwork, busy, () => json(started, 201));
    expect(await outcome(api.startRentPayment({ amount: '15000.00', channel: 'redirect' }, KEY))).toMatchObject({
      merchant_order_id: ORDER,
    });
    expect(fake.to(PAY).map(({ headers }) => headers.get('Idempotency-Key'))).toEqual([KEY, KEY, KEY]);
    expect(fake.to(PAY).map(({ body }) => body)).toEqual(Array(3).fill({ amount: '15000.00', channel: 'redirect' }));
  });

  it('does not repeat a sign-in, nor what the API refused', async () => {
    fake.on('POST /api/auth/login/', noNetwork);
    await outcome(api.signIn('ravi', 'secret'));
    expect(fake.calls).toHaveLength(1);
    fake.on(PAY, () => refusal(problem(400, 'amount_above_due', 'You can pay at most ₹15,000.00.')));
    const error = await outcome(api.startRentPayment({ amount: '99999.00', channel: 'redirect' }, KEY));
    expect(error).toMatchObject({ code: 'amount_above_due', isPassing: false });
    expect(fake.to(PAY)).toHaveLength(1);
  });

  it('never repeats what has no key to tell its repeats by', async () => {
    fake.on('POST /api/anything/', noNetwork);
    const send = sender({ limit: 5, tries: 3 });
    expect(await outcome(send(new Request('http://api/api/anything/', { method: 'POST' })))).toBeInstanceOf(ApiError);
    expect(fake.calls).toHaveLength(1);
  });

  it('leaves asking again about a payment to its screen', async () => {
    fake.on(`GET /api/payments/verify-payment/${ORDER}/`, busy, verify.paid);
    expect(await outcome(api.verifyRentPayment(ORDER))).toMatchObject({ status: 503, retryAfter: 1, isPassing: true });
    expect(fake.calls).toHaveLength(1);
  });

  it('does not keep a person waiting for long', async () => {
    fake.on(DASHBOARD, () => refusal(problem(429, 'throttled', 'Too many.'), { 'Retry-After': '60' }));
    expect(await outcome(api.dashboard())).toMatchObject({ status: 429, retryAfter: 60 });
    expect(fake.calls).toHaveLength(1);
  });
});

describe('answers that are none', () => {
  it('has a time limit', async () => {
    fake.on(DASHBOARD, never);
    expect(await outcome(api.dashboard())).toMatchObject({ kind: 'network' });
  });

  it.each([
    ['a page with status 200', () => html()],
    ['a page with status 511', () => html('<h1>Sign in</h1>', 404)],
    ['broken JSON', () => new Response('{"role": ', { headers: { 'Content-Type': 'application/json' } })],
    ['JSON by name only', () => new Response('<html>', { headers: { 'Content-Type': 'application/json' } })],
  ])('knows a captive portal by %s', async (_, portal) => {
    fake.on(DASHBOARD, portal);
    expect(await outcome(api.dashboard())).toMatchObject({ kind: 'unreadable' });
  });

  it('takes a proxy that answers for a dead server as no network', async () => {
    fake.on(DASHBOARD, () => html('<h1>502 Bad Gateway</h1>', 502));
    expect(await outcome(api.dashboard())).toMatchObject({ kind: 'network', status: 502 });
  });
});

describe('a sign-in that has ended', () => {
  const expired = () => refusal(problem(401, 'authentication_failed', 'Please log in again.'));

  it('is told once the API does not take the token any more', async () => {
    const rejected = jest.fn();
    credentials.onRejected(rejected);
    fake.on('GET /api/me/', expired);
    await outcome(api.me());
    expect(rejected).toHaveBeenCalledTimes(1);
  });

  it('is none when a password was wrong, nor when the token is another by now', async () => {
    const rejected = jest.fn();
    credentials.onRejected(rejected);
    fake.on('POST /api/auth/login/', () => refusal(problem(401, 'wrong_credentials', 'Wrong.')));
    await outcome(api.signIn('ravi', 'wrong'));
    fake.on('GET /api/me/', () => {
      credentials.use('a-newer-token');
      return expired();
    });
    await outcome(api.me());
    expect(rejected).not.toHaveBeenCalled();
  });
});

it('returns a PDF as bytes, and a list page by page by its cursor alone', async () => {
  fake.on('GET /api/payments/3/receipt/', pdf);
  const bytes = await outcome(api.receipt(3));
  expect(Buffer.from(bytes as ArrayBuffer).toString()).toBe('%PDF-1.7');
  fake.on('GET /api/payments/', payments());
  await outcome(api.payments({ cursor: cursorOf('https://elsewhere.example/api/payments/?cursor=cD0y&x=1') }));
  expect(fake.to('GET /api/payments/')[0]?.query.get('cursor')).toBe('cD0y');
  expect(cursorOf(null)).toBeUndefined();
});

it('asks nobody for a password with a token in hand', async () => {
  credentials.use(null);
  fake.on('POST /api/auth/login/', { success: true, token: 't', expiry: '', user: tenant });
  await outcome(api.signIn('ravi', 'secret'));
  expect(fake.calls[0]?.headers.get('Authorization')).toBeNull();
});
