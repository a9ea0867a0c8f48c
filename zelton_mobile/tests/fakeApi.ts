import type { Problem } from '@/api/schema';

export interface Call {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Headers;
  readonly body: unknown;
}

type Responder = (call: Call) => Response | Promise<Response>;

export const PORTAL = '<!doctype html><title>Welcome to Hotel Wi-Fi</title>';

export const json = (value: unknown, status = 200): Response =>
  new Response(JSON.stringify(value), { status, headers: { 'Content-Type': 'application/json' } });
export const refusal = (problem: Problem, headers: Record<string, string> = {}): Response =>
  new Response(JSON.stringify(problem), {
    status: problem.status,
    headers: { 'Content-Type': 'application/problem+json', ...headers },
  });
export const html = (text: string = PORTAL, status = 200): Response =>
  new Response(text, { status, headers: { 'Content-Type': 'text/html' } });
export const pdf = (): Response =>
  new Response('%PDF-1.7', { status: 200, headers: { 'Content-Type': 'application/pdf' } });
export const noNetwork = (): Promise<Response> => Promise.reject(new TypeError('Network request failed'));
export const never = (): Promise<Response> => new Promise(() => undefined);

/** An API that answers what a test tells it, in place of the network. */
export class FakeApi {
  readonly calls: Call[] = [];
  private readonly responders = new Map<string, Responder>();

  constructor() {
    global.fetch = jest.fn(async (input: RequestInfo | URL, init?: RequestInit) => {
      const request = input as Request;
      const url = new URL(request.url);
      const text = await request.text();
      const call: Call = {
        method: request.method,
        path: url.pathname,
        query: url.searchParams,
        headers: request.headers,
        body: text ? JSON.parse(text) : undefined,
      };
      this.calls.push(call);
      const responder = this.responders.get(`${call.method} ${call.path}`);
      if (!responder) throw new Error(`The test does not answer ${call.method} ${call.path}`);
      const givenUp = new Promise<never>((_, reject) => {
        init?.signal?.addEventListener('abort', () => reject(new Error('aborted')));
      });
      return Promise.race([responder(call), givenUp]);
    }) as unknown as typeof fetch;
  }

  /** Answer an operation with these, one after the other, and with the last for ever. */
  on(operation: string, ...answers: (Responder | object)[]): this {
    let index = 0;
    this.responders.set(operation, (call) => {
      const next = answers[Math.min(index, answers.length - 1)];
      index += 1;
      return typeof next === 'function' ? (next as Responder)(call) : json(next);
    });
    return this;
  }

  to(operation: string): Call[] {
    return this.calls.filter(({ method, path }) => `${method} ${path}` === operation);
  }
}
