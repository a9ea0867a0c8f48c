"""One seed's world: people, our processes, PhonePe, and what may come between. Every work is a step of the story."""

import dataclasses
import traceback
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random
from typing import Any
from unittest import mock

from django.conf import settings
from django.db import connection
from django.db.models import Min

from core import tasks
from core.india import day_in_india
from core.models import PaymentTransaction, Refund, ReportedRefund, WebhookEvent
from core.services import phonepe_service, worker
from core.services.operations import delivery
from core.services.phonepe import rate_limit
from core.services.phonepe_service import PhonePeService
from core.services.polling.queue import Queue
from core.services.subscriptions import renewing
from core.services.webhooks import processing
from phonepe_simulator import Simulator, WebhookDelivery
from zelton_backend.simulation.actions import Actions
from zelton_backend.simulation.fault_profile import FaultProfile
from zelton_backend.simulation.invariants import Invariants
from zelton_backend.simulation.people import Payer, People
from zelton_backend.simulation.processes import Died, Processes, Work
from zelton_backend.simulation.trace import Trace
from zelton_backend.simulation.violation import Violation
from zelton_backend.simulation.virtual_time import VirtualClock
from zelton_backend.simulation.wire import Wire

START = datetime(2026, 4, 10, 6, 30, tzinfo=UTC)
OVER_HTTP = 0.2  # of the actions that can be done over HTTP or by a service
DIES = 0.55  # of the interruptions
SECOND_DIES = 0.25  # of the works that a second process does meanwhile
FIRST_GUESS = 20  # steps of a work that has not been done yet
RIVALS = 3  # times as often as an interruption at any step: most works decide nothing, and then none comes
WORKS = ((worker, "ORDERS"), (worker, "REFUNDS"), (worker, "REPORTED_REFUNDS"), (tasks, "MANDATES"))
DECISIONS = (1, 1, 2, 3)  # of a work, at one of which a rival may come
WORKERS_DO = ("work", "tick", "ticks", "renew", "renews", "books", "reconcile")
CALLS = (1, 2, 3, 4)  # before the first call of a work, after it, before the second, after it
DIES_DECIDING = 0.5  # of what happens at decisions and calls, where works are long and short


class RaisingLogger:
    """In place of a logger: what would be logged as our own defect ends the story."""

    def exception(self, *_: Any, **__: Any) -> None:
        raise  # the exception that is being handled

    def __getattr__(self, _: str) -> Callable[..., None]:
        return lambda *_, **__: None


Settles = Callable[..., People]


class World:
    """
    :param settles: lets people move in, given `today` and `rng`
    :ivar works_differ: works of one kind are long and short: interrupt them as if each could be as long as the longest,
        and where something is decided
    :ivar focus: whom the current step is about; what happens meanwhile is mostly about them too
    """

    def __init__(self, settles: Settles, *, seed: int, clock: VirtualClock, rng: Random, processes: Processes) -> None:
        self.clock, self.rng, self.processes = clock, rng, processes
        self.faults, self.trace, self.counts = FaultProfile.drawn(rng), Trace(clock), Counter[str]()
        self.people = settles(today=day_in_india(clock.now()), rng=rng)
        self.actions = Actions(self.people, processes)
        self.simulator = Simulator(
            clock=clock,
            seed=seed,
            client_id=settings.PHONEPE_CLIENT_ID,
            client_secret=settings.PHONEPE_CLIENT_SECRET,
            client_version=str(settings.PHONEPE_CLIENT_VERSION),
            webhook_username=settings.PHONEPE_WEBHOOK_CREDENTIALS[0].split(":")[0],
            webhook_password=settings.PHONEPE_WEBHOOK_CREDENTIALS[0].split(":")[1],
            deliver=self._deliver,
        )
        self.wire = Wire(self.simulator, processes, slowness=self._slowness, take=clock.shift)
        self.wire.clocks_agree = self.faults.clocks_off == 0
        self.invariants = Invariants(self.simulator, self.wire)
        off = self.faults.clocks_off
        self._clocks = {each: timedelta(seconds=rng.uniform(-off, off)) for each in ("web", "worker")}
        self.focus: Payer | None = None
        self.works_differ = False
        self._typical: dict[str, int] = {}
        self._longest: dict[str, int] = {}
        self._others: list[tuple[str, Callable[[], Work]]] = []
        self._rivals: list[tuple[str, Callable[[], Work]]] = []
        self._overtakers: list[tuple[str, Callable[[], Work]]] = []

    def may_happen_meanwhile(
        self, name: str, prepare: Callable[[], Work], *, is_rival: bool = False, overtakes: bool = False
    ) -> None:
        """Let the second process do this in the middle of the first one's work.

        :param prepare: draws what is to be done, and returns it
        :param is_rival: it is about the same money, and comes when the first is about to move it
        :param overtakes: it does the same work, and comes while the first one's call is on its way
        """
        those = self._rivals if is_rival else self._overtakers if overtakes else self._others
        those.append((name, prepare))

    # Steps.

    def does(self, action: str, work: Work, *, about: Payer | None = None) -> str | None:
        """Let one process of ours do a work, with whatever comes between; then check what it touched.

        Returns what came of it; None if the process died.

        :raises Violation: if an invariant does not hold, or if our code raised what it should not
        """
        self.focus, kind = about, action.partition(" ")[0]
        self.trace.step(action)
        result: str | None = None
        try:
            happens = self._interruptions(kind), self._rivalries(), self._overtakings()
            with self.clock.ahead(self._clock_of(action)):
                result = str(self.processes.first.runs(work, *happens))
        except Died:
            self.counts["deaths"] += 1
            self._new_process()
        except Violation:
            raise
        except Exception as defect:
            self.trace.note(traceback.format_exc())
            raise Violation(f"{action}: our code raised {type(defect).__name__}: {defect}") from defect
        self._typical[kind] = self.processes.first.steps
        self._longest[kind] = max(self._longest.get(kind, 0), self.processes.first.steps)
        self.trace.note(f"         {self.clock.now():%H:%M:%S} {result or 'killed'}")
        self.check()
        return result

    def happens(self, what: str, work: Callable[[], Any]) -> Any:
        """Let something happen outside of our processes."""
        self.trace.step(what)
        result = work()
        self.trace.note(f"         {result}")
        return result

    def check(self) -> None:
        self.invariants.after_step(money_moved=self.processes.have_moved_money())

    def _clock_of(self, action: str) -> timedelta:
        """Return by how much the clock of the machine is ahead that does an action."""
        is_workers = action.removeprefix("a worker ").partition(" ")[0] in WORKERS_DO
        return self._clocks["worker" if is_workers else "web"]

    def _new_process(self) -> None:
        """Begin as a new process does: knowing nothing."""
        PhonePeService.forget_client()
        rate_limit.use(rate_limit.RateLimit(self.clock.seconds, redis_url=""))

    def _interruptions(self, kind: str) -> dict[int, Work]:
        planned: dict[int, Work] = {}
        while len(planned) < 2 and self.rng.random() < self.faults.interruptions:
            steps = self._typical.get(kind, FIRST_GUESS)
            if self.works_differ and self.rng.random() < 0.5:
                steps = self._longest.get(kind, steps)
            at = self.rng.randint(1, steps + 2)
            dies = self.rng.random() < DIES or not self._others
            planned[at] = self._kill if dies else partial(self._meanwhile, self._others)
        return planned

    def _rivalries(self) -> dict[int, Work]:
        if not self._rivals or self.rng.random() >= RIVALS * self.faults.interruptions:
            return {}
        dies = self.works_differ and self.rng.random() < DIES_DECIDING
        return {self.rng.choice(DECISIONS): self._kill if dies else partial(self._meanwhile, self._rivals)}

    def _overtakings(self) -> dict[int, Work]:
        if not self._overtakers or self.rng.random() >= RIVALS * self.faults.interruptions:
            return {}
        dies = self.rng.random() < DIES_DECIDING
        return {self.rng.choice(CALLS): self._kill if dies else partial(self._meanwhile, self._overtakers)}

    def _kill(self) -> None:
        self.trace.note(f"         is killed at step {self.processes.first.steps}")
        self.processes.first.dies()

    def _meanwhile(self, others: list[tuple[str, Callable[[], Work]]]) -> None:
        """Let another process act while the first one stands still at this step."""
        name, prepare = self.rng.choice(others)
        self.meanwhile(name, prepare())

    def meanwhile(self, name: str, work: Work) -> None:
        """Let the second process do a work while the first one stands still."""
        happens: dict[int, Work] = {}
        if self.rng.random() < SECOND_DIES:
            happens[self.rng.randint(1, FIRST_GUESS)] = self.processes.second.dies
        self.counts["meanwhile"] += 1
        self.counts["in_transactions"] += connection.in_atomic_block
        where = f"at step {self.processes.first.steps}{', in a transaction' if connection.in_atomic_block else ''}"
        try:
            with self.clock.ahead(self._clock_of(name)):
                came = str(self.processes.meanwhile(work, happens))
        except Died:
            waited = self.processes.second.waited
            self.counts["waits" if waited else "deaths"] += 1
            came = "would wait for a lock" if waited else "killed"
        self.trace.note(f"         {where}: {name}: {came}")

    # PhonePe.

    def _slowness(self) -> float:
        if self.faults.slow and self.rng.random() < self.faults.slow:
            return self.rng.choice((0.3, 1.0, 2.9, 7.0))
        return 0.0

    def _deliver(self, letter: WebhookDelivery) -> int | None:
        self.counts["webhooks"] += 1
        return self.actions.hears(letter, over_http=self.over_http())

    def over_http(self) -> bool:
        return self.rng.random() < OVER_HTTP

    # What is due.

    def next_due(self, *, except_for: Collection[int] = ()) -> datetime | None:
        """Return when the clock has something to do next.

        :param except_for: orders that are left out, by primary key
        """
        if WebhookEvent.objects.filter(processed_at__isnull=True).exists():
            return self.clock.now()
        orders = PaymentTransaction.objects.exclude(pk__in=except_for) if except_for else PaymentTransaction.objects
        first = (
            rows.aggregate(at=Min("next_check_at"))["at"] for rows in (orders, Refund.objects, ReportedRefund.objects)
        )
        return min((moment for moment in first if moment), default=None)


@contextmanager
def a_world(settles: Settles, *, seed: int, clock: VirtualClock, rng: Random) -> Iterator[World]:
    """Put a world's PhonePe under our code; nothing of it stays."""
    with ExitStack() as stack:
        processes = stack.enter_context(Processes())
        world = World(settles, seed=seed, clock=clock, rng=rng, processes=processes)
        stack.callback(_forget)
        stack.enter_context(mock.patch.object(phonepe_service, "Transport", return_value=world.wire))
        # A thread beside the tick would be a process that the seed does not know of.
        stack.enter_context(mock.patch.object(delivery, "deliver_beside", delivery.deliver_due))
        # Documents are drawn elsewhere; here it matters which messages are sent, and when.
        stack.enter_context(mock.patch.object(delivery, "attachments", return_value=[]))
        for module in (worker, processing, renewing):
            stack.enter_context(mock.patch.object(module, "logger", RaisingLogger()))
        for module, name in WORKS:
            work = getattr(module, name)
            work = dataclasses.replace(work, queue=Queue(*work.queue.kinds))  # it counts claims, and must begin anew
            stack.enter_context(mock.patch.object(module, name, work))
        _forget()
        rate_limit.use(rate_limit.RateLimit(clock.seconds, redis_url=""))
        yield world


def _forget() -> None:
    PhonePeService.forget_client()
    rate_limit.use(None)
