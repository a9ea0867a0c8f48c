"""How faults change an answer."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from phonepe_simulator.faults.fault import Fault
from phonepe_simulator.messages import Fate, Response, json_bytes

Document = dict[str, Any]


def _html(status: int, title: str) -> Response:
    page = f"<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>"
    return Response(status, {"Content-Type": "text/html"}, page.encode())


def _server_error() -> Response:
    message = "There is an error trying to process your transaction at the moment. Please try again in a while."
    body = {"code": "INTERNAL_SERVER_ERROR", "message": message}
    return Response(500, {"Content-Type": "application/json"}, json_bytes(body))


def _rate_limited() -> Response:
    body = {"code": "TOO_MANY_REQUESTS", "message": "Too many requests."}
    return Response(429, {"Content-Type": "application/json", "Retry-After": "1"}, json_bytes(body))


def _unavailable() -> Response:
    return Response(503, {"Content-Type": "text/plain"}, b"upstream connect error or disconnect/reset before headers")


ANSWERS: dict[str, Callable[[], Response]] = {
    "rate_limited": _rate_limited,
    "server_error": _server_error,
    "server_error_after": _server_error,
    "bad_gateway": lambda: _html(502, "502 Bad Gateway"),
    "bad_gateway_after": lambda: _html(502, "502 Bad Gateway"),
    "unavailable": _unavailable,
    "html_answer": lambda: _html(200, "Welcome"),
}
FATES: dict[str, Fate] = {
    "late_effect": "timeout",
    "timeout_before": "timeout",
    "timeout_after": "timeout",
    "cut_before": "cut",
    "cut_after": "cut",
    "drip": "drip",
}


def _wrong_amount(document: Document, fault: Fault) -> None:
    if isinstance(document.get("amount"), int):
        document["amount"] += 100 if fault.value is None else fault.value


def _wrong_order_id(document: Document, _: Fault) -> None:
    for key in ("orderId", "refundId"):
        if key in document:
            document[key] = document[key][:-7] + "0000000"


def _unknown_state(document: Document, _: Fault) -> None:
    for each in document.get("settlements") or [document]:
        each["state"] = "UNDER_REVIEW_BY_NOBODY"


def _unknown_mode(document: Document, _: Fault) -> None:
    for attempt in document.get("paymentDetails") or []:
        attempt["paymentMode"] = "BARTER"


def _extra_fields(document: Document, _: Fault) -> None:
    document |= {"loyaltyPoints": 12, "newBlock": {"deep": [1, {"a": None}]}, "newFlag": True}
    for attempt in document.get("paymentDetails") or []:
        attempt |= {"riskScore": 0.5, "newParts": []}


def _nulls(document: Document, _: Fault) -> None:
    for key in ("metaInfo", "errorCode", "detailedErrorCode", "payableAmount", "currency", "errorContext"):
        document[key] = None
    for attempt in document.get("paymentDetails") or []:
        attempt |= {"rail": None, "instrument": None, "splitInstruments": None, "errorCode": None}


def _text_amount(document: Document, _: Fault) -> None:
    for each in (document, *(document.get("paymentDetails") or [])):
        if isinstance(each.get("amount"), int):
            each["amount"] = str(each["amount"])


def _awkward_url(document: Document, _: Fault) -> None:
    if "redirectUrl" in document:
        document["redirectUrl"] += "&padding=" + "A1%2B" * 300 + "=="


CHANGES: dict[str, Callable[[Document, Fault], None]] = {
    "wrong_amount": _wrong_amount,
    "webhook_wrong_amount": _wrong_amount,
    "wrong_order_id": _wrong_order_id,
    "unknown_state": _unknown_state,
    "unknown_mode": _unknown_mode,
    "extra_fields": _extra_fields,
    "nulls": _nulls,
    "text_amount": _text_amount,
    "awkward_url": _awkward_url,
}


def apply_faults(response: Response, faults: list[Fault]) -> Response:
    """Return the answer with the faults applied."""
    for fault in faults:
        response = _apply(response, fault)
    return response


def _apply(response: Response, fault: Fault) -> Response:
    if fault.kind == "latency":
        return replace(response, delay=response.delay + (1.0 if fault.seconds is None else fault.seconds))
    if fault.kind in FATES:
        return replace(response, fate=FATES[fault.kind])
    if fault.kind in ANSWERS:
        return replace(ANSWERS[fault.kind](), delay=response.delay)
    if response.status != 200:
        return response
    if fault.kind == "broken_json":
        return replace(response, body=response.body[: len(response.body) // 2])
    if fault.kind == "empty_object":
        return replace(response, body=b"{}")
    return _changed(response, fault)


def _changed(response: Response, fault: Fault) -> Response:
    if fault.kind not in CHANGES:
        return response
    document = json.loads(response.body)
    alter_document(document, fault)
    return replace(response, body=json_bytes(document))


def alter_document(document: Document, fault: Fault) -> None:
    CHANGES[fault.kind](document, fault)
