"""How AutoPay stands, for its owner."""

from dataclasses import dataclass
from datetime import datetime

from core.models import Mandate, MandateState, OwnerSubscription
from core.services.mandates import debits
from core.services.subscriptions.life import renewal_of


@dataclass(frozen=True, slots=True)
class Autopay:
    """A mandate, and the debit that is to come under it."""

    state: str
    merchant_subscription_id: str
    max_amount_paise: int
    next_debit_at: datetime | None
    next_debit_paise: int | None


def autopay_of(subscription: OwnerSubscription) -> Autopay | None:
    """Return the mandate that is in use, or is being set up or cancelled; None if there is none."""
    mandates = subscription.mandates.exclude(state=MandateState.FAILED)
    mandate = mandates.order_by("-is_in_use", "-pk").first()
    if mandate is None:
        return None
    at, paise = _next_debit(mandate, subscription)
    return Autopay(mandate.shown_state, mandate.merchant_subscription_id, mandate.max_amount_paise, at, paise)


def _next_debit(mandate: Mandate, subscription: OwnerSubscription) -> tuple[datetime | None, int | None]:
    if not mandate.is_in_use or mandate.state != MandateState.ACTIVE:
        return None, None
    debit = mandate.debit()
    if debit is not None:
        return debits.execute_at(debit) or debit.payment.renews_from, debit.order.amount_paise
    renewal = renewal_of(subscription)
    if renewal is None or not mandate.covers(renewal.period, renewal.amount_paise):
        return None, None
    return renewal.starts_at, renewal.amount_paise
