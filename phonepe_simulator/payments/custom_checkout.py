"""Custom Checkout's own pay call: the merchant shows how to pay, in a UPI app, with a QR code or by UPI ID.

An order has the one mode that it was made for, and ends with its one attempt.
"""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from phonepe_simulator.errors import bad_request
from phonepe_simulator.payments.documents import Document, created
from phonepe_simulator.payments.modes import Mode, ModeEntry, only_these
from phonepe_simulator.payments.orders import Order
from phonepe_simulator.payments.validation import (
    VPA,
    OrderRequest,
    read_amount,
    read_expire_after,
    read_flow,
    read_merchant_order_id,
    read_meta_info,
    read_object,
    read_target_app,
)

# How long an order lives that does not say, in seconds, and how long one may at most.
USUAL_LIFE = {Mode.UPI_INTENT: 600, Mode.UPI_QR: 480, Mode.UPI_COLLECT: 480}
LONGEST_LIFE = 5_184_000
PHONE = re.compile(r"(?:\+?91)?[6-9][0-9]{9}")
# A UPI number is a mobile number; the official Python SDK calls it by another name than the documentation.
NUMBER_IN = {"UPI_NUMBER": "upiNumber", "PHONE_NUMBER": "phoneNumber"}


@dataclass(frozen=True, slots=True)
class CustomRequest:
    """:ivar payer: whom a collect request asks, a UPI ID or a mobile number"""

    order: OrderRequest
    mode: Mode
    payer: str | None


def read_custom_request(body: Any) -> CustomRequest:
    """Return what the body requests.

    :raises ApiError: for the first rule it breaks
    """
    fields = read_object(body, "the body")
    flow = read_flow(fields, ("PG",))
    wanted = read_object(flow.get("paymentMode"), "paymentFlow.paymentMode")
    if wanted.get("type") not in list(USUAL_LIFE):
        raise bad_request(
            f"paymentFlow.paymentMode.type: one of {', '.join(USUAL_LIFE)}; "
            "CARD, TOKEN and NET_BANKING of Custom Checkout are not simulated"
        )
    mode = Mode(wanted["type"])
    if mode is Mode.UPI_INTENT:
        read_target_app(wanted, fields)
    order = OrderRequest(
        merchant_order_id=read_merchant_order_id(fields.get("merchantOrderId")),
        amount=read_amount(fields.get("amount")),
        expire_after=read_expire_after(fields.get("expireAfter"), longest=LONGEST_LIFE) or USUAL_LIFE[mode],
        meta_info=read_meta_info(fields.get("metaInfo")),
        redirect_url=None,
        message=None,
        offer=only_these([ModeEntry(mode)]),
        retry_allowed=False,
    )
    return CustomRequest(order, mode, _payer(wanted) if mode is Mode.UPI_COLLECT else None)


def _payer(wanted: dict[str, Any]) -> str:
    details = read_object(wanted.get("details"), "paymentFlow.paymentMode.details")
    kind = details.get("type")
    if kind == "VPA":
        vpa = details.get("vpa")
        if isinstance(vpa, str) and VPA.fullmatch(vpa):
            return vpa
        raise bad_request("paymentFlow.paymentMode.details.vpa: is like name@bank")
    if kind in NUMBER_IN:
        number = details.get(NUMBER_IN[kind])
        if isinstance(number, str) and PHONE.fullmatch(number):
            return f"{number[-10:]}@upi"
        raise bad_request(f"paymentFlow.paymentMode.details.{NUMBER_IN[kind]}: a mobile number of India")
    raise bad_request("paymentFlow.paymentMode.details.type: VPA or UPI_NUMBER")


def custom_answer(order: Order, mode: Mode, link: str) -> Document:
    """Return the answer: with the link that a UPI app opens, which is what a QR code holds too."""
    document = created(order)
    if mode is not Mode.UPI_COLLECT:
        document["intentUrl"] = link
    if mode is Mode.UPI_QR:
        document["qrData"] = link
    return document


def intent_url(order: Order, merchant_name: str) -> str:
    """Return the link with which a UPI app asks its owner to pay."""
    fields = {
        "pa": "SIMULATOR@ybl",
        "pn": merchant_name,
        "am": f"{order.amount // 100}.{order.amount % 100:02d}",
        "cu": "INR",
        "tr": order.order_id,
        "mode": "04",
    }
    return f"upi://pay?{urlencode(fields, quote_via=quote, safe=':@')}"
