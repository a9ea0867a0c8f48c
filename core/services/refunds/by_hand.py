"""What operators do about refunds: ask for one, ask PhonePe about one, close one that has no end."""

from datetime import datetime

from django.db import transaction

from core.errors import CannotBeDoneNow, StillRunning
from core.models import AlertKind, ChangeCause, Payable, Reconciliation, Refund, RefundState, StateChange, User
from core.models.payables import payable_of
from core.services.locks import lock_payable
from core.services.operations.alerts import end_alert, end_waiting
from core.services.operations.permission import Operator, refuse_unless_allowed, requires
from core.services.operations.trace import note_action
from core.services.polling.claims import CheckResult, seconds_asked_about
from core.services.refunds.opening import refuse_payer
from core.services.refunds.refund_status import ask_now, complete, give_amount_back, is_overdue
from core.services.refunds.requesting import request_refund

CLOSED_BY_HAND = "CLOSED_BY_HAND"  # the error code of a refund that a person closed as never to come


def refund_permission(payable: Payable) -> str:
    return f"core.refund_{payable._meta.model_name}"


def refund_payment(payable: Payable, *, amount_paise: int | None, by: User, reason: str, now: datetime) -> Refund:
    """Refund a payment as an operator: `request_refund` with the permission that this takes.

    :raises MissingPermission: without it
    """
    refuse_unless_allowed(by, refund_permission(payable))
    return request_refund(payable, amount_paise=amount_paise, reason=reason, user=by, now=now)


@requires("core.ask_phonepe")
def ask_about_refund(refund: Refund, *, by: Operator, reason: str, now: datetime, timeout: float) -> CheckResult:
    """Ask PhonePe now how a refund stands, unless that was done within the last three seconds."""
    note_action("ask_phonepe", by=by, reason=reason, about=f"refund:{refund.pk}", refund=refund, now=now)
    return ask_now(refund, cause=ChangeCause.OPERATOR, timeout=timeout)


@requires("core.close_refund")
def close_refund(refund: Refund, *, is_paid: bool, by: Operator, reason: str, now: datetime, timeout: float) -> Refund:
    """Close a refund on which PhonePe gives no final word: PhonePe is asked once more, and its word goes before ours.

    :param is_paid: the payer has the money; otherwise they will not get it by this refund, and its amount is free again
    :raises CannotBeDoneNow: if PhonePe may yet tell, or has told
    :raises StillRunning: while a worker asks about it
    :raises MissingPermission, OwnPayment: if it is not theirs to decide
    """
    refuse_payer(payable_of(refund.transaction), by)
    _refuse_unless_in_flight(refund)
    told = ask_now(refund, cause=ChangeCause.OPERATOR, timeout=timeout)
    with transaction.atomic():
        payable = lock_payable(refund.transaction.merchant_order_id)
        refund = Refund.objects.select_for_update(of=("self",)).select_related("transaction").get(pk=refund.pk)
        _refuse_unless_endless(refund, told, now=now)
        _close(refund, payable, is_paid=is_paid, now=now)
        detail = {"amount_paise": refund.amount_paise, "is_paid": is_paid}
        note_action(
            "close_refund", by=by, reason=reason, about=f"refund:{refund.pk}", refund=refund, detail=detail, now=now
        )
    return refund


def may_be_closed(refund: Refund, *, now: datetime) -> bool:
    """Tell whether PhonePe has had its time with a refund, or has lost it; asking once more decides."""
    return (
        refund.is_in_flight and refund.sent_at is not None and (bool(refund.refund_id) or is_overdue(refund, now=now))
    )


def _refuse_unless_endless(refund: Refund, told: CheckResult, *, now: datetime) -> None:
    _refuse_unless_in_flight(refund)
    if refund.sent_at is None:
        raise CannotBeDoneNow("PhonePe was not asked for this refund yet; the clock sends it.")
    if seconds := seconds_asked_about(refund, now=now):
        raise StillRunning(
            f"A worker is asking PhonePe about this refund, and its answer comes first. Try again in {seconds} s."
        )
    if is_overdue(refund, now=now):
        return
    if told == CheckResult.NOT_ASKED:
        raise StillRunning("PhonePe was asked about this refund within the last three seconds. Try again in three.")
    if told != CheckResult.NOT_FOUND:
        raise CannotBeDoneNow(
            "PhonePe may yet pay this refund. It can be closed once PhonePe knows it no more, or after ten days."
        )
    if not refund.refund_id:
        raise CannotBeDoneNow("PhonePe has not got this refund yet. It is sent again under the same id.")


def _refuse_unless_in_flight(refund: Refund) -> None:
    if not refund.is_in_flight:
        raise CannotBeDoneNow(f"This refund is {refund.state}; there is nothing to close.")


def _close(refund: Refund, payable: Payable, *, is_paid: bool, now: datetime) -> None:
    state = RefundState.COMPLETED if is_paid else RefundState.FAILED
    StateChange.objects.create(
        transaction=payable.transaction,
        refund=refund,
        what="refund",
        old=refund.state,
        new=state,
        cause=ChangeCause.OPERATOR,
        at=now,
    )
    refund.state, refund.finished_at, refund.next_check_at = state, now, None
    refund.reconciliation_status, refund.error_code = Reconciliation.SETTLED, "" if is_paid else CLOSED_BY_HAND
    refund.save()
    if is_paid:
        complete(refund, payable, cause=ChangeCause.OPERATOR, now=now)
    else:
        give_amount_back(refund, payable, now=now)
    end_waiting(refund.merchant_refund_id, now=now)
    end_alert(AlertKind.MISMATCH, refund.merchant_refund_id, now=now)
