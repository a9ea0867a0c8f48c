"""Compare the lines of a settlement with our orders and refunds, many at once.

What a line says is one more reason to ask PhonePe: an order that was settled and is not paid here is due at once.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from django.db.models import Sum

from core.models import (
    IN_FLIGHT,
    EntryKind,
    LedgerLine,
    LineOutcome,
    LineType,
    PaymentTransaction,
    Refund,
    RefundState,
    Settlement,
    SettlementLine,
    SettlementState,
)
from core.models.ledger_accounts import PHONEPE_CLEARING
from core.money import rupees_for_people
from core.services.refunds.dashboard import CAN_BE_ASKED
from core.services.settlements.fees import wrong_fee

AT_ONCE = 900  # values in one statement; SQLite takes some 999 of them everywhere
ONCE = (LineType.PAYMENT, LineType.REFUND)  # settled once; chargebacks of one order may be several
READ_OF_AN_ORDER = (
    "merchant_order_id",
    "phonepe_order_id",
    "captured_paise",
    "state",
    "paid_at",
    "payment_mode",
)
Verdict = tuple[LineOutcome, str, int]
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class BookEntry:
    """What our books know about the order or the refund of a line. Money that went out is negative."""

    pk: int
    merchant_order_id: str
    phonepe_id: str
    at: datetime | None  # when the money moved
    booked_paise: int | None  # what it put into phonepe_clearing, or will; None: PhonePe's answer will tell
    remark: str
    is_open: bool
    merchant_refund_id: str = ""
    payment_mode: str = ""


@dataclass(slots=True)
class Matcher:
    """Compares settlement after settlement of a file, and remembers what the next one has to know."""

    newest: datetime | None = None
    orders_to_ask: list[int] = field(default_factory=list)
    refunds_to_ask: list[int] = field(default_factory=list)
    refunds_made_elsewhere: dict[str, str] = field(default_factory=dict)  # by id, the settlement that tells of it
    freed: dict[tuple[str, str], set[str]] = field(default_factory=dict)  # in which settlements it counts no more
    _taken: dict[tuple[str, str], str] = field(default_factory=dict)

    def free(self, lines: Iterable[SettlementLine]) -> None:
        """Note that lines of a settlement do not count as settled in it any more."""
        for line in lines:
            self.freed.setdefault((line.type, line.phonepe_id), set()).add(line.settlement.settlement_id)

    def is_freed(self, line: SettlementLine) -> bool:
        return (line.type, line.phonepe_id) in self.freed

    def match(self, settlement: Settlement, lines: list[SettlementLine]) -> None:
        """Say of every line how it compares with our books."""
        elsewhere = self._settled_elsewhere(settlement, lines)
        orders, refunds = _our_orders(lines), _our_refunds(lines)
        outflows = _known_outflows(lines)
        for line in lines:
            if (other := self._where_before(line, settlement, elsewhere)) is not None:
                line.outcome, line.remark, line.clearing_paise = LineOutcome.REPEATED, other, 0
                continue
            if settlement.state != SettlementState.ATTEMPT_FAILED:
                self._taken[line.type, line.phonepe_id] = settlement.settlement_id
            if line.type == LineType.PAYMENT:
                ours = orders.get(line.merchant_order_id) or orders.get(line.phonepe_id)
            else:
                ours = refunds.get(line.merchant_refund_id) or refunds.get(line.phonepe_id)
            line.outcome, line.remark, line.clearing_paise = _verdict(line, ours, outflows)
            self._note(line, ours)

    def _where_before(
        self, line: SettlementLine, settlement: Settlement, elsewhere: dict[tuple[str, str], str]
    ) -> str | None:
        if line.type not in ONCE:
            return None
        if line.occurrence > 1:
            return "more than once in this settlement"
        key = (line.type, line.phonepe_id)
        other = elsewhere.get(key) or self._taken.get(key, settlement.settlement_id)
        return None if other == settlement.settlement_id else f"settled before, in {other}"

    def _settled_elsewhere(self, settlement: Settlement, lines: list[SettlementLine]) -> dict[tuple[str, str], str]:
        """Return in which other settlement a payment or a refund counts already."""
        found: dict[tuple[str, str], str] = {}
        for some in in_parts(line.phonepe_id for line in lines if line.type in ONCE):
            others = SettlementLine.objects.filter(phonepe_id__in=some)
            others = others.exclude(settlement__settlement_id=settlement.settlement_id)
            counting = others.exclude(outcome=LineOutcome.REPEATED).exclude(
                settlement__state=SettlementState.ATTEMPT_FAILED
            )
            for kind, phonepe_id, other in counting.values_list("type", "phonepe_id", "settlement__settlement_id"):
                if other not in self.freed.get((kind, phonepe_id), ()):
                    found[kind, phonepe_id] = other
        return found

    def _note(self, line: SettlementLine, ours: BookEntry | None) -> None:
        if ours is None:
            if line.type == LineType.REFUND and CAN_BE_ASKED.fullmatch(line.merchant_refund_id):
                self.refunds_made_elsewhere[line.merchant_refund_id] = line.settlement.settlement_id
            return
        line.merchant_order_id = line.merchant_order_id or ours.merchant_order_id
        line.merchant_refund_id = line.merchant_refund_id or ours.merchant_refund_id
        if ours.at and (self.newest is None or ours.at > self.newest):
            self.newest = ours.at
        is_payment, differs = line.type == LineType.PAYMENT, line.amount_paise != line.clearing_paise
        if ours.is_open or (is_payment and line.outcome == LineOutcome.DIFFERENT and differs):
            (self.orders_to_ask if is_payment else self.refunds_to_ask).append(ours.pk)


def _verdict(line: SettlementLine, ours: BookEntry | None, outflows: dict[str, int]) -> Verdict:
    if line.type == LineType.CHARGEBACK:
        return LineOutcome.CHARGEBACK, "charged back; an operator decides", 0
    if ours is None and line.type == LineType.REFUND:
        return _unknown_refund(line, outflows)
    if ours is None:
        return LineOutcome.UNKNOWN, "not in our books", 0
    if ours.phonepe_id not in ("", line.phonepe_id):
        return LineOutcome.DIFFERENT, f"our books know it as {ours.phonepe_id}", 0
    clearing = line.amount_paise if ours.booked_paise is None else ours.booked_paise
    if ours.remark:
        return LineOutcome.DIFFERENT, ours.remark, clearing
    if line.amount_paise != clearing:
        return LineOutcome.DIFFERENT, f"{rupees_for_people(clearing)} in our books", clearing
    if line.unexplained_paise:
        parts = rupees_for_people(line.net_paise - line.unexplained_paise)
        return (
            LineOutcome.DIFFERENT,
            f"its net is {rupees_for_people(line.net_paise)}, its parts make {parts}",
            clearing,
        )
    if remark := wrong_fee(line, ours.payment_mode):
        return LineOutcome.DIFFERENT, remark, clearing
    return LineOutcome.MATCHED, "", clearing


def _unknown_refund(line: SettlementLine, outflows: dict[str, int]) -> Verdict:
    """Judge a refund that was not made here: what PhonePe's own answer about it took out of clearing counts."""
    if outflow := outflows.get(line.phonepe_id) or outflows.get(line.merchant_refund_id):
        return LineOutcome.UNKNOWN, "made at PhonePe, of no payment in our books", outflow
    asked = "; PhonePe is asked about it" if CAN_BE_ASKED.fullmatch(line.merchant_refund_id) else ""
    return LineOutcome.UNKNOWN, f"not in our books{asked}", 0


def _our_orders(lines: list[SettlementLine]) -> dict[str, BookEntry]:
    """Return our orders by merchant order id, and by PhonePe's id where a line has no other."""
    payments = [line for line in lines if line.type == LineType.PAYMENT]
    found: dict[str, BookEntry] = {}
    for name, values in (
        ("merchant_order_id", [line.merchant_order_id for line in payments if line.merchant_order_id]),
        ("phonepe_order_id", [line.phonepe_id for line in payments if not line.merchant_order_id]),
    ):
        for some in in_parts(values):
            orders = list(PaymentTransaction.objects.filter(**{f"{name}__in": some}).only(*READ_OF_AN_ORDER))
            came = _came_otherwise(orders)
            found |= {getattr(order, name): _our_order(order, came.get(order.merchant_order_id)) for order in orders}
    return found


def _our_order(order: PaymentTransaction, came_paise: int | None) -> BookEntry:
    booked = order.captured_paise if came_paise is None else came_paise
    remark = "" if booked else f"{order.state} in our books, not paid; PhonePe is asked about it"
    return BookEntry(
        pk=order.pk,
        merchant_order_id=order.merchant_order_id,
        phonepe_id=order.phonepe_order_id,
        at=order.paid_at,
        booked_paise=booked or None,
        remark=remark,
        is_open=not booked,
        payment_mode=order.payment_mode,
    )


def _our_refunds(lines: list[SettlementLine]) -> dict[str, BookEntry]:
    refund_lines = [line for line in lines if line.type == LineType.REFUND]
    found: dict[str, BookEntry] = {}
    for name, values in (
        ("merchant_refund_id", [line.merchant_refund_id for line in refund_lines if line.merchant_refund_id]),
        ("refund_id", [line.phonepe_id for line in refund_lines if not line.merchant_refund_id]),
    ):
        for some in in_parts(values):
            for refund in Refund.objects.select_related("transaction").filter(**{f"{name}__in": some}):
                found[getattr(refund, name)] = _our_refund(refund)
    return found


def _our_refund(refund: Refund) -> BookEntry:
    has_failed, is_open = refund.state == RefundState.FAILED, refund.state in IN_FLIGHT
    asked = "; PhonePe is asked about it" if is_open else ""
    return BookEntry(
        pk=refund.pk,
        merchant_order_id=refund.transaction.merchant_order_id,
        merchant_refund_id=refund.merchant_refund_id,
        phonepe_id=refund.refund_id,
        at=refund.finished_at,
        booked_paise=0 if has_failed else -refund.amount_paise,
        remark="" if refund.state == RefundState.COMPLETED else f"{refund.state} in our books{asked}",
        is_open=is_open,
    )


def _came_otherwise(orders: Iterable[PaymentTransaction]) -> dict[str, int]:
    """Return how much came with the orders of which PhonePe has said another amount, or said it once."""
    in_suspense = _posted_to_clearing(EntryKind.SUSPENSE, [order.merchant_order_id for order in orders])
    captured = _posted_to_clearing(EntryKind.CAPTURE, in_suspense)
    return {name: paise + captured.get(name, 0) for name, paise in in_suspense.items()}


def _known_outflows(lines: list[SettlementLine]) -> dict[str, int]:
    """Return what refunds that were not made here have taken out of clearing, by the id that was posted."""
    refund_lines = [line for line in lines if line.type == LineType.REFUND]
    names = [name for line in refund_lines for name in (line.phonepe_id, line.merchant_refund_id) if name]
    return _posted_to_clearing(EntryKind.UNKNOWN_REFUND, names)


def _posted_to_clearing(kind: EntryKind, ids: Iterable[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for some in in_parts(ids):
        posted = LedgerLine.objects.filter(entry__kind=kind, entry__subject__in=some, account=PHONEPE_CLEARING)
        found.update(posted.values_list("entry__subject").annotate(Sum("amount_paise")))
    return found


def in_parts(values: Iterable[Value]) -> Iterator[list[Value]]:
    """Yield as many values at once as one statement takes."""
    everything = list(values)
    for start in range(0, len(everything), AT_ONCE):
        yield everything[start : start + AT_ONCE]
