"""PhonePe's answers in our words: frozen, and tolerant of every field it adds, drops or misspells.

Amounts are in paise, instants aware and in UTC. Sources: "Create payment", "Order status" and "Refund"
in PhonePe's documentation, which asks readers not to be strict.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import structlog

from core.models.orders import Channel, OrderState
from core.services.phonepe_errors import PhonePeOutcomeUnknown

logger = structlog.get_logger(__name__)

REFUND_STATES = ("PENDING", "CONFIRMED", "COMPLETED", "FAILED")
LONGEST_NUMBER = 16  # digits; more is neither an amount nor an instant, and no database column
LONGEST_ID = 64  # characters; PhonePe's have some thirty
DEEPEST = 20  # what is nested deeper is not kept; PhonePe nests five deep
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
class Attempt:
    """One try of the payer."""

    transaction_id: str
    state: OrderState
    payment_mode: str
    utr: str
    at: datetime | None
    error_code: str


@dataclass(frozen=True, slots=True)
class OrderReport:
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
class RefundReport:
    """What PhonePe says about one refund. `state` is one of REFUND_STATES."""

    merchant_refund_id: str
    refund_id: str
    state: str
    amount_paise: int | None
    error_code: str
    raw: Answer = field(repr=False)


def read_checkout(answer: Any, channel: str) -> Checkout:
    """:raises PhonePeOutcomeUnknown: if the answer names no order, or not the way to pay it that was asked for"""
    order_id, url, token = _id(answer, "orderId"), text(answer, "redirectUrl"), text(answer, "token")
    if not order_id or not (token if channel == Channel.MOBILE_SDK else url):
        raise PhonePeOutcomeUnknown("PhonePe's answer names no order, or no way to pay it")
    return Checkout(order_id, state_for(text(answer, "state")), instant(answer, "expireAt"), url, token)


def read_order_report(merchant_order_id: str, answer: Any) -> OrderReport:
    """:raises PhonePeOutcomeUnknown: if the answer has no state, is about another order, or paid without an amount"""
    told = text(answer, "merchantOrderId")
    if not text(answer, "state") or (told and told != merchant_order_id):
        raise PhonePeOutcomeUnknown("PhonePe's answer is not about this order")
    report = OrderReport(
        merchant_order_id=merchant_order_id,
        order_id=_id(answer, "orderId"),
        state=state_for(text(answer, "state")),
        amount_paise=paise(answer, "amount"),
        expire_at=instant(answer, "expireAt"),
        attempts=tuple(_attempts(answer)),
        raw=_storable(answer),
    )
    if report.state == OrderState.COMPLETED and (report.amount_paise is None or report.amount_paise <= 0):
        raise PhonePeOutcomeUnknown("PhonePe says the order is paid, but not how much")
    return report


def read_refund_report(merchant_refund_id: str, answer: Any) -> RefundReport:
    """:raises PhonePeOutcomeUnknown: if the answer has no state, or is about another refund"""
    told, state = text(answer, "merchantRefundId"), text(answer, "state")
    if not state or (told and told != merchant_refund_id):
        raise PhonePeOutcomeUnknown("PhonePe's answer is not about this refund")
    if state not in REFUND_STATES:
        logger.warning("phonepe_state_unknown", state=state[:32])
    return RefundReport(
        merchant_refund_id=merchant_refund_id,
        refund_id=_id(answer, "refundId"),
        state=state if state in REFUND_STATES else "PENDING",
        amount_paise=paise(answer, "amount"),
        error_code=text(answer, "detailedErrorCode") or text(answer, "errorCode"),
        raw=_storable(answer),
    )


def state_for(word: str) -> OrderState:
    """Return the state for PhonePe's word; an unknown word decides nothing."""
    if word in OrderState.values:
        return OrderState(word)
    if word != "CREATED":
        logger.warning("phonepe_state_unknown", state=word[:32])
    return OrderState.PENDING


def text(answer: Any, key: str) -> str:
    value = answer.get(key) if isinstance(answer, Mapping) else None
    return _storable(value) if isinstance(value, str) else ""


def _id(answer: Any, key: str) -> str:
    """:raises PhonePeOutcomeUnknown: if it is too long to be PhonePe's, or to be kept"""
    told = text(answer, key)
    if len(told) > LONGEST_ID:
        raise PhonePeOutcomeUnknown(f"PhonePe's answer holds no {key} that could be one")
    return told


def paise(answer: Any, key: str) -> int | None:
    """Return whole paise; PhonePe sends a number, or the same as text."""
    value = answer.get(key) if isinstance(answer, Mapping) else None
    if isinstance(value, str) and len(value) < LONGEST_NUMBER and value.isascii() and value.isdigit():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if abs(value) < 10**LONGEST_NUMBER else None


def instant(answer: Any, key: str) -> datetime | None:
    """Return the instant of epoch milliseconds, None for what cannot be one."""
    milliseconds = paise(answer, key)
    # The documentation's samples hold shorter placeholders; no order is older than this service.
    if milliseconds is None or not 1_500_000_000_000 < milliseconds < 10_000_000_000_000:
        return None
    return datetime.fromtimestamp(milliseconds // 1000, UTC).replace(microsecond=milliseconds % 1000 * 1000)


def _attempts(answer: Any) -> Iterator[Attempt]:
    for detail in _mappings(answer, "paymentDetails"):
        parts = [detail, *_mappings(detail, "splitInstruments")]
        rails = [part["rail"] for part in parts if isinstance(part.get("rail"), Mapping)]
        yield Attempt(
            transaction_id=text(detail, "transactionId")[:64],
            state=state_for(text(detail, "state")),
            payment_mode=text(detail, "paymentMode")[:32],
            utr=next(filter(None, (text(rail, "utr") for rail in rails)), "")[:64],
            at=instant(detail, "timestamp"),
            error_code=text(detail, "detailedErrorCode") or text(detail, "errorCode"),
        )


def _storable(value: Any, deepest: int = DEEPEST) -> Any:
    """Return the same without what a database cannot store: NUL, halves of surrogate pairs, NaN, infinity, abysses."""
    if isinstance(value, str):
        return value.replace("\0", "").encode(errors="ignore").decode()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Mapping | list) and not deepest:
        return None
    if isinstance(value, Mapping):
        return {_storable(key): _storable(item, deepest - 1) for key, item in value.items()}
    return [_storable(item, deepest - 1) for item in value] if isinstance(value, list) else value


def _mappings(answer: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    values = answer.get(key)
    return [value for value in values if isinstance(value, Mapping)] if isinstance(values, list) else []
