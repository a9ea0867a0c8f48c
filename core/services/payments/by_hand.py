"""What operators do about orders: ask PhonePe, give one up that it has lost, take back what it says never came."""

from dataclasses import replace
from datetime import datetime

from django.db import transaction

from core.errors import CannotBeDoneNow, StillRunning
from core.models import PAID, ChangeCause, OrderState, Payable, PaymentStatus, PaymentTransaction, Reconciliation
from core.models.payables import payable_of
from core.services.locks import lock_payable
from core.services.moves import move
from core.services.operations.alerts import end_waiting
from core.services.operations.permission import Operator, requires
from core.services.operations.trace import about_payable, note_action
from core.services.payments import corrections
from core.services.payments.order_status import ask_now
from core.services.phonepe.call_record import recorded
from core.services.phonepe.errors import PhonePeError
from core.services.phonepe_service import PhonePeService
from core.services.polling import schedule
from core.services.polling.claims import CheckResult, claim_now
from core.services.refunds.opening import refuse_payer


@requires("core.ask_phonepe")
def ask_about_order(
    order: PaymentTransaction, *, by: Operator, reason: str, now: datetime, timeout: float
) -> CheckResult:
    """Ask PhonePe now how an order stands, unless that was done within the last three seconds."""
    note_action("ask_phonepe", by=by, reason=reason, about=about_payable(payable_of(order)), order=order, now=now)
    return ask_now(order, cause=ChangeCause.OPERATOR, timeout=timeout)


@requires("core.give_up_order")
def give_up_order(order: PaymentTransaction, *, by: Operator, reason: str, now: datetime, timeout: float) -> Payable:
    """Close an order that PhonePe took and has lost: it is asked once more, and has to say that it knows none such.

    Money that comes for it all the same is credited as ever: a cancelled order that is paid is paid.

    :raises CannotBeDoneNow: if PhonePe knows it or does not answer, or if it can still be paid
    :raises StillRunning: if PhonePe was asked just now
    :raises MissingPermission, OwnPayment: if it is not theirs to decide
    """
    refuse_payer(payable_of(order), by)
    if order.is_closed:
        raise CannotBeDoneNow(f"This order is closed; our books say {payable_of(order).status}.")
    if now < _given_up_from(order):
        raise CannotBeDoneNow("This order can be given up five minutes after it has expired.")
    told = ask_now(order, cause=ChangeCause.OPERATOR, timeout=timeout)
    if told == CheckResult.NOT_ASKED:
        raise StillRunning("PhonePe was asked about this order within the last three seconds. Try again in three.")
    with transaction.atomic():
        payable = lock_payable(order.merchant_order_id)
        order = payable.transaction
        if order.is_closed:
            raise CannotBeDoneNow(f"This order is closed; our books say {payable.status}.")
        if told != CheckResult.NOT_FOUND:
            raise CannotBeDoneNow("PhonePe has not said that it does not know this order, so it stays open.")
        if payable.status == PaymentStatus.PENDING:
            move(payable, PaymentStatus.CANCELLED, cause=ChangeCause.OPERATOR, at=now)
        order.reconciliation_status, order.next_check_at = Reconciliation.SETTLED, None
        order.save(update_fields=["reconciliation_status", "next_check_at", "updated_at"])
        end_waiting(order.merchant_order_id, now=now)
        note_action("give_up_order", by=by, reason=reason, about=about_payable(payable), order=order, now=now)
    return payable


def may_be_given_up(order: PaymentTransaction, *, now: datetime) -> bool:
    """Tell whether PhonePe took an order, nobody can pay it any more, and there is no final word; PhonePe decides."""
    return now >= _given_up_from(order) and not order.is_closed and bool(order.phonepe_order_id)


def _given_up_from(order: PaymentTransaction) -> datetime:
    return order.expire_at + schedule.SILENT_AFTER


@requires("core.resolve_mismatch")
def take_back_failed(order: PaymentTransaction, *, by: Operator, reason: str, now: datetime, timeout: float) -> None:
    """Follow PhonePe where it says of a paid order that it failed: it is asked once more, and has to say so again.

    The payment stays completed. What it was credited with is missing in suspense from then on, for somebody to place:
    the tenant pays it again, or it is written off. Should PhonePe say after all that it came, the books follow by
    themselves.

    :raises CannotBeDoneNow: if PhonePe does not say so, or the books have followed already
    :raises StillRunning: if PhonePe was asked just now
    :raises MissingPermission, OwnPayment: if it is not theirs to decide
    """
    refuse_payer(payable_of(order), by)
    if claim_now(order, cause=ChangeCause.OPERATOR) is None:
        raise StillRunning("PhonePe was asked about this order within the last three seconds. Try again in three.")
    try:
        with recorded("order_status", merchant_order_id=order.merchant_order_id) as record:
            report = record.of(PhonePeService(timeout).order_status(order.merchant_order_id, flow=order.flow))
    except PhonePeError as problem:
        raise CannotBeDoneNow(f"PhonePe has not said that this order failed: {problem}.") from None
    if report.state != OrderState.FAILED:
        raise CannotBeDoneNow(f"PhonePe says {report.state} of this order, so nothing is taken back.")
    with transaction.atomic():
        payable = lock_payable(order.merchant_order_id)
        order = payable.transaction
        if order.last_checked_at is not None and now < order.last_checked_at:
            raise StillRunning("PhonePe has answered about this order meanwhile. Look at it once more.")
        nothing_came = replace(report, amount_paise=0)
        if payable.status not in PAID or not corrections.correct_paid(
            payable, nothing_came, cause=ChangeCause.OPERATOR, now=now
        ):
            raise CannotBeDoneNow("The books say already that nothing came with this order.")
        order.note_answer(now=now)
        order.save(update_fields=["last_checked_at", "unanswered_count", "check_count", "updated_at"])
        note_action("take_back_failed", by=by, reason=reason, about=about_payable(payable), order=order, now=now)
