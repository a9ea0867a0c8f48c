"""PhonePe's webhooks, delivered by hand."""

from hashlib import sha256
from typing import Any

from django.test import Client

from tests.phonepe import WEBHOOK

OURS = sha256(b"zelton_hooks:hooks4tests").hexdigest()
BODY = b'{"event":"checkout.order.completed","payload":{"merchantOrderId":"ZLT-unknown","state":"COMPLETED"}}'


def delivers(body: bytes = BODY, authorization: str | None = OURS, **extra: Any) -> Any:
    headers = {} if authorization is None else {"Authorization": authorization}
    return Client().post(WEBHOOK, body, content_type="application/json", headers=headers, **extra)
