"""Webhooks: what is waiting to be sent, what was sent, and when it is sent again."""

import json
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from http.client import HTTPException
from itertools import count
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, OpenerDirector, ProxyHandler, build_opener
from urllib.request import Request as UrlRequest

from phonepe_simulator.messages import json_bytes

# As for the log of calls: enough for any test, and an end for a simulator that serves for weeks.
KEPT_DELIVERIES = 50_000


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
    """One letter on its way to the merchant, or how it was answered."""

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
        """The body as JSON, for tests to look into."""
        loaded: dict[str, Any] = json.loads(self.body)
        return loaded


Deliver = Callable[[WebhookDelivery], int | None]


@dataclass(slots=True)
class Waiting:
    delivery: WebhookDelivery
    due_at: datetime
    turn: int
    retried: bool = True
    # Set on a letter that lets the next one overtake it.
    overtaken: bool = False


@dataclass(slots=True)
class Outbox:
    """Letters in the order in which they are due."""

    waiting: list[Waiting] = field(default_factory=list)
    sent: deque[WebhookDelivery] = field(default_factory=lambda: deque(maxlen=KEPT_DELIVERIES))
    _turns: Iterator[int] = field(default_factory=count)

    def post(
        self, delivery: WebhookDelivery, due_at: datetime, *, retried: bool = True, overtaken: bool = False
    ) -> None:
        held = [each for each in self.waiting if each.overtaken]
        self.waiting.append(Waiting(delivery, due_at, next(self._turns), retried=retried, overtaken=overtaken))
        for each in held:
            each.due_at, each.turn, each.overtaken = due_at, next(self._turns), False

    def next_due(self) -> datetime | None:
        return min((each.due_at for each in self.waiting), default=None)

    def take_due(self, now: datetime) -> list[Waiting]:
        due = sorted((each for each in self.waiting if each.due_at <= now), key=lambda each: (each.due_at, each.turn))
        if due:
            self.waiting = [each for each in self.waiting if each.due_at > now]
        return due

    def note(
        self, letter: Waiting, answered: int | None, *, now: datetime, retry_delays: tuple[float, ...]
    ) -> WebhookDelivery:
        """Write down how a delivery went, and plan the next one if it was not taken."""
        done = replace(letter.delivery, at=now, answered=answered)
        self.sent.append(done)
        taken = answered is not None and 200 <= answered < 300
        if not taken and letter.retried and done.attempt <= len(retry_delays):
            due_at = now + timedelta(seconds=retry_delays[done.attempt - 1])
            again = replace(letter.delivery, attempt=done.attempt + 1)
            self.waiting.append(Waiting(again, due_at, next(self._turns)))
        return done


def letter(
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


class _NoRedirects(HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Answer with the 3xx itself: the secret header must not travel to another host."""


def post_over_http(timeout: Callable[[], float]) -> Deliver:
    """Return the delivery that really knocks at the merchant's door."""
    # No proxy from the environment: the merchant of a simulator is on this machine or on its network.
    opener = build_opener(ProxyHandler({}), _NoRedirects)

    def deliver(delivery: WebhookDelivery) -> int | None:
        return _post(opener, delivery, timeout())

    return deliver


def _post(opener: OpenerDirector, delivery: WebhookDelivery, timeout: float) -> int | None:
    if delivery.url is None:
        return None
    request = UrlRequest(delivery.url, data=delivery.body, headers=delivery.headers, method="POST")  # noqa: S310 - checked
    try:
        with opener.open(request, timeout=timeout) as answer:
            return int(answer.status)
    except HTTPError as refusal:
        with refusal:
            return refusal.code
    except (OSError, HTTPException, ValueError):
        return None
