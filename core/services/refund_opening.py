"""Open a refund: its row, its part of what can be refunded, and its entry in the books, all at once."""

import secrets
from datetime import datetime

from core.errors import NothingLeftToRefund, NotRefundable, RefundAboveRest, RefundRunning
from core.models import IN_FLIGHT, PAID, Purpose, Refund, RefundKind, User
from core.money import SMALLEST_PAYMENT_PAISE
from core.services import ledger


def refuse_if_wrong(purpose: Purpose, amount_paise: int | None) -> None:
    """:raises NotRefundable, RefundRunning, NothingLeftToRefund, RefundAboveRest: with a sentence"""
    order = purpose.transaction
    left = order.captured_paise - order.refunding_paise
    if purpose.status not in PAID:
        raise NotRefundable
    if running := order.refunds.filter(state__in=IN_FLIGHT).first():
        raise RefundRunning(running.amount_paise)
    if left < SMALLEST_PAYMENT_PAISE:
        raise NothingLeftToRefund(left)
    if amount_paise is not None and amount_paise > left:
        raise RefundAboveRest(left)


def open_refund(
    purpose: Purpose,
    amount_paise: int,
    *,
    kind: RefundKind,
    reason: str,
    now: datetime,
    user: User | None = None,
    retry_of: Refund | None = None,
) -> Refund:
    """Make the row of a refund and take its amount out of what can be refunded. Called under the locks.

    The tick sends it: `sent_at` is empty and it is due.
    """
    order = purpose.transaction
    refund = Refund.objects.create(
        transaction=order,
        merchant_refund_id=f"ZLR-{secrets.token_urlsafe(16)}",
        amount_paise=amount_paise,
        kind=kind,
        reason=reason,
        requested_by=user,
        retry_of=retry_of,
        initiated_at=now,
        next_check_at=now,
    )
    ledger.record_refund_started(refund, purpose, order.refunding_paise, at=now)
    order.refunding_paise += amount_paise
    order.save(update_fields=["refunding_paise", "updated_at"])
    return refund
