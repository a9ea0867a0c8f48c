"""Orders, and what has happened to the money of each."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from phonepe_simulator.attempts import TIME_IS_UP, Attempt, Failure, State
from phonepe_simulator.modes import Offer
from phonepe_simulator.refunds import Refund, RefundState

Product = Literal["checkout", "payments"]


@dataclass(slots=True)
class Order:
    merchant_order_id: str
    order_id: str
    amount: int
    created_at: datetime
    expire_at: datetime
    token: str
    product: Product
    is_web: bool
    offer: Offer
    retry_allowed: bool
    redirect_url: str | None = None
    message: str | None = None
    meta_info: dict[str, str] = field(default_factory=dict)
    state: State = State.PENDING
    attempts: list[Attempt] = field(default_factory=list)
    refunds: list[Refund] = field(default_factory=list)
    charged_back: int = 0

    @property
    def latest_attempt(self) -> Attempt | None:
        return self.attempts[-1] if self.attempts else None

    @property
    def pending_attempt(self) -> Attempt | None:
        latest = self.latest_attempt
        return latest if latest and latest.state is State.PENDING else None

    @property
    def failure(self) -> Failure | None:
        """Why the order failed: its last attempt's reason, or that its time was up."""
        if self.state is not State.FAILED:
            return None
        latest = self.latest_attempt
        return (latest.failure if latest else None) or TIME_IS_UP

    @property
    def captured(self) -> int:
        return sum(attempt.amount for attempt in self.attempts if attempt.state is State.COMPLETED)

    @property
    def refunded(self) -> int:
        return sum(refund.amount for refund in self.refunds if refund.state is RefundState.COMPLETED)

    @property
    def refunding(self) -> int:
        """What is on its way back: accepted, and neither done nor failed yet."""
        return sum(refund.amount for refund in self.refunds if refund.state.is_open)

    @property
    def refundable(self) -> int:
        return self.captured - self.refunded - self.refunding - self.charged_back
