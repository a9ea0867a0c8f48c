"""What 0010 makes of the periods that were counted each from the end of the one before."""

from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise

import pytest
from django.core.management import call_command
from time_machine import Traveller

from core.india import INDIA, in_india
from core.models import OwnerSubscription, PricingPlan, SubscriptionPeriod
from tests.people import Caller
from tests.phonepe import Days, PhonePe
from tests.subscriptions import is_refunded, pays_a_period


@pytest.fixture
def newest(transactional_db: None) -> Iterator[None]:
    yield
    call_command("migrate", verbosity=0)


def noon(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T12:00:00").replace(tzinfo=INDIA)


def were_counted(*days: str) -> None:
    """Let the periods, in the order they were paid for, follow each other from day to day."""
    for period, (first, last) in zip(SubscriptionPeriod.objects.order_by("pk"), pairwise(days), strict=True):
        SubscriptionPeriod.objects.filter(pk=period.pk).update(starts_at=noon(first), ends_at=noon(last))


def is_migrated() -> None:
    call_command("migrate", "core", "0008", verbosity=0)
    call_command("migrate", "core", verbosity=0)


def test_the_next_period_ends_on_the_first_ones_day_again(
    newest: None, owner: Caller, plan: PricingPlan, phonepe: PhonePe, traveller: Traveller
) -> None:
    traveller.move_to(noon("2026-01-31"))
    for _ in range(2):
        pays_a_period(owner, plan, phonepe)
    were_counted("2026-01-31", "2026-02-28", "2026-03-28")

    is_migrated()

    assert OwnerSubscription.objects.get().anchor == noon("2026-01-31")
    assert all(period.full_ends_at == period.ends_at for period in SubscriptionPeriod.objects.all())
    pays_a_period(owner, plan, phonepe)
    assert [in_india(period.ends_at).day for period in SubscriptionPeriod.objects.order_by("pk")] == [28, 28, 30]


@pytest.mark.slow
def test_after_a_gap_or_a_refund_the_count_begins_anew(
    newest: None, owner: Caller, operator: Caller, plan: PricingPlan, phonepe: PhonePe, traveller: Traveller, days: Days
) -> None:
    traveller.move_to(noon("2026-01-31"))
    pays_a_period(owner, plan, phonepe)
    traveller.move_to(noon("2026-03-20"))  # after the grace days
    is_refunded(pays_a_period(owner, plan, phonepe), "249.50", operator, days)
    pays_a_period(owner, plan, phonepe)
    is_refunded(pays_a_period(owner, plan, phonepe), None, operator, days)  # leaves an empty one
    before = list(SubscriptionPeriod.objects.order_by("pk").values_list("starts_at", "ends_at", "full_ends_at"))
    anchor = OwnerSubscription.objects.get().anchor

    is_migrated()

    after = list(SubscriptionPeriod.objects.order_by("pk").values_list("starts_at", "ends_at", "full_ends_at"))
    assert after == before
    assert OwnerSubscription.objects.get().anchor == anchor == before[2][0]


@pytest.mark.slow
def test_who_never_paid_has_none(newest: None, owner: Caller) -> None:
    subscription = OwnerSubscription.objects.create(owner=owner.user.owner)

    is_migrated()

    subscription.refresh_from_db()
    assert subscription.anchor is None
