"""The merchant of these tests, in the same process and over HTTP."""

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from phonepe_simulator import Request, Response, Simulator, VirtualClock, WebhookDelivery
from phonepe_simulator.http_server import SimulatorServer

API = "/apis/pg-sandbox"
FIXTURES = Path(__file__).parents[1] / "fixtures" / "phonepe"
RETURN_URL = "https://shop.example/return?order=1&x=%2B%3D"


def fixture(name: str) -> Any:
    return json.loads((FIXTURES / f"{name}.json").read_text())


def order(merchant_order_id: str = "RENT-1", amount: int = 150000, **fields: Any) -> dict[str, Any]:
    flow = {"type": "PG_CHECKOUT", "merchantUrls": {"redirectUrl": RETURN_URL}} | fields.pop("flow", {})
    return {"merchantOrderId": merchant_order_id, "amount": amount, "paymentFlow": flow} | fields


def credentials(sim: Simulator) -> dict[str, str]:
    client = sim.client
    return {
        "client_id": client.client_id,
        "client_version": client.version,
        "client_secret": client.secret,
        "grant_type": "client_credentials",
    }


class Merchant:
    """Calls a simulator in the same process, and answers its webhooks as it is told to."""

    def __init__(self, clock: VirtualClock, **options: Any) -> None:
        self.inbox: list[WebhookDelivery] = []
        self.answers: list[int | None] = []
        self.sim = Simulator(clock=clock, seed=7, deliver=self._receive, **options)
        self.prefix = API
        self._token = ""

    def _receive(self, delivery: WebhookDelivery) -> int | None:
        self.inbox.append(delivery)
        return self.answers.pop(0) if self.answers else 200

    def events(self) -> list[str]:
        return [delivery.event for delivery in self.inbox]

    def log_in(self, **changed: str) -> Response:
        form = urlencode(credentials(self.sim) | changed).encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        response = self.sim.handle(Request("POST", f"{self.prefix}/v1/oauth/token", headers=headers, body=form))
        if response.status == 200 and response.headers["Content-Type"] == "application/json":
            self._token = read(response).get("access_token", "")
        return response

    def call(self, method: str, path: str, body: Any = None, **query: str) -> Response:
        if not self._token:
            self.log_in()
        headers = {"Authorization": f"O-Bearer {self._token}", "Content-Type": "application/json"}
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        return self.sim.handle(Request(method, f"{self.prefix}{path}", query, headers, content))

    def control(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Response:
        """Call the control API, as a tool on the same machine does."""
        split = urlsplit(path)
        query = dict(parse_qsl(split.query))
        content = b"" if body is None else json.dumps(body).encode()
        return self.sim.handle(Request(method, f"/_simulator{split.path}", query, headers or {}, content))

    def pay(self, **fields: Any) -> Response:
        return self.call("POST", "/checkout/v2/pay", order(**fields))

    def status(self, merchant_order_id: str = "RENT-1", **query: str) -> dict[str, Any]:
        return read(self.call("GET", f"/checkout/v2/order/{merchant_order_id}/status", **query))

    def refund(self, merchant_refund_id: str = "BACK-1", amount: int = 50000, original: str = "RENT-1") -> Response:
        body = {"merchantRefundId": merchant_refund_id, "originalMerchantOrderId": original, "amount": amount}
        return self.call("POST", "/payments/v2/refund", body)

    def refund_status(self, merchant_refund_id: str = "BACK-1") -> dict[str, Any]:
        return read(self.call("GET", f"/payments/v2/refund/{merchant_refund_id}/status"))


def paid(merchant: Merchant, merchant_order_id: str, mode: str = "UPI_QR", amount: int = 150000) -> None:
    """Open an order of this merchant and pay it."""
    merchant.pay(merchant_order_id=merchant_order_id, amount=amount)
    merchant.sim.attempt(merchant_order_id, mode)


def refunded(merchant: Merchant, clock: VirtualClock, amount: int) -> None:
    """Refund a part of RENT-1, and let time pass until it has completed."""
    merchant.refund(amount=amount)
    clock.advance(10)
    merchant.sim.tick()


def read(response: Response) -> Any:
    return json.loads(response.body)


@dataclass
class OverHttp:
    """Calls a served simulator as any program in any language would."""

    sim: Simulator
    server: SimulatorServer

    @contextmanager
    def connect(self, timeout: float = 5) -> Iterator[HTTPConnection]:
        host, port = self.server.server_address[:2]
        with closing(HTTPConnection(str(host), int(port), timeout=timeout)) as connection:
            yield connection

    def token(self) -> str:
        form = urlencode(credentials(self.sim))
        status, body = self.send(
            "POST", f"{API}/v1/oauth/token", form, {"Content-Type": "application/x-www-form-urlencoded"}
        )
        assert status == 200
        return str(json.loads(body)["access_token"])

    def send(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> tuple[int, bytes]:
        content = json.dumps(body) if isinstance(body, dict) else body
        with self.connect() as connection:
            connection.request(method, path, content, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read()

    def control(self, method: str, path: str, body: dict[str, Any] | None = None) -> tuple[int, Any]:
        status, content = self.send(method, f"/_simulator{path}", body)
        return status, json.loads(content)
