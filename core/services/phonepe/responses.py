"""PhonePe's answers in our words: frozen, and tolerant of every field it adds, drops or misspells.

Amounts are in paise, instants aware and in UTC. Sources: "Create payment", "Order status" and "Refund"
in PhonePe's documentation, which asks readers not to be strict.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog

from core.models.attempts import Attempt
from core.models.orders import Channel, OrderState
from core.services.phonepe.errors import PhonePeOutcomeUnknown
from core.services.phonepe.fields import instant, mappings, paise, storable, text
from core.services.phonepe.instruments import describe

logger = structlog.get_logger(__name__)

NOT_FINAL = ("CREATED", "NOTIFICATION_IN_PROGRESS", "NOTIFIED")
REFUND_STATES = ("PENDING", "CONFIRMED", "COMPLETED", "FAILED")
LONGEST_ID = 64  # characters; PhonePe's have some thirty
Answer = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Checkout:
    """A created order: where it is paid (`redirect_url`) or what the app pays it with (`token`)."""

    order_id: str
    state: OrderState
    expire_at: datetime | None
    redirect_url: str = ""
    token: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class OrderStatus:
    """What PhonePe says about one order. `amount_paise` is None where PhonePe does not say it."""

    merchant_order_id: str
    order_id: str
    state: OrderState
    amount_paise: int | None
    expire_at: datetime | None
    attempts: tuple[Attempt, ...]
    raw: Answer = field(repr=False)

    @property
    def paying_attempt(self) -> Attempt | None:
        """Return the attempt that brought the money, if PhonePe names it."""
        paid = [attempt for attempt in self.attempts if attempt.state == OrderState.COMPLETED]
        return paid[-1] if paid else None


@dataclass(frozen=True, slots=True)
class RefundStatus:
    """What PhonePe says about one refund.

    :ivar state: one of REFUND_STATES
    :ivar merchant_order_id: the order whose money goes back
    :ivar at: when the refund began, as far as PhonePe says it
    """

    merchant_refund_id: str
    refund_id: str
    state: str
    amount_paise: int | None
    error_code: str
    raw: Answer = field(repr=False)
    merchant_order_id: str = ""
    at: datetime | None = None


def read_checkout(answer: Any, channel: str) -> Checkout:
    """:raises PhonePeOutcomeUnknown: if the answer names no order, or not the way to pay it that was asked for"""
    order_id, url, token = _id(answer, "orderId"), text(answer, "redirectUrl"), text(answer, "token")
    if not order_id or not (token if channel == Channel.MOBILE_SDK else url):
        raise PhonePeOutcomeUnknown("PhonePe's answer names no order, or no way to pay it")
    return Checkout(order_id, state_for(text(answer, "state")), instant(answer, "expireAt"), url, token)


def read_order_status(merchant_order_id: str, answer: Any) -> OrderStatus:
    """:raises PhonePeOutcomeUnknown: if the answer has no state, is about another order, or paid without an amount"""
    told = text(answer, "merchantOrderId")
    if not text(answer, "state") or (told and told != merchant_order_id):
        raise PhonePeOutcomeUnknown("PhonePe's answer is not about this order")
    report = OrderStatus(
        merchant_order_id=merchant_order_id,
        order_id=_id(answer, "orderId"),
        state=state_for(text(answer, "state")),
        amount_paise=paise(answer, "amount"),
        expire_at=instant(answer, "expireAt"),
        attempts=tuple(read_attempts(answer)),
        raw=storable(answer),
    )
    if report.state == OrderState.COMPLETED and (report.amount_paise is None or report.amount_paise <= 0):
        raise PhonePeOutcomeUnknown("PhonePe says the order is paid, but not how much")
    return report


def read_refund_status(merchant_refund_id: str, answer: Any) -> RefundStatus:
    """:raises PhonePeOutcomeUnknown: if the answer has no state, or is about another refund"""
    told, state = text(answer, "merchantRefundId"), text(answer, "state")
    if not state or (told and told != merchant_refund_id):
        raise PhonePeOutcomeUnknown("PhonePe's answer is not about this refund")
    if state not in REFUND_STATES:
        logger.warning("phonepe_state_unknown", state=state[:32])
    return RefundStatus(
        merchant_refund_id=merchant_refund_id,
        refund_id=_id(answer, "refundId"),
        state=state if state in REFUND_STATES else "PENDING",
        amount_paise=paise(answer, "amount"),
        error_code=text(answer, "detailedErrorCode") or text(answer, "errorCode"),
        raw=storable(answer),
        merchant_order_id=_id(answer, "originalMerchantOrderId"),
        at=instant(answer, "timestamp"),
    )


def state_for(word: str) -> OrderState:
    """Return the state for PhonePe's word; an unknown word decides nothing."""
    if word in OrderState.values:
        return OrderState(word)
    if word not in NOT_FINAL:
        logger.warning("phonepe_state_unknown", state=word[:32])
    return OrderState.PENDING


def _id(answer: Any, key: str) -> str:
    """:raises PhonePeOutcomeUnknown: if it is too long to be PhonePe's, or to be kept"""
    told = text(answer, key)
    if len(told) > LONGEST_ID:
        raise PhonePeOutcomeUnknown(f"PhonePe's answer holds no {key} that could be one")
    return told


def read_attempts(answer: Any) -> Iterator[Attempt]:
    """Yield the attempts in an answer, or in a webhook's payload, the oldest first as PhonePe has them."""
    for detail in mappings(answer, "paymentDetails"):
        parts = [detail, *mappings(detail, "splitInstruments")]
        rails = [part["rail"] for part in parts if isinstance(part.get("rail"), Mapping)]
        yield Attempt(
            transaction_id=text(detail, "transactionId")[:64],
            state=state_for(text(detail, "state")),
            payment_mode=text(detail, "paymentMode")[:32],
            amount_paise=paise(detail, "amount"),
            at=instant(detail, "timestamp"),
            utr=_first(rails, "utr"),
            upi_transaction_id=_first(rails, "upiTransactionId"),
            instrument=describe(parts),
            error_code=text(detail, "errorCode")[:64],
            detailed_error_code=text(detail, "detailedErrorCode")[:64],
        )


def _first(parts: list[Mapping[str, Any]], key: str) -> str:
    return next(filter(None, (text(part, key) for part in parts)), "")[:64]
