"""Import what PhonePe says it paid out: match it with our books line by line, post it, and name every difference."""

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from core.models import (
    AlertKind,
    LineOutcome,
    PaymentTransaction,
    Refund,
    ReportedRefund,
    Settlement,
    SettlementLine,
    SettlementState,
)
from core.models.settlements import DISAGREEING, LineKey
from core.money import rupees_for_people
from core.services.locks import wait_turn
from core.services.operations.alerts import alert
from core.services.refunds.dashboard import note_reported
from core.services.settlements import posting as settlement_posting
from core.services.settlements import versions
from core.services.settlements.differences import Imported, Report, missing
from core.services.settlements.files import ParsedFile, ParsedSettlement
from core.services.settlements.matching import Matcher, in_parts
from core.services.settlements.versions import Stored

logger = structlog.get_logger(__name__)

AT_ONCE = 1000
JUDGED = ("outcome", "remark", "clearing_paise")
ALERTED = (LineOutcome.DIFFERENT, LineOutcome.UNKNOWN, LineOutcome.REPEATED)
CLOCKS_APART = timedelta(hours=1)  # how far one machine's clock may be ahead of another's


def import_settlements(
    file: ParsedFile, *, grace: timedelta, dry_run: bool, now: datetime, done: Callable[[int], object] = bool
) -> Report:
    """Bring our settlements in line with a file; importing it again changes nothing.

    :param grace: how long after a payment PhonePe may leave it out before it counts as missing
    :param done: called with the number of lines after each settlement, for whoever shows how far it has come
    """
    report, matcher = Report(file.unreadable), Matcher()
    keys = file.whole_reports()
    for each in file.settlements:
        with transaction.atomic():
            imported = _import(each, matcher, keys.get(each.settlement_id), dry_run=dry_run, now=now)
            report.settlements.append(imported)
        done(len(imported.lines))
    _match_freed(report, matcher, dry_run=dry_run, now=now)
    if not dry_run:
        _ask_soon(matcher, now=now)
    report.missing = missing(report, newest=matcher.newest, grace=grace)
    return report


def match_again(settlements: QuerySet[Settlement], *, now: datetime) -> None:
    """Compare the lines of settlements anew with our books, which know more by now, and post the difference."""
    matcher = Matcher()
    for settlement_id in settlements.values_list("pk", flat=True).order_by("pk").distinct():
        with transaction.atomic():
            wait_turn("settlements")
            imported = Imported(Settlement.objects.select_for_update().get(pk=settlement_id))
            before = versions.stored(imported.settlement)
            imported.lines = list(before.lines.values())
            matcher.match(imported.settlement, imported.lines)
            _keep(imported, before)
            _post(imported, before, now=now)


def match_what_changed(*, now: datetime) -> int:
    """Compare settlements anew in which a line did not agree and whose order or refund has changed since.

    Workers do so as soon as PhonePe has said its final word. This finds what they were killed before, and what others
    heard: a payer's verify, a page of the admin. Returns how many settlements there were to compare.
    """
    changed = Q()
    for model, name, column in (
        (PaymentTransaction, "merchant_order_id", "merchant_order_id"),
        (PaymentTransaction, "phonepe_order_id", "phonepe_id"),
        (Refund, "merchant_refund_id", "merchant_refund_id"),
        (ReportedRefund, "merchant_refund_id", "merchant_refund_id"),
    ):
        compared_at = OuterRef("settlement__updated_at")
        changed |= Q(
            Exists(model.objects.filter(**{name: OuterRef(column)}, updated_at__gt=compared_at - CLOCKS_APART))
        )
    lines = SettlementLine.objects.filter(changed, outcome__in=DISAGREEING)
    found = list(lines.values_list("settlement_id", flat=True).distinct())
    for key in found:
        try:
            match_again(Settlement.objects.filter(pk=key), now=now)
        except Exception:
            logger.exception("settlement_not_compared", settlement=key)  # it keeps no other from its turn
    return len(found)


def _import(
    parsed: ParsedSettlement, matcher: Matcher, keys: set[LineKey] | None, *, dry_run: bool, now: datetime
) -> Imported:
    imported = Imported(_locked(parsed, dry_run=dry_run, now=now))
    before = versions.stored(imported.settlement)
    versions.take_in(parsed, before, imported, keys)
    matcher.match(imported.settlement, imported.lines)
    counts = imported.settlement.state != SettlementState.ATTEMPT_FAILED
    matcher.free(imported.gone if counts else before.lines.values())
    if not dry_run:
        _keep(imported, before)
        _post(imported, before, now=now)
    return imported


def _match_freed(report: Report, matcher: Matcher, *, dry_run: bool, now: datetime) -> None:
    """Compare lines anew that counted as settled elsewhere, where they do not any more."""
    if not dry_run:
        for some in in_parts({phonepe_id for _, phonepe_id in matcher.freed}):
            repeated = SettlementLine.objects.filter(outcome=LineOutcome.REPEATED, phonepe_id__in=some)
            match_again(Settlement.objects.filter(lines__in=repeated), now=now)
    for each in report.settlements:
        if not any(map(matcher.is_freed, each.with_outcome(LineOutcome.REPEATED))):
            continue
        if dry_run:
            matcher.match(each.settlement, each.lines)
        else:
            each.lines = list(each.settlement.lines.select_related("settlement"))


def _locked(parsed: ParsedSettlement, *, dry_run: bool, now: datetime) -> Settlement:
    """Return the settlement's row, locked; a new one, not saved yet, if there is none."""
    fresh = Settlement(
        settlement_id=parsed.settlement_id,
        state=parsed.state or SettlementState.PROCESSED,  # a CSV lists what was paid out and tells no state
        state_is_assumed=parsed.state is None,
        imported_at=now,
    )
    if not dry_run:
        wait_turn("settlements")  # what another one takes as settled must be there to be seen, and its row too
    return Settlement.objects.select_for_update().filter(settlement_id=parsed.settlement_id).first() or fresh


def _keep(imported: Imported, before: Stored) -> None:
    imported.settlement.save()
    new = [line for line in imported.lines if line.pk is None]
    changed = [line for line in imported.lines if line.pk is not None and before.has_changed(line)]
    SettlementLine.objects.filter(pk__in=[line.pk for line in imported.gone]).delete()
    SettlementLine.objects.bulk_create(new, batch_size=AT_ONCE)
    SettlementLine.objects.bulk_update(changed, [*versions.NUMBERS, *versions.NAMES, *JUDGED], batch_size=AT_ONCE)


def _post(imported: Imported, before: Stored, *, now: datetime) -> None:
    settlement = imported.settlement
    is_first = not settlement.entries
    settlement_posting.post(settlement, imported.lines, now=now)
    for sentence in imported.corrections:
        logger.warning("settlement_corrected", settlement=settlement.settlement_id, sentence=sentence)
    if not settlement.is_paid_out and not imported.remarks:
        return
    news = [line for line in imported.lines if is_first or before.outcomes.get(line.key) != line.outcome]
    charged_back = [line for line in news if line.outcome == LineOutcome.CHARGEBACK]
    if charged_back:
        _tell(AlertKind.CHARGEBACK, settlement, [_sentence(line) for line in charged_back], now=now)
    about = [*imported.remarks, *(_sentence(line) for line in news if line.outcome in ALERTED)]
    if not is_first:
        about += (f"corrected: {sentence}" for sentence in imported.corrections)
    unexplained = imported.unexplained_paise
    if unexplained and (is_first or unexplained != before.unexplained_paise):
        more = "more" if unexplained > 0 else "less"
        about.insert(0, f"PhonePe paid {rupees_for_people(abs(unexplained))} {more} than its lines make")
    if about:
        _tell(AlertKind.SETTLEMENT, settlement, about, now=now)


def _tell(kind: AlertKind, settlement: Settlement, about: list[str], *, now: datetime) -> None:
    sentence = f"{len(about)} to look at; what does not fit is in suspense. {'; '.join(about)}."
    alert(kind, settlement.settlement_id, sentence, now=now)


def _sentence(line: SettlementLine) -> str:
    return f"{versions.in_words(line)}: {line.remark}"


def _ask_soon(matcher: Matcher, *, now: datetime) -> None:
    """Make due what PhonePe has settled and our books do not have yet."""
    for orders in in_parts(matcher.orders_to_ask):
        PaymentTransaction.objects.filter(pk__in=orders).make_due(now=now)
    for refunds in in_parts(matcher.refunds_to_ask):
        Refund.objects.filter(pk__in=refunds).make_due(now=now)
    for name, settlement_id in matcher.refunds_made_elsewhere.items():
        note_reported([name], reported_by=f"The settlement {settlement_id}", now=now)
