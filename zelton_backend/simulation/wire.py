"""The wire between us and PhonePe: whatever crosses it is a step of a process, and is looked at."""

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import requests
from django.db import connection
from requests import PreparedRequest, ReadTimeout, RequestException, Response

from core.models import PaymentTransaction, Refund
from core.services.phonepe.deadline import seconds_left
from phonepe_simulator import Simulator
from phonepe_simulator.requests_adapter import SimulatorAdapter
from zelton_backend.simulation.processes import Process, Processes

PATIENCE = 8.0  # seconds, of a call without a deadline
NEVER = datetime.min.replace(tzinfo=UTC)
LEAST_GAP = 2  # seconds; the timetable's checks are three apart, and a tick may come up to a second late


class Wire(SimulatorAdapter):
    """The simulator under the SDK.

    :param slowness: returns how many seconds PhonePe takes for its next answer
    :param take: lets virtual seconds pass
    :ivar told_paid: the orders of which PhonePe has told us, when asked, that they are paid
    :ivar told_otherwise: those of which it has told another amount than came
    :ivar refunds_told_otherwise: the refunds of which it has told another amount than it pays
    :ivar spoken_of: the orders that calls were about since somebody emptied it
    :ivar latest: the order that the latest call was about
    :ivar wrong: what should never have crossed the wire
    :ivar clocks_agree: False: no lease holds between machines of ours, so that two may ask about the same at once
    :ivar when_sent: is called with the path and the body of each POST, before it is sent
    :ivar when_answered: is called with the path and the content of each answer to a GET
    :ivar when_refused: is called with the path and the body of each POST that PhonePe refuses
    :ivar when_failed: is called with an order that PhonePe has just called FAILED, the answer still being on its way
    """

    def __init__(
        self,
        simulator: Simulator,
        processes: Processes,
        *,
        slowness: Callable[[], float],
        take: Callable[[float], None],
    ) -> None:
        super().__init__(simulator)
        self._processes, self._slowness, self._take = processes, slowness, take
        self._asked_at: dict[str, datetime] = {}
        self._refused: dict[Process, tuple[str | None, datetime]] = {}
        self._refund_ids: dict[int, str] = {}
        self.calls = 0
        self.told_paid: set[str] = set()
        self.told_otherwise: set[str] = set()
        self.refunds_told_otherwise: set[str] = set()
        self.spoken_of: set[str] = set()
        self.latest = ""
        self.wrong: list[str] = []
        self.clocks_agree = True
        self.when_failed: Callable[[str], None] = lambda _: None
        self.when_sent: Callable[[str, dict[str, Any]], None] = lambda *_: None
        self.when_refused: Callable[[str, dict[str, Any]], None] = lambda *_: None
        self.when_answered: Callable[[str, Any], None] = lambda *_: None

    def send(self, request: PreparedRequest, **kwargs: Any) -> Response:  # type: ignore[override]
        self.calls += 1
        if connection.in_atomic_block:
            self.wrong.append(f"PhonePe is called inside a database transaction: {request.path_url}")
        if str(request.url).endswith("/oauth/token"):
            return super().send(request, **kwargs)  # under the lock of the one token: nobody else acts meanwhile
        name = self._look_at(request)
        process = self._processes.here
        asked_at = self._set_out_at(process, name)
        process.calls_phonepe()
        try:
            answer = super().send(request, **kwargs)
        except RequestException as silence:
            self._note_question(name, asked_at)
            self._take(seconds_left(PATIENCE) if isinstance(silence, ReadTimeout) else 0.0)
            process.calls_phonepe()
            raise
        if answer.status_code == 401:  # refused at the door, and repeated at once with a new token
            self._refused[process] = (name, asked_at)
        else:
            self._note_question(name, asked_at)
        if request.method == "POST" and requests.codes.bad_request <= answer.status_code < requests.codes.server_error:
            self.when_refused(str(request.path_url), json.loads(request.body or "{}"))
        if request.method == "GET" and answer.ok:
            self.when_answered(str(request.path_url), _content_of(answer))
            self._note_refund(str(request.path_url), _content_of(answer))
        if name and answer.ok and b'"COMPLETED"' in answer.content:
            self.told_paid.add(name)
            if (order := self._simulator.orders.get(name)) and answer.json().get("amount") not in (
                order.captured,
                str(order.captured),
            ):
                self.told_otherwise.add(name)
        if name and answer.ok and b'"FAILED"' in answer.content and process is self._processes.first:
            self.when_failed(name)
        self._take(min(self._slowness(), seconds_left(PATIENCE) / 2))
        process.calls_phonepe()
        return answer

    def _note_refund(self, path: str, answer: Any) -> None:
        _, _, rest = path.partition("/refund/")
        refund = self._simulator.refunds.get(rest.partition("/")[0])
        told = answer.get("amount") if isinstance(answer, dict) else None
        if refund is not None and told is not None and str(told) != str(refund.amount):
            self.refunds_told_otherwise.add(rest.partition("/")[0])

    def _set_out_at(self, process: Process, name: str | None) -> datetime:
        """Return when a process set out to ask: before its token was refused, if it was just now."""
        refused, at = self._refused.pop(process, (None, NEVER))
        return at if name is not None and name == refused else self._simulator.clock.now()

    def _look_at(self, request: PreparedRequest) -> str | None:
        """Return the order whose status is asked for; check that what we ask PhonePe to make is stored by us."""
        path = str(request.path_url)
        if request.method != "POST":
            return path.split("/order/")[1].split("/")[0] if "/order/" in path else None
        body = json.loads(request.body or "{}")
        self.when_sent(path, body)
        name = body.get("merchantOrderId", "")
        if refund_id := body.get("merchantRefundId"):
            self._look_at_refund(refund_id, body)
        elif "amount" not in body:  # a debit that is executed, or a mandate that is cancelled
            self.spoken_of.update({name} if name else ())
            self.latest = name or self.latest
        else:
            self.spoken_of.add(name)
            self.latest = name
            amounts = PaymentTransaction.objects.filter(merchant_order_id=name).values_list("amount_paise", flat=True)
            if list(amounts) != [body["amount"]]:
                self.wrong.append(f"{name}: another order is sent than is stored")
        return None

    def _look_at_refund(self, refund_id: str, body: dict[str, Any]) -> None:
        stored = Refund.objects.filter(merchant_refund_id=refund_id)
        rows = list(stored.values_list("pk", "transaction__merchant_order_id", "amount_paise"))
        if [row[1:] for row in rows] != [(body["originalMerchantOrderId"], body["amount"])]:
            self.wrong.append(f"{refund_id}: another refund is sent than is stored")
            return
        ((pk, self.latest, _),) = rows
        if self._refund_ids.setdefault(pk, refund_id) != refund_id:
            self.wrong.append(f"{refund_id}: a refund that was sent as {self._refund_ids[pk]} is sent anew")

    def _note_question(self, name: str | None, at: datetime) -> None:
        if name is None:
            return
        self.spoken_of.add(name)
        self.latest = name
        before = self._asked_at.get(name, NEVER)
        # A process that stood still for seconds before its call may find that somebody has asked meanwhile.
        if self.clocks_agree and 0 <= (gap := (at - before).total_seconds()) < LEAST_GAP:
            self.wrong.append(f"{name}: PhonePe was asked again after {gap:.1f} s")
        self._asked_at[name] = max(at, before)


def _content_of(answer: Response) -> Any:
    """Return what an answer says, or nothing if a fault has damaged it."""
    with suppress(ValueError):
        return answer.json()
    return None
