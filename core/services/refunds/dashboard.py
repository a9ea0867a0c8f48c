"""Book refunds that were made at PhonePe and not here: on its dashboard, say, or here before a restore from backup.

Whoever tells of one (a webhook, a settlement's line) is only a reason to ask. PhonePe's Refund Status alone says how
much went back and of which order. Of an order of ours it is booked as a refund of its own, and goes on as such; what
fits no payment goes to suspense; of what PhonePe does not know nothing is posted.
"""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import cast

import structlog
from django.db import transaction

from core.models import (
    FINAL,
    NOT_ENDED,
    AlertKind,
    Payable,
    PaymentTransaction,
    Reconciliation,
    Refund,
    RefundKind,
    RefundState,
    ReportedRefund,
    ReportOutcome,
    StateChange,
)
from core.money import SMALLEST_PAYMENT_PAISE, rupees_for_people
from core.services.ledger import posting
from core.services.locks import lock_payable
from core.services.operations.alerts import alert, alert_silence
from core.services.phonepe.call_record import recorded
from core.services.phonepe.errors import PhonePeError, PhonePeOutcomeUnknown, PhonePeUnknownId
from core.services.phonepe.responses import RefundStatus
from core.services.phonepe_service import PhonePeService
from core.services.polling import schedule
from core.services.polling.claims import CheckResult, Claim, note_unanswered
from core.services.polling.pending import NotePending, note_pending
from core.services.refunds.opening import count_refund
from core.services.refunds.refund_status import complete

logger = structlog.get_logger(__name__)
CAN_BE_ASKED = re.compile(r"[A-Za-z0-9_-]{1,63}")  # as an id of ours: it becomes a part of an address
UNDECIDED = (ReportOutcome.WAITING, ReportOutcome.UNKNOWN)
PAYMENT_MAY_FOLLOW = timedelta(hours=1)  # the refund of an order that is not paid here: PhonePe is asked about both


def note_reported(names: Iterable[str], *, reported_by: str, now: datetime) -> None:
    """Have PhonePe asked about refunds that nobody here has made, once more if they are known."""
    names = sorted(set(names))
    ReportedRefund.objects.filter(merchant_refund_id__in=names).make_due(now=now)
    ReportedRefund.objects.bulk_create(
        [
            ReportedRefund(merchant_refund_id=name, reported_by=reported_by[:100], initiated_at=now, next_check_at=now)
            for name in names
        ],
        ignore_conflicts=True,
    )


def check(claim: Claim[ReportedRefund], *, now: datetime, note: NotePending = note_pending) -> CheckResult:
    """Ask PhonePe about a reported refund and book its answer.

    :param note: notes that there is no final word yet
    """
    reported = claim.row
    if reported.outcome not in UNDECIDED:
        claim.held_row().update(next_check_at=None)
        return CheckResult.FINAL
    try:
        with recorded("refund_status", merchant_refund_id=reported.merchant_refund_id) as record:
            report = _readable(record.of(PhonePeService().refund_status(reported.merchant_refund_id)))
    except PhonePeUnknownId:
        return _unknown(claim, now=now)
    except PhonePeError as error:
        logger.info("phonepe_did_not_tell", refund=reported.merchant_refund_id, problem=str(error))
        note_unanswered(claim, now=now)
        _alert_if_silent(reported, now=now)
        return CheckResult.UNANSWERED
    if _book(report, claim, now=now):
        return CheckResult.FINAL
    note(claim, now)
    _alert_if_silent(reported, now=now)
    return CheckResult.PENDING


def _readable(report: RefundStatus) -> RefundStatus:
    """:raises PhonePeOutcomeUnknown: if the answer does not say how much, or by which id PhonePe knows the refund"""
    if not report.refund_id or report.amount_paise is None or report.amount_paise <= 0:
        raise PhonePeOutcomeUnknown("PhonePe's answer about a refund names no amount, or no refund")
    return report


def _unknown(claim: Claim[ReportedRefund], *, now: datetime) -> CheckResult:
    with transaction.atomic():
        reported = ReportedRefund.objects.select_for_update().get(pk=claim.row.pk)
        # Whoever has told of it, or asked, since we did may know more: then their turn decides.
        if reported.outcome in UNDECIDED and claim.still_held(reported):
            name = reported.merchant_refund_id
            sentence = (
                f"{reported.reported_by} told of the refund {name}, which PhonePe does not know. Nothing was posted."
            )
            alert(AlertKind.UNKNOWN_WEBHOOK, name, sentence, now=now)
            _close(reported, ReportOutcome.UNKNOWN, now=now)
    return CheckResult.NOT_FOUND


def _close(reported: ReportedRefund, outcome: ReportOutcome, *, now: datetime) -> None:
    reported.outcome, reported.reconciliation_status = outcome, Reconciliation.SETTLED
    reported.next_check_at = None
    reported.note_answer(now=now)
    reported.save()


def _alert_if_silent(reported: ReportedRefund, *, now: datetime) -> None:
    if now >= reported.initiated_at + schedule.REFUND_SILENT_AFTER:
        sentence = f"{reported.reported_by} told of this refund ten days ago; PhonePe has no final word on it yet."
        alert_silence(reported, sentence, now=now)


def _book(report: RefundStatus, claim: Claim[ReportedRefund], *, now: datetime) -> bool:
    """Book PhonePe's answer once; return False if that has to wait."""
    with transaction.atomic():
        payable = _lock(report.merchant_order_id)
        reported = ReportedRefund.objects.select_for_update().get(pk=claim.row.pk)
        if reported.outcome in UNDECIDED:
            outcome = _outcome(report, payable, claim, now=now)
            if outcome == ReportOutcome.WAITING:
                return False
            _close(reported, outcome, now=now)
    return True


def _lock(merchant_order_id: str) -> Payable | None:
    try:
        return lock_payable(merchant_order_id)
    except PaymentTransaction.DoesNotExist:
        return None


def _outcome(
    report: RefundStatus, payable: Payable | None, claim: Claim[ReportedRefund], *, now: datetime
) -> ReportOutcome:
    """Decide what a refund is to our books, and post it. Called under the locks."""
    if report.state == RefundState.FAILED:
        return ReportOutcome.FAILED
    amount = cast("int", report.amount_paise)  # an answer without it is not readable
    left = payable.transaction.captured_paise - payable.transaction.refunding_paise if payable is not None else 0
    if payable is not None and SMALLEST_PAYMENT_PAISE <= amount <= left:
        return _book_on(payable, report, amount, claim, now=now)
    if report.state != RefundState.COMPLETED or (payable is not None and _may_fit_yet(payable, claim, now=now)):
        return ReportOutcome.WAITING
    ids = (report.refund_id, report.merchant_refund_id)
    posting.record_unknown_refund(ids, report.merchant_order_id, amount, at=now)
    why = "is not in our books" if payable is None else f"has only {rupees_for_people(left)} left to refund"
    sentence = (
        f"PhonePe has paid {rupees_for_people(amount)} back of order {report.merchant_order_id[:64]}, which {why}. "
        "It was not requested here, and is in suspense."
    )
    alert(AlertKind.DASHBOARD_REFUND, report.merchant_refund_id, sentence, now=now)
    return ReportOutcome.IN_SUSPENSE


def _may_fit_yet(payable: Payable, claim: Claim[ReportedRefund], *, now: datetime) -> bool:
    """Tell whether a refund that fits no payment now may do so later.

    A refund of ours that has not ended fails if PhonePe has paid its money already, or is not approved. And an order
    that is not paid here may be paid at PhonePe, which is asked about it.
    """
    order = payable.transaction
    if order.refunds.filter(state__in=NOT_ENDED).exists():
        return True
    is_news = order.captured_paise == 0 and order.reconciliation_status != Reconciliation.MISMATCH
    if is_news:
        PaymentTransaction.objects.filter(pk=order.pk).make_due(now=now)
    return is_news and now < claim.row.initiated_at + PAYMENT_MAY_FOLLOW


def _book_on(
    payable: Payable, report: RefundStatus, amount_paise: int, claim: Claim[ReportedRefund], *, now: datetime
) -> ReportOutcome:
    """Book a refund on its payment. While another one of the order is in flight, it waits until its money has gone."""
    order, is_final = payable.transaction, report.state in FINAL
    if not is_final and order.refunds.filter(state__in=NOT_ENDED).exists():
        return ReportOutcome.WAITING
    refund = Refund(
        transaction=order,
        merchant_refund_id=report.merchant_refund_id,
        refund_id=report.refund_id,
        amount_paise=amount_paise,
        kind=RefundKind.DASHBOARD,
        reason="Made at PhonePe, not here",
        state=report.state,
        initiated_at=report.at or now,
        sent_at=report.at or now,
        finished_at=now if is_final else None,
        reconciliation_status=Reconciliation.SETTLED if is_final else Reconciliation.OPEN,
    )
    if not is_final:
        refund.next_check_at = schedule.next_check(refund, after=now)
    refund.save()
    StateChange.objects.create(
        transaction=order,
        refund=refund,
        what="refund",
        new=report.state,
        cause=claim.cause,
        answer=dict(report.raw),
        at=now,
    )
    posting.record_unknown_refund_matched((report.refund_id, report.merchant_refund_id), at=now)
    count_refund(refund, payable, now=now)
    if is_final:
        complete(refund, payable, cause=claim.cause, now=now)
    _tell(refund, order, claim, now=now)
    return ReportOutcome.BOOKED


def _tell(refund: Refund, order: PaymentTransaction, claim: Claim[ReportedRefund], *, now: datetime) -> None:
    verb = "has paid" if refund.state == RefundState.COMPLETED else "is paying"
    left = rupees_for_people(order.captured_paise - order.refunding_paise)
    sentence = (
        f"PhonePe {verb} {rupees_for_people(refund.amount_paise)} back of order {order.merchant_order_id}. It was not "
        f"requested here ({claim.row.reported_by} told of it) and is booked on the payment, of which {left} is left."
    )
    alert(AlertKind.DASHBOARD_REFUND, refund.merchant_refund_id, sentence, now=now)
