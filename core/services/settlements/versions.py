"""Bring a settlement's rows to what the newest version of its report says, and say what an earlier one said.

For a settlement that a report names, its lines replace all that was told of it before. PhonePe's reports carry no
version: an older one is known by its state alone, so every replacement is named.
"""

from dataclasses import dataclass

from core.models import Settlement, SettlementLine
from core.models.settlements import LineKey
from core.money import rupees_for_people
from core.services.settlements.differences import Imported
from core.services.settlements.files import ParsedSettlement

NUMBERS = ("amount_paise", "fee_paise", "tax_paise", "net_paise")
NAMES = ("merchant_order_id", "merchant_refund_id")


@dataclass(slots=True)
class Stored:
    """A settlement as an import finds it: its lines, and what they said and were."""

    has_report: bool
    unexplained_paise: int
    lines: dict[LineKey, SettlementLine]
    before: dict[LineKey, tuple[object, ...]]
    outcomes: dict[LineKey, str]

    def has_changed(self, line: SettlementLine) -> bool:
        return self.before[line.key] != _content(line)


def stored(settlement: Settlement) -> Stored:
    lines = list(settlement.lines.all()) if settlement.pk else []
    return Stored(
        has_report=settlement.has_report,
        unexplained_paise=Imported(settlement, lines).unexplained_paise,
        lines={line.key: line for line in lines},
        before={line.key: _content(line) for line in lines},
        outcomes={line.key: line.outcome for line in lines},
    )


def take_in(parsed: ParsedSettlement, before: Stored, imported: Imported, keys: set[LineKey] | None) -> None:
    """Bring a settlement and its lines to what a file tells of it.

    :param keys: of all lines that the file tells, if it has a whole report; what is not among them is gone
    """
    settlement = imported.settlement
    fits = parsed.state is None or settlement.apply_state(parsed.state)
    if not fits:
        imported.remarks.append(f"PhonePe says {parsed.state} of a settlement that it had {settlement.state}")
    is_older = parsed.state not in (None, settlement.state)
    if before.has_report and is_older:
        _leave(
            parsed, before, imported, f"says {parsed.state}, PhonePe has said {settlement.state} since, so it is older"
        )
    elif before.has_report and parsed.is_incomplete:
        _leave(parsed, before, imported, "has lines that cannot be read")
    else:
        _take_in_payout(parsed, imported, is_older=is_older)
        imported.lines = _replace(parsed, before, imported, keys)
        if imported.corrections and keys is not None:
            imported.notes.append(
                "a report carries no version: if this file is older than the one imported before, import that again"
            )


def _leave(parsed: ParsedSettlement, before: Stored, imported: Imported, why: str) -> None:
    """Take in nothing but what is not known yet; say so, if the file tells something else."""
    settlement, imported.lines = imported.settlement, list(before.lines.values())
    settlement.utr = settlement.utr or parsed.utr
    settlement.settled_at = settlement.settled_at or parsed.settled_at
    known = {key: line.numbers for key, line in before.lines.items()}
    is_news = any(known.get(line.key) != line.numbers for line in parsed.lines)
    if is_news or parsed.amount_paise not in (None, settlement.amount_paise):
        imported.notes.append(f"this file {why}: the payout and the lines stay as they were imported before")


def _take_in_payout(parsed: ParsedSettlement, imported: Imported, *, is_older: bool) -> None:
    settlement, paise = imported.settlement, parsed.amount_paise
    if paise is not None and (settlement.amount_paise is None or not is_older):
        if settlement.amount_paise is not None and settlement.amount_paise != paise:
            was = rupees_for_people(settlement.amount_paise)
            imported.corrections.append(f"the payout is {rupees_for_people(paise)}, it was {was}")
        settlement.amount_paise = paise
    settlement.utr = parsed.utr or settlement.utr
    settlement.settled_at = settlement.settled_at or parsed.settled_at
    settlement.has_report = settlement.has_report or parsed.has_report


def _replace(
    parsed: ParsedSettlement, before: Stored, imported: Imported, keys: set[LineKey] | None
) -> list[SettlementLine]:
    lines = dict(before.lines)
    for line in parsed.lines:
        line.settlement = imported.settlement
        if (known := lines.setdefault(line.key, line)) is line:
            if before.has_report:
                imported.corrections.append(f"{in_words(line)} is new")
            continue
        if known.numbers != line.numbers or any(_is_renamed(known, line, name) for name in NAMES):
            imported.corrections.append(f"{in_words(line)} was {in_words(known)}")
        for name in (*NUMBERS, *NAMES):
            setattr(known, name, getattr(line, name))
    for key in [key for key in lines if keys is not None and key not in keys]:
        imported.corrections.append(f"{in_words(gone := lines.pop(key))} is gone")
        imported.gone.append(gone)
    return list(lines.values())


def in_words(line: SettlementLine) -> str:
    amounts = f"{rupees_for_people(line.amount_paise)}, net {rupees_for_people(line.net_paise)}"
    return f"{line} ({line.phonepe_id}) {amounts}"


def _content(line: SettlementLine) -> tuple[object, ...]:
    return (*line.names, *line.numbers, *line.verdict)


def _is_renamed(known: SettlementLine, line: SettlementLine, name: str) -> bool:
    """Tell whether another id is told; where none is told, ours was found by PhonePe's id."""
    return getattr(line, name) not in ("", getattr(known, name))
