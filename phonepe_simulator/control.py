"""The control API under /_simulator/, for tests and tools in any language."""

import re
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from phonepe_simulator.checkout import NotPayableError
from phonepe_simulator.clock import VirtualClock
from phonepe_simulator.control_documents import (
    Document,
    attempt_document,
    call_document,
    fault_document,
    instant,
    order_document,
    refund_document,
    webhook_document,
)
from phonepe_simulator.control_requests import ControlError, ControlRoute, body_of, only, texts_only
from phonepe_simulator.faults import KINDS, fault_from
from phonepe_simulator.messages import Request, Response, json_response
from phonepe_simulator.orders import Order
from phonepe_simulator.pay_page.views import pay_page_url
from phonepe_simulator.settlement_control import SettlementControl
from phonepe_simulator.webhooks import WebhookTarget

if TYPE_CHECKING:
    from phonepe_simulator.engine import Simulator

PREFIX = "/_simulator"


class Control:
    def __init__(self, simulator: "Simulator") -> None:
        self._simulator = simulator
        self._settlements = SettlementControl(simulator)
        self._routes: list[ControlRoute] = [
            ("GET", "/", self._index),
            ("GET", "/state", self._state),
            ("GET", "/orders", self._orders),
            ("GET", "/orders/{id}", self._order),
            ("POST", "/orders/{id}/attempt", self._attempt),
            ("POST", "/orders/{id}/conclude", self._conclude),
            ("POST", "/orders/{id}/expire", self._expire),
            ("GET", "/refunds", self._refunds),
            ("POST", "/refunds/{id}/conclude", self._conclude_refund),
            *self._settlements.routes(),
            ("GET", "/calls", self._calls),
            ("GET", "/record", self._record),
            ("GET", "/webhooks", self._webhooks),
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
            answered = self._dispatch(request)
            return answered if isinstance(answered, Response) else json_response(answered)
        except ControlError as error:
            return json_response({"error": str(error)}, error.status)
        except NotPayableError as error:
            return json_response({"error": str(error)}, 409)
        except (ValueError, TypeError, OverflowError) as error:
            return json_response({"error": str(error)}, 400)

    def _dispatch(self, request: Request) -> Any:
        # A web page of a stranger, open in the developer's browser, has no business here.
        if request.header("Sec-Fetch-Site") in ("cross-site", "same-site"):
            raise ControlError("The control API is not for other sites' pages.", 403)
        below = request.path.removeprefix(PREFIX).rstrip("/") or "/"
        methods: list[str] = []
        for allowed, path, handler in self._routes:
            found = re.fullmatch(path.replace("{id}", "([^/]+)"), below)
            if found and request.method in allowed.split():
                return handler(request, body_of(request), found[1] if found.groups() else "")
            methods += allowed.split() if found else []
        if methods:
            raise ControlError(f"Use {', '.join(methods)} here.", 405)
        raise ControlError(f"There is no such path; GET {PREFIX}/ lists them.", 404)

    def _index(self, _: Request, __: Document, ___: str) -> Document:
        paths = [f"{allowed.split()[0]} {PREFIX}{path}" for allowed, path, _handler in self._routes]
        return {"paths": paths, "faults": {kind: known.meaning for kind, known in KINDS.items()}}

    def _state(self, request: Request, body: Document, identifier: str) -> Document:
        return {
            "now": instant(self._simulator.clock.now()),
            "next_due": instant(self._simulator.next_due()),
            "orders": self._orders(request, body, identifier),
            "settlements": self._settlements.settlements(),
            "calls": self._calls(request, body, identifier),
            "webhooks": self._webhooks(request, body, identifier),
            "record": self._simulator.record(),
            "faults": self._faults(request, body, identifier),
            "settings": asdict(self._simulator.settings),
        }

    def _orders(self, *_: Any) -> list[Document]:
        return [self._as_document(order) for order in self._simulator.orders.values()]

    def _order(self, _: Request, __: Document, identifier: str) -> Document:
        return self._as_document(self._find(identifier))

    def _as_document(self, order: Order) -> Document:
        return order_document(order, pay_page_url(self._simulator.base_url, order))

    def _find(self, identifier: str) -> Order:
        order = self._simulator.orders.get(identifier)
        if order is None:
            raise ControlError(f"There is no order {identifier}.", 404)
        return order

    def _attempt(self, _: Request, body: Document, identifier: str) -> Document:
        self._find(identifier)
        texts_only(body, "mode", "outcome", "vpa")
        mode = body.get("mode", "UPI_INTENT")
        attempt = self._simulator.attempt(identifier, mode, body.get("outcome"), vpa=body.get("vpa"))
        return attempt_document(attempt)

    def _conclude(self, _: Request, body: Document, identifier: str) -> Document:
        self._find(identifier)
        return attempt_document(self._simulator.conclude(identifier, body.get("outcome", "success")))

    def _expire(self, _: Request, __: Document, identifier: str) -> Document:
        self._find(identifier)
        return self._as_document(self._simulator.expire(identifier))

    def _refunds(self, *_: Any) -> list[Document]:
        return [refund_document(refund) for refund in self._simulator.refunds.values()]

    def _conclude_refund(self, _: Request, body: Document, identifier: str) -> Document:
        if identifier not in self._simulator.refunds:
            raise ControlError(f"There is no refund {identifier}.", 404)
        return refund_document(self._simulator.conclude_refund(identifier, body.get("outcome", "success")))

    def _calls(self, request: Request, _: Document, __: str) -> list[Document]:
        name, about = request.query.get("name"), request.query.get("merchant_order_id")
        return [
            call_document(call)
            for call in self._simulator.calls
            if name in (None, call.name) and about in (None, call.merchant_order_id)
        ]

    def _record(self, *_: Any) -> Document:
        return self._simulator.record()

    def _webhooks(self, request: Request, _: Document, __: str) -> list[Document]:
        about = request.query.get("merchant_order_id")
        sent = self._simulator.webhooks
        return [webhook_document(each) for each in sent if about in (None, each.merchant_order_id)]

    def _send_webhook(self, _: Request, body: Document, __: str) -> Document:
        texts_only(
            {key: value for key, value in body.items() if key != "payload"},
            *("event", "merchant_order_id", "merchant_refund_id", "settlement_id", "authorization"),
        )
        if "event" not in body:
            raise ControlError("event: the webhook's name, for instance checkout.order.completed")
        return webhook_document(self._simulator.send_webhook(**body))

    def _webhook_target(self, *_: Any) -> Document:
        target = self._simulator.webhook_target
        return {"url": target.url, "username": target.username}

    def _change_webhook_target(self, _: Request, body: Document, __: str) -> Document:
        only(body, "url", "username", "password")
        old = self._simulator.webhook_target
        chosen: dict[str, Any] = {"url": old.url, "username": old.username, "password": old.password} | body
        self._simulator.webhook_target = WebhookTarget(**chosen)
        return self._webhook_target()

    def _faults(self, *_: Any) -> list[Document]:
        return [fault_document(fault) for fault in self._simulator.faults]

    def _add_fault(self, _: Request, body: Document, __: str) -> Document:
        return fault_document(self._simulator.faults.add(fault_from(body)))

    def _clear_faults(self, *_: Any) -> list[Document]:
        self._simulator.faults.clear()
        return []

    def _settings(self, *_: Any) -> Document:
        return asdict(self._simulator.settings)

    def _change_settings(self, _: Request, body: Document, __: str) -> Document:
        return asdict(self._simulator.change_settings(**body))

    def _clock(self, *_: Any) -> Document:
        return {
            "now": instant(self._simulator.clock.now()),
            "virtual": isinstance(self._simulator.clock, VirtualClock),
        }

    def _move_clock(self, _: Request, body: Document, __: str) -> Document:
        clock = self._simulator.clock
        if not isinstance(clock, VirtualClock):
            raise ControlError("This clock is the machine's; start with --virtual-clock to move it.", 409)
        only(body, "advance", "move_to")
        if "advance" in body:
            clock.advance(float(body["advance"]))
        if "move_to" in body:
            clock.move_to(datetime.fromisoformat(body["move_to"]))
        return self._clock()

    def _revoke_tokens(self, *_: Any) -> Document:
        self._simulator.revoke_tokens()
        return {}

    def _reset(self, *_: Any) -> Document:
        self._simulator.reset()
        return {}
