"""Tenants who pay: `python -m benchmarks.payers` reads Payers as JSON from stdin, prints what they saw.

Each starts a payment, pays it at the simulator, and asks three times how it stands, as an app does.
"""

import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from http.client import HTTPConnection
from threading import Lock, Thread
from typing import Any, Self

ASK_AFTER = (0.2, 0.6, 1.2)  # seconds after the payment at PhonePe
INITIATE = "/api/payments/initiate-rent-payment/"
AMOUNT = "15000.00"


@dataclass(frozen=True, slots=True)
class Payers:
    """Who pays, and how fast.

    :ivar tokens: one of each tenant; every tenant pays once
    :ivar rate: payments begun a second, whether or not earlier ones are done; None: as many as are done
    """

    web: int
    simulator: int
    tokens: tuple[str, ...]
    at_once: int
    rate: float | None = None


@dataclass(frozen=True, slots=True)
class Paid:
    """What they saw: how many payments were COMPLETED when they last asked, and how long all took."""

    payments: int
    completed: int
    seconds: float


class Connections:
    """A tenant's way to the web server, and to the simulator. Both stay open."""

    def __init__(self, payers: Payers) -> None:
        self._web = HTTPConnection("127.0.0.1", payers.web, timeout=60)
        self._simulator = HTTPConnection("127.0.0.1", payers.simulator, timeout=60)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._web.close()
        self._simulator.close()

    def pays(self, token: str) -> str:
        """Return the state in which the payment was seen last."""
        order = self._ask(self._web, "POST", INITIATE, {"amount": AMOUNT}, token)["merchant_order_id"]
        attempt = {"mode": "UPI_QR", "outcome": "success"}
        self._ask(self._simulator, "POST", f"/_simulator/orders/{order}/attempt", attempt)
        paid_at, state = time.monotonic(), ""
        for after in ASK_AFTER:
            time.sleep(max(0.0, paid_at + after - time.monotonic()))
            state = self._ask(self._web, "GET", f"/api/payments/verify-payment/{order}/", token=token)["state"]
        return state

    def _ask(
        self, connection: HTTPConnection, method: str, path: str, body: dict[str, Any] | None = None, token: str = ""
    ) -> dict[str, Any]:
        headers = {"Content-Type": "application/json", **({"Authorization": f"Token {token}"} if token else {})}
        connection.request(method, path, json.dumps(body) if body else None, headers)
        answer = connection.getresponse()
        text = answer.read()
        if answer.status not in (200, 201):
            raise RuntimeError(f"{path} answered {answer.status}: {text[:300]!r}")
        found: dict[str, Any] = json.loads(text)
        return found


def pay(payers: Payers) -> Paid:
    """Let all of them pay, so many at once."""
    waiting, states, lock = _in_time(payers), Counter[str](), Lock()
    started = time.monotonic()

    def work() -> None:
        with Connections(payers) as connections:
            while True:
                with lock:
                    token = next(waiting, None)
                if token is None:
                    return
                states[connections.pays(token)] += 1

    threads = [Thread(target=work) for _ in range(payers.at_once)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Paid(sum(states.values()), states["COMPLETED"], time.monotonic() - started)


def _in_time(payers: Payers) -> Iterator[str]:
    """Yield each token when it is its turn."""
    started = time.monotonic()
    for number, token in enumerate(payers.tokens):
        if payers.rate is not None:
            time.sleep(max(0.0, started + number / payers.rate - time.monotonic()))
        yield token


if __name__ == "__main__":
    print(json.dumps(asdict(pay(Payers(**json.load(sys.stdin))))))
