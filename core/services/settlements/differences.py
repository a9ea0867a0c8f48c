"""What came of an import of settlements: what agrees, and every line that is missing, extra or different."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, QuerySet

from core.models import (
    LineOutcome,
    LineType,
    PaymentTransaction,
    Refund,
    RefundState,
    Settlement,
    SettlementLine,
)
from core.services.settlements.posting import payout_paise


@dataclass(frozen=True, slots=True)
class Missing:
    """Money that moved long ago and is in no settlement."""

    type: LineType
    merchant_order_id: str
    merchant_refund_id: str
    phonepe_id: str
    amount_paise: int
    at: datetime


@dataclass(slots=True)
class Imported:
    """One settlement as it stands after the import, and what was remarkable about the settlement itself.

    :ivar remarks: in what it differs from what we know
    :ivar corrections: what was imported before and is replaced
    :ivar gone: lines that were imported before and are in its report no more
    """

    settlement: Settlement
    lines: list[SettlementLine] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    corrections: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    gone: list[SettlementLine] = field(default_factory=list)

    @property
    def payout_paise(self) -> int:
        return payout_paise(self.settlement, self.lines)

    @property
    def unexplained_paise(self) -> int:
        """Return by how much PhonePe paid more than the lines make."""
        made = sum(line.net_paise for line in self.lines)
        return self.payout_paise - made if self.settlement.has_report else 0

    def with_outcome(self, *outcomes: LineOutcome) -> list[SettlementLine]:
        return [line for line in self.lines if line.outcome in outcomes]


@dataclass(slots=True)
class Report:
    unreadable: list[str]
    settlements: list[Imported] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)

    def with_outcome(self, *outcomes: LineOutcome) -> list[SettlementLine]:
        return [line for each in self.settlements for line in each.with_outcome(*outcomes)]

    @property
    def differs(self) -> bool:
        unlike = any(each.remarks or each.unexplained_paise for each in self.settlements)
        others = (outcome for outcome in LineOutcome if outcome != LineOutcome.MATCHED)
        return bool(unlike or self.unreadable or self.missing or self.with_outcome(*others))


def missing(report: Report, *, newest: datetime | None, grace: timedelta) -> list[Missing]:
    """Return what was captured or refunded so long before the newest line that it should have been settled."""
    whole = [each for each in report.settlements if each.settlement.has_report and each.lines]
    newest = newest or max((each.settlement.settled_at for each in whole if each.settlement.settled_at), default=None)
    if not whole or newest is None:
        return []
    # What a dry run has read is in no table.
    just_read = {_name(line) for each in whole for line in each.lines}
    lines = SettlementLine.objects.exclude(pk__in=[line.pk for each in report.settlements for line in each.gone])
    found = [*_orders_in_no_settlement(newest - grace, lines), *_refunds_in_no_settlement(newest - grace, lines)]
    return [each for each in found if _name(each) not in just_read]


def _name(moved: SettlementLine | Missing) -> tuple[str, str]:
    return moved.type, moved.merchant_refund_id or moved.merchant_order_id


def _orders_in_no_settlement(before: datetime, lines: QuerySet[SettlementLine]) -> Iterator[Missing]:
    settled = lines.filter(type=LineType.PAYMENT, merchant_order_id=OuterRef("merchant_order_id"))
    orders = PaymentTransaction.objects.filter(~Exists(settled), paid_at__lt=before)
    for order in orders.order_by("paid_at", "pk"):
        assert order.paid_at is not None  # noqa: S101 - the filter says so
        yield Missing(
            LineType.PAYMENT, order.merchant_order_id, "", order.phonepe_order_id, order.captured_paise, order.paid_at
        )


def _refunds_in_no_settlement(before: datetime, lines: QuerySet[SettlementLine]) -> Iterator[Missing]:
    settled = lines.filter(type=LineType.REFUND, merchant_refund_id=OuterRef("merchant_refund_id"))
    refunds = Refund.objects.filter(~Exists(settled), state=RefundState.COMPLETED, finished_at__lt=before)
    for refund in refunds.select_related("transaction").order_by("finished_at", "pk"):
        assert refund.finished_at is not None  # noqa: S101 - the filter says so
        yield Missing(
            LineType.REFUND,
            refund.transaction.merchant_order_id,
            refund.merchant_refund_id,
            refund.refund_id,
            -refund.amount_paise,
            refund.finished_at,
        )
