"""Tell owners what happens to their UPI AutoPay. Called in the transaction of the cause."""

from datetime import datetime

from core.india import day_written
from core.models import Mandate, MandateState, NotificationKind, OwnerSubscriptionPayment
from core.models.mandates import ENDED
from core.money import rupees_for_people
from core.services.notices.writing import tell

AGAIN = "Pay in the app when the next period is due, or set AutoPay up again."


def debit_announced(payment: OwnerSubscriptionPayment, *, at: datetime, now: datetime) -> None:
    """Tell which sum is debited and when, at least a day before, as the Reserve Bank of India wants it.

    :param at: when it is debited, at the earliest
    """
    amount, day = rupees_for_people(payment.transaction.amount_paise), day_written(at)
    tell(
        payment.subscription.owner.user,
        NotificationKind.DEBIT_ANNOUNCED,
        about=f"order:{payment.merchant_order_id}",
        subject=f"{amount} will be debited on {day}",
        sentence=f"{amount} will be debited by UPI AutoPay on {day}. To prevent it, cancel AutoPay in our app or your "
        "UPI app before that day.",
        facts={"For": payment.payer_sentence(), "Order": payment.merchant_order_id},
        now=now,
    )


def mandate_changed(mandate: Mandate, old: str, *, now: datetime) -> None:
    """Tell that AutoPay was paused or has ended, unless it never began or the owner ended it here."""
    owner = mandate.owner_subscription.owner.user
    if mandate.state == MandateState.PAUSED:
        tell(
            owner,
            NotificationKind.MANDATE_PAUSED,
            about=f"mandate:{mandate.pk}:paused:{now:%Y%m%dT%H%M%S}",
            subject="Your UPI AutoPay is paused",
            sentence="Your UPI AutoPay is paused, so nothing is debited. Resume it in your UPI app, or pay in the app "
            "when the next period is due.",
            now=now,
        )
    elif mandate.state in ENDED and old != MandateState.ACTIVATION_IN_PROGRESS and mandate.cancel_at is None:
        tell(
            owner,
            NotificationKind.MANDATE_REVOKED,
            about=f"mandate:{mandate.pk}:ended",
            subject="Your UPI AutoPay has ended",
            sentence=f"Your UPI AutoPay has ended, so nothing more is debited. {AGAIN}",
            now=now,
        )
