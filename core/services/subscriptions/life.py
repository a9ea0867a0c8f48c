"""What a subscription owes next, and what follows from the clock."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import BigIntegerField

from core.db.prepared import Param, Prepared
from core.models import OwnerSubscription, PricingPlan, SubscriptionStatus
from core.models.subscriptions import SubscriptionStep
from core.services.notices.subscriptions import tell_of_steps

RUNS = (SubscriptionStatus.ACTIVE, SubscriptionStatus.PAST_DUE)


@dataclass(frozen=True, slots=True)
class Renewal:
    """What follows the paid time: a period of a plan, from when on, for how many paise."""

    plan: PricingPlan
    period: str
    amount_paise: int
    starts_at: datetime


def renewal_of(subscription: OwnerSubscription) -> Renewal | None:
    """Return what follows the paid time of a subscription; None if nothing does, because it was cancelled or is over.

    The price is the plan's until the owner is told of the renewal, and stays what was told.
    """
    last = subscription.last_period()
    if last is None or subscription.status not in RUNS or not subscription.owes_renewal(last):
        return None
    plan, period, paise = subscription.renewal(last)
    return Renewal(plan, period, paise, last.ends_at)


def amount_due_paise(subscription: OwnerSubscription) -> int:
    """Return what is to be paid now to go on: the renewal once the owner was told of it, else nothing."""
    renewal = renewal_of(subscription)
    return renewal.amount_paise if renewal and subscription.announced_for == renewal.starts_at else 0


def advance(key: int, *, now: datetime) -> list[SubscriptionStep]:
    """Do what is due for one subscription; called in a transaction, and harmless if another machine did it just now.

    :param key: the primary key of the subscription, which is locked here
    """
    subscription = locked(key)
    if subscription.due_at is None or subscription.due_at > now:
        return []
    return move_on(subscription, now=now)


def locked(key: int) -> OwnerSubscription:
    """Lock a subscription, and return it as it is now, with its owner and what begins next.

    :raises OwnerSubscription.DoesNotExist: if there is none
    """
    return _LOCKED.one(pk=key)


_LOCKED = Prepared(
    lambda: (
        OwnerSubscription.objects.select_for_update(of=("self",))
        .select_related("owner__user", "next_plan")
        .filter(pk=Param("pk", BigIntegerField()))
    )
)


def move_on(subscription: OwnerSubscription, *, now: datetime) -> list[SubscriptionStep]:
    """Bring a subscription up to date and have its owner told. Called under its lock."""
    steps = subscription.bring_up_to_date(now=now, by_clock=True)
    if steps:
        tell_of_steps(subscription, steps, now=now)
    return steps
