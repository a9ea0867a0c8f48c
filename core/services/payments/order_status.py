"""The one way in which an order changes: ask PhonePe, then bring our books in line with its answer.

Webhook, return, verify, clock and command are all the same thing: a reason to ask.
"""

from datetime import datetime

import structlog
from django.db import transaction
from django.db.models import BigIntegerField, DateTimeField
from django.utils import timezone

from core.db.prepared import Param, Prepared, PreparedUpdate, update
from core.models import (
    PAID,
    AlertKind,
    ChangeCause,
    Flow,
    Mandate,
    MandateDebit,
    OrderState,
    Payable,
    PaymentAttempt,
    PaymentStatus,
    PaymentTransaction,
    Reconciliation,
    RefundKind,
    ReportedBy,
)
from core.models.reconciled import ASK_AT_MOST_EVERY
from core.money import SMALLEST_PAYMENT_PAISE
from core.services.ledger import posting
from core.services.locks import lock_payable
from core.services.moves import move
from core.services.notices.payments import payment_failed, payment_received
from core.services.operations.alerts import alert, alert_lost, alert_silence, end_waiting
from core.services.papers.issuing import issue_invoice
from core.services.payments import corrections
from core.services.phonepe.call_record import recorded
from core.services.phonepe.errors import PhonePeError, PhonePeUnknownId
from core.services.phonepe.mandate_responses import valid_after
from core.services.phonepe.responses import OrderStatus
from core.services.phonepe_service import PhonePeService
from core.services.polling import schedule
from core.services.polling.claims import CheckResult, Claim, claim_now, note_unanswered
from core.services.polling.pending import NotePending, note_pending, note_row_pending
from core.services.refunds.opening import open_refund

logger = structlog.get_logger(__name__)


def ask_now(order: PaymentTransaction, *, cause: ChangeCause, timeout: float | None = None) -> CheckResult:
    """Ask PhonePe about an order inside a request, unless it was asked within the last three seconds.

    :param timeout: seconds PhonePe has for its answer; left out: PHONEPE_TIMEOUT
    """
    claim = claim_now(order, cause=cause)
    return CheckResult.NOT_ASKED if claim is None else ask(claim, now=timezone.now(), timeout=timeout)


def ask(
    claim: Claim[PaymentTransaction],
    *,
    now: datetime,
    timeout: float | None = None,
    note: NotePending = note_pending,
) -> CheckResult:
    """Ask PhonePe, with no lock and no open transaction, and apply its answer.

    :param note: notes an answer that says nothing new
    """
    merchant_order_id = claim.row.merchant_order_id
    try:
        with recorded("order_status", merchant_order_id=merchant_order_id) as record:
            report = record.of(PhonePeService(timeout).order_status(merchant_order_id, flow=claim.row.flow))
    except PhonePeUnknownId as error:
        return apply_not_found(merchant_order_id, str(error), claim=claim, now=now)
    except PhonePeError as error:
        logger.info("phonepe_did_not_tell", order=merchant_order_id, cause=claim.cause, problem=str(error))
        note_unanswered(claim, now=now)
        _alert_if_silent(claim.row, now=now)
        return CheckResult.UNANSWERED
    attempts = ((claim.row.pk, attempt) for attempt in report.attempts)
    PaymentAttempt.objects.note(attempts, reported_by=ReportedBy.STATUS, now=now)
    if claim.row.flow == Flow.REDEMPTION:
        _note_notice(report, claim.row, now=now)
    if _says_nothing_new(report, claim.row, now=now):
        note(claim, now)
        return CheckResult.PENDING
    return apply_order_status(report, cause=claim.cause, now=now, claim=claim)


def _note_notice(report: OrderStatus, order: PaymentTransaction, *, now: datetime) -> None:
    """Note from when on an announced debit may be executed, once its payer has been told; the first word counts."""
    told = valid_after(report.raw, now=now)
    for debit in _UNTOLD.rows(order=order.pk) if told is not None else ():
        _TOLD.run(pk=debit.pk, told=told)
        Mandate.make_due(debit.mandate_id, now=now)


_UNTOLD = Prepared(
    lambda: MandateDebit.objects.filter(payment__transaction=Param("order", BigIntegerField()), valid_after=None)
)
_TOLD = PreparedUpdate(
    lambda: MandateDebit.objects.filter(pk=Param("pk", BigIntegerField()), valid_after=None),
    valid_after=Param("told", DateTimeField()),
)


def _says_nothing_new(report: OrderStatus, order: PaymentTransaction, *, now: datetime) -> bool:
    """Tell whether an open order that PhonePe is known to have is still open, in its time."""
    return (
        report.state == OrderState.PENDING
        and bool(order.phonepe_order_id)
        and not order.is_closed
        and now < order.expire_at + schedule.SILENT_AFTER
    )


def apply_order_status(
    report: OrderStatus, *, cause: ChangeCause, now: datetime, claim: Claim[PaymentTransaction] | None = None
) -> CheckResult:
    """Bring our order in line with PhonePe's report; repeating it changes nothing."""
    if report.state == OrderState.PENDING or _fails_another(report, now=now):
        return _note_pending(report, claim=claim, now=now)
    with transaction.atomic():
        payable = lock_payable(report.merchant_order_id)
        order = payable.transaction
        before, is_paid = order.reconciliation_status, payable.status in PAID
        was_held = before == Reconciliation.MISMATCH
        if order.last_checked_at is not None and now < order.last_checked_at and (was_held or is_paid):
            return CheckResult.FINAL  # PhonePe was asked since, and what it said then counts
        order.note_answer(now=now)
        order.phonepe_order_id = order.phonepe_order_id or report.order_id
        has_come = is_corrected = False
        if report.state == OrderState.FAILED:
            _fail(payable, report, cause=cause, now=now)
        elif is_paid:
            is_corrected = corrections.correct_paid(payable, report, cause=cause, now=now)
        else:
            has_come = _note_capture(payable, report, cause=cause, now=now)
        is_held = order.reconciliation_status == Reconciliation.MISMATCH
        if is_corrected or was_held > is_held:
            order.next_check_at = now + ASK_AT_MOST_EVERY  # whoever has taken back its word is asked once more
        elif is_held:
            _ask_again_later(order, claim, now=now)
        elif claim is None or claim.still_held(order) or order.state == OrderState.COMPLETED:
            order.next_check_at = None
        update(order)
        if has_come:
            _credit(payable, report, cause=cause, now=now)
        if before == Reconciliation.SILENT:
            end_waiting(order.merchant_order_id, now=now)
    return CheckResult.FINAL


def _ask_again_later(order: PaymentTransaction, claim: Claim[PaymentTransaction] | None, *, now: datetime) -> None:
    """Keep an order on its schedule that waits for an operator: PhonePe may correct itself before that."""
    is_mine = claim is None or (claim.is_scheduled_check and claim.still_held(order))
    if is_mine or order.next_check_at is None:
        order.next_check_at = schedule.check_after_answer(order, now=now)


def _fails_another(report: OrderStatus, *, now: datetime) -> bool:
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


def _note_capture(payable: Payable, report: OrderStatus, *, cause: ChangeCause, now: datetime) -> bool:
    """Note what came with an unpaid order; tell whether it is what was asked for, so that it can be credited."""
    order = payable.transaction
    another_order = bool(report.order_id) and report.order_id != order.phonepe_order_id
    if another_order or report.amount_paise != order.amount_paise:
        corrections.hold(payable, report, cause=cause, now=now)
        return False
    corrections.release(payable, report, cause=cause, now=now)
    note_payment(order, report, now=now)
    order.surplus_paise = payable.note_capture(order.amount_paise)
    order.captured_paise = order.amount_paise
    order.reconciliation_status = Reconciliation.SETTLED
    return True


def _credit(payable: Payable, report: OrderStatus, *, cause: ChangeCause, now: datetime) -> None:
    """Do what follows once an order's money is noted and its row is written."""
    order = payable.transaction
    call_off_overtaken(payable, now=now)
    move(payable, PaymentStatus.COMPLETED, cause=cause, at=now, answer=report.raw)
    posting.record_capture(payable, order.captured_paise, at=now)
    payable.deliver(now=now)
    return_surplus(payable, now=now)
    payment_received(payable, now=now)
    issue_invoice(payable, now=now)


def call_off_overtaken(payable: Payable, *, now: datetime) -> None:
    """Cancel what waits for the same money as this, which has come; should it come all the same, it goes back."""
    for waiting in payable.overtaken():
        move(waiting, PaymentStatus.CANCELLED, cause=ChangeCause.REPLACED, at=now)


def return_surplus(payable: Payable, *, now: datetime) -> None:
    """Start paying back what came beyond what was due; less than a rupee stays as credit."""
    order = payable.transaction
    if order.surplus_paise < SMALLEST_PAYMENT_PAISE:
        return
    order.reconciliation_status = Reconciliation.SURPLUS
    order.save(update_fields=["reconciliation_status", "updated_at"])
    reason = payable.reason_to_return()
    open_refund(payable, order.surplus_paise, kind=RefundKind.SURPLUS, reason=reason, now=now)


def note_payment(order: PaymentTransaction, report: OrderStatus, *, now: datetime) -> None:
    """Note when and how an order was paid, as PhonePe tells it."""
    attempt = report.paying_attempt
    order.state = OrderState.COMPLETED
    order.paid_at = min(now, (attempt and attempt.at) or now)  # nothing was paid in the future
    order.payment_mode = attempt.payment_mode if attempt else ""
    order.utr = attempt.utr if attempt else ""


def _fail(payable: Payable, report: OrderStatus, *, cause: ChangeCause, now: datetime) -> None:
    order = payable.transaction
    if payable.status in PAID:
        sentence = "PhonePe now says that this paid order failed. It stays paid; ask PhonePe."
        alert(AlertKind.CONTRADICTION, order.merchant_order_id, sentence, now=now)
        return
    corrections.release(payable, report, cause=cause, now=now)
    order.state, order.reconciliation_status = OrderState.FAILED, Reconciliation.SETTLED
    if payable.status == PaymentStatus.PENDING:
        move(payable, PaymentStatus.FAILED, cause=cause, at=now, answer=report.raw)
        payable.after_failure(now=now)
        if order.flow != Flow.MANDATE_SETUP:  # whoever declined it knows
            payment_failed(payable, now=now)


def apply_not_found(
    merchant_order_id: str, answer: str, *, claim: Claim[PaymentTransaction], now: datetime
) -> CheckResult:
    """PhonePe knows no such order: not final while the request that makes it may still be on its way."""
    with transaction.atomic():
        payable = lock_payable(merchant_order_id)
        order = payable.transaction
        order.note_answer(now=now)
        given_up_at = order.expire_at + schedule.NEVER_REACHED_AFTER
        last_look = given_up_at + schedule.LAST_LOOK_AFTER
        due_next = schedule.check_after_answer(order, now=now)
        if order.phonepe_order_id or posting.came_with(merchant_order_id):
            if not order.is_closed or order.reconciliation_status == Reconciliation.MISMATCH:
                sentence = "PhonePe took this order and now says it knows none such. It stays open; ask PhonePe."
                alert_lost(order, sentence, now=now)
            elif order.captured_paise:
                sentence = "PhonePe says it knows none such, and it is paid here. What was credited stays; ask PhonePe."
                alert_lost(order, sentence, now=now)
        elif now >= given_up_at:
            due_next = last_look
            if payable.status == PaymentStatus.PENDING:
                move(
                    payable, PaymentStatus.CANCELLED, cause=ChangeCause.NEVER_REACHED, at=now, answer={"error": answer}
                )
                payable.after_failure(now=now)
            if order.reconciliation_status == Reconciliation.SILENT:
                end_waiting(merchant_order_id, now=now)
            if now >= last_look:
                order.reconciliation_status = Reconciliation.SETTLED
        if claim.still_held(order) and (claim.is_scheduled_check or order.is_closed):
            is_over = order.reconciliation_status == Reconciliation.SETTLED and now >= last_look
            order.next_check_at = None if order.captured_paise or is_over else due_next
        order.save()
    return CheckResult.NOT_FOUND


def _note_pending(report: OrderStatus, *, claim: Claim[PaymentTransaction] | None, now: datetime) -> CheckResult:
    """Note that an order is still open: no lock, because nothing is decided."""
    order = PaymentTransaction.objects.get(merchant_order_id=report.merchant_order_id)
    if not order.phonepe_order_id:  # every open order is asked about again and again, and nearly all have it
        PaymentTransaction.objects.filter(pk=order.pk, phonepe_order_id="").update(phonepe_order_id=report.order_id)
    is_held = order.reconciliation_status == Reconciliation.MISMATCH
    if order.is_closed and not is_held and claim is not None:
        claim.held_row().update(next_check_at=None)
    note_row_pending(order, claim, now=now)
    _alert_if_silent(order, now=now)
    return CheckResult.PENDING


def _alert_if_silent(order: PaymentTransaction, *, now: datetime) -> None:
    """Tell an operator of an expired order that PhonePe calls pending, or about which it says nothing readable."""
    if now >= order.expire_at + schedule.SILENT_AFTER:
        sentence = "This order has expired, but PhonePe has not given its final word. We go on asking."
        alert_silence(order, sentence, now=now)
