"""How AutoPay stands, as its owner's app shows it: its state, and the debit that is to come."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from core.models import OwnerSubscription, PricingPlan
from core.tasks import renew_subscriptions
from phonepe_simulator.mandates.mandate import MandateState
from tests.mandates.autopay import Autopay
from tests.mandates.steps import announced
from tests.people import Caller
from tests.phonepe import Days
from tests.subscriptions import is_refunded

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def shown(autopay: Autopay) -> dict[str, Any] | None:
    found: dict[str, Any] | None = autopay.caller().get("/api/owner-subscriptions/").json()["autopay"]
    return found


def next_debit(autopay: Autopay) -> tuple[str | None, str | None]:
    """Return when it is to come and how much it is."""
    told = shown(autopay)
    assert told is not None
    return told["next_debit_at"], told["next_debit_amount"]


def written(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def test_who_never_set_it_up_or_declined_it_has_none(autopay: Autopay) -> None:
    assert shown(autopay) is None
    autopay.sets_up()
    autopay.phonepe.simulator.mandates.decline(str(autopay.mandate))
    autopay.delivers()

    assert (autopay.mandate.state, shown(autopay)) == ("FAILED", None)


def test_before_it_is_approved_nothing_is_to_come(autopay: Autopay) -> None:
    autopay.sets_up()

    assert shown(autopay) == {
        "state": "ACTIVATION_IN_PROGRESS",
        "merchant_subscription_id": str(autopay.mandate),
        "max_amount": "748.50",
        "next_debit_at": None,
        "next_debit_amount": None,
    }


def test_the_next_period_is_to_come_at_the_price_of_today(subscribed: Autopay) -> None:
    PricingPlan.objects.update(monthly_price_paise=599_00)

    assert shown(subscribed) == {
        "state": "ACTIVE",
        "merchant_subscription_id": str(subscribed.mandate),
        "max_amount": "748.50",
        "next_debit_at": written(subscribed.end),
        "next_debit_amount": "599.00",
    }


def test_what_was_announced_comes_at_the_price_that_was_told(subscribed: Autopay) -> None:
    announced(subscribed)
    PricingPlan.objects.update(monthly_price_paise=599_00)

    assert next_debit(subscribed) == (written(subscribed.end), "499.00")


def test_announced_late_it_comes_a_day_after_its_payer_was_told(subscribed: Autopay) -> None:
    end = subscribed.end
    subscribed.go_to(end - HOUR)
    renew_subscriptions()
    subscribed.pass_by(minutes=1)
    renew_subscriptions()
    assert next_debit(subscribed) == (written(end), "499.00"), "nobody knows yet when they are told"

    subscribed.pass_by(minutes=15)
    renew_subscriptions()

    assert next_debit(subscribed) == (written(end + 23 * HOUR + timedelta(minutes=1, seconds=2)), "499.00")


@pytest.mark.parametrize("state", ["PAUSED", "PAUSE_IN_PROGRESS"])
def test_while_it_is_paused_nothing_is_to_come(subscribed: Autopay, state: str) -> None:
    subscribed.phonepe.simulator.mandates[str(subscribed.mandate)].state = MandateState(state)
    subscribed.pass_by(days=7)
    renew_subscriptions()

    told = shown(subscribed)
    assert told is not None
    assert (told["state"], next_debit(subscribed)) == (state, (None, None))


@pytest.mark.parametrize(("paise", "amount"), [(748_50, "748.50"), (748_51, None)])
def test_what_it_does_not_cover_is_not_to_come(subscribed: Autopay, paise: int, amount: str | None) -> None:
    PricingPlan.objects.update(monthly_price_paise=paise)

    assert next_debit(subscribed)[1] == amount


def test_nor_is_a_period_of_another_length(subscribed: Autopay) -> None:
    OwnerSubscription.objects.update(next_plan=subscribed.plan, next_period="yearly")
    PricingPlan.objects.update(yearly_price_paise=700_00)

    assert next_debit(subscribed) == (None, None)


def test_nor_is_anything_after_all_was_refunded(subscribed: Autopay, operator: Caller, days: Days) -> None:
    is_refunded(subscribed.mandate.setup(), None, operator, days)

    assert (subscribed.mandate.is_in_use, next_debit(subscribed)) == (True, (None, None))


def test_of_several_the_one_in_use_is_shown_and_else_the_latest(subscribed: Autopay) -> None:
    first = subscribed.mandate
    PricingPlan.objects.update(monthly_price_paise=800_00)
    subscribed.sets_up()
    second = subscribed.mandate
    told = shown(subscribed)
    assert told is not None
    assert (told["merchant_subscription_id"], told["state"]) == (str(first), "ACTIVE")

    subscribed.approves(second)
    told = shown(subscribed)
    assert told is not None
    assert (told["merchant_subscription_id"], told["max_amount"]) == (str(second), "1200.00")

    subscribed.cancels()
    told = shown(subscribed)
    assert told is not None
    assert told["merchant_subscription_id"] == str(second)
