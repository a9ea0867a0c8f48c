"""The life of an order: opened, tried, then paid, failed or expired."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Protocol

from phonepe_simulator.clock import epoch_millis
from phonepe_simulator.context import Context
from phonepe_simulator.errors import order_already_exists
from phonepe_simulator.payments.attempts import FAILURE_OF, OUTCOME_OF_VPA, Attempt, Outcome, State, new_attempt
from phonepe_simulator.payments.documents import order_event
from phonepe_simulator.payments.modes import CardType, Mode
from phonepe_simulator.payments.orders import Order, Product
from phonepe_simulator.payments.validation import OrderRequest


class Announce(Protocol):
    def __call__(self, event: str, payload: dict[str, Any], *, merchant_order_id: str | None, at: datetime) -> None: ...


class OtherProduct(Protocol):
    """Opens and ends orders that have no pay page."""

    def conclude(self, order: Order, outcome: Outcome) -> Attempt: ...

    def expire(self, order: Order) -> None: ...


Captured = Callable[[Order, Attempt, datetime], None]


class NotPayableError(Exception):
    """A payer cannot do that: the order has ended, has a pending attempt, or does not offer that mode."""


# Custom checkout has event names of its own; for a failed attempt it documents none.
EVENT_PREFIX: dict[Product, str] = {"checkout": "checkout.order", "payments": "pg.order"}
ATTEMPT_FAILED: dict[Product, str] = {
    "checkout": "checkout.transaction.attempt.failed",
    "payments": "pg.transaction.attempt.failed",
}


class Checkout:
    def __init__(self, context: Context, *, captured: Captured) -> None:
        self.orders: dict[str, Order] = {}
        self._by_token: dict[str, Order] = {}
        self._by_transaction: dict[str, tuple[Order, Attempt]] = {}
        self._adopted: dict[str, OtherProduct] = {}
        self._clock = context.clock
        self._ids = context.ids
        self._settings = context.settings
        self._scheduler = context.scheduler
        self._announce = context.announce
        self._captured = captured

    def open(self, requested: OrderRequest, *, product: Product, is_web: bool) -> Order:
        """Open the order that was requested.

        :raises ApiError: if its merchantOrderId has been used
        """
        self.refuse_if_used(requested.merchant_order_id)
        order = self._new_order(requested, product=product, is_web=is_web)
        self.orders[order.merchant_order_id] = order
        self._by_token[order.token] = order
        self._scheduler.add(order.expire_at, lambda due_at: self._expire(order, due_at))
        return order

    def ask(self, order: Order, payer: str) -> None:
        """Ask a payer by UPI ID or number to pay; those of the sandbox decide by themselves, all others wait."""
        attempt = self.attempt(order, Mode.UPI_COLLECT, Outcome.PENDING, vpa=payer)
        outcome = OUTCOME_OF_VPA.get(payer.lower(), Outcome.PENDING)

        def decide(_: datetime) -> None:
            if order.state is State.PENDING and attempt.state is State.PENDING:
                self._settle(order, attempt, outcome)

        self._scheduler.add(order.created_at, decide)

    def refuse_if_used(self, merchant_order_id: str) -> None:
        """:raises ApiError: if the merchantOrderId has been used, for whichever product"""
        if merchant_order_id in self.orders:
            raise order_already_exists(merchant_order_id)

    def adopt(self, order: Order, product: OtherProduct) -> None:
        """Keep an order of another product, which ends it itself."""
        self.orders[order.merchant_order_id] = order
        self._adopted[order.merchant_order_id] = product

    def remember_attempt(self, order: Order, attempt: Attempt) -> None:
        self._by_transaction[attempt.transaction_id] = (order, attempt)

    def _new_order(self, requested: OrderRequest, *, product: Product, is_web: bool) -> Order:
        now = self._clock.now()
        expire_at = now + timedelta(seconds=requested.expire_after or self._settings().default_expire_after)
        claims: dict[str, object] = {
            "expiresOn": epoch_millis(expire_at),
            "merchantId": self._settings().merchant_id,
            "merchantOrderId": requested.merchant_order_id,
        }
        return Order(
            merchant_order_id=requested.merchant_order_id,
            order_id=self._ids.order_id(),
            amount=requested.amount,
            created_at=now,
            expire_at=expire_at,
            token=self._ids.token(claims),
            product=product,
            is_web=is_web,
            offer=requested.offer,
            retry_allowed=requested.retry_allowed,
            redirect_url=requested.redirect_url,
            message=requested.message,
            meta_info=requested.meta_info,
        )

    def with_token(self, token: str) -> Order | None:
        return self._by_token.get(token)

    def with_transaction(self, transaction_id: str) -> tuple[Order, Attempt] | None:
        return self._by_transaction.get(transaction_id)

    def attempt(
        self, order: Order, mode: Mode, outcome: Outcome, *, vpa: str | None = None, card: CardType | None = None
    ) -> Attempt:
        """Let a payer try to pay.

        :raises NotPayableError: if the pay page would not let them
        """
        _check_payable(order, mode)
        attempt = new_attempt(mode, amount=order.amount, at=self._clock.now(), ids=self._ids, vpa=vpa, card=card)
        order.attempts.append(attempt)
        self.remember_attempt(order, attempt)
        self._settle(order, attempt, outcome)
        return attempt

    def conclude(self, order: Order, outcome: Outcome) -> Attempt:
        """Let the bank decide about a pending attempt, also after the order has expired.

        :raises NotPayableError: if none is pending
        """
        if order.merchant_order_id in self._adopted:
            return self._adopted[order.merchant_order_id].conclude(order, outcome)
        attempt = order.pending_attempt
        if attempt is None:
            raise NotPayableError(f"{order.merchant_order_id} has no pending attempt.")
        self._settle(order, attempt, outcome)
        return attempt

    def expire(self, order: Order) -> None:
        """Expire an order now, before its expireAt."""
        if order.merchant_order_id in self._adopted:
            self._adopted[order.merchant_order_id].expire(order)
            return
        if order.state is State.PENDING:
            order.expire_at = min(order.expire_at, self._clock.now())
        self._expire(order, self._clock.now())

    def _settle(self, order: Order, attempt: Attempt, outcome: Outcome) -> None:
        if outcome is Outcome.SUCCESS:
            attempt.state = order.state = State.COMPLETED
            self._captured(order, attempt, self._clock.now())
            self._announce_order(f"{EVENT_PREFIX[order.product]}.completed", order, self._clock.now())
        elif outcome is Outcome.FAILURE:
            self._fail(order, attempt)

    def _fail(self, order: Order, attempt: Attempt) -> None:
        attempt.state, attempt.failure = State.FAILED, FAILURE_OF[Mode(attempt.mode)]
        if order.state is State.FAILED:
            return
        if order.retry_allowed:
            self._announce_order(ATTEMPT_FAILED[order.product], order, self._clock.now(), attempt=attempt)
        else:
            order.state = State.FAILED
            self._announce_order(f"{EVENT_PREFIX[order.product]}.failed", order, self._clock.now())

    def _expire(self, order: Order, due_at: datetime) -> None:
        if order.state is not State.PENDING:
            return
        # A pending attempt stays open: the bank may still report success.
        order.state = State.FAILED
        self._announce_order(f"{EVENT_PREFIX[order.product]}.failed", order, due_at)

    def _announce_order(self, event: str, order: Order, at: datetime, *, attempt: Attempt | None = None) -> None:
        payload = order_event(order, self._settings().merchant_id, attempt=attempt)
        self._announce(event, payload, merchant_order_id=order.merchant_order_id, at=at)


def _check_payable(order: Order, mode: Mode) -> None:
    if order.state is not State.PENDING:
        raise NotPayableError(f"{order.merchant_order_id} is {order.state} already.")
    if order.pending_attempt:
        raise NotPayableError(f"{order.merchant_order_id} has a pending attempt: conclude it first.")
    if mode not in order.offer:
        raise NotPayableError(f"{order.merchant_order_id} does not offer {mode}.")
