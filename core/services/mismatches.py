"""Decide about money that came with another amount or order id than was asked for: keep it, or send it back."""

from datetime import datetime

from django.db import transaction

from core.errors import NotUnderReview
from core.models import Alert, AlertKind, Cause, Purpose, Reconciliation, RefundKind, Status, User
from core.money import SMALLEST_PAYMENT_PAISE
from core.services import ledger
from core.services.locks import lock_purpose
from core.services.orders import note_payment, return_surplus
from core.services.phonepe_reports import read_order_report
from core.services.refund_opening import open_refund


def accept(merchant_order_id: str, *, now: datetime) -> Purpose:
    """Take what came as payment for what it was meant for; more than was due goes back by itself.

    :raises NotUnderReview: if there is nothing to decide
    """
    with transaction.atomic():
        purpose = _place(merchant_order_id, now=now)
        purpose.deliver(now=now)
        return_surplus(purpose, now=now)
    return purpose


def send_back(merchant_order_id: str, *, reason: str, user: User | None, now: datetime) -> Purpose:
    """Refund all that came; nothing is delivered for it.

    :raises NotUnderReview: if there is nothing to decide, or too little came to be sent
    """
    with transaction.atomic():
        purpose = _place(merchant_order_id, now=now)
        amount = purpose.transaction.captured_paise
        if amount < SMALLEST_PAYMENT_PAISE:
            raise NotUnderReview("PhonePe pays nothing below ₹1.00 back. Keep what came; it counts as paid.")
        open_refund(purpose, amount, kind=RefundKind.MISMATCH, reason=reason, user=user, now=now)
    return purpose


def _place(merchant_order_id: str, *, now: datetime) -> Purpose:
    """Move what came from suspense to where it belongs."""
    purpose = lock_purpose(merchant_order_id)
    order = purpose.transaction
    came = ledger.suspense_of(merchant_order_id)
    if order.reconciliation_status != Reconciliation.MISMATCH or not came:
        raise NotUnderReview
    order.surplus_paise = purpose.surplus_of(came)
    told = order.changes.filter(what="reconciliation_status", new=Reconciliation.MISMATCH).latest("pk")
    note_payment(order, read_order_report(merchant_order_id, told.answer), now=now)
    order.captured_paise = came
    order.reconciliation_status, order.next_check_at = Reconciliation.SETTLED, None
    order.save()
    purpose.move_to(Status.COMPLETED, cause=Cause.COMMAND, at=now)
    ledger.record_placing(purpose, came, at=now)
    Alert.objects.filter(kind=AlertKind.MISMATCH, subject=merchant_order_id, resolved_at=None).update(resolved_at=now)
    return purpose
