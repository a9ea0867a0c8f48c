"""Decide about money that came with another amount or order id than was asked for: keep it, or send it back."""

from datetime import datetime

from django.db import transaction

from core.errors import NotUnderReview
from core.models import (
    AlertKind,
    ChangeCause,
    Payable,
    PaymentStatus,
    PaymentTransaction,
    Reconciliation,
    Refund,
    RefundKind,
    User,
)
from core.models.payables import payable_of, payable_relations
from core.money import SMALLEST_PAYMENT_PAISE
from core.services.ledger import posting
from core.services.locks import lock_payable
from core.services.moves import move
from core.services.notices.payments import payment_received
from core.services.operations.alerts import end_alert, end_waiting
from core.services.operations.permission import Operator, requires
from core.services.operations.trace import about_payable, note_action
from core.services.papers.issuing import issue_invoice
from core.services.payments.corrections import last_told
from core.services.payments.for_payer import TIMEOUT
from core.services.payments.order_status import ask_now, call_off_overtaken, note_payment, return_surplus
from core.services.refunds.opening import open_refund, refuse_payer

PERMISSION = "core.resolve_mismatch"


@requires(PERMISSION)
def accept(merchant_order_id: str, *, by: Operator, reason: str, now: datetime) -> Payable:
    """Take what came as payment for what it was meant for; more than was due goes back by itself.

    :raises NotUnderReview: if there is nothing to decide, or PhonePe has just said otherwise
    :raises MissingPermission, OwnPayment: if it is not theirs to decide
    """
    seen_paise = _ask_again(merchant_order_id, by=by)
    with transaction.atomic():
        payable = _place(merchant_order_id, seen_paise, now=now)
        payable.deliver(now=now)
        return_surplus(payable, now=now)
        payment_received(payable, now=now)
        issue_invoice(payable, now=now)
        _note_decision("accept_mismatch", payable, by=by, reason=reason, now=now)
    return payable


@requires(PERMISSION)
def send_back(merchant_order_id: str, *, by: Operator, reason: str, now: datetime) -> Payable:
    """Refund all that came; nothing is delivered for it.

    :raises NotUnderReview: if there is nothing to decide, too little to send came, or PhonePe has just said otherwise
    :raises MissingPermission, OwnPayment: if it is not theirs to decide
    """
    seen_paise = _ask_again(merchant_order_id, by=by)
    with transaction.atomic():
        payable = _place(merchant_order_id, seen_paise, now=now)
        amount = payable.transaction.captured_paise
        if amount < SMALLEST_PAYMENT_PAISE:
            raise NotUnderReview("PhonePe pays nothing below ₹1.00 back. Keep what came; it counts as paid.")
        user = by if isinstance(by, User) else None
        refund = open_refund(payable, amount, kind=RefundKind.MISMATCH, reason=reason, user=user, now=now)
        payable.after_sent_back(now=now)
        _note_decision("refund_mismatch", payable, by=by, reason=reason, now=now, refund=refund)
    return payable


def _note_decision(
    action: str, payable: Payable, *, by: Operator, reason: str, now: datetime, refund: Refund | None = None
) -> None:
    order = payable.transaction
    about, detail = about_payable(payable), {"amount_paise": order.captured_paise}
    note_action(action, by=by, reason=reason, about=about, order=order, refund=refund, detail=detail, now=now)


def _ask_again(merchant_order_id: str, *, by: Operator) -> int:
    """Hear PhonePe's last word before a decision, if it answers; return what had come by our books until then."""
    order = PaymentTransaction.objects.select_related(*payable_relations()).get(merchant_order_id=merchant_order_id)
    refuse_payer(payable_of(order), by)
    if order.reconciliation_status != Reconciliation.MISMATCH:
        raise NotUnderReview
    seen_paise = posting.came_with(merchant_order_id)
    ask_now(order, cause=ChangeCause.OPERATOR, timeout=TIMEOUT)
    return seen_paise


def _place(merchant_order_id: str, seen_paise: int, *, now: datetime) -> Payable:
    """Move what came from suspense to where it belongs."""
    payable = lock_payable(merchant_order_id)
    order, came = payable.transaction, posting.came_with(merchant_order_id)
    if order.reconciliation_status != Reconciliation.MISMATCH or came != seen_paise:
        raise NotUnderReview("PhonePe was asked again and has just corrected itself. Look at the payment once more.")
    order.surplus_paise = payable.note_capture(came)
    call_off_overtaken(payable, now=now)
    note_payment(order, last_told(order), now=now)
    order.captured_paise = came
    order.reconciliation_status, order.next_check_at = Reconciliation.SETTLED, None
    order.save()
    move(payable, PaymentStatus.COMPLETED, cause=ChangeCause.COMMAND, at=now)
    posting.record_placing(payable, came, at=now)
    end_alert(AlertKind.MISMATCH, merchant_order_id, now=now)
    end_waiting(merchant_order_id, now=now)
    return payable
