"""A refund and its states."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from phonepe_simulator.payments.attempts import AnyMode, Failure


class RefundState(StrEnum):
    PENDING = "PENDING"
    CONFIRMED = "CONFIRMED"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"

    @property
    def is_open(self) -> bool:
        return self in (RefundState.PENDING, RefundState.CONFIRMED)


REFUND_FAILURE = Failure("UPI_BACKBONE_ERROR", "UPI_1231", "REFUND", "The payer's bank did not take the money back.")


@dataclass(slots=True)
class Refund:
    merchant_refund_id: str
    refund_id: str
    merchant_order_id: str
    amount: int
    at: datetime
    mode: AnyMode
    rail: dict[str, Any]
    instrument: dict[str, Any]
    state: RefundState = RefundState.PENDING
    failure: Failure | None = None
