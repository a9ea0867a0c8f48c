"""What these stories share: a letter to our door, settings as a start would read them, and time in leaps."""

import os
import runpy
from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256
from typing import Any
from unittest import mock

from django.conf import settings
from django.db import connection
from django.db.models import Min
from django.test import Client
from django.utils import timezone

from core.models import Channel, JournalEntry, PaymentTransaction, StateChange
from core.services import worker
from tests.phonepe import WEBHOOK, Days, PhonePe
from tests.uat.scripted import as_bytes


def digest(credentials: str) -> str:
    return sha256(credentials.encode()).hexdigest()


def delivers(body: Any, authorization: str | None = None) -> Any:
    """PhonePe, or somebody else, knocks at our door."""
    header = digest(settings.PHONEPE_WEBHOOK_CREDENTIALS[0]) if authorization is None else authorization
    headers = {"Authorization": header} if header else {}
    return Client().post(WEBHOOK, as_bytes(body), content_type="application/json", headers=headers)


def letter(event: str, payment: Any, **payload: Any) -> dict[str, Any]:
    """Return a webhook's body about a payment as it was asked for; `payload` says what differs."""
    order = payment.transaction
    told = {
        "merchantId": "SIMULATORUAT",
        "merchantOrderId": order.merchant_order_id,
        "orderId": order.phonepe_order_id,
        "amount": order.amount_paise,
    }
    return {"event": event, "payload": {**told, **payload}}


def settings_from(variables: Mapping[str, str]) -> dict[str, Any]:
    """Return the settings that a start with these variables would have.

    :raises ImproperlyConfigured: if it would be refused
    """
    with mock.patch.dict(os.environ, variables):
        return runpy.run_path(str(settings.BASE_DIR / "zelton_backend" / "settings.py"))


def tick_when_due(days: Days, seconds: int) -> None:
    """Let seconds pass. Ticks in every due second and the one before it; between those no row is due."""
    end = days.now().timestamp() + seconds
    while (left := round(end - days.now().timestamp())) > 0:
        due = PaymentTransaction.objects.aggregate(first=Min("next_check_at"))["first"]
        gap = left if due is None else int((due - days.now()).total_seconds())
        days.pass_by(min(left, max(1, gap - 1)))
        worker.tick()


def offsets_asked(phonepe: PhonePe, payment: Any) -> list[float]:
    """Return when PhonePe was asked about an order, in seconds after its pay call."""
    [taken] = [call for call in phonepe.orders_taken() if call.merchant_order_id == payment.merchant_order_id]
    return [(call.at - taken.at).total_seconds() for call in phonepe.was_asked(payment)]


def unsaved_order(merchant_order_id: str = "ZLT-1", channel: Channel = Channel.REDIRECT) -> PaymentTransaction:
    """Return an order of ₹1.00 as the service is handed one."""
    now = timezone.now()
    return PaymentTransaction(
        merchant_order_id=merchant_order_id,
        amount_paise=100,
        channel=channel,
        initiated_at=now,
        expire_at=now + timedelta(seconds=1200),
    )


def captures() -> int:
    """Return how often the books have taken money."""
    return JournalEntry.objects.filter(source__startswith="capture:").count()


def moves(payment: Any) -> list[str]:
    """Return every status a payment has moved to."""
    changes = StateChange.objects.filter(transaction=payment.transaction, what="status")
    return list(changes.values_list("new", flat=True))


def alone(work: Any) -> Any:
    """Let work run in a thread of its own, which leaves no connection behind."""

    def run(*args: Any) -> Any:
        try:
            return work(*args)
        finally:
            connection.close()

    return run
