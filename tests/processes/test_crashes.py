"""Payments under load while everything that can die is killed, again and again: nothing is lost and nothing is twice.

`ZELTON_CRASH_SEED` repeats what a run did, as far as a machine can; `ZELTON_CRASH_MINUTES` makes it longer.
"""

import os
import time
from random import Random, SystemRandom

from tests.processes import books, chaos
from tests.processes.app import App, Memory
from tests.processes.crowd import Crowd
from tests.processes.deployment import Deployment

SECONDS = 60 * float(os.environ.get("ZELTON_CRASH_MINUTES", "0.5"))
CALM = 60.0  # seconds in which everything becomes final
LOOKED_AFTER_EVERY = 1.0  # second


def test_nothing_is_lost_or_doubled_whatever_dies(deployment: Deployment) -> None:
    seed = int(os.environ.get("ZELTON_CRASH_SEED") or SystemRandom().randrange(10**6))
    print(f"ZELTON_CRASH_SEED={seed}")
    people = deployment.seed(tenants=40, owners=6)

    with Crowd(deployment, people, seed) as crowd:
        done = chaos.rage(deployment, Random(seed), seconds=SECONDS)
        calm_since = time.monotonic()
        crowd.done()
    print(f"Killed: {', '.join(done)}\nAnswers: {dict(crowd.memory.seen)}")
    everybody_gets_an_answer(deployment, crowd.memory, until=calm_since + CALM)
    took = deployment.wait_until("everything to be final", lambda: books.unfinished(deployment), seconds=CALM)
    print(f"Final after {time.monotonic() - calm_since:.1f} s of calm, {took:.1f} s of it at the end")

    assert time.monotonic() - calm_since < CALM
    deployment.manage("renew_subscriptions")  # what is to be cancelled at PhonePe is not left to the next minute
    assert books.differences(deployment) == []
    assert "balance" in deployment.manage("check_books")
    assert_keys_keep_their_answers(deployment, crowd.memory)


def everybody_gets_an_answer(deployment: Deployment, memory: Memory, *, until: float) -> None:
    app = App(deployment.web, memory)
    for wish in list(memory.unanswered):
        answer = None
        while answer is None and time.monotonic() < until:
            deployment.look_after()  # what dies while people wait is started again, too
            answer = app.insist(wish, until=min(until, time.monotonic() + LOOKED_AFTER_EVERY))
        assert answer is not None, f"no answer to {wish}"


def assert_keys_keep_their_answers(deployment: Deployment, memory: Memory) -> None:
    app = App(deployment.web, memory)
    for wish, answers in list(memory.granted.items()):
        repeated = app.post(wish)
        assert repeated is not None
        assert (repeated.status_code, repeated.json()) == answers[0], f"{wish} was first answered {answers}"
        assert all(answer == answers[0] for answer in answers)
