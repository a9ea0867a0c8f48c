"""The one way in which an order changes: ask PhonePe, then bring our books in line with its answer.

Webhook, return, verify, clock and command are all the same thing: a reason to ask.
"""

from datetime import datetime

import structlog
from django.db import transaction
from django.db.models import CharField, F
from django.utils import timezone

from core.models import (
    PAID,
    AlertKind,
    Cause,
    OrderState,
    PaymentTransaction,
    Purpose,
    Reconciliation,
    RefundKind,
    StateChange,
    Status,
)
from core.money import SMALLEST_PAYMENT_PAISE, rupees
from core.prepared import Param, Prepared
from core.services import ledger, metrics, timetable
from core.services.alerts import alert, alert_silence
from core.services.claims import Ticket, Told, note_unanswered, take_ticket
from core.services.locks import lock_purpose
from core.services.pending_answers import PendingAnswers
from core.services.phonepe_errors import PhonePeError, PhonePeUnknownId
from core.services.phonepe_reports import OrderReport
from core.services.phonepe_service import PhonePeService
from core.services.refund_opening import open_refund

logger = structlog.get_logger(__name__)
_ORDER: Prepared[PaymentTransaction] = Prepared(
    lambda: PaymentTransaction.objects.filter(merchant_order_id=Param("merchant_order_id", CharField()))
)


def ask_now(order: PaymentTransaction, *, cause: Cause, patience: float | None = None) -> Told:
    """Ask PhonePe about an order inside a request, unless it was asked within the last three seconds.

    :param patience: seconds PhonePe has for its answer; left out: PHONEPE_TIMEOUT
    """
    ticket = take_ticket(order, cause=cause)
    return Told.NOT_ASKED if ticket is None else ask(ticket, now=timezone.now(), patience=patience)


def ask(
    ticket: Ticket[PaymentTransaction],
    *,
    now: datetime,
    patience: float | None = None,
    pending: PendingAnswers | None = None,
) -> Told:
    """Ask PhonePe, with no lock and no open transaction, and apply its answer.

    :param pending: takes answers that say nothing new, to note them together; left out: each is noted at once
    """
    merchant_order_id = ticket.row.merchant_order_id
    try:
        report = PhonePeService(patience).order_report(merchant_order_id)
    except PhonePeUnknownId as error:
        return apply_not_found(merchant_order_id, str(error), ticket=ticket, now=now)
    except PhonePeError as error:
        logger.info("phonepe_did_not_tell", order=merchant_order_id, cause=ticket.cause, problem=str(error))
        note_unanswered(ticket, now=now)
        _alert_if_silent(ticket.row, now=now)
        return Told.UNANSWERED
    if ticket.schedule is not None and _says_nothing_new(report, ticket.row, now=now):
        again = timetable.check_after_answer(ticket.row, now=now) if ticket.keeps_time else ticket.schedule
        together = pending or PendingAnswers()
        together.add(ticket, asked_at=now, next_check=again)
        if pending is None:
            together.write()
        return Told.PENDING
    return apply_order_status(report, cause=ticket.cause, now=now, ticket=ticket)


def _says_nothing_new(report: OrderReport, order: PaymentTransaction, *, now: datetime) -> bool:
    """Tell whether an open order that PhonePe is known to have is still open, in its time."""
    return (
        report.state == OrderState.PENDING
        and bool(order.phonepe_order_id)
        and not order.is_settled
        and now < order.expire_at + timetable.SILENT_AFTER
    )


def apply_order_status(
    report: OrderReport, *, cause: Cause, now: datetime, ticket: Ticket[PaymentTransaction] | None = None
) -> Told:
    """Bring our order in line with PhonePe's report; repeating it changes nothing."""
    if report.state == OrderState.PENDING or _fails_another(report, now=now):
        return _note_pending(report, ticket=ticket, now=now)
    with transaction.atomic():
        purpose = lock_purpose(report.merchant_order_id)
        order = purpose.transaction
        order.note_answer(now=now)
        order.phonepe_order_id = order.phonepe_order_id or report.order_id
        if order.reconciliation_status == Reconciliation.MISMATCH:
            pass  # an operator decides, whatever PhonePe says meanwhile
        elif report.state == OrderState.FAILED:
            _fail(purpose, report, cause=cause, now=now)
        elif purpose.status not in PAID:
            _complete(purpose, report, cause=cause, now=now)
        if ticket is None or ticket.may_schedule(order) or order.state == OrderState.COMPLETED:
            order.next_check_at = None
        order.save()
    return Told.FINAL


def _fails_another(report: OrderReport, *, now: datetime) -> bool:
    """Tell whether a failure is that of another PhonePe order than ours: it ends nothing, and alerts."""
    if report.state != OrderState.FAILED or not report.order_id:
        return False
    ours = PaymentTransaction.objects.values_list("phonepe_order_id", flat=True)
    order_id = ours.get(merchant_order_id=report.merchant_order_id)
    if order_id in ("", report.order_id):
        return False
    sentence = f"PhonePe reports the failure of its order {report.order_id}; ours is {order_id}. We go on asking."
    alert(AlertKind.CONTRADICTION, report.merchant_order_id, sentence, now=now)
    return True


def _complete(purpose: Purpose, report: OrderReport, *, cause: Cause, now: datetime) -> None:
    order = purpose.transaction
    another_order = bool(report.order_id) and report.order_id != order.phonepe_order_id
    if another_order or report.amount_paise != order.amount_paise:
        _hold_for_operator(purpose, report, cause=cause, now=now)
        return
    note_payment(order, report, now=now)
    order.surplus_paise = purpose.surplus_of(order.amount_paise)
    order.captured_paise = order.amount_paise
    order.reconciliation_status = Reconciliation.SETTLED
    order.save()
    purpose.move_to(Status.COMPLETED, cause=cause, at=now, answer=report.raw)
    metrics.MOVES.labels(Status.COMPLETED, cause).inc()
    ledger.record_capture(purpose, order.captured_paise, at=now)
    purpose.deliver(now=now)
    return_surplus(purpose, now=now)


def return_surplus(purpose: Purpose, *, now: datetime) -> None:
    """Start paying back what came beyond what was due; less than a rupee stays as credit."""
    order = purpose.transaction
    if order.surplus_paise < SMALLEST_PAYMENT_PAISE:
        return
    order.reconciliation_status = Reconciliation.SURPLUS
    order.save(update_fields=["reconciliation_status", "updated_at"])
    reason = "More came than was due"
    open_refund(purpose, order.surplus_paise, kind=RefundKind.SURPLUS, reason=reason, now=now)


def note_payment(order: PaymentTransaction, report: OrderReport, *, now: datetime) -> None:
    """Note when and how an order was paid, as PhonePe tells it."""
    attempt = report.paying_attempt
    order.state = OrderState.COMPLETED
    order.paid_at = (attempt and attempt.at) or now
    order.payment_mode = attempt.payment_mode if attempt else ""
    order.utr = attempt.utr if attempt else ""


def _fail(purpose: Purpose, report: OrderReport, *, cause: Cause, now: datetime) -> None:
    order = purpose.transaction
    if purpose.status in PAID:
        sentence = "PhonePe now says that this paid order failed. It stays paid; ask PhonePe."
        alert(AlertKind.CONTRADICTION, order.merchant_order_id, sentence, now=now)
        return
    order.state, order.reconciliation_status = OrderState.FAILED, Reconciliation.SETTLED
    if purpose.status == Status.PENDING:
        purpose.move_to(Status.FAILED, cause=cause, at=now, answer=report.raw)
        metrics.MOVES.labels(Status.FAILED, cause).inc()


def _hold_for_operator(purpose: Purpose, report: OrderReport, *, cause: Cause, now: datetime) -> None:
    order = purpose.transaction
    StateChange.objects.create(
        transaction=order,
        what="reconciliation_status",
        old=order.reconciliation_status,
        new=Reconciliation.MISMATCH,
        cause=cause,
        answer=dict(report.raw),
        at=now,
    )
    order.reconciliation_status, order.next_check_at = Reconciliation.MISMATCH, None
    came = report.amount_paise or 0
    if came:
        ledger.record_suspense(order.merchant_order_id, came, at=now)
    sentence = (
        f"Asked for ₹{rupees(order.amount_paise)} with order {order.phonepe_order_id}, "
        f"PhonePe reports ₹{rupees(came)} with order {report.order_id}. Nothing was credited."
    )
    alert(AlertKind.MISMATCH, order.merchant_order_id, sentence, now=now)


def apply_not_found(merchant_order_id: str, answer: str, *, ticket: Ticket[PaymentTransaction], now: datetime) -> Told:
    """PhonePe knows no such order: not final while the request that makes it may still be on its way."""
    with transaction.atomic():
        purpose = lock_purpose(merchant_order_id)
        order = purpose.transaction
        order.note_answer(now=now)
        given_up_at = order.expire_at + timetable.NEVER_REACHED_AFTER
        last_look = given_up_at + timetable.LAST_LOOK_AFTER
        due_next: datetime | None = timetable.check_after_answer(order, now=now)
        if order.phonepe_order_id:
            sentence = "PhonePe took this order and now says it knows none such. It stays open; ask PhonePe."
            alert(AlertKind.LOST_BY_PHONEPE, merchant_order_id, sentence, now=now)
        elif now >= given_up_at:
            due_next = last_look if now < last_look else None
            if purpose.status == Status.PENDING:
                purpose.move_to(Status.CANCELLED, cause=Cause.NEVER_REACHED, at=now, answer={"error": answer})
                metrics.MOVES.labels(Status.CANCELLED, Cause.NEVER_REACHED).inc()
            if now >= last_look:
                order.reconciliation_status = Reconciliation.SETTLED
        if ticket.may_schedule(order) and (ticket.keeps_time or order.is_settled):
            order.next_check_at = due_next
        order.save()
    return Told.NOT_FOUND


def _note_pending(report: OrderReport, *, ticket: Ticket[PaymentTransaction] | None, now: datetime) -> Told:
    """Note that an order is still open: one statement, no lock, because nothing is decided."""
    order = _ORDER.one(merchant_order_id=report.merchant_order_id)
    mine = PaymentTransaction.objects.filter(pk=order.pk)
    mine.update(last_checked_at=now, check_count=F("check_count") + 1, unanswered_count=0)
    if report.order_id and not order.phonepe_order_id:
        mine.filter(phonepe_order_id="").update(phonepe_order_id=report.order_id)
    if order.is_settled:
        mine.filter(next_check_at=ticket.schedule if ticket else None).update(next_check_at=None)
    elif ticket is not None and ticket.keeps_time:
        mine.filter(next_check_at=ticket.schedule).update(next_check_at=timetable.check_after_answer(order, now=now))
    _alert_if_silent(order, now=now)
    return Told.PENDING


def _alert_if_silent(order: PaymentTransaction, *, now: datetime) -> None:
    """Tell an operator of an expired order that PhonePe calls pending, or about which it says nothing readable."""
    if now >= order.expire_at + timetable.SILENT_AFTER:
        sentence = "This order has expired, but PhonePe has not given its final word. We go on asking."
        alert_silence(order, sentence, now=now)
