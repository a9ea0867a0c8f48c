"""One webhook: what is sent, where to, and how it was answered."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from phonepe_simulator.messages import json_bytes


@dataclass(frozen=True, slots=True)
class WebhookTarget:
    url: str | None
    username: str
    password: str

    def __post_init__(self) -> None:
        if not (isinstance(self.username, str) and isinstance(self.password, str)):
            raise TypeError("A webhook's username and password are text.")
        if self.url is not None and not str(self.url).startswith(("http://", "https://")):
            raise ValueError("A webhook URL starts with http:// or https://")

    @property
    def authorization(self) -> str:
        return sha256(f"{self.username}:{self.password}".encode()).hexdigest()


DEMO_TARGET = WebhookTarget(None, "simulator_hook", "webhook2pass")


@dataclass(frozen=True, slots=True)
class WebhookDelivery:
    """One attempt to deliver a webhook; `answered` is the merchant's HTTP status, None for no answer."""

    event: str
    body: bytes
    headers: dict[str, str]
    merchant_order_id: str | None
    at: datetime
    attempt: int = 1
    url: str | None = None
    answered: int | None = None

    @property
    def document(self) -> dict[str, Any]:
        """The body as JSON, for tests that look into it."""
        loaded: dict[str, Any] = json.loads(self.body)
        return loaded


# Sends a delivery and returns the HTTP status of the answer, None if there was no answer.
Deliver = Callable[[WebhookDelivery], int | None]


def new_delivery(
    event: str,
    payload: dict[str, Any],
    *,
    target: WebhookTarget,
    at: datetime,
    merchant_order_id: str | None,
    authorization: str | None = None,
) -> WebhookDelivery:
    body = json_bytes({"event": event, "type": event.replace(".", "_").upper(), "payload": payload})
    headers = {
        "Content-Type": "application/json",
        "Authorization": target.authorization if authorization is None else authorization,
    }
    return WebhookDelivery(event, body, headers, merchant_order_id, at, url=target.url)
