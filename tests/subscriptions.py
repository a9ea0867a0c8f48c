"""What an owner does about a subscription, over HTTP."""

from typing import Any

from core.models import OwnerSubscriptionPayment, PricingPlan
from core.services import worker
from tests.people import Caller
from tests.phonepe import Days, PhonePe

ROOT = "/api/owner-subscriptions"


def subscribes(owner: Caller, plan: PricingPlan, period: str = "monthly", **body: Any) -> Any:
    return owner.post(f"{ROOT}/initiate-payment/", {"pricing_plan_id": plan.pk, "period": period, **body})


def changes_plan(owner: Caller, plan: PricingPlan, period: str = "monthly", **body: Any) -> Any:
    return owner.post(f"{ROOT}/change-plan/", {"pricing_plan_id": plan.pk, "period": period, **body})


def verifies(caller: Caller, started: Any) -> Any:
    return caller.get(f"{ROOT}/verify-payment/{started.json()['merchant_order_id']}/")


def pays_a_period(
    owner: Caller, plan: PricingPlan, phonepe: PhonePe, period: str = "monthly"
) -> OwnerSubscriptionPayment:
    """Pay for one more period, now."""
    caller = Caller(owner.user)  # a log-in does not last for months
    started = subscribes(caller, plan, period)
    assert started.status_code == 201, started.content
    phonepe.pays(started)
    assert verifies(caller, started).json()["state"] == "COMPLETED"
    return OwnerSubscriptionPayment.objects.get(pk=started.json()["payment_id"])


def is_refunded(payment: OwnerSubscriptionPayment, amount: str | None, operator: Caller, days: Days) -> None:
    """Pay back a part of a payment, or all that is left, within the hour."""
    body = {"reason": "Asked for", **({"amount": amount} if amount else {})}
    answer = Caller(operator.user).post(f"{ROOT}/{payment.pk}/refund/", body)
    assert answer.status_code == 202, answer.content
    days.pass_by(3600)
    worker.tick()
