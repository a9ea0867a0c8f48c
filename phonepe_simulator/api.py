"""PhonePe's calls: each checks the token, does its work and answers."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from phonepe_simulator import documents, routes
from phonepe_simulator.call_log import Call, CallLog
from phonepe_simulator.checkout import Checkout
from phonepe_simulator.clock import Clock
from phonepe_simulator.errors import ApiError, bad_request, body_too_large, unknown_order, unknown_transaction
from phonepe_simulator.faults import Fault, FaultBox
from phonepe_simulator.messages import Request, Response, json_response
from phonepe_simulator.oauth import TokenDesk
from phonepe_simulator.order_validation import read_order_request
from phonepe_simulator.orders import Order
from phonepe_simulator.refund_desk import RefundDesk
from phonepe_simulator.settings import Settings
from phonepe_simulator.settlement_api import SettlementApi
from phonepe_simulator.settlement_desk import SettlementDesk
from phonepe_simulator.settlement_documents import order_settlement
from phonepe_simulator.spoiling import spoil

LARGEST_BODY = 256 * 1024
REASON_HEADER = "X-Simulator-Reason"


class PhonePeApi:
    def __init__(
        self,
        *,
        clock: Clock,
        tokens: TokenDesk,
        checkout: Checkout,
        refund_desk: RefundDesk,
        settlement_desk: SettlementDesk,
        faults: FaultBox,
        settings: Callable[[], Settings],
        pay_page_url: Callable[[Order], str],
    ) -> None:
        self.log = CallLog()
        self._clock = clock
        self._tokens = tokens
        self._checkout = checkout
        self._refund_desk = refund_desk
        self._settlement_desk = settlement_desk
        self._faults = faults
        self._settings = settings
        self._pay_page_url = pay_page_url
        self._handlers: dict[str, Callable[[routes.Match, Request, Any], documents.Document]] = {
            "oauth": self._oauth,
            "pay": self._pay,
            "sdk_order": self._sdk_order,
            "order_status": self._order_status,
            "transaction_status": self._transaction_status,
            "refund": self._refund,
            "refund_status": self._refund_status,
            **SettlementApi(settlement_desk, clock, settings).handlers,
        }

    def answer(self, request: Request) -> Response:
        name = routes.name_of(request.path)
        body = _parsed(request)
        merchant_order_id = self._order_in_question(name, request.path, body)
        faults = self._faults.draw("call", name, merchant_order_id)
        whole = self._answer_under(faults, request, body)
        response = spoil(whole, faults)
        self._note(request, response, name=name, body=body, merchant_order_id=merchant_order_id, faults=faults)
        return response

    def _answer_under(self, faults: list[Fault], request: Request, body: Any) -> Response:
        if any(fault.kind == "token_revoked" for fault in faults):
            self._tokens.revoke_all()
        elif not all(fault.has_effect for fault in faults):
            return Response(200)
        try:
            return json_response(self._dispatch(request, body))
        except ApiError as error:
            return json_response(error.body, error.status, {**error.headers, REASON_HEADER: _one_line(error.reason)})

    def _dispatch(self, request: Request, body: Any) -> documents.Document:
        if len(request.body) > LARGEST_BODY:
            raise body_too_large(LARGEST_BODY)
        match = routes.find(request.method, request.path)
        if match.needs_token:
            self._tokens.check(request.header("Authorization"))
        return self._handlers[match.name](match, request, body)

    def _oauth(self, _: routes.Match, request: Request, body: Any) -> documents.Document:
        content_type = request.header("Content-Type") or ""
        if not content_type.startswith("application/x-www-form-urlencoded"):
            raise bad_request("Content-Type: application/x-www-form-urlencoded")
        return self._tokens.issue(body)

    def _pay(self, _: routes.Match, __: Request, body: Any) -> documents.Document:
        wish = read_order_request(body, flow_types=("PG_CHECKOUT",), needs_redirect=True)
        order = self._checkout.open(wish, product="checkout", is_web=True)
        return documents.pay_answer(order, self._pay_page_url(order))

    def _sdk_order(self, match: routes.Match, _: Request, body: Any) -> documents.Document:
        if match.product == "payments":
            wish = read_order_request(body, flow_types=("PG", "PG_CHECKOUT"), needs_redirect=False)
            return documents.sdk_order_answer(self._checkout.open(wish, product="payments", is_web=False))
        wish = read_order_request(body, flow_types=("PG_CHECKOUT",), needs_redirect=False)
        return documents.sdk_order_answer(self._checkout.open(wish, product="checkout", is_web=False))

    def _order_status(self, match: routes.Match, request: Request, _: Any) -> documents.Document:
        order = self._find_order(match.identifier, match.product)
        everything = _flag(request, "details")
        attempts = order.attempts if everything else order.attempts[-1:]
        document = documents.order_status(order, attempts, error_context=_flag(request, "errorContext"))
        if _flag(request, "settlementDetails"):
            payout = self._settlement_desk.payout_of(order.merchant_order_id)
            document["settlementDetails"] = order_settlement(payout)
        return document

    def _transaction_status(self, match: routes.Match, request: Request, _: Any) -> documents.Document:
        found = self._checkout.with_transaction(match.identifier)
        if found is None:
            raise unknown_transaction(match.identifier, self._settings().not_found_status)
        order, attempt = found
        context = _flag(request, "errorContext")
        return documents.order_status(order, [attempt], error_context=context)

    def _refund(self, _: routes.Match, __: Request, body: Any) -> documents.Document:
        refund = self._refund_desk.open(body, lambda identifier: self._find_order(identifier, "checkout"))
        return documents.refund_answer(refund)

    def _refund_status(self, match: routes.Match, _: Request, __: Any) -> documents.Document:
        refund = self._refund_desk.refunds.get(match.identifier)
        if refund is None:
            raise unknown_transaction(match.identifier, self._settings().not_found_status)
        return documents.refund_status(refund)

    def _find_order(self, merchant_order_id: Any, product: str) -> Order:
        if not isinstance(merchant_order_id, str) or not merchant_order_id:
            raise bad_request("originalMerchantOrderId: missing")
        order = self._checkout.orders.get(merchant_order_id)
        if order is None:
            settings = self._settings()
            usual = "ORDER_NOT_FOUND" if product == "payments" else "INVALID_MERCHANT_ORDER_ID"
            code = settings.unknown_order_code or usual
            raise unknown_order(code, settings.merchant_id, merchant_order_id, settings.not_found_status)
        return order

    def _order_in_question(self, name: str, path: str, body: Any) -> str | None:
        """Return whose call this is, for the log and for faults that strike one order only."""
        identifier = routes.identifier_in(path)
        if name == "order_status":
            return identifier
        if name == "refund_status":
            refund = self._refund_desk.refunds.get(identifier)
            return refund.merchant_order_id if refund else None
        if name == "transaction_status":
            found = self._checkout.with_transaction(identifier)
            return found[0].merchant_order_id if found else None
        if not isinstance(body, dict):
            return None
        given = body.get("merchantOrderId") or body.get("originalMerchantOrderId")
        return given if isinstance(given, str) else None

    def _note(
        self,
        request: Request,
        response: Response,
        *,
        name: str,
        body: Any,
        merchant_order_id: str | None,
        faults: list[Fault],
    ) -> None:
        arrived = response.fate in ("answer", "drip")
        call = Call(
            at=self._clock.now(),
            name=name,
            method=request.method,
            path=request.path,
            query=dict(request.query),
            headers=dict(request.headers),
            body=body,
            status=response.status if arrived else None,
            fate=response.fate,
            merchant_order_id=merchant_order_id,
            reason=response.headers.get(REASON_HEADER, ""),
            faults=tuple(fault.kind for fault in faults),
        )
        self.log.add(call)


def _one_line(text: str) -> str:
    return "".join(char if char.isprintable() else " " for char in text).encode("ascii", "replace").decode()


def _parsed(request: Request) -> Any:
    """Return the body as JSON or form fields; a body that is neither is None, which every call refuses."""
    content_type = request.header("Content-Type") or ""
    try:
        if content_type.startswith("application/x-www-form-urlencoded"):
            return dict(parse_qsl(request.body.decode(), keep_blank_values=True))
        return json.loads(request.body) if request.body else None
    except (ValueError, RecursionError):
        return None


def _flag(request: Request, name: str) -> bool:
    value = request.query.get(name, "").lower()
    if value not in ("", "true", "false"):
        raise bad_request(f"{name}: true or false")
    return value == "true"
