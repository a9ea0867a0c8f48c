"""What owners, their UPI apps, banks and operators do with subscriptions, drawn as they go."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.utils import timezone

from core.models import (
    Flow,
    Mandate,
    OwnerSubscription,
    OwnerSubscriptionPayment,
    PaymentTransaction,
    SubscriptionStatus,
)
from core.models.subscriptions import ANNOUNCED_BEFORE
from phonepe_simulator import Fault, NotPayableError, NotPossibleError
from phonepe_simulator.mandates.mandate import INSUFFICIENT_BALANCE
from phonepe_simulator.payments.attempts import Outcome
from zelton_backend.simulation.agenda import Agenda
from zelton_backend.simulation.fault_profile import LATE_BY, drawn_call_fault
from zelton_backend.simulation.orders import Orders
from zelton_backend.simulation.outside import Outside
from zelton_backend.simulation.people import Payer
from zelton_backend.simulation.processes import Work
from zelton_backend.simulation.subscriptions.actions import SubscriptionActions
from zelton_backend.simulation.subscriptions.in_time import Disturbances
from zelton_backend.simulation.world import World

HOUR, DAY = 3600.0, 86_400.0
QUIET = 0.3  # of the stories
FOR_EVER = timedelta(days=3650)
RUNS = (SubscriptionStatus.ACTIVE, SubscriptionStatus.PAST_DUE)
PERIODS = (*("monthly",) * 7, "yearly")
PRICES = (499_00, 599_00, 749_00)
NOTICES_COME_LATE = 0.5  # of those that something goes wrong with


class Lives:
    """
    :ivar orders: every order that was made
    :ivar outside: what payers, banks and PhonePe do
    :ivar late: the orders whose money a bank took after PhonePe had called them FAILED
    :ivar is_quiet: owners approve AutoPay and leave it alone, and their banks pay: it has to renew in time
    :ivar disturbances: what may keep AutoPay from renewing in time
    """

    def __init__(self, world: World, agenda: Agenda) -> None:
        self._world, self._agenda, self._dice = world, agenda, world.rng
        self.actions = SubscriptionActions(world.actions, world.people.plans)
        self.orders, self.outside = Orders(world), Outside(world)
        self.late: set[str] = set()
        self.disturbances = Disturbances()
        self.is_quiet = self._dice.random() < QUIET
        self._acts: tuple[tuple[Callable[[Payer], None], int], ...] = (
            (lambda _: None, 10),
            (self._pauses, 10),
            (self._revokes, 4),
            (self._cancels_autopay, 4),
            (self._cancels, 4),
            (self._pays, 10),
            (self._sets_up, 8),
            (self._changes_plan, 8),
            (self._asks_for_refund, 6),
            (self._reprices, 2),
        )
        for name, prepare in (
            ("a worker ticks", lambda: world.actions.ticks),
            ("a worker renews", lambda: self.actions.renews),
            ("webhooks arrive", lambda: world.simulator.tick),
            ("a payer pays", lambda: self.outside.payment(self.orders.some(), "success")),
        ):
            world.may_happen_meanwhile(name, prepare)
        for name, prepare in (
            ("a worker renews", lambda: self.actions.renews),
            ("a worker ticks", lambda: world.actions.ticks),
        ):
            world.may_happen_meanwhile(name, prepare, overtakes=True)
        if not self.is_quiet:
            self._owners_may_act_meanwhile()

    def _owners_may_act_meanwhile(self) -> None:
        world = self._world
        for name, prepare in (
            ("the owner pauses it", lambda: self._in_app(self._mandate(self._chosen(until=FOR_EVER)), "pause")),
            ("the owner revokes it", lambda: self._in_app(self._mandate(self._chosen()), "revoke")),
        ):
            world.may_happen_meanwhile(name, prepare)
        for name, act in (
            ("AutoPay is cancelled", lambda who: lambda: self.actions.cancels_autopay(who)),
            ("the subscription is cancelled", lambda who: lambda: self.actions.cancels(who, over_http=False)),
            ("AutoPay is set up", lambda who: self._setup(who)[1]),
            ("another plan is wanted", lambda who: self._change(who)[1]),
            ("the owner pays", lambda who: self._payment(who)[1]),
            ("a refund is asked for", lambda who: self._refund(who)),
        ):
            acts = partial(self._drawn, act)
            world.may_happen_meanwhile(name, acts)
            world.may_happen_meanwhile(name, acts, is_rival=True)

    def _drawn(self, act: Callable[[Payer], Work]) -> Work:
        return act(self._chosen())

    def begin(self) -> None:
        for who in self._world.people.owners:
            first = self._sets_up if self.is_quiet or self._dice.random() < 0.8 else self._pays
            self.in_seconds(self._dice.uniform(1, 3 * DAY), lambda who=who, first=first: first(who))  # type: ignore[misc]
            self._looks_in(self._dice.uniform(4 * DAY, 9 * DAY), who)

    def in_seconds(self, seconds: float, plan: Callable[[], None]) -> None:
        self._agenda.add(self._world.clock.now() + timedelta(seconds=seconds), plan)

    def _focus(self) -> Payer:
        return self._world.focus or self._dice.choice(self._world.people.owners)

    def _chosen(self, *, until: timedelta = timedelta(0)) -> Payer:
        """Return an owner who does something meanwhile."""
        who = self._focus()
        self.disturbances.acts(who, until=until)
        return who

    # What follows from what has happened.

    def note_new_orders(self) -> None:
        """Let payers' apps and banks see the orders that were made since the last look, and make their plans."""
        for name in self.orders.new():
            flow = PaymentTransaction.objects.values_list("flow", flat=True).get(merchant_order_id=name)
            plans = {Flow.MANDATE_SETUP: self._decides, Flow.REDEMPTION: self._bank_decides}
            plans.get(Flow(flow), self._checks_out)(name, self.orders.whose[name])

    def _checks_out(self, name: str, who: Payer) -> None:
        outcome = self._dice.choices(("success", "failure", "nothing"), (85, 8, 7))[0]
        if outcome != "nothing":
            pays = self.outside.payment(name, outcome)
            self._later(self._dice.uniform(2, 120), f"payer {outcome} {name}", pays)
        self.in_seconds(self._dice.uniform(1200, 2 * DAY), lambda: self._goes_on(who))

    def _decides(self, name: str, who: Payer) -> None:
        """Let an owner decide about a mandate in the UPI app: most approve it, some after its time."""
        dice, mandate = self._dice, Mandate.objects.get(payments__merchant_order_id=name).merchant_subscription_id
        how = dice.choices(("approve", "decline", "nothing", "late"), (80, 7, 7, 6))[0]
        if self.is_quiet:
            how = "approve"
        if how in ("approve", "decline"):
            self._later(
                dice.choice((dice.uniform(3, 90), dice.uniform(3, 90), dice.uniform(3, 590))),
                f"{how} {mandate}",
                self._in_app(mandate, how),
            )
        elif how == "late":
            self._later(dice.uniform(500, 3000), f"late {mandate}", self._late_approval(mandate, name))
        self.in_seconds(dice.uniform(1200, 3 * DAY), lambda: self._goes_on(who))

    def _bank_decides(self, name: str, who: Payer) -> None:
        """Let the banks decide how a debit ends that was just announced, and its payer what else happens."""
        dice, payment = self._dice, OwnerSubscriptionPayment.objects.get(merchant_order_id=name)
        mandate = self._mandate_of(name)
        how = dice.choices(("success", "fails", "fails for good", "notice fails", "pending"), (60, 14, 6, 4, 8))[0]
        if self.is_quiet:
            return
        if how != "success" and mandate:
            self._world.happens(f"{how} {name}", self._planned(mandate, how))
        if how == "pending" and payment.renews_from:
            wait = (payment.renews_from - timezone.now()).total_seconds() + dice.uniform(HOUR, 60 * HOUR)
            outcome = dice.choice(("success", "success", "failure"))
            self._later(max(1.0, wait), f"bank {outcome} {name}", self._conclusion(name, outcome))
        if dice.random() < 0.4 and payment.renews_from:
            self._acts_near(payment.renews_from, who)

    def is_paid(self, name: str) -> None:
        """Let an owner plan what to do with what is paid."""
        who = self.orders.payer_of(name)
        ends_at = OwnerSubscriptionPayment.objects.values_list("subscription__paid_until", flat=True).get(
            merchant_order_id=name
        )
        if who and ends_at:
            self._call_goes_wrong("subscription_notify", ends_at - ANNOUNCED_BEFORE)
            self._call_goes_wrong("subscription_redeem", ends_at)
            if self._dice.random() < 0.4:
                self._acts_near(ends_at, who)

    def _call_goes_wrong(self, call: str, due_at: datetime) -> None:
        """Let PhonePe fail just when we are to announce or to execute a debit, now and then."""
        if self._dice.random() < 0.2:
            fault = drawn_call_fault(self._dice, (call,), times=self._dice.randint(1, 2))
            if call == "subscription_notify" and self._dice.random() < NOTICES_COME_LATE:
                fault = Fault("late_effect", call=call, times=1, seconds=self._dice.choice(LATE_BY))
            wait = (due_at - timezone.now()).total_seconds() - 1
            self._later(max(1.0, wait), f"trouble {fault.kind} {call}", lambda: self._troubles(fault))

    def _troubles(self, fault: Fault) -> str:
        self._world.counts["faults"] += 1
        return str(self._world.simulator.faults.add(fault).kind)

    def _acts_near(self, ends_at: datetime, who: Payer) -> None:
        """Let an owner do something, mostly when something else is due: the notice, the end, the grace days."""
        if self.is_quiet:
            return
        dice = self._dice
        act = dice.choices([act for act, _ in self._acts], [weight for _, weight in self._acts])[0]
        near = (
            dice.uniform(-25 * DAY, 0),
            -3 * DAY + dice.uniform(-120, 1800),
            dice.uniform(-3 * DAY, 0),
            dice.uniform(-300, 600),
            dice.uniform(0, 2 * DAY),
            dice.uniform(0, 9 * DAY),
        )
        at = (ends_at - timezone.now()).total_seconds() + dice.choice(near)
        self.in_seconds(max(0.5, at), lambda: act(who))

    def _looks_in(self, seconds: float, who: Payer) -> None:
        self.in_seconds(seconds, lambda: self._looks(who))

    def _looks(self, who: Payer) -> None:
        """Let an owner look, as some do every few days, whether the subscription runs, and begin anew if not."""
        if not OwnerSubscription.objects.filter(owner=who.owner, status__in=RUNS).exists():
            self._goes_on(who)
        self._looks_in(self._dice.uniform(3 * DAY, 12 * DAY), who)

    def _goes_on(self, who: Payer) -> None:
        """Let an owner whose subscription does not run, or has no mandate, try again."""
        if self._dice.random() < 0.8:
            (self._sets_up if self._dice.random() < 0.8 else self._pays)(who)

    # What owners and operators do.

    def _does(self, action: str, work: Work, who: Payer) -> None:
        self.disturbances.acts(who)
        self._world.does(action, work, about=who)

    def _setup(self, who: Payer) -> tuple[str, Work]:
        plan, period, over_http = self._dice.randrange(2), self._dice.choice(PERIODS), self._world.over_http()
        work: Work = lambda: self.actions.sets_up(who, plan, period, over_http=over_http)  # noqa: E731
        return f"setup of {who} for {period} {plan}", work

    def _sets_up(self, who: Payer) -> None:
        came = None
        for _ in range(3):  # taps again, as people do, until it is what can be set up
            action, work = self._setup(who)
            self.disturbances.acts(who)
            came = self._world.does(action, work, about=who)
            if came is None or "autopay_not_possible" not in came:
                break

    def _payment(self, who: Payer) -> tuple[str, Work]:
        plan, period, over_http = self._dice.randrange(2), self._dice.choice(PERIODS), self._world.over_http()
        work: Work = lambda: self.actions.pays(who, plan, period, over_http=over_http)  # noqa: E731
        return f"tap of {who} for {period} {plan}", work

    def _pays(self, who: Payer) -> None:
        self._does(*self._payment(who), who)

    def _change(self, who: Payer) -> tuple[str, Work]:
        plan, period = self._dice.randrange(2), self._dice.choice(PERIODS)
        return f"change of {who} to {period} {plan}", lambda: self.actions.changes_plan(who, plan, period)

    def _changes_plan(self, who: Payer) -> None:
        self._does(*self._change(who), who)

    def _cancels_autopay(self, who: Payer) -> None:
        self._does(f"end of AutoPay of {who}", lambda: self.actions.cancels_autopay(who), who)
        self.in_seconds(self._dice.uniform(60, 20 * DAY), lambda: self._goes_on(who))

    def _cancels(self, who: Payer) -> None:
        over_http = self._world.over_http()
        self._does(f"end of {who}", lambda: self.actions.cancels(who, over_http=over_http), who)
        if self._dice.random() < 0.4:
            resumes: Work = lambda: self.actions.resumes(who)  # noqa: E731
            self.in_seconds(self._dice.uniform(60, 3 * DAY), lambda: self._does(f"resume of {who}", resumes, who))
        self.in_seconds(self._dice.uniform(60, 20 * DAY), lambda: self._goes_on(who))

    def _refund(self, who: Payer) -> Work:
        names = [name for name, payer in self.orders.whose.items() if payer is who]
        paid = [name for name in names if name in self._world.invariants.paid.ever]
        name = self._dice.choice(paid[-2:]) if paid else None
        paise = self._dice.choice((None, None, 100_00, 250_00))
        if name is None:
            return lambda: "nothing is paid"
        return lambda: self._world.actions.refunds(name, paise, by_owner=False, key=None, over_http=False)

    def _asks_for_refund(self, who: Payer) -> None:
        self._does(f"refund of {who}", self._refund(who), who)

    def _reprices(self, _: Payer) -> None:
        paise = self._dice.choice(PRICES)
        for who in self._world.people.owners:
            self.disturbances.acts(who)
        self._world.happens("new price", lambda: self.actions.reprices(0, paise))

    # UPI apps and banks.

    def _later(self, seconds: float, what: str, work: Work) -> None:
        self.in_seconds(seconds, lambda: self._world.happens(what, work))

    def _mandate(self, who: Payer) -> str:
        latest = Mandate.objects.filter(owner_subscription__owner=who.owner).order_by("-is_in_use", "-pk").first()
        return str(latest) if latest else ""

    def _mandate_of(self, name: str) -> str:
        return str(Mandate.objects.get(payments__merchant_order_id=name))

    def _in_app(self, mandate: str, act: str, *more: Any) -> Work:
        def work() -> Any:
            try:
                return getattr(self._world.simulator.mandates, act)(mandate, *more).state
            except (KeyError, NotPossibleError):
                return "not possible"

        return work

    def _late_approval(self, mandate: str, name: str) -> Work:
        approves = self._in_app(mandate, "approve")

        def work() -> Any:
            order = self._world.simulator.orders.get(name)
            is_late = order is not None and order.state == "FAILED"
            came = approves()
            if is_late and came == "ACTIVE":
                self.late.add(name)
            return came

        return work

    def _planned(self, mandate: str, how: str) -> Work:
        def work() -> Any:
            theirs = self._world.simulator.mandates.get(mandate)
            if theirs is None:
                return "PhonePe knows no such mandate"
            if how == "notice fails":
                theirs.failing_notices += 1
                self.disturbances.weak_notices.add(mandate)
            elif how == "pending":
                theirs.planned_debits.append(Outcome.PENDING)  # type: ignore[arg-type]
            else:
                times = 4 if how == "fails for good" else self._dice.randint(1, 4)
                theirs.planned_debits.extend([INSUFFICIENT_BALANCE] * times)
            return theirs.state

        return work

    def _conclusion(self, name: str, outcome: str) -> Work:
        def work() -> Any:
            order = self._world.simulator.orders.get(name)
            is_late = order is not None and order.state == "FAILED"
            try:
                came = self._world.simulator.conclude(name, outcome).state
            except (KeyError, NotPayableError):
                return "nothing to decide"
            if is_late and outcome == "success":
                self.late.add(name)
            return came

        return work

    def _pauses(self, who: Payer) -> None:
        """Pause it in the UPI app, and mostly go on with it; a pause may have its own end."""
        mandate, wait = self._mandate(who), self._dice.choice((600.0, 6 * HOUR, 2 * DAY, 6 * DAY))
        has_end, goes_on = self._dice.random() < 0.4, self._dice.random() < 0.8
        self.disturbances.acts(who, until=timedelta(seconds=wait) if has_end or goes_on else FOR_EVER)
        self._world.happens(f"pause {mandate}", self._in_app(mandate, "pause", *((wait,) if has_end else ())))
        if not has_end and goes_on:
            self._later(wait, f"unpause {mandate}", self._in_app(mandate, "unpause"))

    def _revokes(self, who: Payer) -> None:
        mandate = self._mandate(who)
        self.disturbances.acts(who)
        self._world.happens(f"revoke {mandate}", self._in_app(mandate, "revoke"))
        self.in_seconds(self._dice.uniform(60, 10 * DAY), lambda: self._goes_on(who))
