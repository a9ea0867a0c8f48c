"""A second person approves or refuses a refund beyond the limit; until then PhonePe knows nothing of it."""

from datetime import datetime

from django.db import transaction

from core.errors import NotAwaitingApproval, OwnRequest, PaymentDisputed
from core.models import AlertKind, ChangeCause, Payable, Reconciliation, Refund, RefundState, StateChange, User
from core.models.refunds import NOT_APPROVED
from core.models.taken_back import taken_back_paise
from core.services.locks import lock_payable
from core.services.operations.alerts import end_alert
from core.services.operations.permission import requires
from core.services.operations.trace import note_action
from core.services.refunds.opening import refuse_payer
from core.services.refunds.refund_status import give_amount_back, send
from core.services.refunds.requesting import claim_to_send, unrefunded_paise

PERMISSION = "core.approve_refund"


@requires(PERMISSION)
def approve_refund(refund: Refund, *, by: User, reason: str, now: datetime) -> Refund:
    """Let a refund go to PhonePe, and send it at once.

    :raises NotAwaitingApproval: if somebody has decided about it
    :raises PaymentDisputed: if the payer's bank has taken the money back meanwhile, or may yet
    :raises MissingPermission, OwnPayment, OwnRequest: if it is not theirs to decide
    """
    with transaction.atomic():
        refund, payable = _lock(refund, by)
        if unrefunded_paise(payable) < taken_back_paise(payable):
            raise PaymentDisputed
        _note_change(refund, RefundState.PENDING, now=now)
        refund.state, refund.reconciliation_status = RefundState.PENDING, Reconciliation.OPEN
        refund.approved_by, refund.initiated_at = by, now
        refund.save()
        claim = claim_to_send(refund, cause=ChangeCause.REFUND, now=now)
        _note_decision("approve_refund", refund, by=by, reason=reason, now=now)
    send(claim, now=now)
    refund.refresh_from_db()
    return refund


@requires(PERMISSION)
def refuse_refund(refund: Refund, *, by: User, reason: str, now: datetime) -> Refund:
    """End a refund that nobody has sent: its amount can be refunded again.

    :raises NotAwaitingApproval: if somebody has decided about it
    :raises MissingPermission, OwnPayment, OwnRequest: if it is not theirs to decide
    """
    with transaction.atomic():
        refund, payable = _lock(refund, by)
        _note_change(refund, RefundState.FAILED, now=now)
        refund.state, refund.finished_at, refund.error_code = RefundState.FAILED, now, NOT_APPROVED
        refund.save()
        give_amount_back(refund, payable, now=now)
        _note_decision("refuse_refund", refund, by=by, reason=reason, now=now)
    return refund


def _lock(refund: Refund, by: User) -> tuple[Refund, Payable]:
    payable = lock_payable(refund.transaction.merchant_order_id)
    refund = Refund.objects.select_for_update(of=("self",)).select_related("transaction").get(pk=refund.pk)
    refuse_payer(payable, by)
    if refund.requested_by_id == by.pk:
        raise OwnRequest
    if not refund.awaits_approval:
        raise NotAwaitingApproval(refund.state)
    return refund, payable


def _note_change(refund: Refund, new: RefundState, *, now: datetime) -> None:
    StateChange.objects.create(
        transaction=refund.transaction,
        refund=refund,
        what="refund",
        old=refund.state,
        new=new,
        cause=ChangeCause.OPERATOR,
        at=now,
    )


def _note_decision(action: str, refund: Refund, *, by: User, reason: str, now: datetime) -> None:
    end_alert(AlertKind.REFUND_APPROVAL, refund.merchant_refund_id, now=now)
    about, detail = f"refund:{refund.pk}", {"amount_paise": refund.amount_paise}
    note_action(action, by=by, reason=reason, about=about, refund=refund, detail=detail, now=now)
