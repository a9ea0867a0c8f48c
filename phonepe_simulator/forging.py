"""Webhooks written by hand, which need not be true."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from phonepe_simulator.documents import order_event, refund_event
from phonepe_simulator.orders import Order
from phonepe_simulator.refunds import Refund
from phonepe_simulator.settlement_documents import settlement_status
from phonepe_simulator.settlements import Settlement
from phonepe_simulator.webhooks import WebhookDelivery, WebhookTarget, letter


def forged_letter(
    event: str,
    *,
    target: WebhookTarget,
    at: datetime,
    merchant_id: str,
    order: Order | None,
    refund: Refund | None,
    settlement: Settlement | None,
    payload: Mapping[str, Any],
    authorization: str | None,
    body: bytes | None,
) -> WebhookDelivery:
    """Return a webhook about an order, refund or settlement as it is now, with `payload` laid over the truth."""
    truth: dict[str, Any] = {}
    about = order.merchant_order_id if order else payload.get("merchantOrderId")
    if order:
        truth = order_event(order, merchant_id)
    if refund:
        truth, about = refund_event(refund, merchant_id), refund.merchant_order_id
    if settlement:
        truth, about = settlement_status(settlement, merchant_id), None
    written = letter(
        event, truth | dict(payload), target=target, at=at, merchant_order_id=about, authorization=authorization
    )
    return written if body is None else replace(written, body=body)
