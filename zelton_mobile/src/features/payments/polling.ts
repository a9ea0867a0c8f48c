/**
 * How a payment is followed to its final word: a pure machine. It says when to ask the backend; it never decides how a
 * payment stands. What an SDK, a browser or a deep link says is only a reason to ask (`nudged`).
 */
import type { Verified, VerifiedSubscription } from '@/api/schema';

export type Answer = Verified | VerifiedSubscription;

/** `asking`: ask now. `waiting`: ask after `wait` seconds. `paused`: until the network is back. `stopped`: no more. */
export type Stage = 'asking' | 'waiting' | 'paused' | 'stopped';

export interface Polling {
  readonly stage: Stage;
  readonly wait: number;
  /** Counts the questions, so that whoever asks sees each of them once. */
  readonly round: number;
  readonly answer: Answer | null;
  /** How many questions in a row brought no answer. */
  readonly failures: number;
  readonly online: boolean;
  readonly visible: boolean;
  /** A reason to ask came while a question was under way, whose answer may be older than the reason. */
  readonly again: boolean;
  /** The backend knows no such payment of this person. */
  readonly unknown: boolean;
}

export type Event =
  | { readonly type: 'answered'; readonly round: number; readonly answer: Answer }
  | { readonly type: 'failed'; readonly round: number; readonly retryAfter?: number | null }
  | { readonly type: 'refused'; readonly round: number }
  | { readonly type: 'woken' }
  | { readonly type: 'nudged' }
  | { readonly type: 'hidden' }
  | { readonly type: 'shown' }
  | { readonly type: 'offline' }
  | { readonly type: 'online' };

const BACKEND_IS_SILENT = 10;
const SHORTEST = 1;
const LONGEST = 300;
/** Nobody looks: what PhonePe has said meanwhile is asked for on return. */
const HIDDEN = 60;
/** The backend has failed the attempt, but watches it still: the bank may be late. */
const UNCERTAIN = 30;
/** Never long: somebody looks, and the network may be back any moment. */
const BACK_OFF = [2, 4, 8, 15, 20];

export const FRESH: Polling = {
  stage: 'asking',
  wait: 0,
  round: 1,
  answer: null,
  failures: 0,
  online: true,
  visible: true,
  again: false,
  unknown: false,
};

export function step(state: Polling, event: Event): Polling {
  if ('round' in event) {
    // An answer to an older question says less than what is known.
    return event.round === state.round && state.stage === 'asking' ? heard(state, event) : state;
  }
  switch (event.type) {
    case 'woken':
      return state.stage === 'waiting' ? ask(state) : state;
    case 'nudged':
      if (state.stage === 'asking') return { ...state, again: true };
      return mayAsk(state) ? ask(state) : state;
    case 'shown':
      return state.stage === 'waiting' ? ask({ ...state, visible: true }) : { ...state, visible: true };
    case 'hidden':
      return waitLonger({ ...state, visible: false });
    case 'offline':
      return { ...state, online: false, stage: state.stage === 'waiting' ? 'paused' : state.stage };
    case 'online':
      return state.stage === 'paused' ? ask({ ...state, online: true }) : { ...state, online: true };
  }
}

function heard(state: Polling, event: Extract<Event, { round: number }>): Polling {
  if (event.type === 'refused') return { ...state, stage: 'stopped', unknown: true };
  if (event.type === 'failed') {
    const failures = state.failures + 1;
    const backOff = BACK_OFF[Math.min(failures, BACK_OFF.length) - 1] ?? LONGEST;
    return rest({ ...state, failures, again: false }, Math.max(backOff, event.retryAfter ?? 0));
  }
  const next = { ...state, answer: event.answer, failures: 0, online: true };
  const wait = waitAfter(event.answer);
  if (wait === null) return { ...next, stage: 'stopped', again: false };
  return state.again ? ask(next) : rest(next, wait);
}

/** Seconds until the next question makes sense; null once none does. */
function waitAfter(answer: Answer): number | null {
  if (answer.state === 'COMPLETED' || answer.final || answer.under_review) return null;
  if (answer.state === 'FAILED') return answer.payment.can_pay_again ? null : UNCERTAIN;
  return answer.poll_after ?? BACKEND_IS_SILENT;
}

/** A person who asks again gets an answer also where the clock would not ask any more, but not after a final word. */
function mayAsk(state: Polling): boolean {
  return state.stage !== 'stopped' || state.answer?.under_review === true;
}

const ask = (state: Polling): Polling => ({ ...state, stage: 'asking', round: state.round + 1, wait: 0, again: false });

function rest(state: Polling, seconds: number): Polling {
  const wait = Math.min(Math.max(seconds, SHORTEST), LONGEST);
  return waitLonger({ ...state, stage: state.online ? 'waiting' : 'paused', wait });
}

function waitLonger(state: Polling): Polling {
  const slow = state.stage === 'waiting' && !state.visible;
  return slow ? { ...state, wait: Math.max(state.wait, HIDDEN) } : state;
}

/**
 * What a person is told. `uncertain`: the attempt did not go through as far as anybody knows, but its money may still
 * come, so it is neither shown failed nor offered again.
 */
export type Verdict = 'looking' | 'pending' | 'review' | 'paid' | 'failed' | 'uncertain' | 'unknown';

export function verdictOf(state: Polling): Verdict {
  const { answer } = state;
  if (answer === null) return state.unknown ? 'unknown' : 'looking';
  if (answer.under_review) return 'review';
  if (answer.state === 'COMPLETED') return 'paid';
  if (answer.state !== 'FAILED') return 'pending';
  return answer.final || answer.payment.can_pay_again ? 'failed' : 'uncertain';
}
