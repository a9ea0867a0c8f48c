"""An order, its attempts and its refunds."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from phonepe_simulator.payments.attempts import EXPIRED, Attempt, Failure, State
from phonepe_simulator.payments.modes import Offer
from phonepe_simulator.payments.refunds import Refund, RefundState

Product = Literal["checkout", "payments", "subscriptions"]
# A mandate is approved in a UPI app, and debited by PhonePe.
NO_PAY_PAGE = Offer(frozenset(), frozenset())


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
    # PhonePe's word while it is pending, where that is another: the notice of a debit has words of its own.
    stage: str | None = None

    @property
    def told_state(self) -> str:
        """Return the state as PhonePe tells it."""
        return self.stage if self.stage and self.state is State.PENDING else self.state.value

    @property
    def latest_attempt(self) -> Attempt | None:
        return self.attempts[-1] if self.attempts else None

    @property
    def pending_attempt(self) -> Attempt | None:
        latest = self.latest_attempt
        return latest if latest and latest.state is State.PENDING else None

    @property
    def failure(self) -> Failure | None:
        """Why the order failed: the reason of its last attempt, or that it expired."""
        if self.state is not State.FAILED:
            return None
        latest = self.latest_attempt
        return (latest.failure if latest else None) or EXPIRED

    @property
    def captured(self) -> int:
        return sum(attempt.amount for attempt in self.attempts if attempt.state is State.COMPLETED)

    @property
    def refunded(self) -> int:
        return sum(refund.amount for refund in self.refunds if refund.state is RefundState.COMPLETED)

    @property
    def refunding(self) -> int:
        """Paise of refunds that are accepted and neither completed nor failed."""
        return sum(refund.amount for refund in self.refunds if refund.state.is_open)

    @property
    def money(self) -> dict[str, int]:
        """Where the money of this order is, in paise."""
        return {"captured": self.captured, "refunded": self.refunded, "refunding": self.refunding}

    @property
    def refundable(self) -> int:
        return self.captured - self.refunded - self.refunding - self.charged_back
