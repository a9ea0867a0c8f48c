"""Bring a refund in line with what PhonePe says about it, once for each fact."""

from datetime import datetime

from django.db import transaction

from core.models import (
    IN_FLIGHT,
    AlertKind,
    Cause,
    PaymentTransaction,
    Purpose,
    Reconciliation,
    Refund,
    RefundKind,
    RefundState,
    StateChange,
    Status,
)
from core.money import rupees
from core.services import ledger, metrics, timetable
from core.services.alerts import alert, alert_silence
from core.services.claims import Ticket, Told, note_unanswered
from core.services.locks import lock_purpose
from core.services.phonepe_reports import RefundReport
from core.services.refund_opening import open_refund


def apply_refund_status(
    report: RefundReport, *, cause: Cause, now: datetime, ticket: Ticket[Refund] | None = None
) -> Told:
    """Bring our refund in line with PhonePe's report; repeating it changes nothing."""
    refund = Refund.objects.get(merchant_refund_id=report.merchant_refund_id)
    if report.amount_paise not in (None, refund.amount_paise):
        sentence = f"PhonePe reports another amount than ₹{rupees(refund.amount_paise)} for this refund. Ask PhonePe."
        alert(AlertKind.MISMATCH, refund.merchant_refund_id, sentence, now=now)
        if ticket is not None:
            note_unanswered(ticket, now=now)
        return Told.UNANSWERED
    if report.refund_id and not refund.refund_id:
        Refund.objects.filter(pk=refund.pk, refund_id="").update(refund_id=report.refund_id)
    if report.state in (RefundState.COMPLETED, RefundState.FAILED):
        answer = dict(report.raw)
        return finish(refund, RefundState(report.state), ticket, cause=cause, answer=answer, now=now)
    return _note_in_flight(refund, report, ticket, now=now)


def _note_in_flight(refund: Refund, report: RefundReport, ticket: Ticket[Refund] | None, *, now: datetime) -> Told:
    mine = Refund.objects.filter(pk=refund.pk)
    mine.update(last_checked_at=now, unanswered_count=0, check_count=refund.check_count + 1)
    mine.filter(state=RefundState.PENDING).update(state=report.state)
    if ticket is not None and ticket.keeps_time:
        mine.filter(next_check_at=ticket.schedule, state__in=IN_FLIGHT).update(
            next_check_at=timetable.next_check(refund, after=now)
        )
    alert_if_silent(refund, now=now)
    return Told.PENDING


def alert_if_silent(refund: Refund, *, now: datetime) -> None:
    """Tell an operator of a refund that is under way for too long, or about which PhonePe says nothing readable."""
    if now >= refund.initiated_at + timetable.REFUND_SILENT_AFTER:
        sentence = "This refund has been under way for ten days. We go on asking; ask PhonePe too."
        alert_silence(refund, sentence, now=now)


def finish(
    refund: Refund,
    state: RefundState,
    ticket: Ticket[Refund] | None,
    *,
    cause: Cause,
    answer: dict[str, object],
    now: datetime,
) -> Told:
    """Note PhonePe's final word on a refund, COMPLETED or FAILED; only the first one counts.

    A refusal with which PhonePe knows no such refund is final only while nobody else can have sent it.
    """
    with transaction.atomic():
        purpose = lock_purpose(refund.transaction.merchant_order_id)
        refund = Refund.objects.select_for_update().get(pk=refund.pk)
        if cause == Cause.REJECTED and ticket is not None and not ticket.may_schedule(refund):
            return Told.UNANSWERED  # our claim has lapsed: whoever has it now may have sent it again
        refund.note_answer(now=now)
        if refund.is_in_flight:
            _finish(refund, purpose, state, cause=cause, answer=answer, now=now)
        elif refund.state != state:
            sentence = f"PhonePe now says {state} of a refund that is {refund.state}. Ask PhonePe."
            alert(AlertKind.CONTRADICTION, refund.merchant_refund_id, sentence, now=now)
        if ticket is None or ticket.may_schedule(refund) or not refund.is_in_flight:
            refund.next_check_at = None
        refund.save()
    return Told.FINAL


def _finish(
    refund: Refund,
    purpose: Purpose,
    state: RefundState,
    *,
    cause: Cause,
    answer: dict[str, object],
    now: datetime,
) -> None:
    StateChange.objects.create(
        transaction=purpose.transaction,
        refund=refund,
        what="refund",
        old=refund.state,
        new=state,
        cause=cause,
        answer=answer,
        at=now,
    )
    refund.state, refund.finished_at, refund.reconciliation_status = state, now, Reconciliation.SETTLED
    refund.error_code = str(answer.get("detailedErrorCode") or answer.get("errorCode") or answer.get("code") or "")[:64]
    refund.next_check_at = None
    refund.save()
    metrics.REFUNDS.labels(state, refund.kind).inc()
    if state == RefundState.COMPLETED:
        ledger.record_refund_done(refund, at=now)
        _note_refunded(refund, purpose, cause=cause, now=now)
    else:
        ledger.record_refund_failed(refund, at=now)
        order = purpose.transaction
        order.refunding_paise -= refund.amount_paise
        order.save(update_fields=["refunding_paise", "updated_at"])
        _retry_or_alert(refund, purpose, now=now)


def _note_refunded(refund: Refund, purpose: Purpose, *, cause: Cause, now: datetime) -> None:
    order = purpose.transaction
    refunded = refunded_paise(order)
    status = Status.REFUNDED if refunded == order.captured_paise else Status.PARTIALLY_REFUNDED
    if purpose.status != status:
        purpose.move_to(status, cause=cause, at=now)
    purpose.after_refunds(refunded, now=now)
    if refund.kind == RefundKind.SURPLUS:
        order.reconciliation_status = Reconciliation.SETTLED
        order.save(update_fields=["reconciliation_status", "updated_at"])


def _retry_or_alert(refund: Refund, purpose: Purpose, *, now: datetime) -> None:
    """Try a surplus refund once more by itself; everything else, and its second failure, waits for a person."""
    if refund.kind == RefundKind.SURPLUS and refund.retry_of is None:
        open_refund(
            purpose, refund.amount_paise, kind=RefundKind.SURPLUS, reason=refund.reason, retry_of=refund, now=now
        )
        return
    sentence = f"The refund of ₹{rupees(refund.amount_paise)} failed ({refund.error_code or 'no reason given'})."
    alert(AlertKind.REFUND_FAILED, refund.merchant_refund_id, sentence, now=now)


def refunded_paise(order: PaymentTransaction) -> int:
    """Return what PhonePe has paid back of an order."""
    return sum(refund.amount_paise for refund in order.refunds_made if refund.state == RefundState.COMPLETED)
