"""Settlements: what PhonePe pays out to the merchant, line by line."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from phonepe_simulator.payments.attempts import Attempt
from phonepe_simulator.payments.orders import Order
from phonepe_simulator.payments.refunds import Refund
from phonepe_simulator.settlements.fees import NOTHING, Deduction


class SettlementState(StrEnum):
    INITIATED = "INITIATED"
    PROCESSED = "PROCESSED"
    ATTEMPT_FAILED = "ATTEMPT_FAILED"


MOVES = {
    SettlementState.INITIATED: {SettlementState.PROCESSED, SettlementState.ATTEMPT_FAILED},
    SettlementState.ATTEMPT_FAILED: {SettlementState.PROCESSED},  # the next attempt may reach the bank
    SettlementState.PROCESSED: set[SettlementState](),
}
FAILED_WITH = ("PAYMENT_ERROR", "The merchant's bank did not take the money.")


class LineType(StrEnum):
    PAYMENT = "PAYMENT"
    REFUND = "REFUND"
    CHARGEBACK = "CHARGEBACK"


@dataclass(frozen=True, slots=True)
class Line:
    """Money that came in or, with a negative amount, went out."""

    type: LineType
    merchant_order_id: str
    phonepe_id: str
    amount: int
    deduction: Deduction = NOTHING
    merchant_refund_id: str | None = None
    instrument: str = "UPI"

    @property
    def net(self) -> int:
        return self.amount + self.deduction.fee + self.deduction.tax


@dataclass(frozen=True, slots=True)
class ReportLine:
    """A line as the report shows it, which a fault may have made untrue."""

    type: str
    merchant_order_id: str
    merchant_refund_id: str | None
    phonepe_id: str
    amount: int
    fee: int
    tax: int
    net: int


@dataclass(slots=True)
class Settlement:
    settlement_id: str
    utr: str
    at: datetime
    lines: tuple[Line, ...]
    reported: tuple[ReportLine, ...]
    updated_at: datetime
    state: SettlementState = SettlementState.INITIATED

    @property
    def amount(self) -> int:
        return sum(line.net for line in self.lines)

    @property
    def failure(self) -> tuple[str, str]:
        """Code and description of the last attempt if it failed, otherwise empty strings."""
        return FAILED_WITH if self.state is SettlementState.ATTEMPT_FAILED else ("", "")


def payment_line(order: Order, attempt: Attempt, deduction: Deduction) -> Line:
    kind = attempt.instrument["type"]
    return Line(
        LineType.PAYMENT,
        order.merchant_order_id,
        order.order_id,
        attempt.amount,
        deduction,
        instrument="UPI" if kind == "ACCOUNT" else kind,
    )


def refund_line(refund: Refund) -> Line:
    return Line(
        LineType.REFUND,
        refund.merchant_order_id,
        refund.refund_id,
        -refund.amount,
        merchant_refund_id=refund.merchant_refund_id,
    )


def chargeback_line(order: Order, amount: int) -> Line:
    return Line(LineType.CHARGEBACK, order.merchant_order_id, order.order_id, -amount)


def as_reported(line: Line) -> ReportLine:
    return ReportLine(
        type=line.type.value,
        merchant_order_id=line.merchant_order_id,
        merchant_refund_id=line.merchant_refund_id,
        phonepe_id=line.phonepe_id,
        amount=line.amount,
        fee=line.deduction.fee,
        tax=line.deduction.tax,
        net=line.net,
    )
