"""`python -m benchmarks.subscribers COUNT DAYS`: owners with a monthly plan, an active mandate, and so many days left.

The setup of mandate n is the order SETUP-n, paid with the first month, and its name at PhonePe is MANDATE-n.
"""

import os
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import django
from django.utils import timezone

os.environ["DJANGO_SETTINGS_MODULE"] = "zelton_backend.settings"
AT_ONCE = 2_000
PRICE = 499_00


def main(count: int, days: int) -> None:
    django.setup()
    from core.models import PricingPlan

    plan = PricingPlan.objects.create(
        name="Bench", monthly_price_paise=PRICE, yearly_price_paise=10 * PRICE, max_units=10
    )
    ends_at = timezone.now() + timedelta(days=days)
    for first in range(1, count + 1, AT_ONCE):
        numbers = range(first, min(first + AT_ONCE, count + 1))
        for rows in _subscribers(numbers, plan, ends_at):
            type(rows[0]).objects.bulk_create(rows)


def _subscribers(numbers: range, plan: Any, ends_at: datetime) -> Iterator[list[Any]]:
    """Yield rows, table by table, in an order in which they can be written."""
    from core.models import (
        Mandate,
        MandateState,
        OrderState,
        Owner,
        OwnerSubscription,
        OwnerSubscriptionPayment,
        PaymentStatus,
        PaymentTransaction,
        Purpose,
        SubscriptionPeriod,
        SubscriptionStatus,
        User,
        Workflow,
    )

    began, now = ends_at - timedelta(days=30), timezone.now()
    users = [
        User(
            username=f"subscriber{n}",
            password="!",  # noqa: S106 - none opens it
            email=f"subscriber{n}@zelton.example",
        )
        for n in numbers
    ]
    yield users
    owners = [Owner(user=user, name=f"Subscriber {n}") for user, n in zip(users, numbers, strict=True)]
    yield owners
    subscriptions = [
        OwnerSubscription(
            owner=owner,
            anchor=began,
            status=SubscriptionStatus.ACTIVE,
            plan=plan,
            period="monthly",
            current_period_start=began,
            current_period_end=ends_at,
            paid_until=ends_at,
            due_at=now,
        )
        for owner in owners
    ]
    yield subscriptions
    orders = [
        PaymentTransaction(
            merchant_order_id=f"SETUP-{n}",
            phonepe_order_id=f"OMO-SETUP-{n}",
            flow="mandate_setup",
            amount_paise=PRICE,
            captured_paise=PRICE,
            state=OrderState.COMPLETED,
            reconciliation_status="settled",
            initiated_at=began,
            expire_at=began + timedelta(minutes=10),
            paid_at=began,
        )
        for n in numbers
    ]
    yield orders
    mandates = [
        Mandate(
            owner_subscription=subscription,
            merchant_subscription_id=f"MANDATE-{n}",
            state=MandateState.ACTIVE,
            plan=plan,
            period="monthly",
            workflow=Workflow.TRANSACTION,
            max_amount_paise=PRICE * 3 // 2,
            device_os="ANDROID",
            umn_masked="x***@ybl",
            is_in_use=True,
            initiated_at=began,
            next_check_at=now,
        )
        for subscription, n in zip(subscriptions, numbers, strict=True)
    ]
    yield mandates
    payments = [
        OwnerSubscriptionPayment(
            subscription=mandate.owner_subscription,
            transaction=order,
            merchant_order_id=order.merchant_order_id,
            status=PaymentStatus.COMPLETED,
            plan=plan,
            period="monthly",
            purpose=Purpose.FIRST,
            mandate=mandate,
        )
        for mandate, order in zip(mandates, orders, strict=True)
    ]
    yield payments
    yield [
        SubscriptionPeriod(
            subscription=payment.subscription,
            payment=payment,
            plan=plan,
            starts_at=began,
            ends_at=ends_at,
            full_ends_at=ends_at,
            worth_paise=PRICE,
        )
        for payment in payments
    ]


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
