"""Bring in PhonePe's settlement data."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError
from django.utils import timezone

from core.india import in_india
from core.management.arguments import number
from core.management.progress import progress
from core.models import LineOutcome, SettlementLine
from core.money import rupees, rupees_for_people
from core.services.settlements import files
from core.services.settlements.differences import Imported, Missing, Report
from core.services.settlements.importing import import_settlements

USUAL_PATIENCE = 2  # days; PhonePe settles on the next working day, in the order in which money moved
HEADINGS = {
    "extra": (LineOutcome.UNKNOWN, LineOutcome.REPEATED),
    "different": (LineOutcome.DIFFERENT,),
    "chargeback": (LineOutcome.CHARGEBACK,),
}


class Command(BaseCommand):
    help = (
        "Read PhonePe's settlement report (CSV or JSON) or an answer of its Settlement API, post what was paid out, "
        "and name what is missing, extra or different. Reading the same file again changes nothing. "
        "Example: manage.py import_settlement settlements-2026-11.csv --dry-run"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="say what would be found, and write nothing")
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        parser.add_argument("--strict", action="store_true", help="exit 1 if anything differs")
        parser.add_argument(
            "--days",
            type=number(0, 36_500),
            default=USUAL_PATIENCE,
            metavar="N",
            help=f"missing is what is more than N days older than the newest line ({USUAL_PATIENCE})",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        told = _read(options["file"])
        grace = timedelta(days=options["days"])
        try:
            with progress(sum(len(each.lines) for each in told.settlements), "lines") as bar:
                report = import_settlements(
                    told, grace=grace, dry_run=options["dry_run"], now=timezone.now(), done=bar.update
                )
        except OperationalError as problem:  # each settlement is written whole or not at all
            raise CommandError(
                f"The database is busy, or somebody else is importing just now; run it again. It says: {problem}"
            ) from None
        if options["json"]:
            self.stdout.write(json.dumps({"dry_run": options["dry_run"], **_as_json(report)}))
        else:
            self._write(report, dry_run=options["dry_run"])
        if options["strict"] and report.differs:
            raise CommandError("The settlements and our books differ.")

    def _write(self, report: Report, *, dry_run: bool) -> None:
        for each in report.settlements:
            self.stdout.write(_in_short(each))
            for remark in each.remarks:
                self.stdout.write(f"different   {each.settlement}: {remark}")
            for correction in each.corrections:
                self.stdout.write(f"corrected   {each.settlement}: {correction}")
            for note in each.notes:
                self.stdout.write(f"note        {each.settlement}: {note}")
            if paise := each.unexplained_paise:
                self.stdout.write(
                    f"different   {each.settlement}: PhonePe paid {rupees_for_people(each.payout_paise)}, "
                    f"its lines make {rupees_for_people(each.payout_paise - paise)}"
                )
        self.stdout.write(f"matched     {len(report.with_outcome(LineOutcome.MATCHED))} lines")
        for gone in report.missing:
            self.stdout.write(
                f"missing     {gone.type} {_ids(gone)} {rupees_for_people(gone.amount_paise)} "
                f"of {in_india(gone.at):%Y-%m-%d %H:%M} IST: in no settlement"
            )
        for heading, outcomes in HEADINGS.items():
            for line in report.with_outcome(*outcomes):
                self.stdout.write(
                    f"{heading:11} {line.type} {_ids(line)} {rupees_for_people(line.amount_paise)}, "
                    f"net {rupees_for_people(line.net_paise)}, in {line.settlement}: {line.remark}"
                )
        for sentence in report.unreadable:
            self.stdout.write(f"unreadable  {sentence}")
        self.stdout.write(
            ("The settlements and our books differ." if report.differs else "The settlements and our books agree.")
            + (" Nothing was written." if dry_run else "")
        )


def _read(path: Path) -> files.ParsedFile:
    try:
        return files.read(path.read_bytes())
    except OSError as problem:
        raise CommandError(f"{path} cannot be read: {problem.strerror}.") from None
    except files.NotSettlementData as problem:
        raise CommandError(f"{path}: {problem}") from None


def _in_short(each: Imported) -> str:
    settlement, lines = each.settlement, len(each.lines)
    state = f"{settlement.state}{' (a CSV does not say)' if settlement.state_is_assumed else ''}"
    if settlement.is_paid_out:
        posted = f"paid out {rupees_for_people(each.payout_paise)}"
    elif settlement.has_report:
        posted = "nothing posted before it is PROCESSED"
    else:
        posted = "nothing posted before its report tells its lines"
    return f"settlement  {settlement} {state} UTR {settlement.utr or 'unknown'}, {lines} lines, {posted}"


def _ids(line: SettlementLine | Missing) -> str:
    return " ".join(filter(None, (line.merchant_order_id, line.merchant_refund_id, line.phonepe_id)))


def _as_json(report: Report) -> dict[str, Any]:
    return {
        "differs": report.differs,
        "matched": len(report.with_outcome(LineOutcome.MATCHED)),
        "settlements": [_settlement_as_json(each) for each in report.settlements],
        "missing": [
            {**_ids_as_json(gone), "amount": rupees(gone.amount_paise), "at": gone.at.isoformat()}
            for gone in report.missing
        ],
        **{
            heading: [_line_as_json(line) for line in report.with_outcome(*outcomes)]
            for heading, outcomes in HEADINGS.items()
        },
        "unreadable": report.unreadable,
    }


def _settlement_as_json(each: Imported) -> dict[str, Any]:
    settlement = each.settlement
    return {
        "settlement_id": settlement.settlement_id,
        "state": settlement.state,
        "state_is_assumed": settlement.state_is_assumed,
        "utr": settlement.utr,
        "settled_at": settlement.settled_at.isoformat() if settlement.settled_at else None,
        "lines": len(each.lines),
        "is_paid_out": settlement.is_paid_out,
        "payout": rupees(each.payout_paise),
        "unexplained": rupees(each.unexplained_paise),
        "remarks": each.remarks,
        "corrections": each.corrections,
        "notes": each.notes,
    }


def _line_as_json(line: SettlementLine) -> dict[str, Any]:
    return {
        **_ids_as_json(line),
        "settlement_id": line.settlement.settlement_id,
        "outcome": line.outcome,
        "amount": rupees(line.amount_paise),
        "fee": rupees(line.fee_paise),
        "tax": rupees(line.tax_paise),
        "net": rupees(line.net_paise),
        "remark": line.remark,
    }


def _ids_as_json(line: SettlementLine | Missing) -> dict[str, str]:
    return {
        "type": str(line.type),
        "merchant_order_id": line.merchant_order_id,
        "merchant_refund_id": line.merchant_refund_id,
        "phonepe_id": line.phonepe_id,
    }
