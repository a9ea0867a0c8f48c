"""Orders from the pay call to their end: tried, paid, failed or expired."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Protocol

from phonepe_simulator.agenda import Agenda
from phonepe_simulator.attempts import FAILURE_OF, Attempt, Outcome, State, new_attempt
from phonepe_simulator.clock import Clock, epoch_millis
from phonepe_simulator.documents import order_event
from phonepe_simulator.errors import order_already_exists
from phonepe_simulator.ids import IdMint
from phonepe_simulator.modes import CardType, Mode
from phonepe_simulator.order_validation import OrderRequest
from phonepe_simulator.orders import Order, Product
from phonepe_simulator.settings import Settings


class Announce(Protocol):
    def __call__(self, event: str, payload: dict[str, Any], *, merchant_order_id: str | None, at: datetime) -> None: ...


class NotPayableError(Exception):
    """A payer cannot do that: the order is over, busy, or does not offer that way to pay."""


# Events of custom checkout carry another name, and it has none for a single attempt.
EVENT_PREFIX: dict[Product, str] = {"checkout": "checkout.order", "payments": "pg.order"}
ATTEMPT_FAILED: dict[Product, str] = {
    "checkout": "checkout.transaction.attempt.failed",
    "payments": "pg.transaction.attempt.failed",
}


class Checkout:
    def __init__(
        self,
        *,
        clock: Clock,
        mint: IdMint,
        settings: Callable[[], Settings],
        agenda: Agenda,
        announce: Announce,
        captured: Callable[[Order, Attempt, datetime], None],
    ) -> None:
        self.orders: dict[str, Order] = {}
        self._by_token: dict[str, Order] = {}
        self._by_transaction: dict[str, tuple[Order, Attempt]] = {}
        self._clock = clock
        self._mint = mint
        self._settings = settings
        self._agenda = agenda
        self._announce = announce
        self._captured = captured

    def open(self, wish: OrderRequest, *, product: Product, is_web: bool) -> Order:
        """Make the order that was asked for.

        :raises ApiError: if its merchantOrderId has been used
        """
        if wish.merchant_order_id in self.orders:
            raise order_already_exists(wish.merchant_order_id)
        order = self._new_order(wish, product=product, is_web=is_web)
        self.orders[order.merchant_order_id] = order
        self._by_token[order.token] = order
        self._agenda.add(order.expire_at, lambda due_at: self._expire(order, due_at))
        return order

    def _new_order(self, wish: OrderRequest, *, product: Product, is_web: bool) -> Order:
        now = self._clock.now()
        expire_at = now + timedelta(seconds=wish.expire_after or self._settings().default_expire_after)
        claims: dict[str, object] = {
            "expiresOn": epoch_millis(expire_at),
            "merchantId": self._settings().merchant_id,
            "merchantOrderId": wish.merchant_order_id,
        }
        return Order(
            merchant_order_id=wish.merchant_order_id,
            order_id=self._mint.order_id(),
            amount=wish.amount,
            created_at=now,
            expire_at=expire_at,
            token=self._mint.token(claims),
            product=product,
            is_web=is_web,
            offer=wish.offer,
            retry_allowed=wish.retry_allowed,
            redirect_url=wish.redirect_url,
            message=wish.message,
            meta_info=wish.meta_info,
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
        attempt = new_attempt(mode, amount=order.amount, at=self._clock.now(), mint=self._mint, vpa=vpa, card=card)
        order.attempts.append(attempt)
        self._by_transaction[attempt.transaction_id] = (order, attempt)
        self._settle(order, attempt, outcome)
        return attempt

    def conclude(self, order: Order, outcome: Outcome) -> Attempt:
        """Let the bank decide about a pending attempt, also after the order has expired.

        :raises NotPayableError: if none is pending
        """
        attempt = order.pending_attempt
        if attempt is None:
            raise NotPayableError(f"{order.merchant_order_id} has no pending attempt.")
        self._settle(order, attempt, outcome)
        return attempt

    def expire(self, order: Order) -> None:
        """End an order before its time."""
        if order.state is State.PENDING:
            order.expire_at = min(order.expire_at, self._clock.now())
        self._expire(order, self._clock.now())

    def _settle(self, order: Order, attempt: Attempt, outcome: Outcome) -> None:
        if outcome is Outcome.SUCCESS:
            attempt.state = order.state = State.COMPLETED
            self._captured(order, attempt, self._clock.now())
            self._tell(f"{EVENT_PREFIX[order.product]}.completed", order, self._clock.now())
        elif outcome is Outcome.FAILURE:
            self._fail(order, attempt)

    def _fail(self, order: Order, attempt: Attempt) -> None:
        attempt.state, attempt.failure = State.FAILED, FAILURE_OF[attempt.mode]
        if order.state is State.FAILED:
            return
        if order.retry_allowed:
            self._tell(ATTEMPT_FAILED[order.product], order, self._clock.now(), attempt=attempt)
        else:
            order.state = State.FAILED
            self._tell(f"{EVENT_PREFIX[order.product]}.failed", order, self._clock.now())

    def _expire(self, order: Order, due_at: datetime) -> None:
        if order.state is not State.PENDING:
            return
        # A pending attempt stays open: the bank may still say that the money was taken.
        order.state = State.FAILED
        self._tell(f"{EVENT_PREFIX[order.product]}.failed", order, due_at)

    def _tell(self, event: str, order: Order, at: datetime, *, attempt: Attempt | None = None) -> None:
        payload = order_event(order, self._settings().merchant_id, attempt=attempt)
        self._announce(event, payload, merchant_order_id=order.merchant_order_id, at=at)


def _check_payable(order: Order, mode: Mode) -> None:
    if order.state is not State.PENDING:
        raise NotPayableError(f"{order.merchant_order_id} is {order.state} already.")
    if order.pending_attempt:
        raise NotPayableError(f"{order.merchant_order_id} has a pending attempt: conclude it first.")
    if mode not in order.offer:
        raise NotPayableError(f"{order.merchant_order_id} does not offer {mode}.")
