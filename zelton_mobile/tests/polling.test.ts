import { FRESH, step, verdictOf, type Answer, type Event, type Polling } from '@/features/payments/polling';

import { verify } from './recorded';

/** Drives the machine as a screen does, on a clock that only a test moves. */
class Follower {
  state: Polling = FRESH;
  /** When it asked, in seconds since the screen opened. */
  readonly asked: number[] = [];
  private now = 0;
  private wakesAt: number | null = null;

  constructor(private readonly answerAt: (now: number) => Answer | 'lost' | 'refused' | 'never') {
    this.settle();
  }

  tell(event: Event): this {
    this.state = step(this.state, event);
    this.settle();
    return this;
  }

  pass(seconds: number): this {
    const end = this.now + seconds;
    while (this.wakesAt !== null && this.wakesAt <= end) {
      this.now = this.wakesAt;
      this.wakesAt = null;
      this.tell({ type: 'woken' });
    }
    this.now = end;
    return this;
  }

  get verdict() {
    return verdictOf(this.state);
  }

  private settle(): void {
    while (this.state.stage === 'asking' && this.asked.length < this.state.round) {
      this.asked.push(this.now);
      const answer = this.answerAt(this.now);
      const { round } = this.state;
      if (answer === 'never') break;
      if (answer === 'lost') this.state = step(this.state, { type: 'failed', round });
      else if (answer === 'refused') this.state = step(this.state, { type: 'refused', round });
      else this.state = step(this.state, { type: 'answered', round, answer });
    }
    this.wakesAt = this.state.stage === 'waiting' ? this.now + this.state.wait : null;
  }
}

const pendingFor = (seconds: number, then: Answer) => (now: number) => (now < seconds ? verify.pending : then);

describe('following a payment', () => {
  it('asks at once, then as the backend says, and stops at a final word', () => {
    const follower = new Follower(pendingFor(5, verify.paid)).pass(3600);
    expect(follower.asked).toEqual([0, 2, 4, 6]);
    expect(follower.verdict).toBe('paid');
    expect(follower.state.stage).toBe('stopped');
  });

  it('stays calm through ten minutes of pending', () => {
    const slow = { ...verify.pending, poll_after: 10 };
    const follower = new Follower((now) => (now < 600 ? slow : verify.paid));
    expect(follower.pass(599).verdict).toBe('pending');
    expect(follower.pass(10).verdict).toBe('paid');
  });

  it.each([
    ['nothing', undefined, 10],
    ['zero', 0, 1],
    ['an hour', 3600, 300],
  ])('waits sensibly when poll_after says %s', (_, poll_after, wait) => {
    const follower = new Follower(() => ({ ...verify.pending, poll_after }));
    expect(follower.state.wait).toBe(wait);
  });

  it('takes a state that it does not know as pending', () => {
    const newer = { ...verify.pending, state: 'ON_HOLD' } as unknown as Answer;
    expect(new Follower(() => newer).verdict).toBe('pending');
  });

  it('does not ask about what a person has to decide, but for somebody who taps', () => {
    const follower = new Follower(() => verify.review).pass(3600);
    expect(follower.asked).toEqual([0]);
    expect(follower.verdict).toBe('review');
    follower.tell({ type: 'nudged' });
    expect(follower.asked).toHaveLength(2);
  });
});

describe('a payment that failed', () => {
  it('is failed once nothing can come of it', () => {
    const follower = new Follower(() => verify.failed).pass(3600);
    expect(follower.verdict).toBe('failed');
    expect(follower.asked).toEqual([0]);
  });

  it('is never shown failed while its money may still come, and is watched', () => {
    const follower = new Follower((now) => (now < 100 ? verify.uncertain : verify.paid));
    expect(follower.verdict).toBe('uncertain');
    expect(follower.pass(130).verdict).toBe('paid');
    expect(follower.asked).toEqual([0, 30, 60, 90, 120]);
  });
});

describe('the network', () => {
  it('is asked again less and less often while it brings nothing', () => {
    const follower = new Follower(() => 'lost').pass(80);
    expect(follower.asked).toEqual([0, 2, 6, 14, 29, 49, 69]);
    expect(follower.verdict).toBe('looking');
  });

  it('may be gone for a minute: what was known stays, and the answer comes when it is back', () => {
    const follower = new Follower((now) => (now < 10 ? verify.pending : now < 70 ? 'lost' : verify.paid));
    expect(follower.pass(60).verdict).toBe('pending');
    expect(follower.state.failures).toBeGreaterThan(0);
    expect(follower.pass(30).verdict).toBe('paid');
  });

  it('is not asked while the phone is offline, and at once when it is back', () => {
    const follower = new Follower(() => verify.pending).tell({ type: 'offline' }).pass(600);
    expect(follower.asked).toEqual([0]);
    expect(follower.state.stage).toBe('paused');
    follower.tell({ type: 'online' });
    expect(follower.asked).toEqual([0, 600]);
  });

  it('lets a person ask also where the phone believes that it is offline', () => {
    const follower = new Follower(() => verify.paid);
    expect(follower.verdict).toBe('paid');
    const other = new Follower((now) => (now === 0 ? verify.pending : verify.paid)).tell({ type: 'offline' }).pass(5);
    expect(other.tell({ type: 'nudged' }).verdict).toBe('paid');
  });

  it('waits as long as the backend asks for when there are too many', () => {
    const state = step(FRESH, { type: 'failed', round: 1, retryAfter: 45 });
    expect(state.wait).toBe(45);
  });
});

describe('the background', () => {
  it('asks seldom, and at once on return', () => {
    const follower = new Follower(() => verify.pending).pass(4).tell({ type: 'hidden' }).pass(130);
    expect(follower.asked).toEqual([0, 2, 4, 64, 124]);
    follower.tell({ type: 'shown' });
    expect(follower.asked.at(-1)).toBe(134);
  });
});

describe('what an SDK, a browser or a link says', () => {
  it('is only a reason to ask', () => {
    const follower = new Follower(() => verify.pending).pass(1).tell({ type: 'nudged' });
    expect(follower.asked).toEqual([0, 1]);
    expect(follower.verdict).toBe('pending');
  });

  it('asks once more where a question was under way already', () => {
    const asking = step(FRESH, { type: 'nudged' });
    expect(asking.stage).toBe('asking');
    const after = step(asking, { type: 'answered', round: 1, answer: verify.pending });
    expect(after).toMatchObject({ stage: 'asking', round: 2, again: false });
  });

  it('asks nothing after a final word', () => {
    const follower = new Follower(() => verify.paid).tell({ type: 'nudged' }).tell({ type: 'shown' });
    expect(follower.asked).toEqual([0]);
  });
});

describe('answers out of order', () => {
  it('are left aside', () => {
    const second = step(step(FRESH, { type: 'answered', round: 1, answer: verify.pending }), { type: 'woken' });
    const paid = step(second, { type: 'answered', round: 2, answer: verify.paid });
    expect(step(paid, { type: 'answered', round: 1, answer: verify.pending })).toBe(paid);
    expect(step(paid, { type: 'failed', round: 2 })).toBe(paid);
  });
});

it('says that it does not know a payment of somebody else, and stops', () => {
  const follower = new Follower(() => 'refused').pass(600);
  expect(follower.verdict).toBe('unknown');
  expect(follower.asked).toEqual([0]);
});
