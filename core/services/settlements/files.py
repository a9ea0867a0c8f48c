"""Read PhonePe's settlement data: the report as CSV or JSON, and the Settlement API's answers kept in a file.

Tolerant of fields that nobody documented; strict about money: what cannot be read is named, never guessed.
Sources: "Settlement" and "Order status" in PhonePe's documentation, and the simulator's README for the report.
"""

import csv
import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from io import StringIO
from typing import Any

from core.models import SettlementLine, SettlementState
from core.models.settlements import LineKey
from core.services.phonepe.fields import LONGEST_NUMBER, instant, text
from core.services.phonepe.responses import LONGEST_ID

COLUMNS = ("settlement_id", "type", "merchant_order_id", "phonepe_id", "amount", "fee", "tax", "net")
WHOLE = re.compile(r"-?[0-9]{1,15}", re.ASCII)
YEARS = range(2017, 2287)  # of a payout; as far as milliseconds go, see `instant`
SETTLEMENT_ID = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)  # nothing that could be taken for another's journal entry


class NotSettlementData(ValueError):
    """The file is none of PhonePe's settlement data. Says why in one sentence."""


class Unreadable(ValueError):
    """A line or a settlement in the file cannot be read."""


@dataclass(slots=True)
class ParsedSettlement:
    """What the file says about one settlement. None and "" are what it does not say."""

    settlement_id: str
    state: SettlementState | None = None
    utr: str = ""
    settled_at: datetime | None = None
    amount_paise: int | None = None
    has_report: bool = False
    is_incomplete: bool = False  # some of its lines cannot be read
    lines: list[SettlementLine] = field(default_factory=list)


@dataclass(slots=True)
class ParsedFile:
    """What the file says, and a sentence for everything in it that cannot be read."""

    settlements: list[ParsedSettlement] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)

    def whole_reports(self) -> dict[str, set[LineKey]]:
        """Return by settlement the keys of all its lines, where the file has a report of it that can be read whole."""
        incomplete = {each.settlement_id for each in self.settlements if each.is_incomplete}
        reported = {each.settlement_id for each in self.settlements if each.has_report} - incomplete
        keys: dict[str, set[LineKey]] = {name: set() for name in reported}
        for each in self.settlements:
            if each.settlement_id in keys:
                keys[each.settlement_id].update(line.key for line in each.lines)
        return keys


def read(content: bytes) -> ParsedFile:
    """Read any of the forms.

    :raises NotSettlementData: if it is none of them
    """
    try:
        written = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NotSettlementData("This is not text in UTF-8.") from None
    if not written.strip():
        raise NotSettlementData("The file is empty.")
    parsed = ParsedFile()
    if written.lstrip()[0] in "{[":
        _read_json(written, parsed)
    else:
        _read_csv(written, parsed)
    for settlement in parsed.settlements:
        _number(settlement.lines)
    return parsed


def _read_csv(written: str, parsed: ParsedFile) -> None:
    rows = csv.DictReader(StringIO(written, newline=""), strict=True)
    by_id: dict[str, ParsedSettlement] = {}
    undated: dict[str, str] = {}
    damaged: set[str] = set()  # settlements of lines that cannot be read; "": it cannot be read whose they are
    try:
        if missing := [column for column in COLUMNS if column not in (rows.fieldnames or ())]:
            raise NotSettlementData(f"This is neither JSON nor a settlement report: no column {missing[0]}.")
        for row in rows:
            settlement_id = ""
            try:
                settlement_id = _settlement_id(text(row, "settlement_id"))
                line = _line(row, columns=str)
            except Unreadable as problem:
                parsed.unreadable.append(f"Line {rows.line_num}: {problem}")
                damaged.add(settlement_id)
                continue
            settlement = by_id.setdefault(settlement_id, ParsedSettlement(settlement_id, has_report=True))
            settlement.lines.append(line)
            settlement.utr = settlement.utr or text(row, "settlement_utr")[:LONGEST_ID]
            try:
                settlement.settled_at = settlement.settled_at or _moment(row, "settlement_date")
            except Unreadable as problem:
                undated.setdefault(settlement_id, str(problem))
    except csv.Error as problem:
        raise NotSettlementData(f"This CSV is broken near line {rows.line_num}: {problem}.") from None
    for settlement_id, settlement in by_id.items():
        settlement.is_incomplete = settlement_id in damaged or "" in damaged
    # A payout without its day would be posted under today's.
    parsed.unreadable += (
        f"Settlement {name}: {problem} Nothing of it is taken in." for name, problem in undated.items()
    )
    parsed.settlements += (settlement for name, settlement in by_id.items() if name not in undated)


def _read_json(written: str, parsed: ParsedFile) -> None:
    try:
        # Fractions stay exact, and what is not a number is none.
        content = json.loads(written, parse_float=Decimal, parse_constant=lambda _: None)
    except (ValueError, RecursionError):
        raise NotSettlementData("This is not JSON, or it is cut off.") from None
    for document in content if isinstance(content, list) else [content]:
        _read_document(document, parsed)


def _read_document(document: Any, parsed: ParsedFile) -> None:
    """Tell PhonePe's answers apart by what they are made of."""
    match document:
        case {"settlements": list(settlements)}:
            for each in settlements:
                _read_settlement(each, parsed)
        case {"settlementDetails": dict()}:
            _read_order(document, parsed)
        case {"settlementId": _}:
            _read_settlement(document, parsed)
        case _:
            raise NotSettlementData("This JSON is neither a settlement report nor an answer about settlements.")


def _read_settlement(document: Any, parsed: ParsedFile) -> None:
    """Read a settlement of the JSON report, of a range answer, or a status answer."""
    try:
        settlement = ParsedSettlement(_settlement_id(text(document, "settlementId")))
        settlement.state = _state(document, parsed)
        settlement.amount_paise = _optional_amount(document)
        settlement.settled_at = _moment(document, "date") or instant(document, "lastUpdatedAt")
    except Unreadable as problem:
        parsed.unreadable.append(f"Settlement {text(document, 'settlementId')[:LONGEST_ID]}: {problem}")
        return
    settlement.utr = text(document, "utr")[:LONGEST_ID]
    transactions = document.get("transactions")
    settlement.has_report = isinstance(transactions, list)
    for number, each in enumerate(transactions if isinstance(transactions, list) else [], start=1):
        try:
            settlement.lines.append(_line(each, columns=_camel))
        except Unreadable as problem:
            parsed.unreadable.append(f"Settlement {settlement.settlement_id}, transaction {number}: {problem}")
            settlement.is_incomplete = True
    parsed.settlements.append(settlement)


def _read_order(document: Mapping[str, Any], parsed: ParsedFile) -> None:
    """Read where an order's money went. It is a part of a settlement, so it alone never is one."""
    details = document["settlementDetails"]
    parts = details.get("splitSettlementDetails")
    for part in parts if isinstance(parts, list) else []:
        try:
            settlement = ParsedSettlement(_settlement_id(text(part, "settlementId")), _state(details, parsed))
            settlement.lines.append(_order_line(document, part))
        except Unreadable as problem:
            parsed.unreadable.append(f"Order {text(document, 'orderId')[:LONGEST_ID]}: {problem}")
            continue
        settlement.utr, settlement.settled_at = text(part, "utr")[:LONGEST_ID], instant(part, "timestamp")
        parsed.settlements.append(settlement)


def _order_line(order: Mapping[str, Any], part: Mapping[str, Any]) -> SettlementLine:
    breakup = part.get("amountBreakup")
    taken = breakup.get("settlementDeduction") if isinstance(breakup, Mapping) else None
    return SettlementLine(
        type="PAYMENT",
        merchant_order_id=_id(order, "merchantOrderId"),
        phonepe_id=_needed_id(order, "orderId"),
        amount_paise=_amount(breakup, "transactionAmount"),
        fee_paise=_amount(taken, "fee") + _amount(taken, "commission", missing=0),
        tax_paise=sum(_amount(taken, key, missing=0) for key in ("sgst", "cgst", "igst")),
        net_paise=_amount(breakup, "settlementAmount"),
    )


def _line(row: Any, *, columns: Callable[[str], str]) -> SettlementLine:
    """Read a line of the report. `columns` says how this form writes a column's name."""
    kind = text(row, "type")
    if not kind or len(kind) > 32:
        raise Unreadable("it has no type.")
    return SettlementLine(
        type=kind,
        merchant_order_id=_id(row, columns("merchant_order_id")),
        merchant_refund_id=_id(row, columns("merchant_refund_id")),
        phonepe_id=_needed_id(row, columns("phonepe_id")),
        **{f"{column}_paise": _amount(row, column) for column in ("amount", "fee", "tax", "net")},
    )


def _number(lines: list[SettlementLine]) -> None:
    """Number lines that are alike: chargebacks of one order may be, anything else is repeated."""
    counted: Counter[tuple[str, str]] = Counter()
    for line in lines:
        counted[line.type, line.phonepe_id] += 1
        line.occurrence = counted[line.type, line.phonepe_id]


def _state(document: Any, parsed: ParsedFile) -> SettlementState:
    """Return the state; an unknown word decides nothing, so nothing is posted for it."""
    word = text(document, "state")
    if word in SettlementState.values:
        return SettlementState(word)
    parsed.unreadable.append(f'The state "{word[:32]}" of a settlement says nothing to us; it counts as INITIATED.')
    return SettlementState.INITIATED


def _settlement_id(value: str) -> str:
    if not SETTLEMENT_ID.fullmatch(value):
        raise Unreadable("it has no settlement id, or one that cannot be PhonePe's.")
    return value


def _needed_id(row: Any, key: str) -> str:
    if not (value := _id(row, key)):
        raise Unreadable(f"it has no {key}.")
    return value


def _id(row: Any, key: str) -> str:
    value = text(row, key)
    if len(value) > LONGEST_ID:
        raise Unreadable(f"its {key} is longer than any id.")
    return value


def _optional_amount(document: Any) -> int | None:
    return None if document.get("amount") is None else _amount(document, "amount")


def _amount(row: Any, key: str, missing: int | None = None) -> int:
    """Return whole paise: a number, or the same as text. A text with a decimal point might be rupees."""
    value = row.get(key) if isinstance(row, Mapping) else None
    if value is None and missing is not None:
        return missing
    if isinstance(value, str) and WHOLE.fullmatch(value.strip()):
        value = int(value)
    if isinstance(value, Decimal) and value.is_finite() and value.adjusted() < LONGEST_NUMBER and value == int(value):
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) >= 10**LONGEST_NUMBER:
        raise Unreadable(f"its {key} is no whole number of paise: {str(value)[:32]!r}.")
    return value


def _moment(row: Any, key: str) -> datetime | None:
    """Return an instant: ISO 8601 or epoch milliseconds; None where there is none.

    :raises Unreadable: if it is written in another way
    """
    if (value := instant(row, key)) is not None:
        return value
    written = str(row.get(key) or "")
    if not written.strip():
        return None
    if (read := _read_date(written)) is None:
        raise Unreadable(
            f"its {key} {written[:32]!r} is no date that can be read; write 2026-11-27, 2026-11-27T01:30:00+05:30 "
            "or milliseconds since 1970."
        )
    return read


def _read_date(written: str) -> datetime | None:
    try:
        read = datetime.fromisoformat(written)
    except ValueError:
        return None
    return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC) if read.year in YEARS else None


def _camel(column: str) -> str:
    return re.sub(r"_(.)", lambda found: found[1].upper(), column)
