"""Owner subscriptions: pay for a period of a plan, and tell what runs."""

from datetime import datetime
from typing import Any

from django.db import models

from core.models import (
    IdempotencyKey,
    Owner,
    OwnerSubscription,
    OwnerSubscriptionPayment,
    PaymentTransaction,
    Period,
    PricingPlan,
    SubscriptionPeriod,
)
from core.models.orders import Channel
from core.services.checkout import Slot, Started, Wish, start


def start_subscription_payment(
    *, owner: Owner, plan: PricingPlan, period: Period, channel: Channel, key: IdempotencyKey | None = None
) -> Started:
    """Let an owner pay for a period: hand back the current order or open one."""
    subscription, _ = OwnerSubscription.objects.get_or_create(owner=owner)
    slot = SubscriptionSlot(subscription, plan, period)
    return start(slot, Wish(plan.price_paise(period), channel), key=key)


class SubscriptionSlot(Slot, attempts=OwnerSubscriptionPayment, root="subscription"):
    """The current payment of an owner's subscription."""

    def __init__(self, subscription: OwnerSubscription, plan: PricingPlan, period: Period) -> None:
        super().__init__(subscription.pk)
        self._subscription, self._plan, self._period = subscription, plan, period

    @classmethod
    def roots(cls) -> models.QuerySet[OwnerSubscription, Any]:
        return OwnerSubscription.objects.values("pk")

    def create(self, order: PaymentTransaction) -> OwnerSubscriptionPayment:
        return OwnerSubscriptionPayment.objects.create(
            subscription=self._subscription,
            transaction=order,
            merchant_order_id=order.merchant_order_id,
            plan=self._plan,
            period=self._period,
        )

    def is_same(self, current: OwnerSubscriptionPayment) -> bool:
        return (current.plan_id, current.period) == (self._plan.pk, self._period)


def running_period(owner: Owner, now: datetime) -> SubscriptionPeriod | None:
    """Return the paid period that runs now."""
    periods = SubscriptionPeriod.objects.filter(subscription__owner=owner, starts_at__lte=now, ends_at__gt=now)
    return periods.select_related("plan").order_by("-starts_at").first()
