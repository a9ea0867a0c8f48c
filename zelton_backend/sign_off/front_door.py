"""Our own door in a check: the product's real WSGI application on a port of this machine, and who knocks at it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPConnection
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

from django.core.handlers.wsgi import WSGIHandler
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler

from zelton_backend.local_stack.ports import HOST
from zelton_backend.sign_off.record import Record

SECONDS = 30
WEBHOOK_PATH = "/api/webhooks/phonepe-webhook/"
JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode(errors="replace")

    def json(self) -> Any:
        return json.loads(self.body)


class _Handler(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Say nothing: the record has everything."""


@contextmanager
def front_door() -> Iterator[str]:
    """Serve the product on a free port; yields its address."""
    with ThreadedWSGIServer((HOST, 0), _Handler) as server:
        server.daemon_threads = False  # closing waits for those that are still answered
        server.set_app(WSGIHandler())
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, name="front-door", daemon=True)
        thread.start()
        try:
            yield f"http://{HOST}:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@dataclass(slots=True)
class Door:
    """Knocks at our door and notes what was said."""

    url: str
    record: Record

    def request(
        self,
        kind: str,
        method: str,
        path: str,
        body: bytes = b"",
        headers: dict[str, str] | None = None,
        *,
        is_noted: bool = True,
    ) -> Answer:
        """Send one request over a connection of its own.

        :param kind: what the record calls it: api, browser or webhook
        """
        at, sent = datetime.now(UTC), {"Connection": "close", **(headers or {})}
        connection = HTTPConnection(urlsplit(self.url).netloc, timeout=SECONDS)
        try:
            connection.request(method, path, body or None, sent)
            response = connection.getresponse()
            answer = Answer(response.status, dict(response.getheaders()), response.read())
        finally:
            connection.close()
        if is_noted:
            told = {"method": method, "path": path, "headers": sent, "body": body}
            self.record.asked_us(kind, at, told, status=answer.status, body=answer.body)
        return answer


@dataclass(slots=True)
class Caller:
    """Somebody who uses the API with a real token."""

    door: Door
    token: str

    def get(self, path: str) -> Answer:
        return self.door.request("api", "GET", path, headers=self._headers())

    def post(self, path: str, body: Any, **headers: str) -> Answer:
        headers = {"Content-Type": JSON, **self._headers(), **headers}
        return self.door.request("api", "POST", path, json.dumps(body).encode(), headers)

    def starts_rent(self, amount: Any = "15000.00", *, key: str = "", **body: Any) -> Answer:
        headers = {"Idempotency-Key": key} if key else {}
        return self.post("/api/payments/initiate-rent-payment/", {"amount": amount, **body}, **headers)

    def verifies(self, order: str) -> Answer:
        return self.get(f"/api/payments/verify-payment/{order}/")

    def refunds(self, payment_id: int, amount: str | None) -> Answer:
        body = {"reason": "Sign-off with PhonePe", **({} if amount is None else {"amount": amount})}
        return self.post(f"/api/payments/{payment_id}/refund/", body)

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Token {self.token}"}
