"""Tell owners what the clock does to their subscription."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import BigIntegerField

from core.db.prepared import Param, Prepared
from core.india import day_written
from core.models import Mandate, MandateState, NotificationKind, OwnerSubscription, SubscriptionEvent
from core.models.subscriptions import SubscriptionStep
from core.money import rupees_for_people
from core.services.notices.writing import tell


def tell_of_steps(subscription: OwnerSubscription, steps: Sequence[SubscriptionStep], *, now: datetime) -> None:
    """Tell the owner of what happened; of what is over already, only how it ended."""
    events = [step.event for step in steps]
    last = subscription.last_period()
    if SubscriptionEvent.PAID in events or last is None:
        return  # the payment is told of
    plan, period, paise = subscription.renewal(last)
    price, ended = rupees_for_people(paise), day_written(last.ends_at)
    facts = {"Plan": f"{plan}, {period}", "Price": price, "Paid until": ended}
    kind, subject, sentence = None, "", ""
    if SubscriptionEvent.GRACE_OVER in events:
        kind = NotificationKind.SUBSCRIPTION_EXPIRED
        subject = "Your subscription has expired"
        sentence = f"Your subscription was paid until {ended} and has expired. Pay in the app to begin again."
    elif SubscriptionEvent.ENDED in events:
        kind = NotificationKind.SUBSCRIPTION_PAST_DUE
        until = day_written(subscription.grace_ends_after(last.ends_at))
        subject = f"Your subscription is past due: {price}"
        sentence = f"Your subscription was paid until {ended}. Pay {price} by {until}, and it goes on without a gap."
    elif "announced" in events:
        mandate = next(iter(_ACTIVE_MANDATE.rows(subscription=subscription.pk)), None)
        if mandate is not None and mandate.covers(period, paise):
            return  # its debit is told of, or why there is none
        kind = NotificationKind.SUBSCRIPTION_RENEWS
        subject = f"Your subscription renews on {ended}"
        sentence = f"Your subscription is paid until {ended}. The next period of the {plan} plan costs {price}."
        if mandate is not None:
            most = f"{rupees_for_people(mandate.max_amount_paise)}, {mandate.period}"
            sentence += f" Your UPI AutoPay allows debits up to {most}: pay in the app, or set AutoPay up again."
    if kind is not None:
        about = f"subscription:{subscription.pk}:{last.ends_at:%Y%m%dT%H%M%S}:{plan.pk}:{period}"
        tell(subscription.owner.user, kind, about=about, subject=subject, sentence=sentence, facts=facts, now=now)


_ACTIVE_MANDATE = Prepared(
    lambda: Mandate.objects.filter(
        owner_subscription=Param("subscription", BigIntegerField()), is_in_use=True, state=MandateState.ACTIVE
    )
)
