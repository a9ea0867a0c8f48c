"""A webhook as somebody sends it: PhonePe, or who would like to be taken for it."""

import json
from hashlib import sha256
from typing import Any

from django.conf import settings

from zelton_backend.sign_off.front_door import JSON, WEBHOOK_PATH, Answer, Door


def webhook_digest(credentials: str | None = None) -> str:
    """Return the header that PhonePe sends for `username:password`; ours, unless others are given."""
    return sha256((credentials or settings.PHONEPE_WEBHOOK_CREDENTIALS[0]).encode()).hexdigest()


def webhook_request(door: Door, body: Any, authorization: str, *, method: str = "POST", noted: bool = True) -> Answer:
    """Send a webhook to our door, with a header or (empty) without one."""
    headers = {"Content-Type": JSON, **({"Authorization": authorization} if authorization else {})}
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return door.request("webhook", method, WEBHOOK_PATH, raw, headers, is_noted=noted)
