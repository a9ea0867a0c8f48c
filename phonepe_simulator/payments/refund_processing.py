"""Accepts refunds, and takes each through its states until it has completed or failed."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from phonepe_simulator.context import Context
from phonepe_simulator.errors import bad_request, refund_exceeds
from phonepe_simulator.payments.attempts import State
from phonepe_simulator.payments.documents import refund_event
from phonepe_simulator.payments.orders import Order
from phonepe_simulator.payments.refunds import REFUND_FAILURE, Refund, RefundState
from phonepe_simulator.payments.validation import read_amount

FindOrder = Callable[[Any], Order]


class Refunds:
    def __init__(self, context: Context, *, refunded: Callable[[Refund, datetime], None]) -> None:
        self.refunds: dict[str, Refund] = {}
        self._clock = context.clock
        self._ids = context.ids
        self._settings = context.settings
        self._scheduler = context.scheduler
        self._announce = context.announce
        self._refunded = refunded

    def open(self, body: Any, find_order: FindOrder) -> Refund:
        """Accept a refund.

        :raises ApiError: if the order is not paid, the amount too much or the id used
        """
        if not isinstance(body, dict):
            raise bad_request("the body: must be a JSON object")
        merchant_refund_id = self._read_id(body.get("merchantRefundId"))
        amount = read_amount(body.get("amount"))
        order = find_order(body.get("originalMerchantOrderId"))
        if order.state is not State.COMPLETED:
            raise bad_request("originalMerchantOrderId: that order is not COMPLETED")
        if amount > order.refundable:
            raise refund_exceeds(order.refundable)
        refund = self._new_refund(merchant_refund_id, order, amount)
        self.refunds[merchant_refund_id] = refund
        order.refunds.append(refund)
        self._plan(refund)
        return refund

    def _read_id(self, value: Any) -> str:
        if not isinstance(value, str) or not 1 <= len(value) <= 63 or not value.strip():
            raise bad_request("merchantRefundId: 1 to 63 characters")
        if value in self.refunds:
            raise bad_request("merchantRefundId: has been used before")
        return value

    def _new_refund(self, merchant_refund_id: str, order: Order, amount: int) -> Refund:
        paid_by = next(attempt for attempt in order.attempts if attempt.state is State.COMPLETED)
        rail = {**paid_by.rail, "utr": self._ids.digits(12)} if "utr" in paid_by.rail else {"type": "PG"}
        return Refund(
            merchant_refund_id=merchant_refund_id,
            refund_id=self._ids.refund_id(),
            merchant_order_id=order.merchant_order_id,
            amount=amount,
            at=self._clock.now(),
            mode=paid_by.mode,
            rail=rail,
            instrument=paid_by.instrument,
        )

    def _plan(self, refund: Refund) -> None:
        settings = self._settings()
        outcome = settings.refund_outcome
        if outcome == "pending":
            return
        confirmed_at = refund.at + timedelta(seconds=settings.refund_confirmed_after)
        ended_at = refund.at + timedelta(seconds=settings.refund_completed_after)
        end = RefundState.COMPLETED if outcome == "success" else RefundState.FAILED
        self._scheduler.add(confirmed_at, lambda due_at: self._move(refund, RefundState.CONFIRMED, due_at))
        self._scheduler.add(ended_at, lambda due_at: self._move(refund, end, due_at))

    def conclude(self, refund: Refund, outcome: str) -> None:
        """Complete or fail an open refund now, whatever was planned for it.

        :raises ValueError: if it has ended, or the outcome is neither success nor failure
        """
        if outcome not in ("success", "failure"):
            raise ValueError("A refund ends in success or failure.")
        if not refund.state.is_open:
            raise ValueError(f"{refund.merchant_refund_id} is {refund.state} already.")
        end = RefundState.COMPLETED if outcome == "success" else RefundState.FAILED
        self._move(refund, end, self._clock.now())

    def _move(self, refund: Refund, state: RefundState, at: datetime) -> None:
        if not refund.state.is_open:
            return
        refund.state = state
        if state is RefundState.FAILED:
            refund.failure = REFUND_FAILURE
        if state is RefundState.COMPLETED:
            self._refunded(refund, at)
        event = "accepted" if state is RefundState.CONFIRMED else state.value.lower()
        payload = refund_event(refund, self._settings().merchant_id)
        self._announce(f"pg.refund.{event}", payload, merchant_order_id=refund.merchant_order_id, at=at)
