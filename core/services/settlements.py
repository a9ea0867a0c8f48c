"""Import what PhonePe says it paid out: match it with our books line by line, post it, and name every difference."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction

from core.models import (
    AlertKind,
    LineOutcome,
    PaymentTransaction,
    Refund,
    Settlement,
    SettlementLine,
    SettlementState,
)
from core.money import rupees_for_people
from core.services import settlement_books
from core.services.alerts import alert
from core.services.locks import wait_turn
from core.services.settlement_files import ToldFile, ToldSettlement
from core.services.settlement_matching import Matcher, in_parts
from core.services.settlement_report import Imported, Report, missing

AT_ONCE = 1000
NUMBERS = ("amount_paise", "fee_paise", "tax_paise", "net_paise")
JUDGED = ("outcome", "remark", "clearing_paise")
ALERTED = (LineOutcome.DIFFERENT, LineOutcome.UNKNOWN, LineOutcome.REPEATED)
LONGEST_SENTENCE = 500

Key = tuple[str, str, int]


@dataclass(slots=True)
class Stored:
    """What an import finds: the lines that were told before, and what they said and were."""

    lines: dict[Key, SettlementLine] = field(default_factory=dict)
    before: dict[Key, tuple[object, ...]] = field(default_factory=dict)
    outcomes: dict[Key, str] = field(default_factory=dict)


def import_settlements(told: ToldFile, *, patience: timedelta, dry_run: bool, now: datetime) -> Report:
    """Bring our settlements in line with a file; importing it again changes nothing.

    :param patience: how long after a payment PhonePe may leave it out before it counts as missing
    """
    report, matcher = Report(told.unreadable), Matcher()
    for each in told.settlements:
        with transaction.atomic():
            report.settlements.append(_import(each, matcher, dry_run=dry_run, now=now))
    if not dry_run:
        _ask_soon(matcher, now=now)
    report.missing = missing(report, newest=matcher.newest, patience=patience)
    return report


def _import(told: ToldSettlement, matcher: Matcher, *, dry_run: bool, now: datetime) -> Imported:
    imported = Imported(_locked(told, dry_run=dry_run, now=now))
    _take_in(told, imported)
    stored = _stored(imported.settlement)
    imported.lines = _merge(told, stored, imported)
    matcher.judge(imported.settlement, imported.lines)
    if not dry_run:
        _keep(imported, stored)
        _post(imported, stored, now=now)
    return imported


def _locked(told: ToldSettlement, *, dry_run: bool, now: datetime) -> Settlement:
    """Return the settlement's row, locked; a new one if there is none, saved unless this is a dry run."""
    fresh = Settlement(
        settlement_id=told.settlement_id,
        state=told.state or SettlementState.PROCESSED,  # a CSV lists what was paid out and tells no state
        state_is_assumed=told.state is None,
        imported_at=now,
    )
    if not dry_run:
        wait_turn("settlements")  # what another one takes as settled must be there to be seen
        Settlement.objects.bulk_create([fresh], ignore_conflicts=True)
    return Settlement.objects.select_for_update().filter(settlement_id=told.settlement_id).first() or fresh


def _take_in(told: ToldSettlement, imported: Imported) -> None:
    settlement = imported.settlement
    if told.state is not None and not settlement.hear(told.state):
        imported.remarks.append(f"PhonePe says {told.state} of a settlement that it had {settlement.state}")
    if told.amount_paise is not None:
        if settlement.amount_paise not in (None, told.amount_paise):
            imported.remarks.append(f"PhonePe said {rupees_for_people(settlement.amount_paise or 0)} before")
        settlement.amount_paise = told.amount_paise
    settlement.utr = told.utr or settlement.utr
    settlement.settled_at = settlement.settled_at or told.settled_at
    settlement.has_report = settlement.has_report or told.has_report


def _stored(settlement: Settlement) -> Stored:
    stored = Stored()
    for line in settlement.lines.all() if settlement.pk else ():
        stored.lines[line.key] = line
        stored.before[line.key] = (*line.numbers, *line.verdict)
        stored.outcomes[line.key] = line.outcome
    return stored


def _merge(told: ToldSettlement, stored: Stored, imported: Imported) -> list[SettlementLine]:
    """Return all lines that were ever told of the settlement, as they were told last."""
    lines = dict(stored.lines)
    for line in told.lines:
        known = lines.setdefault(line.key, line)
        known.settlement = imported.settlement
        if known.numbers != line.numbers:
            imported.remarks.append(f"{line} ({line.phonepe_id}) was told otherwise before: {_net(known)}")
            for name in NUMBERS:
                setattr(known, name, getattr(line, name))
    return list(lines.values())


def _keep(imported: Imported, stored: Stored) -> None:
    imported.settlement.save()
    new = [line for line in imported.lines if line.pk is None]
    changed = [
        line
        for line in imported.lines
        if line.pk is not None and stored.before[line.key] != (*line.numbers, *line.verdict)
    ]
    SettlementLine.objects.bulk_create(new, batch_size=AT_ONCE)
    SettlementLine.objects.bulk_update(changed, [*NUMBERS, *JUDGED], batch_size=AT_ONCE)


def _post(imported: Imported, stored: Stored, *, now: datetime) -> None:
    settlement = imported.settlement
    is_first = not settlement.entries
    has_posted = settlement_books.post(settlement, imported.lines, now=now)
    if not settlement.is_paid_out and not imported.remarks:
        return
    news = [line for line in imported.lines if is_first or stored.outcomes.get(line.key) != line.outcome]
    charged_back = [line for line in news if line.outcome == LineOutcome.CHARGEBACK]
    if charged_back:
        _tell(AlertKind.CHARGEBACK, settlement, [_sentence(line) for line in charged_back], now=now)
    about = [*imported.remarks, *(_sentence(line) for line in news if line.outcome in ALERTED)]
    if has_posted and imported.unexplained_paise:
        about.insert(0, f"PhonePe paid {rupees_for_people(imported.unexplained_paise)} more than its lines make")
    if about:
        _tell(AlertKind.SETTLEMENT, settlement, about, now=now)


def _tell(kind: AlertKind, settlement: Settlement, about: list[str], *, now: datetime) -> None:
    sentence = f"{len(about)} to look at; what does not fit is in suspense. {'; '.join(about)}."
    alert(kind, settlement.settlement_id, sentence[:LONGEST_SENTENCE], now=now)


def _sentence(line: SettlementLine) -> str:
    return f"{line} ({line.phonepe_id}) {_net(line)}: {line.remark}"


def _net(line: SettlementLine) -> str:
    return f"{rupees_for_people(line.amount_paise)}, net {rupees_for_people(line.net_paise)}"


def _ask_soon(matcher: Matcher, *, now: datetime) -> None:
    """Make due what PhonePe has settled and our books do not have yet."""
    for orders in in_parts(matcher.orders_to_ask):
        PaymentTransaction.objects.filter(pk__in=orders).hasten(now=now)
    for refunds in in_parts(matcher.refunds_to_ask):
        Refund.objects.filter(pk__in=refunds).hasten(now=now)
