"""Give money back: never more than came, one refund at a time, and each to its final word.

A refund goes the way of an order: the row first, then the call, then PhonePe's Refund Status API as the only
word on it. Source: "Refund" in PhonePe's documentation and its sign-off checklist.
"""

from datetime import datetime

import structlog
from django.db import transaction
from django.utils import timezone

from core.errors import PhonePeRefusedRefund
from core.models import AlertKind, Cause, IdempotencyKey, Purpose, Refund, RefundKind, RefundState, User
from core.services.alerts import alert
from core.services.claims import Ticket, Told, claim_lapses_at, note_unanswered, take_ticket
from core.services.locks import lock_purpose
from core.services.pending_answers import PendingAnswers
from core.services.phonepe_errors import PhonePeError, PhonePeRejected, PhonePeUnknownId
from core.services.phonepe_reports import RefundReport
from core.services.phonepe_service import PhonePeService
from core.services.refund_opening import open_refund, refuse_if_wrong
from core.services.refund_status import alert_if_silent, apply_refund_status, finish

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
        # The first request with this key died after it had made its refund, or PhonePe refused that.
        return _unless_failed(key.refund)
    with transaction.atomic():
        purpose = lock_purpose(purpose.merchant_order_id)
        if key is not None:
            key.refresh_from_db(fields=["refund"])
            if key.refund is not None:  # made by a repeat, while we stood still for longer than our right to the key
                return _unless_failed(key.refund)
        order = purpose.transaction
        refuse_if_wrong(purpose, amount_paise)
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
    send(Ticket(refund, Cause.REFUND, refund.next_check_at, now, keeps_time=True), now=now)
    refund.refresh_from_db()
    return _unless_failed(refund)


def _unless_failed(refund: Refund) -> Refund:
    if refund.state == RefundState.FAILED:
        raise PhonePeRefusedRefund
    return refund


def check(ticket: Ticket[Refund], *, now: datetime, pending: PendingAnswers | None = None) -> Told:  # noqa: ARG001
    """Bring a due refund forward: send it if it never was, else ask PhonePe how it stands.

    Refunds are asked about seldom, so their pending answers are not gathered.
    """
    refund = ticket.row
    if not refund.is_in_flight:
        ticket.rows().filter(next_check_at=ticket.schedule).update(next_check_at=None)
        return Told.FINAL
    return send(ticket, now=now) if refund.sent_at is None else ask(ticket, now=now)


def ask_now(refund: Refund, *, cause: Cause, patience: float | None = None) -> Told:
    """Ask about a refund beside the timetable, unless that was done within the last three seconds.

    One that was never sent is not asked about: the clock sends it.
    """
    if refund.sent_at is None:
        return Told.NOT_ASKED
    ticket = take_ticket(refund, cause=cause)
    return Told.NOT_ASKED if ticket is None else ask(ticket, now=timezone.now(), patience=patience)


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
        return finish(refund, RefundState.FAILED, ticket, cause=Cause.REJECTED, answer=answer, now=now)
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
        if ticket.interrupts_another(now):
            return Told.NOT_FOUND  # the request may be on its way this moment; this claim lapses, and then we see
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
    alert_if_silent(ticket.row, now=now)
    return Told.UNANSWERED


def _lost(ticket: Ticket[Refund], *, now: datetime) -> Told:
    """PhonePe knows nothing of a refund that it took, or refuses to take: a person has to look."""
    refund = ticket.row
    sentence = "PhonePe does not know this refund and does not take it. It stays open; ask PhonePe."
    alert(AlertKind.LOST_BY_PHONEPE, refund.merchant_refund_id, sentence, now=now)
    note_unanswered(ticket, now=now)
    return Told.NOT_FOUND
