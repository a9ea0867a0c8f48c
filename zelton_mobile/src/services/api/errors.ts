import type { Problem } from '@/api/schema';

/**
 * Why there is no answer.
 *
 * - `network`: nobody answered, or not in time
 * - `unreadable`: somebody answered who is not Zelton's API, as a captive portal does
 * - `problem`: the API refused, and says why
 */
export type ApiErrorKind = 'network' | 'unreadable' | 'problem';

/** A call that brought no answer. `problem` has the sentence to show, where the API gave one. */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    readonly kind: ApiErrorKind,
    readonly status: number | null = null,
    readonly problem: Problem | null = null,
    /** Seconds to wait before asking again, where the API says so. */
    readonly retryAfter: number | null = null,
  ) {
    super(problem ? `${problem.code} (${problem.status})` : kind);
  }

  get code(): string | null {
    return this.problem?.code ?? null;
  }

  /** Whether the same request may succeed later without anybody changing it. */
  get isPassing(): boolean {
    if (this.kind !== 'problem') return true;
    return this.status === 429 || (this.status ?? 0) >= 500 || this.code === 'still_running';
  }
}
