"""Tell payers what became of their money."""

from datetime import datetime

from core.india import in_india
from core.models import Flow, NotificationKind, OwnerSubscriptionPayment, Payable, Refund
from core.money import rupees_for_people
from core.services.notices.writing import tell

SOON = "Banks take up to a week to show it."


def payment_received(payable: Payable, *, now: datetime) -> None:
    """Tell that money has come, with the receipt. Called in the transaction that posts it."""
    order = payable.transaction
    amount = rupees_for_people(order.captured_paise)
    kind = "subscription" if isinstance(payable, OwnerSubscriptionPayment) else "payment"
    tell(
        payable.payer_user,
        NotificationKind.PAYMENT_RECEIVED,
        about=f"order:{order.merchant_order_id}",
        subject=f"{amount} received",
        sentence=f"We have received {amount}. Thank you.",
        facts={**_facts(payable), **({"UTR": order.utr} if order.utr else {})},
        data={"receipt": f"{kind}:{payable.pk}"},
        now=now,
    )


def payment_failed(payable: Payable, *, now: datetime) -> None:
    """Tell that an order ended unpaid."""
    amount = rupees_for_people(payable.transaction.amount_paise)
    if payable.transaction.flow == Flow.REDEMPTION:
        tell(
            payable.payer_user,
            NotificationKind.DEBIT_FAILED,
            about=f"order:{payable.merchant_order_id}",
            subject=f"{amount} could not be debited",
            sentence=f"Your bank did not pay {amount} by UPI AutoPay. Pay in the app to go on.",
            facts=_facts(payable),
            now=now,
        )
        return
    tell(
        payable.payer_user,
        NotificationKind.PAYMENT_FAILED,
        about=f"order:{payable.merchant_order_id}",
        subject=f"Your payment of {amount} did not go through",
        sentence=f"Your payment of {amount} did not go through, and nothing was credited. You can pay again in the "
        "app. If your bank has taken the money all the same, it comes back by itself.",
        facts=_facts(payable),
        now=now,
    )


def refund_done(refund: Refund, payable: Payable, *, now: datetime) -> None:
    """Tell that money was paid back."""
    amount = rupees_for_people(refund.amount_paise)
    tell(
        payable.payer_user,
        NotificationKind.REFUND_DONE,
        about=f"refund:{refund.merchant_refund_id}",
        subject=f"{amount} paid back",
        sentence=f"We have paid {amount} back to you. {SOON}",
        facts={"Why": refund.reason, **_facts(payable), "Refund": refund.merchant_refund_id},
        now=now,
    )


def refund_failed(refund: Refund, payable: Payable, *, now: datetime) -> None:
    """Tell that money could not be paid back, and that somebody looks into it."""
    amount = rupees_for_people(refund.amount_paise)
    tell(
        payable.payer_user,
        NotificationKind.REFUND_FAILED,
        about=f"refund:{refund.merchant_refund_id}",
        subject=f"A refund of {amount} failed",
        sentence=f"Your bank did not take our refund of {amount}. We are looking into it; you need do nothing.",
        facts={"Why": refund.reason, **_facts(payable), "Refund": refund.merchant_refund_id},
        now=now,
    )


def _facts(payable: Payable) -> dict[str, str]:
    order = payable.transaction
    when = f"{in_india(order.paid_at or order.initiated_at):%d %b %Y, %H:%M} IST"
    return {"For": payable.payer_sentence(), "When": when, "Order": order.merchant_order_id}
