"""Refund a payment because a person asks for it: never more than came, one refund at a time.

A refund goes the way of an order: the row first, then the call, then PhonePe's Refund Status API as the only
word on it. Source: "Refund" in PhonePe's documentation and its sign-off checklist.
"""

from datetime import datetime

from django.db import transaction

from core.errors import (
    NothingLeftToRefund,
    NotRefundable,
    PaymentDisputed,
    PhonePeRefusedRefund,
    RefundAboveRest,
    RefundNotApproved,
    RefundRestTooSmall,
    RefundRunning,
)
from core.models import (
    NOT_ENDED,
    PAID,
    ChangeCause,
    IdempotencyKey,
    Payable,
    Refund,
    RefundKind,
    RefundState,
    User,
)
from core.models.refunds import NOT_APPROVED, refunds_of
from core.models.taken_back import taken_back_paise
from core.money import SMALLEST_PAYMENT_PAISE
from core.services.locks import lock_payable
from core.services.operations.trace import about_payable, note_action
from core.services.polling.claims import Claim, claim_lapses_at
from core.services.refunds.opening import open_refund
from core.services.refunds.refund_status import send


def request_refund(
    payable: Payable,
    *,
    amount_paise: int | None,
    reason: str,
    user: User,
    now: datetime,
    key: IdempotencyKey | None = None,
) -> Refund:
    """Refund a part of a payment, or all that is left, and send the refund to PhonePe at once, or once it is approved.

    A key that already has its refund gets that one, however the first request ended.

    :param amount_paise: None: all that is left
    :raises OwnPayment, NotRefundable, RefundRunning, PaymentDisputed, NothingLeftToRefund, RefundAboveRest,
        RefundRestTooSmall: before PhonePe is called
    :raises PhonePeRefusedRefund, RefundNotApproved: if PhonePe, or the second person, refused it
    """
    claim = None
    with transaction.atomic():
        payable = lock_payable(payable.merchant_order_id)
        if key is not None:
            key.refresh_from_db(fields=["refund"])
        refund = key.refund if key is not None else None
        if refund is None:
            amount = _amount_to_refund(payable, amount_paise)
            refund = open_refund(payable, amount, kind=RefundKind.REQUESTED, reason=reason, user=user, now=now)
            if not refund.awaits_approval:
                claim = claim_to_send(refund, cause=ChangeCause.REFUND, now=now)
            if user.is_staff:
                about, detail = about_payable(payable), {"amount_paise": amount}
                note_action("refund", by=user, reason=reason, about=about, refund=refund, detail=detail, now=now)
            if key is not None:
                key.refund = refund
                key.save(update_fields=["refund"])
    if claim is not None:
        send(claim, now=now)
        refund.refresh_from_db()
    if refund.state == RefundState.FAILED:
        raise RefundNotApproved if refund.error_code == NOT_APPROVED else PhonePeRefusedRefund
    return refund


def can_be_refunded(payable: Payable) -> bool:
    """Tell whether a refund of a payment, or of a part of it, could be asked for now, by whoever may."""
    is_left = payable.status in PAID and refundable_paise(payable) > 0
    return is_left and not any(refund.state in NOT_ENDED for refund in refunds_of(payable.transaction))


def refundable_paise(payable: Payable) -> int:
    """Return the most that a refund could be asked for: what has neither gone back nor is on its way, to the payer or
    to the payer's bank. Less than can be refunded at all is nothing.
    """
    left = unrefunded_paise(payable) - taken_back_paise(payable)
    return left if left >= SMALLEST_PAYMENT_PAISE else 0


def unrefunded_paise(payable: Payable) -> int:
    """Return what is left of a payment after all refunds that have not failed."""
    return payable.transaction.captured_paise - payable.transaction.refunding_paise


def claim_to_send(refund: Refund, *, cause: ChangeCause, now: datetime) -> Claim[Refund]:
    """Keep the right to send a refund in a moment, after the transaction; if we die before that, a tick sends it."""
    refund.next_check_at, refund.asked_at = claim_lapses_at(now), now
    refund.save(update_fields=["next_check_at", "asked_at"])
    return Claim(refund, cause, refund.next_check_at, now, is_scheduled_check=True)


def _amount_to_refund(payable: Payable, asked_paise: int | None) -> int:
    """Return the paise to refund, if so much can be refunded now. Called under the locks."""
    order = payable.transaction
    left = unrefunded_paise(payable)
    if payable.status not in PAID:
        raise NotRefundable
    if running := order.refunds.filter(state__in=NOT_ENDED).first():
        raise RefundRunning(running.amount_paise, awaits_approval=running.awaits_approval)
    if left < SMALLEST_PAYMENT_PAISE:
        raise NothingLeftToRefund(left)
    left -= taken_back_paise(payable)
    if left < SMALLEST_PAYMENT_PAISE:
        raise PaymentDisputed
    if asked_paise is None:
        return left
    if asked_paise > left:
        raise RefundAboveRest(left)
    if 0 < left - asked_paise < SMALLEST_PAYMENT_PAISE:
        raise RefundRestTooSmall(left - asked_paise)
    return asked_paise
