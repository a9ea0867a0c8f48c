"""The control API: its paths, and what each does to the engine."""

import re
from dataclasses import asdict
from datetime import datetime
from typing import Any

from phonepe_simulator.clock import MovableClock, VirtualClock
from phonepe_simulator.control.access import check_host, check_site
from phonepe_simulator.control.documents import (
    Document,
    attempt_document,
    fault_document,
    instant,
    refund_document,
    webhook_document,
)
from phonepe_simulator.control.listings import Listings
from phonepe_simulator.control.mandates import MandateControl
from phonepe_simulator.control.requests import PREFIX, ControlError, ControlRoute, body_of, only, texts_only
from phonepe_simulator.control.settlements import SettlementControl
from phonepe_simulator.engine import Engine
from phonepe_simulator.faults.fault import fault_from
from phonepe_simulator.faults.kinds import KINDS
from phonepe_simulator.mandates.processing import NotPossibleError
from phonepe_simulator.messages import Request, Response, json_response
from phonepe_simulator.payments.checkout import NotPayableError
from phonepe_simulator.payments.orders import Order
from phonepe_simulator.webhooks.delivery import WebhookTarget


class Control:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._listings = Listings(engine)
        self._routes: list[ControlRoute] = [
            ("GET", "/", self._index),
            *self._listings.routes(),
            ("GET", "/orders/{id}", self._order),
            ("POST", "/orders/{id}/attempt", self._attempt),
            ("POST", "/orders/{id}/conclude", self._conclude),
            ("POST", "/orders/{id}/expire", self._expire),
            ("POST", "/refunds/{id}/conclude", self._conclude_refund),
            *MandateControl(engine).routes(),
            *SettlementControl(engine).routes(),
            ("POST", "/webhooks", self._send_webhook),
            ("GET", "/webhook-target", self._webhook_target),
            ("PUT POST", "/webhook-target", self._change_webhook_target),
            ("GET", "/faults", self._faults),
            ("POST", "/faults", self._add_fault),
            ("DELETE", "/faults", self._clear_faults),
            ("GET", "/settings", self._settings),
            ("PATCH POST", "/settings", self._change_settings),
            ("GET", "/clock", self._clock),
            ("POST", "/clock", self._move_clock),
            ("POST", "/tokens/revoke", self._revoke_tokens),
            ("POST", "/reset", self._reset),
        ]

    def serves(self, path: str) -> bool:
        return path == PREFIX or path.startswith(f"{PREFIX}/")

    def answer(self, request: Request) -> Response:
        try:
            with self._engine.up_to_date():
                answered = self._dispatch(request)
            # Writing a long answer takes time, during which payers and merchants need not wait.
            return answered() if callable(answered) else json_response(answered)
        except ControlError as error:
            return json_response({"error": str(error)}, error.status)
        except (NotPayableError, NotPossibleError) as error:
            return json_response({"error": str(error)}, 409)
        except (ValueError, TypeError, OverflowError) as error:
            return json_response({"error": str(error)}, 400)

    def _dispatch(self, request: Request) -> Any:
        check_host(request, self._engine.allowed_hosts)
        check_site(request)
        below = request.path.removeprefix(PREFIX).rstrip("/") or "/"
        methods: list[str] = []
        method = "GET" if request.method == "HEAD" else request.method
        for allowed, path, handler in self._routes:
            found = re.fullmatch(path.replace("{id}", "([^/]+)"), below)
            if found and method in allowed.split():
                return handler(request, body_of(request), found[1] if found.groups() else "")
            methods += allowed.split() if found else []
        if methods:
            raise ControlError(f"Use {', '.join(methods)} here.", 405)
        raise ControlError(f"There is no such path; GET {PREFIX}/ lists them.", 404)

    def _index(self, _: Request, __: Document, ___: str) -> Document:
        paths = [f"{allowed.split()[0]} {PREFIX}{path}" for allowed, path, _handler in self._routes]
        return {"paths": paths, "faults": {kind: known.meaning for kind, known in KINDS.items()}}

    def _order(self, _: Request, __: Document, identifier: str) -> Document:
        return self._listings.order_as_document(self._find(identifier))

    def _find(self, identifier: str) -> Order:
        order = self._engine.orders.get(identifier)
        if order is None:
            raise ControlError(f"There is no order {identifier}.", 404)
        return order

    def _attempt(self, _: Request, body: Document, identifier: str) -> Document:
        self._find(identifier)
        texts_only(body, "mode", "outcome", "vpa")
        mode = body.get("mode", "UPI_INTENT")
        attempt = self._engine.attempt(identifier, mode, body.get("outcome"), vpa=body.get("vpa"))
        return attempt_document(attempt)

    def _conclude(self, _: Request, body: Document, identifier: str) -> Document:
        self._find(identifier)
        return attempt_document(self._engine.conclude(identifier, body.get("outcome", "success")))

    def _expire(self, _: Request, __: Document, identifier: str) -> Document:
        self._find(identifier)
        return self._listings.order_as_document(self._engine.expire(identifier))

    def _conclude_refund(self, _: Request, body: Document, identifier: str) -> Document:
        if identifier not in self._engine.refunds:
            raise ControlError(f"There is no refund {identifier}.", 404)
        return refund_document(self._engine.conclude_refund(identifier, body.get("outcome", "success")))

    def _send_webhook(self, _: Request, body: Document, __: str) -> Document:
        texts_only(
            {key: value for key, value in body.items() if key != "payload"},
            *("event", "merchant_order_id", "merchant_refund_id", "settlement_id", "authorization"),
        )
        if "event" not in body:
            raise ControlError("event: the webhook's name, for instance checkout.order.completed")
        return webhook_document(self._engine.send_webhook(**body))

    def _webhook_target(self, *_: Any) -> Document:
        target = self._engine.webhook_target
        return {"url": target.url, "username": target.username}

    def _change_webhook_target(self, _: Request, body: Document, __: str) -> Document:
        only(body, "url", "username", "password")
        old = self._engine.webhook_target
        chosen: dict[str, Any] = {"url": old.url, "username": old.username, "password": old.password} | body
        self._engine.webhook_target = WebhookTarget(**chosen)
        return self._webhook_target()

    def _faults(self, *_: Any) -> list[Document]:
        return [fault_document(fault) for fault in self._engine.faults]

    def _add_fault(self, _: Request, body: Document, __: str) -> Document:
        return fault_document(self._engine.faults.add(fault_from(body)))

    def _clear_faults(self, *_: Any) -> list[Document]:
        self._engine.faults.clear()
        return []

    def _settings(self, *_: Any) -> Document:
        return asdict(self._engine.settings)

    def _change_settings(self, _: Request, body: Document, __: str) -> Document:
        return asdict(self._engine.change_settings(**body))

    def _clock(self, *_: Any) -> Document:
        return {
            "now": instant(self._engine.clock.now()),
            "virtual": isinstance(self._engine.clock, VirtualClock),
        }

    def _move_clock(self, _: Request, body: Document, __: str) -> Document:
        clock = self._engine.clock
        if not isinstance(clock, MovableClock):
            how = "start with --virtual-clock or --movable-clock to move it"
            raise ControlError(f"This clock is the machine's; {how}.", 409)
        only(body, "advance", "move_to")
        if "advance" in body:
            clock.advance(float(body["advance"]))
        if "move_to" in body:
            clock.move_to(datetime.fromisoformat(body["move_to"]))
        return self._clock()

    def _revoke_tokens(self, *_: Any) -> Document:
        self._engine.revoke_tokens()
        return {}

    def _reset(self, *_: Any) -> Document:
        self._engine.reset()
        return {}
