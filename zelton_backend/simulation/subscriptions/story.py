"""One seed's story of subscriptions: months pass from one due moment to the next, and at the end everybody cancels."""

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

from core.models import (
    Invoice,
    Mandate,
    MandateDebit,
    PaymentTransaction,
    Refund,
    SettlementLine,
    StateChange,
)
from phonepe_simulator import Fault
from zelton_backend.simulation import whole_books
from zelton_backend.simulation.agenda import Agenda
from zelton_backend.simulation.fault_profile import OUTAGES, WEBHOOK_FAULTS, drawn_call_fault
from zelton_backend.simulation.settlements import FORMATS, Settlements
from zelton_backend.simulation.subscriptions import judging
from zelton_backend.simulation.subscriptions.due import RENEWING, does, due
from zelton_backend.simulation.subscriptions.lives import DAY, HOUR, Lives
from zelton_backend.simulation.subscriptions.mailbox import Mailbox
from zelton_backend.simulation.subscriptions.watch import MandateWatch
from zelton_backend.simulation.telling import Telling
from zelton_backend.simulation.violation import Violation
from zelton_backend.simulation.world import World

MONTH = timedelta(days=30)
CALLS = (
    "subscription_setup",
    "subscription_status",
    "subscription_notify",
    "subscription_redeem",
    "subscription_cancel",
    "order_status",
    "refund",
    "refund_status",
    "oauth",
    None,
)
COMPLETED = {
    "mandate_setup": "subscription.setup.order.completed",
    "redemption": "subscription.redemption.order.completed",
}
LONGEST_REST = timedelta(days=45)
MOST_TURNS_AT_REST = 1500
LOOKS_EVERY = 60  # turns of a worker
WORKS_IN_VAIN = 0.05  # of its turns


class SubscriptionStory(Telling):
    def __init__(self, world: World, months: int) -> None:
        self._agenda = Agenda()
        self.lives = Lives(world, self._agenda)
        super().__init__(world, self.lives.orders)
        dice = world.rng
        self._trouble, self._outages = dice.choice((0.0, 0.03, 0.1)), dice.choice((0.0, 0.002, 0.01))
        self._late, self._turns, self._is_away = 0.0, 0, False
        self._known_due: tuple[int, dict[str, datetime]] | None = None
        self._gap, self._due_before = 1.0, world.clock.now()
        world.clock.shift(dice.uniform(0, 365 * DAY))
        self._came_at = world.clock.now()
        self._ends_at, self._month_ends_at = world.clock.now() + months * MONTH, world.clock.now() + MONTH
        off = timedelta(seconds=world.faults.clocks_off)
        self._off = 2 * off
        self.watch = MandateWatch(world.simulator, world.wire, world.processes, off=off)
        Mailbox.empty()
        self._settlements = Settlements(world.simulator, reach_bank_after=dice.choice((10, HOUR)))
        self._all_is_paid_out = False
        world.works_differ = True  # most turns of a worker are short, and those that move money are long
        world.simulator.change_settings(
            mandate_notified_after=dice.choice((2, 2, 600, 4000)),
            mandate_debited_after=dice.choice((2, 2, 300, 4000)),
            mandate_moves_after=dice.choice((0, 0, 3, 300)),
        )

    def is_told(self) -> None:
        """:raises Violation: if an invariant does not hold"""
        if not self.world.faults.webhooks_come:
            self.world.simulator.faults.add(Fault("webhook_lost"))
        self.lives.begin()
        self._import_comes()
        while self._goes_on():
            pass
        self.lives.disturbances.hold(self.world.simulator, now=self.world.clock.now())
        self._comes_to_rest()
        whole_books.hold_at_the_end(self.world.invariants, self.world.simulator)
        self._settlements.hold_at_the_end()
        judging.hold_at_the_end(self.world.simulator, self.lives.late, now=self.world.clock.now(), off=self._off)
        self.write_the_end()

    def _goes_on(self) -> bool:
        """Do what comes next: a plan of somebody's, what PhonePe does by itself, or a worker's turn."""
        world = self.world
        theirs, planned, ours = world.simulator.next_due(), self._agenda.next_at(), self._worker_comes_at()
        at = min(moment for moment in (theirs, planned, ours, self._ends_at) if moment)
        if at >= self._ends_at:
            return False
        world.clock.move_to(at)
        if theirs is not None and theirs <= at:
            self.post_comes()
        elif planned is not None and planned <= at:
            self._agenda.take()()
        else:
            self._worker_comes()
        self._follow_up()
        if world.clock.now() >= self._month_ends_at:
            self._month_ends_at += MONTH
            self.lives.disturbances.hold(world.simulator, now=world.clock.now())
        return True

    def _follow_up(self) -> None:
        self.watch.look()
        self.lives.note_new_orders()
        for name in self.world.invariants.paid.news:
            self.lives.is_paid(name)
        self.world.invariants.paid.news.clear()

    # Workers.

    def _due(self) -> dict[str, datetime]:
        """Return when there is something for a worker to do; looked up once a step."""
        if self._known_due is None or self._known_due[0] != self.world.trace.steps:
            self._known_due = (self.world.trace.steps, due())
        return self._known_due[1]

    def _next_due(self) -> datetime | None:
        return min(self._due().values(), default=None)

    def _worker_comes_at(self) -> datetime | None:
        first = self._next_due()
        if first is None:
            return None
        # Late from when it is due: what others do meanwhile keeps nobody away for longer.
        late_by = max(first, self._came_at) + timedelta(seconds=self._late)
        return max(late_by, self.world.clock.now())

    def _worker_comes(self) -> None:
        world, first = self.world, self._next_due()
        self._troubles()
        self._turns += 1
        self._works()
        self._came_at = world.clock.now()
        self._stays_due_for(first)
        if self._turns % LOOKS_EVERY == 0:
            judging.hold_now(now=world.clock.now(), off=self._off)
            whole_books.hold_now(world.invariants, world.simulator)

    def _works(self) -> None:
        """Let a worker do what is due; now and then also what is not."""
        now, actions = self.world.clock.now(), self.world.actions
        if self.world.rng.random() < WORKS_IN_VAIN:
            self.world.does("tick", actions.ticks)
            self.world.does("renew", self.lives.actions.renews)
            return
        kinds = {kind: at for kind, at in self._due().items() if at <= now}
        if any(kind not in RENEWING for kind in kinds):
            self.world.does("work", lambda: does(kinds))
        if any(kind in RENEWING for kind in kinds):
            self.world.does("renew", self.lives.actions.renews)

    def _stays_due_for(self, first: datetime | None) -> None:
        """Draw how late the next turn comes: within minutes, seldom much later; ever later while nothing gets done."""
        dice = self.world.rng
        self._gap = min(self._gap * 2, HOUR) if self._next_due() == first else 1.0
        late = dice.choices((dice.uniform(0.2, 60), dice.uniform(60, 900), 4 * HOUR, 30 * HOUR), (650, 340, 8, 2))[0]
        self._late = max(late, self._gap if self._gap > 1 else 0.0)

    def _troubles(self) -> None:
        """Let something go wrong at PhonePe, now and then."""
        world, dice = self.world, self.world.rng
        if dice.random() < self._trouble:
            if dice.random() < 0.8:
                fault = drawn_call_fault(dice, CALLS, times=dice.randint(1, 2))
            else:
                fault = Fault(dice.choice(WEBHOOK_FAULTS), times=dice.randint(1, 3), seconds=dice.choice((5, 40, 6000)))
            world.counts["faults"] += 1
            world.happens(f"trouble {fault.kind} {fault.call}", lambda: world.simulator.faults.add(fault).kind)
        if dice.random() < self._outages and not self._is_away:
            fault = Fault(dice.choice(OUTAGES))
            world.counts["outages"] += 1
            self._is_away = True
            world.happens(f"outage {fault.kind}", lambda: world.simulator.faults.add(fault).kind)
            wait = dice.choices((300, HOUR, 6 * HOUR, 30 * HOUR), (4, 4, 3, 1))[0]
            self.lives.disturbances.phonepe_is_away(timedelta(seconds=wait))
            self.lives.in_seconds(wait, self._outage_ends)

    def _outage_ends(self) -> None:
        world, self._is_away = self.world, False
        world.happens("PhonePe is back", world.simulator.faults.clear)
        if not world.faults.webhooks_come:
            world.simulator.faults.add(Fault("webhook_lost"))

    # The end.

    def _comes_to_rest(self) -> None:
        """Let PhonePe behave, everybody cancel, and time pass until nothing is due for long."""
        world, began = self.world, self.world.clock.now()
        world.simulator.faults.clear()
        world.faults = replace(world.faults, interruptions=0.0, slow=0.0)
        for name in sorted(self.lives.late):
            # Of an order that it has called FAILED we ask PhonePe no more: only a webhook tells.
            world.simulator.send_webhook(COMPLETED[self._flow(name)], name)
        for who in world.people.owners:
            world.does(f"end of {who}", lambda who=who: self.lives.actions.cancels(who, over_http=False))  # type: ignore[misc]
            world.does(f"end of AutoPay of {who}", lambda who=who: self.lives.actions.cancels_autopay(who))  # type: ignore[misc]
        for _ in range(MOST_TURNS_AT_REST):
            self._banks_decide()
            moments = [moment for moment in (world.simulator.next_due(), self._next_due()) if moment]
            first = min(moments, default=None)
            if first is None or first > began + LONGEST_REST:
                if self._all_is_paid_out:
                    return
                self._is_paid_out()
                continue
            world.clock.move_to(max(first, world.clock.now() + timedelta(seconds=5)))
            self.post_comes()
            self._works()
            self._follow_up()
        raise Violation(f"it never comes to rest: {self._next_due()} is due at {world.clock.now()}")

    def _import_comes(self) -> None:
        self.lives.in_seconds(self.world.rng.uniform(0.5 * DAY, 9 * DAY), self._imports)

    def _imports(self) -> None:
        """Let an operator read PhonePe's report on its payouts, every few days."""
        written = self.world.rng.choice(FORMATS)
        self.world.does(f"import of settlements as {written}", lambda: self._settlements.imports(written))
        self._import_comes()

    def _is_paid_out(self) -> None:
        """Let PhonePe pay out what is left, and an operator read of it."""
        self._all_is_paid_out, world = True, self.world
        world.happens("the last payout", lambda: world.simulator.settle() and "made")
        world.clock.shift(self._settlements.reach_bank_after + 1)
        world.simulator.record()  # lets time do its work at PhonePe
        self._imports()

    def _flow(self, name: str) -> str:
        return str(PaymentTransaction.objects.values_list("flow", flat=True).get(merchant_order_id=name))

    def _banks_decide(self) -> None:
        simulator = self.world.simulator
        simulator.record()  # lets time do its work at PhonePe
        soon = self.world.clock.now() + timedelta(hours=1)
        for name, order in list(simulator.orders.items()):
            if order.pending_attempt is not None and order.stage is None and order.expire_at <= soon:
                simulator.conclude(name, "failure")
        for name, refund in simulator.refunds.items():
            if refund.state.is_open:
                simulator.conclude_refund(name, "success")

    def summary(self) -> Counter[str]:
        """Return what there was, in numbers."""
        counts = super().summary()
        counts["mandates"], counts["debits"] = Mandate.objects.count(), MandateDebit.objects.count()
        counts["debited"] = MandateDebit.objects.filter(payment__transaction__captured_paise__gt=0).count()
        counts["settled"] = SettlementLine.objects.count()
        counts["papers"], counts["messages"] = Invoice.objects.count(), len(Mailbox.letters)
        counts["paused"] = StateChange.objects.filter(what="mandate", new="PAUSED").count()
        counts["late"], counts["in_time"] = len(self.lives.late), self.lives.disturbances.judged
        return counts

    def write_the_end(self) -> None:
        super().write_the_end()
        for row in Mandate.objects.order_by("pk").values_list("merchant_subscription_id", "state", "is_in_use"):
            self.world.trace.note(" ".join(map(str, row)))
        for paper in Invoice.objects.order_by("pk").values_list("number", "total_paise"):
            self.world.trace.note(" ".join(map(str, paper)))
        for refund in Refund.objects.order_by("pk").values_list("merchant_refund_id", "amount_paise"):
            self.world.trace.note(" ".join(map(str, refund)))
