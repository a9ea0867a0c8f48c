"""One seed's story: people begin lives of orders, things go wrong, and at the end everything comes to rest."""

from datetime import datetime, timedelta
from functools import partial

from phonepe_simulator import Fault
from zelton_backend.simulation import whole_books
from zelton_backend.simulation.agenda import Agenda
from zelton_backend.simulation.fault_profile import drawn_fault, drawn_outage
from zelton_backend.simulation.outside import COMPLETED
from zelton_backend.simulation.scenarios import Scenarios
from zelton_backend.simulation.telling import Telling
from zelton_backend.simulation.violation import Violation
from zelton_backend.simulation.world import World

LOOKS_AT_ALL_BOOKS = 3  # times in a story, beside the end
WORKERS_ARE_AWAY = 0.05  # of the ticks, for minutes
SLOWER_IN_THE_END = 10  # times, when nobody begins anything any more
MOST_TICKS_AT_REST = 400
LONGEST_GAP = timedelta(hours=2)
REFUNDS_END_OTHERWISE = 0.05  # of the troubles


class Story(Telling):
    def __init__(self, world: World, orders: int) -> None:
        self._orders, self._agenda = orders, Agenda()
        self.scenarios = Scenarios(world, self._agenda, orders)
        super().__init__(world, self.scenarios.orders)
        self._books_due = world.clock.now() + timedelta(days=1)
        self._next_look = max(1, orders // (LOOKS_AT_ALL_BOOKS + 1))

    def is_told(self) -> None:
        """:raises Violation: if an invariant does not hold"""
        if not self.world.faults.webhooks_come:
            self.world.simulator.faults.add(Fault("webhook_lost"))
        for plan in (self.scenarios.somebody_taps, self._next_fault, self._outage, self._tick):
            self.scenarios.in_seconds(1, plan)
        while self._goes_on():
            pass
        self._comes_to_rest()
        whole_books.hold_at_the_end(self.world.invariants, self.world.simulator)
        self.write_the_end()

    def _goes_on(self) -> bool:
        """Do what comes next: a plan of somebody's, or what PhonePe does by itself."""
        world, at = self.world, self._agenda.next_at()
        if at is None:
            return False
        theirs = world.simulator.next_due()
        if theirs is not None and theirs <= at:
            world.clock.move_to(theirs)
            self.post_comes()
        else:
            world.clock.move_to(at)
            self._agenda.take()()
        self._follow_up()
        return True

    def _follow_up(self) -> None:
        world = self.world
        self.scenarios.note_new_orders()
        for name in world.invariants.paid.news:
            self.scenarios.is_paid(name)
        world.invariants.paid.news.clear()
        if len(self.scenarios.orders.whose) >= self._next_look:
            self._next_look += max(1, self._orders // (LOOKS_AT_ALL_BOOKS + 1))
            whole_books.hold_now(world.invariants, world.simulator)

    # What repeats itself.

    def _tick(self) -> None:
        world = self.world
        if world.rng.random() < 0.02:
            world.does("reconcile all", world.actions.asks_about_all)
        else:
            world.does("tick", world.actions.ticks)
        if world.clock.now() >= self._books_due:
            self._books_due = world.clock.now() + timedelta(days=1)
            world.does("books", world.actions.checks_books)
        if (at := self._agenda.next_at()) is not None:
            self._agenda.add(self._next_tick(at), self._tick)

    def _next_tick(self, at: datetime) -> datetime:
        """Return when a worker ticks again. The clock's tick every second finds nothing until something is due.

        :param at: when the next thing happens
        """
        rng, now = self.world.rng, self.world.clock.now()
        beat = self.world.faults.beat * (1 if len(self.scenarios.orders.whose) < self._orders else SLOWER_IN_THE_END)
        is_away = rng.random() < WORKERS_ARE_AWAY
        gap = timedelta(seconds=rng.choice((60, 300)) if is_away else rng.uniform(0.2, 2 * beat))
        return now + gap if at <= now + gap else min(self.world.next_due() or at, at) + gap

    def _next_fault(self) -> None:
        world, fault = self.world, drawn_fault(self.world.rng, refunds_lie=self.world.faults.refunds_lie)
        if len(self.scenarios.orders.whose) >= self._orders:
            return
        world.counts["faults"] += fault.times or 1
        world.happens(
            f"trouble {fault.kind} {fault.call} {fault.times}", lambda: world.simulator.faults.add(fault).kind
        )
        if world.rng.random() < REFUNDS_END_OTHERWISE:
            self._refunds_end_in(world.rng.choice(("failure", "pending")))
            self.scenarios.in_seconds(world.rng.choice((20, 60, 300)), self._banks_decide)
        self.scenarios.in_seconds(world.rng.expovariate(1 / world.faults.fault_every), self._next_fault)

    def _refunds_end_in(self, outcome: str) -> None:
        self.world.simulator.change_settings(refund_outcome=outcome)
        self.world.happens("refunds end in", lambda: outcome)

    def _banks_decide(self) -> None:
        """Let refunds succeed from now on, and those that the banks have left open end somehow."""
        world = self.world
        self._refunds_end_in("success")
        for name in [name for name, refund in world.simulator.refunds.items() if refund.state.is_open]:
            outcome = world.rng.choice(("success", "success", "failure"))
            world.simulator.conclude_refund(name, outcome)
            world.trace.note(f"         {name} {outcome}")

    def _outage(self) -> None:
        world = self.world
        if len(self.scenarios.orders.whose) >= self._orders:
            return
        if world.rng.random() < 0.5:
            fault = drawn_outage(world.rng)
            world.counts["outages"] += 1
            world.happens(f"outage {fault.kind}", lambda: world.simulator.faults.add(fault).kind)
            self.scenarios.in_seconds(world.rng.choice((5, 30, 120, 600)), self._outage_ends)
        self.scenarios.in_seconds(world.rng.expovariate(1 / world.faults.outage_every), self._outage)

    def _outage_ends(self) -> None:
        world = self.world
        world.happens("PhonePe is back", world.simulator.faults.clear)
        if not world.faults.webhooks_come:
            world.simulator.faults.add(Fault("webhook_lost"))

    # The end.

    def _comes_to_rest(self) -> None:
        """Let PhonePe behave, and time pass with ticks, until nothing is due within a day."""
        world, gap = self.world, timedelta(seconds=10)
        world.simulator.faults.clear()
        world.simulator.change_settings(refund_outcome="success")
        self.scenarios.outside.tells_of_dashboard_again()
        world.clock.move_to(world.clock.now() + gap)
        for name in sorted(world.wire.told_otherwise):  # whoever has lied once is asked again by an operator
            world.does(f"operator asks about {name}", partial(world.actions.asks_about, name))
        for name in self.scenarios.outside.never_told():
            # Of an order that it has called FAILED we ask PhonePe no more: only a webhook tells.
            world.simulator.send_webhook(COMPLETED, name)
        for _ in range(MOST_TICKS_AT_REST):
            world.simulator.record()  # lets time do its work at PhonePe
            for name, refund in world.simulator.refunds.items():
                if refund.state.is_open:
                    world.simulator.conclude_refund(name, "success")
            due = self._next_due()
            if due is None or due > world.clock.now() + timedelta(days=1):
                return
            world.clock.move_to(max(due, world.clock.now() + gap))
            gap = min(gap * 3 / 2, LONGEST_GAP)
            self.post_comes()
            world.does("tick", world.actions.ticks)
            for name in whole_books.lost_refunds(now=world.clock.now()):
                world.does(f"operator closes {name}", partial(world.actions.closes, name))
            self._follow_up()
        raise Violation(f"it never comes to rest: {self._next_due()} is due at {world.clock.now()}")

    def _next_due(self) -> datetime | None:
        waiting = whole_books.wait_for_a_person()
        moments = [self.world.simulator.next_due(), self.world.next_due(except_for=waiting)]
        return min((moment for moment in moments if moment), default=None)
