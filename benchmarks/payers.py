"""Tenants who pay: `python -m benchmarks.payers` reads Payers as JSON from stdin, prints what they saw.

Each starts a payment, pays it at the simulator, and asks three times how it stands, as an app does.
"""

import json
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from http.client import HTTPConnection, HTTPException
from threading import Lock, Thread
from typing import Any, Self

ASK_AFTER = (0.2, 0.6, 1.2)  # seconds after the payment at PhonePe
INITIATE = "/api/payments/initiate-rent-payment/"
AMOUNT = "15000.00"
PATIENCE, TRY_AGAIN_AFTER = 90.0, 0.25  # seconds


@dataclass(frozen=True, slots=True)
class Payers:
    """Who pays, and how fast.

    :ivar tokens: one of each tenant; every tenant pays once
    :ivar rate: payments begun a second, whether or not earlier ones are done; None: as many as are done
    :ivar more_webs: further web servers, to which every second, third … of those who pay at once goes
    :ivar patient: try again what is refused or not answered, and ask until a payment is PENDING no more
    """

    web: int
    simulator: int
    tokens: tuple[str, ...]
    at_once: int
    rate: float | None = None
    more_webs: tuple[int, ...] = ()
    patient: bool = False


@dataclass(frozen=True, slots=True)
class Paid:
    """What they saw: how many payments were COMPLETED when they last asked, and how long all took.

    :ivar told: of each payment its order, what was said of it last, and the moments in which it was started and in
        which that was said, in seconds since 1970
    """

    payments: int
    completed: int
    seconds: float
    told: tuple[tuple[str, str, float, float], ...] = ()


class Connections:
    """A tenant's way to the web server, and to the simulator. Both stay open."""

    def __init__(self, payers: Payers, number: int) -> None:
        webs = (payers.web, *payers.more_webs)
        self._web = HTTPConnection("127.0.0.1", webs[number % len(webs)], timeout=60)
        self._simulator = HTTPConnection("127.0.0.1", payers.simulator, timeout=60)
        self._patient = payers.patient

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._web.close()
        self._simulator.close()

    def pays(self, token: str) -> tuple[str, str, float, float]:
        """Return what was told of the payment, as in `Paid.told`."""
        order = self._ask(self._web, "POST", INITIATE, {"amount": AMOUNT}, token)["merchant_order_id"]
        started_at = time.time()
        attempt = {"mode": "UPI_QR", "outcome": "success"}
        self._ask(self._simulator, "POST", f"/_simulator/orders/{order}/attempt", attempt)
        paid_at, state = time.monotonic(), ""
        for after in ASK_AFTER:
            time.sleep(max(0.0, paid_at + after - time.monotonic()))
            state = self._verify(order, token)
        while self._patient and state == "PENDING":
            time.sleep(ASK_AFTER[-1])
            state = self._verify(order, token)
        return order, state, started_at, time.time()

    def _verify(self, order: str, token: str) -> str:
        return str(self._ask(self._web, "GET", f"/api/payments/verify-payment/{order}/", token=token)["state"])

    def _ask(
        self, connection: HTTPConnection, method: str, path: str, body: dict[str, Any] | None = None, token: str = ""
    ) -> dict[str, Any]:
        ends = time.monotonic() + (PATIENCE if self._patient else 0)
        while True:
            try:
                return self._ask_once(connection, method, path, body, token)
            except (RuntimeError, OSError, HTTPException):
                connection.close()
                if time.monotonic() > ends:
                    raise
                time.sleep(TRY_AGAIN_AFTER)

    def _ask_once(
        self, connection: HTTPConnection, method: str, path: str, body: dict[str, Any] | None, token: str
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
    waiting, lock = _in_time(payers), Lock()
    told: list[tuple[str, str, float, float]] = []
    started = time.monotonic()

    def work(number: int) -> None:
        with Connections(payers, number) as connections:
            while True:
                with lock:
                    token = next(waiting, None)
                if token is None:
                    return
                told.append(connections.pays(token))

    threads = [Thread(target=work, args=(number,)) for number in range(payers.at_once)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    completed = sum(state == "COMPLETED" for _, state, _, _ in told)
    return Paid(len(told), completed, time.monotonic() - started, tuple(told))


def _in_time(payers: Payers) -> Iterator[str]:
    """Yield each token when it is its turn."""
    started = time.monotonic()
    for number, token in enumerate(payers.tokens):
        if payers.rate is not None:
            time.sleep(max(0.0, started + number / payers.rate - time.monotonic()))
        yield token


if __name__ == "__main__":
    print(json.dumps(asdict(pay(Payers(**json.load(sys.stdin))))))
