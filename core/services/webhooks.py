"""Take PhonePe's webhooks: refuse strangers, store, answer; read later, and then ask PhonePe, not the letter.

The header is a constant shared secret and the body is not signed, so a webhook never credits anything by
itself. Source: "Webhook" in PhonePe's documentation.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.models import CharField, QuerySet
from django.utils.crypto import constant_time_compare

from core.errors import WebhookRefused
from core.models import (
    PAID,
    AlertKind,
    OrderState,
    Outcome,
    PaymentTransaction,
    Reconciliation,
    Refund,
    RefundState,
    WebhookEvent,
)
from core.prepared import Param, Prepared
from core.services import ledger, metrics, settlement_webhooks
from core.services.alerts import alert
from core.services.phonepe_reports import paise, text

logger = structlog.get_logger(__name__)
_ID = Param("id", CharField())
_BY_OUR_ID = Prepared(lambda: _orders_with_purposes().filter(merchant_order_id=_ID))
_BY_PHONEPE_ID = Prepared(lambda: _orders_with_purposes().filter(phonepe_order_id=_ID).order_by("pk")[:1])


def verify(authorization: str) -> None:
    """Accept only PhonePe's header: the hex SHA-256 of `username:password`, now or before the last rotation.

    :raises WebhookRefused: if it is another, or none is configured
    """
    expected = [sha256(pair.encode()).hexdigest() for pair in settings.PHONEPE_WEBHOOK_CREDENTIALS]
    # Every one is compared, so that the time taken does not tell which one is near.
    accepted = [constant_time_compare(authorization, digest) for digest in expected]
    if not any(accepted):
        raise WebhookRefused
    if not accepted[0]:
        metrics.WEBHOOKS.labels("previous_credentials").inc()


def receive(body: bytes, *, now: datetime) -> int:
    """Store a delivery durably before it is read; return how often it has come."""
    return WebhookEvent.objects.keep(digest=sha256(body).hexdigest(), body=body, now=now)


def read_body(body: bytes) -> Any:
    """Return a delivery's JSON.

    :raises ValueError: if it is not JSON
    """
    try:
        return json.loads(body)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def process_waiting(*, now: datetime, limit: int) -> int:
    """Read stored deliveries that were not read yet, and make their orders due; return how many."""
    waiting = WebhookEvent.objects.filter(processed_at__isnull=True).order_by("received_at")
    done = 0
    for pk in list(waiting.values_list("pk", flat=True)[:limit]):
        try:
            done += _process_one(pk, now=now)
        except Exception:
            logger.exception("webhook_not_processed", event=pk)  # a defect of ours; the next tick tries again
    return done


def _process_one(pk: int, *, now: datetime) -> int:
    skip = connection.features.has_select_for_update_skip_locked
    with transaction.atomic():
        mine = WebhookEvent.objects.select_for_update(skip_locked=skip).filter(pk=pk, processed_at__isnull=True)
        if event := mine.first():
            _process(event, now=now)
    return int(event is not None)


def _process(event: WebhookEvent, *, now: datetime) -> None:
    try:
        content = read_body(bytes(event.body))
    except ValueError:
        event.outcome = Outcome.UNREADABLE
        alert(AlertKind.UNREADABLE_WEBHOOK, event.digest, "PhonePe sent a body that is not JSON.", now=now)
    else:
        # `event` names it; `type` is going away, but some samples have nothing else.
        event.event = (text(content, "event") or text(content, "type"))[:64]
        payload = content.get("payload") if isinstance(content, Mapping) else None
        event.outcome = _follow_up(event, payload if isinstance(payload, Mapping) else content, now=now)
    event.processed_at = now
    event.save(update_fields=["event", "merchant_order_id", "outcome", "processed_at"])
    logger.info("webhook_processed", phonepe_event=event.event, outcome=event.outcome, order=event.merchant_order_id)


def _follow_up(event: WebhookEvent, payload: Any, *, now: datetime) -> Outcome:
    if (outcome := settlement_webhooks.hear(event, payload, now=now)) is not None:
        return outcome
    if (refund := _refund_of(payload)) is not None:
        event.merchant_order_id = refund.transaction.merchant_order_id
        Refund.objects.filter(pk=refund.pk).hasten(now=now)
        return Outcome.ASKED if refund.is_in_flight else _compare_with_finished(event, refund, payload, now=now)
    if event.event.startswith("pg.refund."):
        return _refund_we_did_not_make(event, payload, now=now)
    order = _order_of(payload)
    if order is None:
        return _about_nothing_we_know(event, payload, now=now)
    event.merchant_order_id = order.merchant_order_id
    if order.reconciliation_status == Reconciliation.MISMATCH:
        return Outcome.SETTLED
    if order.purpose.status in PAID:
        return _compare_with_paid(event, order, payload, now=now)
    PaymentTransaction.objects.filter(pk=order.pk).hasten(now=now)
    return Outcome.ASKED


def _orders_with_purposes() -> QuerySet[PaymentTransaction]:
    return PaymentTransaction.objects.select_related("payment", "subscription_payment")


def _order_of(payload: Any) -> PaymentTransaction | None:
    merchant_order_id, order_id = text(payload, "merchantOrderId"), text(payload, "orderId")
    if merchant_order_id:
        return next(iter(_BY_OUR_ID.rows(id=merchant_order_id[:64])), None)
    return next(iter(_BY_PHONEPE_ID.rows(id=order_id[:64])), None) if order_id else None


def _refund_of(payload: Any) -> Refund | None:
    """Find a refund by our id, or by PhonePe's: webhooks of failed refunds leave ours out."""
    merchant_refund_id, refund_id = text(payload, "merchantRefundId"), text(payload, "refundId")
    refunds = Refund.objects.select_related("transaction")
    found: Refund | None = None
    if merchant_refund_id:
        found = refunds.filter(merchant_refund_id=merchant_refund_id[:64]).first()
    if refund_id and found is None:
        found = refunds.filter(refund_id=refund_id[:64]).first()
    return found


def _refund_we_did_not_make(event: WebhookEvent, payload: Any, *, now: datetime) -> Outcome:
    """Money that left without us: into suspense once, for an operator."""
    names, amount = (text(payload, "refundId"), text(payload, "merchantRefundId")), paise(payload, "amount")
    if text(payload, "state") == RefundState.COMPLETED and amount and amount > 0:
        ledger.record_unknown_refund(names, text(payload, "originalMerchantOrderId"), amount, at=now)
    return _about_nothing_we_know(event, payload, now=now)


def _compare_with_paid(event: WebhookEvent, order: PaymentTransaction, payload: Any, *, now: datetime) -> Outcome:
    """A paid order stays paid; what says otherwise is shown to an operator."""
    if not event.event.lower().replace("_", ".").startswith("checkout.order."):
        return Outcome.SETTLED
    amount = paise(payload, "amount")
    if text(payload, "state") == OrderState.COMPLETED and amount in (None, order.captured_paise):
        return Outcome.SETTLED
    sentence = f"The webhook {event.event} says otherwise than our books, where this order is paid."
    alert(AlertKind.CONTRADICTION, order.merchant_order_id, sentence, now=now)
    return Outcome.CONTRADICTS


def _compare_with_finished(event: WebhookEvent, refund: Refund, payload: Any, *, now: datetime) -> Outcome:
    """A finished refund stays as it is; another final word about it is shown to an operator."""
    if text(payload, "state") not in {RefundState.COMPLETED, RefundState.FAILED} - {refund.state}:
        return Outcome.SETTLED
    sentence = f"The webhook {event.event} says otherwise than our books, where this refund is {refund.state}."
    alert(AlertKind.CONTRADICTION, refund.merchant_refund_id, sentence, now=now)
    return Outcome.CONTRADICTS


def _about_nothing_we_know(event: WebhookEvent, payload: Any, *, now: datetime) -> Outcome:
    about = next(
        filter(None, (text(payload, key) for key in ("merchantOrderId", "merchantRefundId", "refundId", "orderId"))), ""
    )
    if not about:
        return Outcome.IGNORED
    sentence = f"The webhook {event.event} is about something that is not in our books. Money may have moved."
    alert(AlertKind.UNKNOWN_WEBHOOK, about[:64], sentence, now=now)
    return Outcome.UNKNOWN
