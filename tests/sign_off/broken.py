"""Ten ways to break the backend, each a small change of the product's code as a mistake could make it."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from django.db import connection
from django.utils import timezone

from core.models import ChangeCause
from core.services import phonepe_service
from core.services.payments.order_status import apply_order_status
from core.services.phonepe.errors import PhonePeOutcomeUnknown
from core.services.phonepe.responses import read_order_status
from core.services.phonepe.token import TokenKeeper
from core.services.phonepe_service import PhonePeService
from core.services.polling import schedule
from core.services.refunds import requesting
from core.services.webhooks import inbox, processing
from core.services.webhooks.readers import Delivery
from zelton_backend.environment import Environment

Patch = Callable[[pytest.MonkeyPatch], None]
# What PhonePe's documentation prints of an answer; a strict reader knows nothing else.
DOCUMENTED = {
    *("orderId", "merchantOrderId", "merchantId", "state", "amount", "payableAmount", "feeAmount", "currency"),
    *("expireAt", "metaInfo", "paymentDetails", "errorCode", "detailedErrorCode", "errorContext", "paymentFlow"),
    *("refundId", "merchantRefundId", "originalMerchantOrderId", "timestamp", "splitInstruments", "rail"),
    *("instrument", "transactionId", "paymentMode", "discountAmount", "payableCurrency", "feeCurrency"),
}


@dataclass(frozen=True, slots=True)
class Break:
    """
    :ivar red: the ids that must fail, and no others
    :ivar sections: what a quick run looks at: sections, or single ids
    """

    what: str
    patch: Patch
    red: frozenset[str]
    sections: tuple[str, ...]


def skip_a_poll(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = schedule._order_offsets
    without = 530

    def offsets(expire_after: int) -> tuple[int, ...]:
        return tuple(offset for offset in whole(expire_after) if offset != without)

    monkeypatch.setattr(schedule, "_order_offsets", offsets)


def believe_webhooks(monkeypatch: pytest.MonkeyPatch) -> None:
    read = processing.read

    def believing(delivery: Delivery, known: Any) -> Any:
        order, state = known.order(delivery.payload), delivery.text("state")
        if order is not None and state in ("COMPLETED", "FAILED"):
            report = read_order_status(order.merchant_order_id, delivery.payload)
            apply_order_status(report, cause=ChangeCause.WEBHOOK, now=timezone.now())
        return read(delivery, known)

    monkeypatch.setattr(processing, "read", believing)


def use_a_refund_id_again(monkeypatch: pytest.MonkeyPatch) -> None:
    refund, first = PhonePeService.refund, dict[str, str]()

    def again(service: PhonePeService, *, merchant_refund_id: str, merchant_order_id: str, amount_paise: int) -> Any:
        used = first.setdefault(merchant_order_id, merchant_refund_id)
        return refund(service, merchant_refund_id=used, merchant_order_id=merchant_order_id, amount_paise=amount_paise)

    monkeypatch.setattr(PhonePeService, "refund", again)


def send_an_empty_udf(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = phonepe_service._order_request

    def with_udf(order: Any) -> Any:
        path, body = whole(order)
        return path, {**body, "metaInfo": {"udf1": ""}}

    monkeypatch.setattr(phonepe_service, "_order_request", with_udf)


def allow_299_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    number = Environment.number

    def lower(env: Environment, name: str, default: int | None = None, *, least: int, most: int) -> int:
        return number(env, name, default, least=299 if least == 300 else least, most=most)

    monkeypatch.setattr(Environment, "number", lower)


def fetch_a_token_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    header = TokenKeeper.header

    def fresh(keeper: TokenKeeper) -> str:
        keeper._token = None
        return header(keeper)

    monkeypatch.setattr(TokenKeeper, "header", fresh)


def encode_the_pay_page_again(monkeypatch: pytest.MonkeyPatch) -> None:
    read = phonepe_service.read_checkout

    def encoded(answer: Any, channel: str) -> Any:
        url = urlsplit(answer.get("redirectUrl", ""))
        again = url._replace(query=urlencode(parse_qsl(url.query, keep_blank_values=True))).geturl()
        return read({**answer, "redirectUrl": again}, channel)

    monkeypatch.setattr(phonepe_service, "read_checkout", encoded)


def decode_strictly(monkeypatch: pytest.MonkeyPatch) -> None:
    def is_strange(answer: Any) -> bool:
        return isinstance(answer, Mapping) and bool(
            set(answer) - DOCUMENTED
            or any(value is None for value in answer.values())
            or not isinstance(answer.get("amount", 0), int)
            or not isinstance(answer.get("paymentDetails", []), list)
        )

    def strict(read: Callable[[str, Any], Any]) -> Callable[[str, Any], Any]:
        def reading(name: str, answer: Any) -> Any:
            if is_strange(answer):
                raise PhonePeOutcomeUnknown("strange")
            return read(name, answer)

        return reading

    monkeypatch.setattr(phonepe_service, "read_order_status", strict(phonepe_service.read_order_status))
    monkeypatch.setattr(phonepe_service, "read_refund_status", strict(phonepe_service.read_refund_status))
    take_apart = processing._delivery

    def delivery(event: Any) -> Any:
        taken = take_apart(event)
        return None if taken is not None and is_strange(taken.payload) else taken

    monkeypatch.setattr(processing, "_delivery", delivery)


def answer_some_webhooks_late(monkeypatch: pytest.MonkeyPatch) -> None:
    keep, numbers = inbox.receive, count(1)

    def late(body: bytes, **how: Any) -> int:
        if next(numbers) % 20 == 0:
            time.sleep(3.05)
        return keep(body, **how)

    monkeypatch.setattr(inbox, "receive", late)


def refund_while_one_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    open_refund = requesting.open_refund

    def open_another(*given: Any, **how: Any) -> Any:
        with connection.cursor() as cursor:
            cursor.execute("DROP INDEX IF EXISTS one_unended_refund_per_order")
        return open_refund(*given, **how)

    monkeypatch.setattr(requesting, "NOT_ENDED", ())
    monkeypatch.setattr(requesting, "open_refund", open_another)


BROKEN = {
    "poll_skipped": Break("the poll 530 s after initiation is skipped", skip_a_poll, frozenset({"S4"}), ("S",)),
    "webhook_believed": Break(
        "a webhook's state moves the payment", believe_webhooks, frozenset({"W6", "W12"}), ("W",)
    ),
    "refund_id_used_again": Break(
        "a second refund of an order is sent under the id of the first",
        use_a_refund_id_again,
        frozenset({"R1", "T7"}),
        ("R", "T"),
    ),
    "udf_empty": Break("udf1 is sent as an empty text", send_an_empty_udf, frozenset({"P4"}), ("P",)),
    "expire_after_299": Break(
        "the product starts with PHONEPE_ORDER_EXPIRE_AFTER=299", allow_299_seconds, frozenset({"P2"}), ("P",)
    ),
    "token_each_time": Break(
        "a token is fetched before every request", fetch_a_token_each_time, frozenset({"A1", "A2", "A3", "A4"}), ("A",)
    ),
    "redirect_url_encoded_again": Break(
        "the pay page's address is decoded and encoded again", encode_the_pay_page_again, frozenset({"P8"}), ("P",)
    ),
    "strict_decoding": Break(
        "answers and webhooks with something undocumented are refused",
        decode_strictly,
        frozenset({"S1", "T1", "W1"}),
        ("S1", "S2", "S3", "S6", "T1", "T2", "T6", "W1", "W2", "W3", "W4"),
    ),
    "answer_after_3_seconds": Break(
        "one webhook in twenty is answered after 3 s", answer_some_webhooks_late, frozenset({"W8"}), ("W",)
    ),
    "refund_while_one_runs": Break(
        "a refund is sent although another of the same order is in flight",
        refund_while_one_runs,
        frozenset({"T5"}),
        ("R", "T"),
    ),
}
