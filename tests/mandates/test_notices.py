"""What owners with AutoPay are told of a renewal: of the debit, and not that they should pay."""

from datetime import timedelta

import pytest
from django.utils import timezone

from core.models import Notification, OwnerSubscription, PricingPlan
from tests.mandates.autopay import Autopay


def told(autopay: Autopay) -> list[str]:
    """Let it become three days before the end of what is paid, and return what the owner is told then."""
    before = set(Notification.objects.values_list("pk", flat=True))
    autopay.go_to(autopay.end - timedelta(days=3))
    for _ in range(4):
        autopay.works()
        autopay.pass_by(minutes=1)
    return list(Notification.objects.exclude(pk__in=before).order_by("pk").values_list("kind", flat=True))


def test_with_autopay_the_debit_is_told_of_and_nothing_else(subscribed):
    assert told(subscribed) == ["debit_announced"]
    assert OwnerSubscription.objects.get().announced_for == subscribed.end


def test_a_paused_mandate_debits_nothing_so_that_the_price_is_told(subscribed):
    subscribed.phonepe.simulator.mandates.pause(str(subscribed.mandate))
    subscribed.delivers()
    subscribed.works()
    assert subscribed.mandate.state == "PAUSED"

    assert told(subscribed) == ["subscription_renews"]


def test_a_withdrawn_mandate_debits_nothing_so_that_the_price_is_told(subscribed):
    subscribed.cancels()

    assert told(subscribed) == ["subscription_renews"]


def test_a_price_above_the_maximum_asks_for_a_new_setup(subscribed):
    PricingPlan.objects.update(monthly_price_paise=748_51)

    assert told(subscribed) == ["subscription_renews"]
    text = Notification.objects.get(kind="subscription_renews").text
    assert "Your UPI AutoPay allows debits up to ₹748.50" in text


def test_a_mandate_found_withdrawn_at_the_last_moment_is_told_of(subscribed):
    subscribed.phonepe.reachable = False
    subscribed.phonepe.simulator.mandates.revoke(str(subscribed.mandate))

    assert told(subscribed) == ["mandate_revoked", "subscription_renews"]
    text = Notification.objects.get(kind="mandate_revoked").text
    assert "Pay in the app" in text
    assert timezone.now() < subscribed.end


@pytest.mark.parametrize("period", ["monthly", "yearly"])
def test_a_mandate_of_another_frequency_is_not_debited(subscribed, period):
    """PhonePe debits a mandate once in its own period."""
    OwnerSubscription.objects.update(next_plan=subscribed.plan, next_period=period)
    PricingPlan.objects.update(yearly_price_paise=600_00)

    kind = "debit_announced" if period == "monthly" else "subscription_renews"
    assert told(subscribed) == [kind]
