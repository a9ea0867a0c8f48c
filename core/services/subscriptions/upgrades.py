"""What changing the plan at once costs: the price of the rest of the period, less what is paid of it already.

Time is counted by the second and money to the paisa, with fractions in between, rounded half up once.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

from core.india import months_later
from core.models import BillingPeriod, OwnerSubscription, PricingPlan, SubscriptionPeriod
from core.models.plans import MONTHS
from core.models.subscriptions import is_upgrade
from core.money import SMALLEST_PAYMENT_PAISE

SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Upgrade:
    """A change at once.

    :ivar amount_paise: what is charged now; less than the smallest payment: nothing is, and the period stays the same
    :ivar credit_paise: what is left of what was paid for the same time
    """

    plan: PricingPlan
    period: BillingPeriod
    amount_paise: int
    credit_paise: int
    starts_at: datetime
    ends_at: datetime


def upgrade_of(
    subscription: OwnerSubscription, plan: PricingPlan, period: BillingPeriod, *, now: datetime
) -> Upgrade | None:
    """Return what changing to a plan and a period costs, if it can be done at once; None: only at the period's end.

    To a plan that costs more for the same time, or to a longer period of the same plan or of one that costs more.
    """
    running, last = subscription.running_period(now), subscription.last_period()
    if running is None or last is None or not is_upgrade(running, plan, period):
        return None
    rests = list(_rests(subscription, now=now))
    credit = sum((Fraction(paid.worth * share) for paid, share in rests), Fraction(0))
    if running.payment.period == period:
        price = sum((Fraction(plan.price_paise(paid.payment.period) * share) for paid, share in rests), Fraction(0))
        ends_at = max(paid.ends_at for paid, _ in rests)
    else:
        price, ends_at = Fraction(plan.price_paise(period)), months_later(now, MONTHS[period])
        if ends_at <= last.ends_at or half_up(price - credit) < SMALLEST_PAYMENT_PAISE:
            return None  # there is nothing to pay that could open it
    return Upgrade(plan, period, max(0, half_up(price - credit)), half_up(credit), now, ends_at)


def _rests(subscription: OwnerSubscription, *, now: datetime) -> list[tuple[SubscriptionPeriod, Fraction]]:
    """Return the paid periods of which something is left, and the share of each that is."""
    left = subscription.periods.filter(ends_at__gt=now).select_related("plan", "payment__transaction")
    paid = [period for period in left.order_by("pk") if not period.lies_over_another]
    rests: list[tuple[SubscriptionPeriod, Fraction]] = []
    for number, period in enumerate(paid):
        later = [other.starts_at for other in paid[number + 1 :]]
        ends_at = min([period.ends_at, *later])  # what was paid later and begins before its end has credited its rest
        starts_at = max(period.starts_at, now)
        whole = (period.full_ends_at or period.ends_at) - period.starts_at
        if ends_at > starts_at:
            rests.append((period, Fraction((ends_at - starts_at) // SECOND, whole // SECOND)))
    return rests


def half_up(paise: Fraction) -> int:
    return (2 * paise.numerator + paise.denominator) // (2 * paise.denominator)
