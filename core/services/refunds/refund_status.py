"""The one way in which a refund changes: send it or ask about it, then bring our books in line with PhonePe's answer.

To be read from top to bottom. Every path begins with a claim on the row and ends in `apply_refund_status`, or in
another check later.
"""

from datetime import datetime
from functools import partial

import structlog
from django.db import transaction
from django.utils import timezone

from core.models import (
    FINAL,
    AlertKind,
    ChangeCause,
    Invoice,
    Payable,
    PaymentStatus,
    PaymentTransaction,
    Reconciliation,
    Refund,
    RefundKind,
    RefundState,
    ReportedRefund,
    ReportOutcome,
    StateChange,
)
from core.models.refunds import refunds_of
from core.money import SMALLEST_PAYMENT_PAISE, rupees_for_people
from core.services.ledger import posting
from core.services.locks import lock_payable
from core.services.moves import move
from core.services.notices.payments import refund_done, refund_failed
from core.services.operations import metrics
from core.services.operations.alerts import alert, alert_lost, alert_silence, end_alert, end_waiting
from core.services.papers.issuing import issue_credit_note
from core.services.phonepe.call_record import recorded
from core.services.phonepe.errors import PhonePeError, PhonePeRejected, PhonePeUnknownId
from core.services.phonepe.responses import RefundStatus
from core.services.phonepe_service import PhonePeService
from core.services.polling import schedule
from core.services.polling.claims import CheckResult, Claim, claim_now, give_back, note_unanswered
from core.services.polling.pending import NotePending, note_pending, note_row_pending
from core.services.refunds.opening import open_refund

logger = structlog.get_logger(__name__)


def ask_now(refund: Refund, *, cause: ChangeCause, timeout: float | None = None) -> CheckResult:
    """Ask about a refund beside the schedule, unless that was done within the last three seconds.

    One that was never sent is not asked about: the clock sends it.

    :param timeout: seconds PhonePe has for its answer; left out: PHONEPE_TIMEOUT
    """
    if refund.sent_at is None:
        return CheckResult.NOT_ASKED
    claim = claim_now(refund, cause=cause)
    return CheckResult.NOT_ASKED if claim is None else ask(claim, now=timezone.now(), timeout=timeout)


def check(claim: Claim[Refund], *, now: datetime, note: NotePending = note_pending) -> CheckResult:
    """Bring a due refund forward: send it if it never was, otherwise ask PhonePe how it stands.

    :param note: notes an answer that says nothing new
    """
    # Of a refund that PhonePe made without us, its word is all that we know; somebody says otherwise, so it is asked.
    if not claim.row.is_in_flight and claim.row.kind != RefundKind.DASHBOARD:
        claim.held_row().update(next_check_at=None)
        return CheckResult.FINAL
    if claim.row.sent_at is not None:
        return ask(claim, now=now, note=note)
    if claim.row.next_check_at is not None and claim.row.next_check_at > now:
        give_back([claim])  # an operator asks about everything; its time to be sent comes later
        return CheckResult.NOT_ASKED
    return send(claim, now=now)


def send(claim: Claim[Refund], *, now: datetime) -> CheckResult:
    """Ask PhonePe for a refund: for the first time, or again under its own id.

    PhonePe takes an id once, so a repetition cannot pay twice. If PhonePe refuses the request, its status decides:
    when ours was slow, another worker may have repeated it meanwhile, and what PhonePe refuses is the duplicate.
    """
    refund = claim.row
    if refund.sent_at is None:
        refund.initiated_at = now  # the schedule counts from here
        mine = Refund.objects.filter(pk=refund.pk, sent_at=None, state=RefundState.PENDING)
        if not mine.update(sent_at=now, initiated_at=now):
            return CheckResult.NOT_ASKED  # another worker is sending it
    try:
        name, order_id, amount = refund.merchant_refund_id, refund.transaction.merchant_order_id, refund.amount_paise
        with recorded("refund", merchant_order_id=order_id, merchant_refund_id=name) as record:
            phonepe = PhonePeService()
            report = record.of(phonepe.refund(merchant_refund_id=name, merchant_order_id=order_id, amount_paise=amount))
    except PhonePeRejected as refusal:
        logger.warning("phonepe_refused_refund", refund=refund.merchant_refund_id, code=refusal.code)
        return ask(claim, now=now, refusal=refusal)
    except PhonePeError as error:
        return _unanswered(claim, error, now=now)
    return apply_refund_status(report, cause=claim.cause, now=now, claim=claim)


def ask(
    claim: Claim[Refund],
    *,
    now: datetime,
    timeout: float | None = None,
    refusal: PhonePeRejected | None = None,
    note: NotePending = note_pending,
) -> CheckResult:
    """Ask PhonePe how a refund stands.

    :param refusal: PhonePe's answer to the request for this refund, if it has just refused that
    :param note: notes an answer that says nothing new
    """
    try:
        with recorded("refund_status", merchant_refund_id=claim.row.merchant_refund_id) as record:
            report = record.of(PhonePeService(timeout).refund_status(claim.row.merchant_refund_id))
    except PhonePeUnknownId:
        return _not_found(claim, refusal, now=now)
    except PhonePeError as error:
        return _unanswered(claim, error, now=now)
    if _says_nothing_new(report, claim.row, now=now):
        note(claim, now)
        return CheckResult.PENDING
    return apply_refund_status(report, cause=claim.cause, now=now, claim=claim)


def _says_nothing_new(report: RefundStatus, refund: Refund, *, now: datetime) -> bool:
    """Tell whether a refund that PhonePe is known to have is still under way, and not for too long."""
    return (
        report.state == refund.state
        and refund.is_in_flight
        and report.amount_paise in (None, refund.amount_paise)
        and bool(refund.refund_id)
        and not is_overdue(refund, now=now)
    )


def _unanswered(claim: Claim[Refund], error: PhonePeError, *, now: datetime) -> CheckResult:
    logger.info("phonepe_did_not_tell", refund=claim.row.merchant_refund_id, problem=str(error))
    note_unanswered(claim, now=now)
    _alert_if_silent(claim.row, now=now)
    return CheckResult.UNANSWERED


def _not_found(claim: Claim[Refund], refusal: PhonePeRejected | None, *, now: datetime) -> CheckResult:
    """Decide about a refund that PhonePe does not know.

    Refused at the first request, it has failed. If the request got lost, the clock repeats it, once no other worker
    can be sending it. A refund that PhonePe took before, or refuses to take again, is for a person to look into; one
    that has ended stays as it is.
    """
    refund = claim.row
    if not refund.is_in_flight:
        if refund.kind == RefundKind.DASHBOARD:
            sentence = "PhonePe made this refund and now says it knows none such. What was booked stays; ask PhonePe."
            alert_lost(refund, sentence, now=now)
        claim.held_row().update(next_check_at=None)
        return CheckResult.NOT_FOUND
    if refusal is not None and refund.sent_at is None:
        answer = {"code": refusal.code}
        failed = RefundStatus(refund.merchant_refund_id, "", RefundState.FAILED, None, refusal.code, answer)
        return apply_refund_status(failed, cause=ChangeCause.REJECTED, now=now, claim=claim)
    got_lost = refusal is None and not refund.refund_id
    if got_lost and claim.is_scheduled_check:
        # Where another worker may be sending it, this claim lapses by itself, and then we see.
        return CheckResult.NOT_FOUND if claim.interrupts_another(now) else send(claim, now=now)
    if not got_lost:
        sentence = "PhonePe does not know this refund and does not take it. It stays open; ask PhonePe."
        alert_lost(refund, sentence, now=now)
    note_unanswered(claim, now=now)
    return CheckResult.NOT_FOUND


def apply_refund_status(
    report: RefundStatus, *, cause: ChangeCause, now: datetime, claim: Claim[Refund]
) -> CheckResult:
    """Bring our refund in line with PhonePe's report; repeating it changes nothing, and the first final word counts."""
    refund = Refund.objects.get(merchant_refund_id=report.merchant_refund_id)
    if refund.kind == RefundKind.DASHBOARD and report.amount_paise:
        _correct(refund, report.amount_paise, report, cause=cause, now=now)
        refund.refresh_from_db()
    if report.amount_paise not in (None, refund.amount_paise):
        wanted = rupees_for_people(refund.amount_paise)
        sentence = f"PhonePe reports another amount than {wanted} for this refund. Ask PhonePe."
        alert(AlertKind.MISMATCH, refund.merchant_refund_id, sentence, now=now)
        note_unanswered(claim, now=now)
        return CheckResult.UNANSWERED
    if report.refund_id and not refund.refund_id:
        Refund.objects.filter(pk=refund.pk, refund_id="").update(refund_id=report.refund_id)
    if report.state not in FINAL:
        return _note_pending(refund, report, claim, now=now)
    with transaction.atomic():
        payable = lock_payable(refund.transaction.merchant_order_id)
        refund = Refund.objects.select_for_update().get(pk=refund.pk)
        if cause == ChangeCause.REJECTED and not claim.still_held(refund):
            return CheckResult.UNANSWERED  # our claim has lapsed: whoever has it now may have sent it again
        refund.note_answer(now=now)
        refund.next_check_at = None
        if refund.is_in_flight:
            _finish(refund, payable, report, cause=cause, now=now)
        elif refund.state != report.state:
            sentence = f"PhonePe now says {report.state} of a refund that is {refund.state}. Ask PhonePe."
            alert(AlertKind.CONTRADICTION, refund.merchant_refund_id, sentence, now=now)
        refund.save()
    return CheckResult.FINAL


def _correct(refund: Refund, amount_paise: int, report: RefundStatus, *, cause: ChangeCause, now: datetime) -> None:
    """Follow PhonePe where it names another amount than before of a refund that it made without us, and tell of it.

    What would not fit is left to a person: more than its payment has left, less than a rupee, one that has failed, and
    one of which a credit note is issued.
    """
    with transaction.atomic():
        payable = lock_payable(refund.transaction.merchant_order_id)
        refund = Refund.objects.select_for_update().get(pk=refund.pk)
        order, was, has_ended = payable.transaction, refund.amount_paise, not refund.is_in_flight
        before = order.refunding_paise - was
        is_closed = has_ended and (
            refund.state != RefundState.COMPLETED or Invoice.objects.filter(refund=refund).exists()
        )
        fits = SMALLEST_PAYMENT_PAISE <= amount_paise <= order.captured_paise - before
        if amount_paise == was or is_closed or not fits:
            return
        refund.amount_paise = amount_paise
        refund.save(update_fields=["amount_paise", "updated_at"])
        change = {"what": "refund_amount", "old": str(was), "new": str(amount_paise), "cause": cause}
        StateChange.objects.create(transaction=order, refund=refund, answer=dict(report.raw), at=now, **change)
        posting.record_refund_corrected(refund, payable, before, at=now)
        order.refunding_paise = before + amount_paise
        order.save(update_fields=["refunding_paise", "updated_at"])
        if has_ended:
            _follow_refunds(payable, cause=cause, now=now)
        end_alert(AlertKind.MISMATCH, refund.merchant_refund_id, now=now)
        sentence = (
            f"PhonePe now says {rupees_for_people(amount_paise)} of this refund, which was made at PhonePe, and said "
            f"{rupees_for_people(was)} before. The books follow its last word."
        )
        alert(AlertKind.CONTRADICTION, refund.merchant_refund_id, sentence, now=now)


def _note_pending(refund: Refund, report: RefundStatus, claim: Claim[Refund], *, now: datetime) -> CheckResult:
    Refund.objects.filter(pk=refund.pk, state=RefundState.PENDING).update(state=report.state)
    note_row_pending(refund, claim, now=now)
    _alert_if_silent(refund, now=now)
    return CheckResult.PENDING


def is_overdue(refund: Refund, *, now: datetime) -> bool:
    """Tell whether PhonePe has taken longer for a refund than it should."""
    return now >= refund.initiated_at + schedule.REFUND_SILENT_AFTER


def _alert_if_silent(refund: Refund, *, now: datetime) -> None:
    """Tell an operator of a refund that is under way for too long, or about which PhonePe says nothing readable."""
    if is_overdue(refund, now=now):
        sentence = "This refund has been under way for ten days. We go on asking; ask PhonePe too."
        alert_silence(refund, sentence, now=now)


def _finish(refund: Refund, payable: Payable, report: RefundStatus, *, cause: ChangeCause, now: datetime) -> None:
    StateChange.objects.create(
        transaction=payable.transaction,
        refund=refund,
        what="refund",
        old=refund.state,
        new=report.state,
        cause=cause,
        answer=dict(report.raw),
        at=now,
    )
    was_waited_for = refund.reconciliation_status == Reconciliation.SILENT
    refund.state, refund.finished_at = RefundState(report.state), now
    refund.reconciliation_status, refund.error_code = Reconciliation.SETTLED, report.error_code[:64]
    refund.save()
    end_alert(AlertKind.MISMATCH, refund.merchant_refund_id, now=now)  # PhonePe named another amount before, perhaps
    if was_waited_for:
        end_waiting(refund.merchant_refund_id, now=now)
    if refund.state == RefundState.COMPLETED:
        complete(refund, payable, cause=cause, now=now)
    else:
        _fail(refund, payable, now=now)
        if cause == ChangeCause.REJECTED:  # PhonePe may have corrected what came with its order
            PaymentTransaction.objects.filter(pk=payable.transaction.pk).make_due(now=now)


def _follow_refunds(payable: Payable, *, cause: ChangeCause, now: datetime) -> None:
    """Do what follows for a payment and its order from what PhonePe has paid back of it in all."""
    order = payable.transaction
    refunded = refunded_paise(order)
    is_whole = refunded == order.captured_paise
    status = PaymentStatus.REFUNDED if is_whole else PaymentStatus.PARTIALLY_REFUNDED
    if payable.status != status:
        move(payable, status, cause=cause, at=now)
    payable.after_refunds(refunded, now=now)
    if order.reconciliation_status == Reconciliation.SURPLUS and refunded >= order.surplus_paise:
        order.reconciliation_status = Reconciliation.SETTLED
        order.save(update_fields=["reconciliation_status", "updated_at"])


def complete(refund: Refund, payable: Payable, *, cause: ChangeCause, now: datetime) -> None:
    """Do what follows when PhonePe has paid a refund. Called under the locks, once."""
    _tell_of_end(refund, payable.transaction)
    posting.record_refund_done(refund, at=now)
    _follow_refunds(payable, cause=cause, now=now)
    refund_done(refund, payable, now=now)
    issue_credit_note(refund, payable, now=now)


def _tell_of_end(refund: Refund, order: PaymentTransaction) -> None:
    """Count and log once that a refund has ended, when that is committed."""
    said = {"refund": refund.merchant_refund_id, "state": str(refund.state), "kind": str(refund.kind)}
    transaction.on_commit(metrics.REFUNDS.labels(refund.state, refund.kind).inc)
    transaction.on_commit(partial(logger.info, "refund_ended", order=order.merchant_order_id, **said))


def _fail(refund: Refund, payable: Payable, *, now: datetime) -> None:
    """Let a refund end that PhonePe could not pay.

    A surplus refund is tried once more by itself, hours later; everything else, and its second failure, waits for a
    person.
    """
    give_amount_back(refund, payable, now=now)
    if refund.kind == RefundKind.SURPLUS and refund.retry_of is None:
        open_refund(
            payable,
            refund.amount_paise,
            kind=RefundKind.SURPLUS,
            reason=refund.reason,
            retry_of=refund,
            now=now,
            send_at=now + schedule.REFUND_RETRY_AFTER,
        )
    else:
        refund_failed(refund, payable, now=now)
        sentence = (
            f"The refund of {rupees_for_people(refund.amount_paise)} failed ({refund.error_code or 'no reason given'})."
        )
        alert(AlertKind.REFUND_FAILED, refund.merchant_refund_id, sentence, now=now)


def give_amount_back(refund: Refund, payable: Payable, *, now: datetime) -> None:
    """Give the amount of a refund that has failed back to what can be refunded. Called under the locks, once."""
    order = payable.transaction
    _tell_of_end(refund, order)
    posting.record_refund_failed(refund, at=now)
    order.refunding_paise -= refund.amount_paise
    order.save(update_fields=["refunding_paise", "updated_at"])

    def have_waiting_reports_looked_at() -> None:  # Django names what breaks, which it cannot do of a `partial`
        """Ask anew about refunds made at PhonePe that are not booked yet: this one may have taken their room."""
        ReportedRefund.objects.filter(outcome=ReportOutcome.WAITING).make_due(now=now)

    transaction.on_commit(have_waiting_reports_looked_at, robust=True)


def refunded_paise(order: PaymentTransaction) -> int:
    """Return what PhonePe has paid back of an order."""
    return sum(refund.amount_paise for refund in refunds_of(order) if refund.state == RefundState.COMPLETED)
