"""Give money back: never more than came, one refund at a time, and each to its final word.

A refund goes the way of an order: the row first, then the call, then PhonePe's Refund Status API as the only
word on it. Source: "Refund" in PhonePe's documentation and its sign-off checklist.
"""

import secrets
from datetime import datetime

import structlog
from django.db import transaction

from core.errors import NothingLeftToRefund, NotRefundable, PhonePeRefusedRefund, RefundAboveRest, RefundRunning
from core.models import (
    IN_FLIGHT,
    PAID,
    AlertKind,
    Cause,
    IdempotencyKey,
    PaymentTransaction,
    Purpose,
    Reconciliation,
    Refund,
    RefundKind,
    RefundState,
    StateChange,
    Status,
    User,
)
from core.money import SMALLEST_PAYMENT_PAISE, rupees
from core.services import ledger, metrics, timetable
from core.services.alerts import alert
from core.services.claims import Ticket, Told, claim_lapses_at, note_unanswered, take_ticket
from core.services.locks import lock_purpose
from core.services.phonepe_errors import PhonePeError, PhonePeRejected, PhonePeUnknownId
from core.services.phonepe_reports import RefundReport
from core.services.phonepe_service import PhonePeService

logger = structlog.get_logger(__name__)


def request_refund(
    purpose: Purpose,
    *,
    amount_paise: int | None,
    reason: str,
    user: User,
    now: datetime,
    key: IdempotencyKey | None = None,
) -> Refund:
    """Refund a part of a payment, or all that is left, and send it to PhonePe at once.

    :raises NotRefundable, RefundRunning, NothingLeftToRefund, RefundAboveRest: before PhonePe is called
    :raises PhonePeRefusedRefund: if PhonePe refused it
    """
    if key is not None and key.refund is not None:
        return key.refund  # the first request with this key died after it had made its refund
    with transaction.atomic():
        purpose = lock_purpose(purpose.merchant_order_id)
        order = purpose.transaction
        _refuse_if_wrong(purpose, amount_paise)
        left = order.captured_paise - order.refunding_paise
        refund = open_refund(
            purpose, amount_paise or left, kind=RefundKind.REQUESTED, reason=reason, user=user, now=now
        )
        # We send it ourselves in a moment; if we die before that, the tick finds it when this claim lapses.
        refund.next_check_at, refund.asked_at = claim_lapses_at(now), now
        refund.save(update_fields=["next_check_at", "asked_at"])
        if key is not None:
            key.refund = refund
            key.save(update_fields=["refund"])
    send(Ticket(refund, Cause.REFUND, refund.next_check_at, keeps_time=True), now=now)
    refund.refresh_from_db()
    if refund.state == RefundState.FAILED:
        raise PhonePeRefusedRefund
    return refund


def _refuse_if_wrong(purpose: Purpose, amount_paise: int | None) -> None:
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


def check(ticket: Ticket[Refund], *, now: datetime) -> Told:
    """Bring a due refund forward: send it if it never was, else ask PhonePe how it stands."""
    refund = ticket.row
    if not refund.is_in_flight:
        ticket.rows().filter(next_check_at=ticket.schedule).update(next_check_at=None)
        return Told.FINAL
    return send(ticket, now=now) if refund.sent_at is None else ask(ticket, now=now)


def ask_now(refund: Refund, *, cause: Cause, now: datetime, patience: float | None = None) -> Told:
    """Ask about a refund beside the timetable, unless that was done within the last three seconds."""
    ticket = take_ticket(refund, cause=cause, now=now)
    return Told.NOT_ASKED if ticket is None else ask(ticket, now=now, patience=patience)


def send(ticket: Ticket[Refund], *, now: datetime) -> Told:
    """Ask PhonePe for the refund, for the first time."""
    refund = ticket.row
    if not Refund.objects.filter(pk=refund.pk, sent_at__isnull=True).update(sent_at=now):
        return Told.NOT_ASKED  # somebody else sends it
    try:
        report = _send(refund)
    except PhonePeRejected as error:
        logger.warning("phonepe_refused_refund", refund=refund.merchant_refund_id, code=error.code)
        return _refused(ticket, error, now=now)
    except PhonePeError as error:
        return _unanswered(ticket, error, now=now)
    return apply_refund_status(report, cause=ticket.cause, now=now, ticket=ticket)


def _refused(ticket: Ticket[Refund], refusal: PhonePeRejected, *, now: datetime) -> Told:
    """Fail a refused refund if PhonePe does not know it.

    If our request was slow, somebody else may have repeated it meanwhile: then PhonePe refuses ours as a
    duplicate and pays the other, which is the same refund.
    """
    refund = ticket.row
    try:
        report = PhonePeService().refund_report(refund.merchant_refund_id)
    except PhonePeUnknownId:
        answer: dict[str, object] = {"code": refusal.code}
        return _apply_final(refund, RefundState.FAILED, ticket, cause=Cause.REJECTED, answer=answer, now=now)
    except PhonePeError as error:
        return _unanswered(ticket, error, now=now)
    return apply_refund_status(report, cause=ticket.cause, now=now, ticket=ticket)


def ask(ticket: Ticket[Refund], *, now: datetime, patience: float | None = None) -> Told:
    """Ask how a refund stands; one that PhonePe never got is sent again, under its own id."""
    refund = ticket.row
    try:
        report = PhonePeService(patience).refund_report(refund.merchant_refund_id)
    except PhonePeUnknownId:
        if refund.refund_id or not ticket.keeps_time:
            return _lost(ticket, now=now)
        return _send_again(ticket, now=now)
    except PhonePeError as error:
        return _unanswered(ticket, error, now=now)
    return apply_refund_status(report, cause=ticket.cause, now=now, ticket=ticket)


def _send_again(ticket: Ticket[Refund], *, now: datetime) -> Told:
    """Repeat a request whose outcome was unknown; PhonePe takes the same id once, so this cannot pay twice."""
    refund = ticket.row
    try:
        report = _send(refund)
    except PhonePeRejected as error:
        logger.warning("phonepe_refused_refund_again", refund=refund.merchant_refund_id, code=error.code)
        try:
            report = PhonePeService().refund_report(refund.merchant_refund_id)
        except PhonePeUnknownId:
            return _lost(ticket, now=now)
        except PhonePeError as unheard:
            return _unanswered(ticket, unheard, now=now)
    except PhonePeError as error:
        return _unanswered(ticket, error, now=now)
    return apply_refund_status(report, cause=ticket.cause, now=now, ticket=ticket)


def _send(refund: Refund) -> RefundReport:
    return PhonePeService().refund(
        merchant_refund_id=refund.merchant_refund_id,
        merchant_order_id=refund.transaction.merchant_order_id,
        amount_paise=refund.amount_paise,
    )


def _unanswered(ticket: Ticket[Refund], error: PhonePeError, *, now: datetime) -> Told:
    logger.info("phonepe_did_not_tell", refund=ticket.row.merchant_refund_id, problem=str(error))
    note_unanswered(ticket, now=now)
    _alert_if_silent(ticket.row, now=now)
    return Told.UNANSWERED


def _lost(ticket: Ticket[Refund], *, now: datetime) -> Told:
    """PhonePe knows nothing of a refund that it took, or refuses to take: a person has to look."""
    refund = ticket.row
    sentence = "PhonePe does not know this refund and does not take it. It stays open; ask PhonePe."
    alert(AlertKind.LOST_BY_PHONEPE, refund.merchant_refund_id, sentence, now=now)
    note_unanswered(ticket, now=now)
    return Told.NOT_FOUND


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
        return _apply_final(refund, RefundState(report.state), ticket, cause=cause, answer=answer, now=now)
    return _note_in_flight(refund, report, ticket, now=now)


def _note_in_flight(refund: Refund, report: RefundReport, ticket: Ticket[Refund] | None, *, now: datetime) -> Told:
    mine = Refund.objects.filter(pk=refund.pk)
    mine.update(last_checked_at=now, unanswered_count=0, check_count=refund.check_count + 1)
    mine.filter(state=RefundState.PENDING).update(state=report.state)
    if ticket is not None and ticket.keeps_time:
        mine.filter(next_check_at=ticket.schedule, state__in=IN_FLIGHT).update(
            next_check_at=timetable.next_check(refund, after=now)
        )
    _alert_if_silent(refund, now=now)
    return Told.PENDING


def _alert_if_silent(refund: Refund, *, now: datetime) -> None:
    """Tell an operator of a refund that is under way for too long, or about which PhonePe says nothing readable."""
    if refund.reconciliation_status != Reconciliation.OPEN or now < refund.initiated_at + timetable.REFUND_SILENT_AFTER:
        return
    mine = Refund.objects.filter(pk=refund.pk, reconciliation_status=Reconciliation.OPEN)
    if mine.update(reconciliation_status=Reconciliation.SILENT):
        sentence = "This refund has been under way for ten days. We go on asking; ask PhonePe too."
        alert(AlertKind.SILENT, refund.merchant_refund_id, sentence, now=now)


def _apply_final(
    refund: Refund,
    state: RefundState,
    ticket: Ticket[Refund] | None,
    *,
    cause: Cause,
    answer: dict[str, object],
    now: datetime,
) -> Told:
    with transaction.atomic():
        purpose = lock_purpose(refund.transaction.merchant_order_id)
        refund = Refund.objects.select_for_update().get(pk=refund.pk)
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
    return sum(refund.amount_paise for refund in order.refunds.all() if refund.state == RefundState.COMPLETED)
