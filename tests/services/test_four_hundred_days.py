"""Four hundred days of twelve owners, on a virtual clock against the simulator: each date, paper, message and paisa."""

from calendar import monthrange
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from time_machine import Traveller

from core import tasks
from core.india import INDIA, in_india
from core.models import (
    BillingPeriod,
    ChangeCause,
    Channel,
    Invoice,
    InvoiceSeries,
    Notification,
    Owner,
    OwnerSubscription,
    OwnerSubscriptionPayment,
    PricingPlan,
    Refund,
    User,
)
from core.services import audit, worker
from core.services.payments.order_status import ask_now
from core.services.refunds.requesting import request_refund
from core.services.subscriptions.changing import cancel, change_plan
from core.services.subscriptions.checkout import StartedSubscription, start_subscription_payment
from tests.people import make_owner, make_plan
from tests.phonepe import PhonePe

FIRST, DAYS = date(2027, 1, 29), 400


@dataclass
class Life:
    """One owner: when they subscribe to what, when they renew, and what they do besides.

    :ivar renews: days after the end of what is paid; None: never again after the first time
    """

    name: str
    starts: date
    plan: str = "Starter"
    period: str = "monthly"
    renews: int | None = 0
    acts: dict[date, Callable[["World", "Life"], None]] = field(default_factory=dict)
    state: str = ""


class World:
    def __init__(self, phonepe: PhonePe) -> None:
        self.phonepe = phonepe
        self.plans = {
            "Nano": make_plan("Nano", monthly_price_paise=199_00, yearly_price_paise=1_990_00),
            "Starter": make_plan(),
            "Growth": make_plan("Growth", monthly_price_paise=1_499_00, yearly_price_paise=14_990_00),
        }
        self.operator = User.objects.create(username="operator", is_staff=True, is_superuser=True)
        self.owners: dict[str, Owner] = {}
        self.paid: Counter[str] = Counter()

    def pays(self, life: Life, plan: PricingPlan, period: str) -> OwnerSubscriptionPayment:
        if life.name not in self.owners:
            self.owners[life.name] = self._subscriber(life)
        owner = self.owners[life.name]
        started = start_subscription_payment(
            owner=owner, plan=plan, period=BillingPeriod(period), channel=Channel.REDIRECT
        )
        return self._completes(life, started)

    def _completes(self, life: Life, started: StartedSubscription) -> OwnerSubscriptionPayment:
        order = started.payable.transaction
        self.phonepe.pays(order)
        ask_now(order, cause=ChangeCause.VERIFY)
        self.paid[life.name] += order.amount_paise
        return OwnerSubscriptionPayment.objects.get(pk=started.payable.pk)

    def _subscriber(self, life: Life) -> Owner:
        owner = make_owner(life.name)
        owner.user.email = f"{life.name}@example.org"
        owner.user.save()
        return owner

    def upgrades(self, life: Life, plan: str, period: str = "monthly") -> None:
        started = change_plan(
            self.owners[life.name],
            self.plans[plan],
            BillingPeriod(period),
            channel=Channel.REDIRECT,
            now=datetime.now(INDIA),
        )
        assert isinstance(started, StartedSubscription)
        self._completes(life, started)

    def downgrades(self, life: Life, plan: str) -> None:
        change = change_plan(
            self.owners[life.name],
            self.plans[plan],
            BillingPeriod.MONTHLY,
            channel=Channel.REDIRECT,
            now=datetime.now(INDIA),
        )
        assert not isinstance(change, StartedSubscription)

    def refunds(self, life: Life) -> None:
        last = OwnerSubscriptionPayment.objects.filter(subscription__owner=self.owners[life.name]).latest("pk")
        request_refund(last, amount_paise=None, reason="Asked for", user=self.operator, now=datetime.now(INDIA))
        self.paid[life.name] -= last.transaction.captured_paise

    def cancels(self, life: Life) -> None:
        cancel(self.owners[life.name], now=datetime.now(INDIA))


LIVES = [
    Life("on_29th", date(2027, 1, 29)),
    Life("on_30th", date(2027, 1, 30)),
    Life("on_31st", date(2027, 1, 31)),
    Life("early", date(2027, 1, 31), renews=-2),
    Life("yearly", date(2027, 1, 31), period="yearly"),
    Life("within_grace", date(2027, 1, 31), renews=5),
    Life("comes_back", date(2027, 2, 1), renews=20),
    Life("never_again", date(2027, 1, 31), renews=None),
    Life("grows", date(2027, 1, 31), acts={date(2027, 2, 14): lambda world, life: world.upgrades(life, "Growth")}),
    Life("shrinks", date(2027, 1, 31), acts={date(2027, 2, 14): lambda world, life: world.downgrades(life, "Nano")}),
    Life("refunded", date(2027, 1, 31), renews=None, acts={date(2027, 2, 10): lambda world, life: world.refunds(life)}),
    Life("cancels", date(2027, 1, 31), acts={date(2027, 4, 10): lambda world, life: world.cancels(life)}),
]


def month_ends(first: date, months: range) -> list[date]:
    """Return the same day of the months after a first one, or their last day: by the calendar alone."""
    ends = []
    for number in months:
        year, month = first.year + (first.month - 1 + number) // 12, (first.month - 1 + number) % 12 + 1
        ends.append(date(year, month, min(first.day, monthrange(year, month)[1])))
    return ends


@pytest.fixture
def world(db: None, phonepe: PhonePe, traveller: Traveller, monkeypatch: pytest.MonkeyPatch) -> World:
    phonepe.reachable = False  # a webhook would only be a reason to ask
    traveller.move_to(noon(FIRST))
    world = World(phonepe)
    for number in range(DAYS):
        day = FIRST + timedelta(days=number)
        traveller.move_to(noon(day))
        tasks.renew_subscriptions()
        for life in LIVES:
            live(world, life, day)
        if Refund.objects.exclude(state__in=("COMPLETED", "FAILED")).exists():
            traveller.shift(3600)
            worker.tick()
        if day.day == 15:
            tasks.renew_subscriptions()  # again, for nothing
    return world


def live(world: World, life: Life, day: date) -> None:
    if day == life.starts:
        world.pays(life, world.plans[life.plan], life.period)
    elif act := life.acts.get(day):
        act(world, life)
    elif life.renews is not None and life.name in world.owners:
        stands = OwnerSubscription.objects.select_related("plan", "next_plan").get(owner=world.owners[life.name])
        assert stands.paid_until is not None
        is_due = day == in_india(stands.paid_until).date() + timedelta(days=life.renews)
        if is_due and stands.status != "cancelled" and not stands.cancel_at_period_end:
            last: Any = stands.last_period()
            world.pays(life, stands.next_plan or last.plan, stands.next_period or last.payment.period)


def noon(day: date) -> datetime:
    return datetime.combine(day, time(12), INDIA)


def ends(world: World, name: str) -> list[date]:
    periods = OwnerSubscription.objects.get(owner=world.owners[name]).periods.order_by("pk")
    return [in_india(period.ends_at).date() for period in periods]


def status(world: World, name: str) -> str:
    return OwnerSubscription.objects.get(owner=world.owners[name]).status


@pytest.mark.slow
def test_four_hundred_days_of_twelve_owners(world: World) -> None:
    dates_are_right(world)
    money_is_right(world)
    papers_are_right()
    messages_are_right(world)


def dates_are_right(world: World) -> None:
    for name, first in (("on_29th", date(2027, 1, 29)), ("on_30th", date(2027, 1, 30)), ("on_31st", date(2027, 1, 31))):
        assert ends(world, name) == month_ends(first, range(1, 15)), name
        assert status(world, name) == "active"
    assert ends(world, "on_31st")[:4] == [date(2027, 2, 28), date(2027, 3, 31), date(2027, 4, 30), date(2027, 5, 31)]
    assert ends(world, "on_31st")[12] == date(2028, 2, 29)
    assert ends(world, "early") == month_ends(date(2027, 1, 31), range(1, 15))
    assert ends(world, "yearly") == [date(2028, 1, 31), date(2029, 1, 31)]
    assert ends(world, "within_grace") == month_ends(date(2027, 1, 31), range(1, 14))  # the next one is paid tomorrow
    came_back, start = [], date(2027, 2, 1)
    while start < FIRST + timedelta(days=DAYS):
        (end,) = month_ends(start, range(1, 2))
        came_back.append(end)
        start = end + timedelta(days=20)
    assert ends(world, "comes_back") == came_back
    assert (ends(world, "never_again"), status(world, "never_again")) == ([date(2027, 2, 28)], "expired")
    assert ends(world, "grows") == [date(2027, 2, 28), *month_ends(date(2027, 1, 31), range(1, 15))]
    assert ends(world, "shrinks") == month_ends(date(2027, 1, 31), range(1, 15))
    assert (ends(world, "refunded"), status(world, "refunded")) == ([date(2027, 2, 10)], "expired")
    assert (ends(world, "cancels")[-1], status(world, "cancels")) == (date(2027, 4, 30), "cancelled")


def money_is_right(world: World) -> None:
    starter, growth, nano = 499_00, 1_499_00, 199_00
    half = (growth - starter) * 14 // 28  # upgraded on the 14th of 28 days
    assert world.paid == {
        **dict.fromkeys(("on_29th", "on_30th", "on_31st", "early"), 14 * starter),
        "yearly": 2 * 4_990_00,
        "within_grace": 13 * starter,
        "comes_back": len(ends(world, "comes_back")) * starter,
        "never_again": starter,
        "grows": starter + half + 13 * growth,
        "shrinks": starter + 13 * nano,
        "refunded": 0,
        "cancels": 3 * starter,
    }
    theirs = world.phonepe.simulator.record().values()
    assert sum(order["captured"] - order["refunded"] for order in theirs) == sum(world.paid.values())
    assert list(audit.differences()) == []


def papers_are_right() -> None:
    payments = OwnerSubscriptionPayment.objects.filter(transaction__captured_paise__gt=0)
    invoices = Invoice.objects.filter(kind="tax_invoice")
    assert sorted(invoices.values_list("payment", flat=True)) == sorted(payments.values_list("pk", flat=True))
    assert list(Invoice.objects.filter(kind="credit_note").values_list("number", "total_paise")) == [
        ("ZC/26-27/000001", 499_00)
    ]
    for series in InvoiceSeries.objects.all():
        numbers = sorted(series.papers.values_list("sequence", flat=True))
        assert numbers == list(range(1, series.last_number + 1)), series
    years = {f"{series}" for series in InvoiceSeries.objects.all()}
    assert years == {"ZS/26-27", "ZC/26-27", "ZS/27-28"}


def messages_are_right(world: World) -> None:
    told: dict[str, Counter[str]] = {life.name: Counter() for life in LIVES}
    for kind, recipient in Notification.objects.exclude(kind="alert").values_list("kind", "recipient"):
        told[recipient.partition("@")[0]][kind.removeprefix("subscription_")] += 1
    regular = Counter(payment_received=14, renews=14, past_due=13)  # paid at noon, when it has just ended
    for name in ("on_29th", "on_30th", "on_31st"):
        assert told[name] == regular - Counter(renews=_still_to_be_told(world, name)), name
    assert told["early"] == Counter(payment_received=14, renews=13)
    assert told["never_again"] == Counter(payment_received=1, renews=1, past_due=1, expired=1)
    assert told["comes_back"]["expired"] == told["comes_back"]["past_due"]
    assert told["refunded"] == Counter(payment_received=1, refund_done=1)
    assert told["cancels"] == Counter(payment_received=3, renews=2, past_due=2)
    assert told["yearly"] == Counter(payment_received=2, renews=1, past_due=1)


def _still_to_be_told(world: World, name: str) -> int:
    last_day = FIRST + timedelta(days=DAYS - 1)
    return int(ends(world, name)[-1] - timedelta(days=3) > last_day)
