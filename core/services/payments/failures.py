"""Why a payment failed, for a person, and whether paying again makes sense.

Codes are those of PhonePe's error contexts (`errorCode` and `detailedErrorCode` of an attempt, see "Order Status" in
its documentation) and NPCI's response codes, which the second of them passes on. They explain; they never decide how
an order stands.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, prefetch_related_objects

from core.models import Flow, OrderState, Payable, PaymentStatus, Reconciliation
from core.services.payments.for_payer import state_for_payer

COMES_BACK = "If money has left your account, your bank returns it by itself."
SENTENCES = {
    "INVALID_MPIN": "The UPI PIN was wrong. Pay again with the right PIN.",
    "ZM": "The UPI PIN was wrong. Pay again with the right PIN.",
    "AUTHORIZATION_ERROR": "The payment was not authorised. Pay again, and confirm it in your UPI or bank app.",
    "INSUFFICIENT_BALANCE": "There is not enough money in the account. Pay again from another account.",
    "Z9": "There is not enough money in the account. Pay again from another account.",
    "Z6": "The wrong UPI PIN was entered too often. Pay from another account, or wait until tomorrow.",
    "Z7": "Your bank's limit for the number of UPI payments a day is reached. Pay tomorrow, or in another way.",
    "Z8": "The amount is above your bank's limit for one UPI payment. Pay a part of it, or by net banking.",
    "ZA": "The payment was declined in the UPI app.",
    "ZX": "The bank account is not active. Pay from another account.",
    "XB": "The bank does not allow this payment. Pay from another account.",
    "XC": "The bank does not allow this payment. Pay from another account.",
    "U30": f"Your bank could not take the money. {COMES_BACK}",
    "U69": "The request in the UPI app ran out before it was confirmed.",
    "UT": f"Your bank could not be reached. {COMES_BACK}",
    "BT": f"Your bank did not answer in time. {COMES_BACK}",
    "TXN_AUTO_FAILED": f"The payment was not finished in time. {COMES_BACK}",
    "TXN_FAILED": f"Your bank did not let the payment through. {COMES_BACK}",
    "TXN_CANCELLED": "The payment was cancelled before it was finished.",
    "REQUEST_CANCEL_BY_REQUESTER": "The payment was cancelled before it was finished.",
    "PAYMENT_ERROR": f"The bank could not carry out the payment. {COMES_BACK}",
}
UNKNOWN = f"PhonePe could not carry out this payment. {COMES_BACK}"
# What there is no attempt for: no code of PhonePe's, but ours.
NOT_STARTED = "PhonePe did not accept this payment, so it never began. Nothing was charged."
CLOSED = f"This payment was closed before it was paid. {COMES_BACK}"
NOT_COMPLETED = "Nobody paid before the payment page ran out. Nothing was charged."


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a payment failed: PhonePe's code or ours, and a sentence for a person."""

    code: str
    sentence: str


def failure_of(payable: Payable) -> Failure | None:
    """Return why a payment failed; None while it may go through, and where it did. Uses what `explain` has read."""
    if state_for_payer(payable) != OrderState.FAILED:
        return None
    order = payable.transaction
    for attempt in sorted(order.attempts.all(), key=lambda attempt: attempt.pk, reverse=True):
        codes = [code for code in (attempt.detailed_error_code, attempt.error_code) if code]
        if codes:
            known = (SENTENCES[code] for code in codes if code in SENTENCES)
            return Failure(attempt.error_code or codes[0], next(known, UNKNOWN))
    if not _was_handed_out(payable):
        return Failure("NOT_STARTED", NOT_STARTED)
    if payable.status == PaymentStatus.CANCELLED:
        return Failure("CLOSED", CLOSED)
    return Failure("NOT_COMPLETED", NOT_COMPLETED)


def explain(payables: Iterable[Payable]) -> None:
    """Read what is to be told of those that failed, in two statements however many they are; none if none failed.

    Sets `can_pay_again` on those that can: the last attempt of its payer, of which nothing can come any more, while
    something is due and no money waits for an operator.
    """
    failed = [payable for payable in payables if state_for_payer(payable) == OrderState.FAILED]
    prefetch_related_objects([payable.transaction for payable in failed], "attempts")
    over = {payable.pk: payable for payable in failed if payable.transaction.is_closed or not _was_handed_out(payable)}
    if over:
        for pk in _worth_paying_again(type(failed[0]), list(over)):
            over[pk].can_pay_again = True


def _worth_paying_again(kind: type[Payable], keys: list[int]) -> Iterable[int]:
    attempts: Any = kind._default_manager
    same_payer = attempts.filter(**{kind.payer: OuterRef(kind.payer)})
    later, waiting = Q(pk__gt=OuterRef("pk")), Q(transaction__reconciliation_status=Reconciliation.MISMATCH)
    last = attempts.filter(pk__in=keys).filter(~Exists(same_payer.filter(later)), ~Exists(same_payer.filter(waiting)))
    found: Iterable[int] = kind.with_something_due(last).values_list("pk", flat=True)
    return found


def _was_handed_out(payable: Payable) -> bool:
    """Tell whether somebody could have paid it: on a page, in an app, or asked by UPI id, as PhonePe then was too."""
    order = payable.transaction
    asked = order.phonepe_order_id if order.flow != Flow.CHECKOUT else ""
    return bool(order.redirect_url or order.order_token or asked)
