import type { Problem } from '@/api/schema';

import { clock } from './clock';
import { ApiError } from './errors';
import { credentials } from './credentials';

/** How one kind of call is sent. */
export interface Manner {
  /** Seconds until a try is given up. */
  readonly limit: number;
  /** How often it is sent at most. Only what is safe to repeat is sent again, whatever this says. */
  readonly tries: number;
}

export const READ: Manner = { limit: 15, tries: 3 };
export const WRITE: Manner = { limit: 20, tries: 1 };
/** Money is moved with an Idempotency-Key, so the same request may go out again. */
export const MONEY: Manner = { limit: 35, tries: 3 };
/** The payment screen has its own schedule for asking again. */
export const ASK_ONCE: Manner = { limit: 15, tries: 1 };
export const DOCUMENT: Manner = { limit: 60, tries: 2 };

const PAUSES = [0.5, 2];
/** Longer than this nobody looks at a spinner: the error is shown, with a way to try again. */
const LONGEST_PAUSE = 5;
const SIGNED_OUT_CODES = new Set(['authentication_failed', 'not_authenticated']);

/** Return a `fetch` for openapi-fetch that sends in this manner, and throws an ApiError for whatever is no success. */
export function sender(manner: Manner): (request: Request) => Promise<Response> {
  return async (request) => {
    const repeatable = request.method === 'GET' || request.headers.has('Idempotency-Key');
    const tries = repeatable ? manner.tries : 1;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await sendOnce(request.clone(), manner.limit);
      } catch (error) {
        const pause = error instanceof ApiError ? pauseBefore(error, attempt) : null;
        if (pause === null || attempt >= tries) throw error;
        await sleep(pause);
      }
    }
  };
}

async function sendOnce(request: Request, limit: number): Promise<Response> {
  const token = credentials.token();
  if (token) request.headers.set('Authorization', `Token ${token}`);
  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort(), limit * 1000);
  let response: Response;
  let body: ArrayBuffer | string;
  try {
    response = await fetch(request, { signal: giveUp.signal, credentials: 'omit' });
    // Read inside the time limit: an answer can also stop in the middle.
    body = isPdf(response) ? await response.arrayBuffer() : await response.text();
  } catch {
    throw new ApiError('network');
  } finally {
    clearTimeout(timer);
  }
  if (!response.ok) {
    const refusal = refused(response, body);
    if (response.status === 401 && token && refusal.code && SIGNED_OUT_CODES.has(refusal.code)) {
      credentials.rejected(token);
    }
    throw refusal;
  }
  if (response.status !== 204 && !isExpected(response, body)) throw new ApiError('unreadable', response.status);
  clock.heard(response.headers.get('Date'));
  return new Response(response.status === 204 ? null : body, { status: response.status, headers: response.headers });
}

function refused(response: Response, body: ArrayBuffer | string): ApiError {
  const problem = typeof body === 'string' ? asProblem(body) : null;
  const seconds = Number(response.headers.get('Retry-After') ?? NaN);
  const retryAfter = Number.isFinite(seconds) && seconds >= 0 ? seconds : null;
  if (problem) return new ApiError('problem', response.status, problem, retryAfter);
  // A proxy in front of the API may answer 502 in HTML; anything else in HTML is not ours at all.
  return new ApiError(response.status >= 500 ? 'network' : 'unreadable', response.status, null, retryAfter);
}

function asProblem(text: string): Problem | null {
  const value = parsed(text);
  if (typeof value !== 'object' || value === null) return null;
  const isOurs = 'code' in value && 'detail' in value && typeof value.code === 'string';
  return isOurs && typeof value.detail === 'string' ? (value as Problem) : null;
}

function isExpected(response: Response, body: ArrayBuffer | string): boolean {
  if (typeof body !== 'string' || contentType(response).startsWith('text/csv')) return true;
  return contentType(response).includes('json') && parsed(body) !== undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function pauseBefore(error: ApiError, attempt: number): number | null {
  if (!error.isPassing || error.kind === 'unreadable') return null;
  const pause = error.retryAfter ?? PAUSES[attempt - 1] ?? LONGEST_PAUSE;
  return pause <= LONGEST_PAUSE ? pause : null;
}

const contentType = (response: Response): string => response.headers.get('Content-Type') ?? '';
const isPdf = (response: Response): boolean => contentType(response).startsWith('application/pdf');
const sleep = (seconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, seconds * 1000));
