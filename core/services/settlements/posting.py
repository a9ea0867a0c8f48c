"""What a settlement posts: the payout and fees against PhonePe's clearing, what does not fit to suspense.

An entry brings the ledger to what the settlement's rows say; when they say something else later, another entry
posts the difference. So the same facts post once, and a corrected report corrects the books.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db.models import Q, Sum

from core.models import EntryKind, LedgerLine, Settlement, SettlementLine
from core.models.ledger_accounts import BANK, GST_INPUT, PHONEPE_CLEARING, PHONEPE_FEES, SUSPENSE
from core.money import rupees_for_people
from core.services.ledger import posting
from core.services.ledger.proofs import Scope

PLACED = ~Q(lines__clearing_paise=0)  # the fees of what an operator has to place go to suspense with it
SUMS = {
    "net": Sum("lines__net_paise", default=0),
    "clearing": Sum("lines__clearing_paise", default=0),
    "fee": Sum("lines__fee_paise", filter=PLACED, default=0),
    "tax": Sum("lines__tax_paise", filter=PLACED, default=0),
}


def payout_paise(settlement: Settlement, lines: Iterable[SettlementLine]) -> int:
    """Return what reached the bank: what PhonePe says, else what its lines make."""
    told = settlement.amount_paise
    return sum(line.net_paise for line in lines) if told is None else told


def post(settlement: Settlement, lines: list[SettlementLine], *, now: datetime) -> None:
    """Bring the ledger in line with a settlement, under its lock."""
    placed = [line for line in lines if line.clearing_paise]
    due = _lines(
        settlement,
        net=sum(line.net_paise for line in lines),
        clearing=sum(line.clearing_paise for line in placed),
        fee=sum(line.fee_paise for line in placed),
        tax=sum(line.tax_paise for line in placed),
    )
    still = Counter(due)
    still.subtract(_posted(settlement))
    if not any(still.values()):
        return
    settlement.entries += 1
    settlement.save(update_fields=["entries", "updated_at"])
    first = settlement.entries == 1
    what = f"PhonePe's payout {settlement.utr}" if first else f"Correction of PhonePe's payout {settlement.utr}"
    at = settlement.settled_at if first and settlement.settled_at else now
    posting.post(EntryKind.SETTLEMENT, settlement.settlement_id, what.strip(), still, at=at, number=settlement.entries)


def differences(scope: Scope) -> Iterator[str]:
    """Yield a sentence for every settlement of which the ledger says otherwise than its rows."""
    looked_at = scope.settlements()
    posted: dict[str, Counter[str]] = defaultdict(Counter)
    lines = LedgerLine.objects.filter(entry__kind=EntryKind.SETTLEMENT)
    if scope.since is not None:
        news = scope.lines().filter(entry__kind=EntryKind.SETTLEMENT).values_list("entry__subject", flat=True)
        names = {*looked_at.values_list("settlement_id", flat=True), *news}
        lines = lines.filter(entry__subject__in=names)
    for row in lines.values("entry__subject", "account").annotate(total=Sum("amount_paise")):
        posted[row["entry__subject"]][row["account"]] += row["total"]
    for settlement in looked_at.annotate(**SUMS).iterator():
        due = _lines(settlement, **{name: getattr(settlement, name) for name in SUMS})
        said = posted.pop(settlement.settlement_id, Counter())
        for account in sorted({*due, *said}):
            if due[account] != said[account]:
                yield (
                    f"Settlement {settlement} should have posted {rupees_for_people(due[account])} to {account}, "
                    f"the ledger says {rupees_for_people(said[account])}."
                )
    for settlement_id in posted:
        yield f"Entry settlement:{settlement_id} is about nothing we know."


def _lines(settlement: Settlement, *, net: int, clearing: int, fee: int, tax: int) -> Counter[str]:
    """Return what is due to be posted, by account. Suspense takes what does not fit, so it always sums to zero."""
    if not settlement.is_paid_out:
        return Counter()
    payout = net if settlement.amount_paise is None else settlement.amount_paise
    due = Counter({BANK: payout, PHONEPE_FEES: -fee, GST_INPUT: -tax, PHONEPE_CLEARING: -clearing})
    due[SUSPENSE] = -due.total()
    return due


def _posted(settlement: Settlement) -> dict[str, int]:
    if not settlement.entries:
        return {}
    lines = posting.posted_by(EntryKind.SETTLEMENT, subject=settlement.settlement_id)
    rows: Any = lines.values("account").annotate(total=Sum("amount_paise"))
    return {row["account"]: row["total"] for row in rows}
