"""What a settlement has in suspense is made of: a sum may hide a chargeback behind an unknown payment."""

from dataclasses import dataclass
from datetime import datetime

from core.models import EntryKind, Settlement, SuspensePlacement
from core.money import rupees_for_people
from core.services.ledger.suspense import Source
from core.services.settlements.posting import payout_paise
from core.services.settlements.versions import in_words

MOST = 50  # parts that are named; more are one sum


@dataclass(frozen=True, slots=True)
class Part:
    """A part of what is in suspense.

    :ivar paise: positive: held; negative: missing
    :ivar since: when PhonePe moved it; for a placement, when somebody decided
    """

    paise: int
    what: str
    since: datetime | None

    def __str__(self) -> str:
        return f"{rupees_for_people(self.paise)}: {self.what}"


def parts_of(source: Source) -> list[Part]:
    """Return what makes up the sum that a settlement has in suspense, to the paisa; nothing for another source."""
    settlement = None
    if source.kind == EntryKind.SETTLEMENT:
        settlement = Settlement.objects.filter(settlement_id=source.subject).first()
    if settlement is None:
        return []
    # Of what was not paid out, or is taken back, nothing is in suspense but what was placed before.
    lines = list(settlement.lines.order_by("pk")) if settlement.is_paid_out else []
    payout = payout_paise(settlement, lines) if settlement.is_paid_out else 0
    parts = [
        Part(paise, f"{in_words(line)}: {line.remark or line.get_outcome_display()}", settlement.settled_at)
        for line in lines
        if (paise := line.suspense_paise)
    ]
    if beyond := payout - sum(line.net_paise for line in lines):
        more = "more" if beyond > 0 else "less"
        parts.append(Part(beyond, f"PhonePe paid out {more} than its lines make", settlement.settled_at))
    placed = SuspensePlacement.objects.filter(source_kind=source.kind, source_subject=source.subject)
    for placement in placed.order_by("placed_at", "pk"):
        what = f"placed, {placement.get_destination_display()}"
        parts.append(Part(-placement.amount_paise, what, placement.placed_at))
    return parts if len(parts) <= MOST else [*parts[: MOST - 1], _rest(parts[MOST - 1 :])]


def _rest(parts: list[Part]) -> Part:
    return Part(sum(part.paise for part in parts), f"{len(parts)} more; the settlement's page lists all lines", None)
