"""Webhooks written by hand, which need not be true."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from phonepe_simulator.payments.documents import order_event, refund_event
from phonepe_simulator.payments.orders import Order
from phonepe_simulator.payments.refunds import Refund
from phonepe_simulator.settlements.documents import settlement_status
from phonepe_simulator.settlements.settlement import Settlement
from phonepe_simulator.webhooks.delivery import WebhookDelivery, WebhookTarget, new_delivery


def handmade_delivery(
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
    """Return a webhook about an order, refund or settlement as it is now; `payload` overrides its fields."""
    true_payload: dict[str, Any] = {}
    about = order.merchant_order_id if order else payload.get("merchantOrderId")
    if order:
        true_payload = order_event(order, merchant_id)
    if refund:
        true_payload, about = refund_event(refund, merchant_id), refund.merchant_order_id
    if settlement:
        true_payload, about = settlement_status(settlement, merchant_id), None
    delivery = new_delivery(
        event,
        true_payload | dict(payload),
        target=target,
        at=at,
        merchant_order_id=about,
        authorization=authorization,
    )
    return delivery if body is None else replace(delivery, body=body)
