"""The simulator's own state as JSON, for the control API."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from phonepe_simulator.api.call_log import Call
from phonepe_simulator.faults.fault import Fault
from phonepe_simulator.payments.attempts import Attempt
from phonepe_simulator.payments.orders import Order
from phonepe_simulator.payments.refunds import Refund
from phonepe_simulator.settlements.settlement import Settlement
from phonepe_simulator.webhooks.delivery import WebhookDelivery

Document = dict[str, Any]
SECRETS = ("client_secret",)


def instant(moment: datetime | None) -> str | None:
    return moment.isoformat().replace("+00:00", "Z") if moment else None


def order_document(order: Order, pay_page_url: str) -> Document:
    return {
        "merchant_order_id": order.merchant_order_id,
        "order_id": order.order_id,
        "amount": order.amount,
        "state": order.told_state,
        "created_at": instant(order.created_at),
        "expire_at": instant(order.expire_at),
        "pay_page_url": pay_page_url,
        "redirect_url": order.redirect_url,
        "retry_allowed": order.retry_allowed,
        "modes": sorted(order.offer.modes),
        "card_types": sorted(order.offer.card_types),
        "meta_info": order.meta_info,
        "attempts": [attempt_document(attempt) for attempt in order.attempts],
        "captured": order.captured,
        "refunded": order.refunded,
        "refunding": order.refunding,
        "charged_back": order.charged_back,
        "refunds": [refund_document(refund) for refund in order.refunds],
    }


def attempt_document(attempt: Attempt) -> Document:
    return {
        "transaction_id": attempt.transaction_id,
        "mode": str(attempt.mode),
        "amount": attempt.amount,
        "state": attempt.state.value,
        "at": instant(attempt.at),
        "vpa": attempt.vpa,
        "utr": attempt.utr,
        "error_code": attempt.error_code,
        "detailed_error_code": attempt.detailed_error_code,
    }


def refund_document(refund: Refund) -> Document:
    return {
        "merchant_refund_id": refund.merchant_refund_id,
        "refund_id": refund.refund_id,
        "merchant_order_id": refund.merchant_order_id,
        "amount": refund.amount,
        "state": refund.state.value,
        "at": instant(refund.at),
        "error_code": refund.failure.error_code if refund.failure else None,
    }


def settlement_document(settlement: Settlement) -> Document:
    return {
        "settlement_id": settlement.settlement_id,
        "utr": settlement.utr,
        "date": instant(settlement.at),
        "state": settlement.state.value,
        "amount": settlement.amount,
        "transactions": len(settlement.lines),
        "updated_at": instant(settlement.updated_at),
        "error_code": settlement.failure[0] or None,
    }


def call_document(call: Call) -> Document:
    """Return a call without its secret and token, which could be used again."""
    headers = {key: "…" if key.lower() == "authorization" else value for key, value in call.headers.items()}
    body = call.body
    if isinstance(body, dict):
        body = {key: "…" if key in SECRETS else value for key, value in body.items()}
    return {
        "at": instant(call.at),
        "name": call.name,
        "method": call.method,
        "path": call.path,
        "query": dict(call.query),
        "headers": headers,
        "body": body,
        "status": call.status,
        "fate": call.fate,
        "merchant_order_id": call.merchant_order_id,
        "reason": call.reason,
        "faults": list(call.faults),
    }


def webhook_document(delivery: WebhookDelivery) -> Document:
    return {
        "at": instant(delivery.at),
        "event": delivery.event,
        "attempt": delivery.attempt,
        "answered": delivery.answered,
        "url": delivery.url,
        "merchant_order_id": delivery.merchant_order_id,
        "body": delivery.body.decode(errors="replace"),
    }


def fault_document(fault: Fault) -> Document:
    return {key: value for key, value in asdict(fault).items() if value is not None}
