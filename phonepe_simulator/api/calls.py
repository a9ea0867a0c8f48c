"""PhonePe's calls: each checks the token, does its work and answers."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from phonepe_simulator.api import routes
from phonepe_simulator.api.call_log import Call
from phonepe_simulator.api.mandate_calls import MandateApi
from phonepe_simulator.api.oauth import Tokens
from phonepe_simulator.api.settlement_calls import SettlementApi
from phonepe_simulator.clock import Clock
from phonepe_simulator.errors import (
    ApiError,
    bad_request,
    body_too_large,
    method_not_allowed,
    subscription_not_found,
    unknown_order,
    unknown_transaction,
)
from phonepe_simulator.faults.active import ActiveFaults
from phonepe_simulator.faults.fault import Fault
from phonepe_simulator.faults.response_damage import apply_faults
from phonepe_simulator.mandates.mandate import Mandate
from phonepe_simulator.mandates.processing import Mandates
from phonepe_simulator.messages import Request, Response, json_response
from phonepe_simulator.payments import documents
from phonepe_simulator.payments.attempts import Attempt
from phonepe_simulator.payments.checkout import Checkout
from phonepe_simulator.payments.custom_checkout import custom_answer, intent_url, read_custom_request
from phonepe_simulator.payments.orders import Order
from phonepe_simulator.payments.refund_processing import Refunds
from phonepe_simulator.payments.validation import read_order_request
from phonepe_simulator.recent_log import RecentLog
from phonepe_simulator.settings import Settings
from phonepe_simulator.settlements.documents import order_settlement
from phonepe_simulator.settlements.processing import Settlements

LARGEST_BODY = 256 * 1024
REASON_HEADER = "X-Simulator-Reason"


class PhonePeApi:
    def __init__(
        self,
        *,
        clock: Clock,
        tokens: Tokens,
        checkout: Checkout,
        refunds: Refunds,
        settlements: Settlements,
        mandates: Mandates,
        faults: ActiveFaults,
        later: Callable[[float, Callable[[], object]], None],
        log: RecentLog[Call],
        settings: Callable[[], Settings],
        pay_page_url: Callable[[Order], str],
        mandate_page_url: Callable[[Mandate], str],
    ) -> None:
        self._log = log
        self._clock = clock
        self._tokens = tokens
        self._checkout = checkout
        self._refunds = refunds
        self._settlements = settlements
        self._faults, self._later = faults, later
        self._settings = settings
        self._pay_page_url = pay_page_url
        self._mandate_api = MandateApi(mandates, clock, settings, mandate_page_url)
        self._handlers: dict[str, Callable[[routes.Match, Request, Any], documents.Document | None]] = {
            "oauth": self._oauth,
            "pay": self._pay,
            "custom_pay": self._custom_pay,
            "sdk_order": self._sdk_order,
            "order_status": self._order_status,
            "transaction_status": self._transaction_status,
            "refund": self._refund,
            "refund_status": self._refund_status,
            # What an SDK reports about itself changes nothing here.
            "events": lambda *_: {},
            **self._mandate_api.handlers,
            **SettlementApi(settlements, clock, settings).handlers,
        }

    def answer(self, request: Request) -> Response:
        match = routes.find(request.path)
        name = match.name if match else "unknown"
        body = _parsed(request)
        merchant_order_id = self._order_concerned(match, body)
        faults = self._faults.draw("call", name, merchant_order_id)
        response = apply_faults(self._answer_under(faults, match, request, body), faults)
        self._log_call(request, response, name=name, body=body, merchant_order_id=merchant_order_id, faults=faults)
        return response

    def _answer_under(self, faults: list[Fault], match: routes.Match | None, request: Request, body: Any) -> Response:
        kinds = {fault.kind: fault for fault in faults}
        if "token_revoked" in kinds:
            self._tokens.revoke_all()
        elif "forgotten" in kinds and match is not None:
            return _refusal(self._forgotten(match))
        elif "refused" in kinds:
            return _refusal(bad_request("the fault `refused`"))
        elif "late_effect" in kinds:
            seconds = kinds["late_effect"].seconds
            self._later(60 if seconds is None else seconds, lambda: self._outcome(match, request, body))
            return Response(200)
        elif not all(fault.has_effect for fault in faults):
            return Response(200)
        return self._outcome(match, request, body)

    def _outcome(self, match: routes.Match | None, request: Request, body: Any) -> Response:
        try:
            answer = self._dispatch(match, request, body)
            return Response(204) if answer is None else json_response(answer)
        except ApiError as error:
            return _refusal(error)

    def _forgotten(self, match: routes.Match) -> ApiError:
        """Return what PhonePe says of an order, a refund or a mandate that nobody made."""
        if match.name == "subscription_status":
            return subscription_not_found(match.identifier)
        if match.name in ("order_status", "subscription_redeem"):
            return self._unknown(match.identifier, match.product)
        return unknown_transaction(match.identifier, self._settings().not_found_status)

    def _dispatch(self, match: routes.Match | None, request: Request, body: Any) -> documents.Document | None:
        if len(request.body) > LARGEST_BODY:
            raise body_too_large(LARGEST_BODY)
        if match is None:
            raise routes.not_served(request.method, request.path)
        if request.method not in match.methods:
            raise method_not_allowed(request.method, match.path, match.methods)
        if match.needs_token:
            self._tokens.check(request.header("Authorization"))
        return self._handlers[match.name](match, request, body)

    def _oauth(self, _: routes.Match, request: Request, body: Any) -> documents.Document:
        content_type = request.header("Content-Type") or ""
        if not content_type.startswith("application/x-www-form-urlencoded"):
            raise bad_request("Content-Type: application/x-www-form-urlencoded")
        return self._tokens.issue(body)

    def _pay(self, _: routes.Match, __: Request, body: Any) -> documents.Document:
        requested = read_order_request(body, flow_types=("PG_CHECKOUT",), needs_redirect=True)
        order = self._checkout.open(requested, product="checkout", is_web=True)
        return documents.pay_answer(order, self._pay_page_url(order))

    def _custom_pay(self, _: routes.Match, __: Request, body: Any) -> documents.Document:
        requested = read_custom_request(body)
        order = self._checkout.open(requested.order, product="payments", is_web=True)
        if requested.payer is not None:
            self._checkout.ask(order, requested.payer)
        settings = self._settings()
        is_page = settings.mandate_link == "page"
        link = self._pay_page_url(order) if is_page else intent_url(order, settings.merchant_name)
        return custom_answer(order, requested.mode, link)

    def _sdk_order(self, match: routes.Match, _: Request, body: Any) -> documents.Document:
        if match.product == "payments":
            requested = read_order_request(body, flow_types=("PG", "PG_CHECKOUT"), needs_redirect=False)
            return documents.sdk_order_answer(self._checkout.open(requested, product="payments", is_web=False))
        requested = read_order_request(body, flow_types=("PG_CHECKOUT",), needs_redirect=False)
        return documents.sdk_order_answer(self._checkout.open(requested, product="checkout", is_web=False))

    def _order_status(self, match: routes.Match, request: Request, _: Any) -> documents.Document:
        order = self._find_order(match.identifier, match.product)
        everything = _flag(request, "details")
        attempts = order.attempts if everything else order.attempts[-1:]
        document = self._status_of(order, attempts, error_context=_flag(request, "errorContext"))
        if _flag(request, "settlementDetails"):
            payout = self._settlements.payout_of(order.merchant_order_id)
            document["settlementDetails"] = order_settlement(payout)
        return document

    def _transaction_status(self, match: routes.Match, request: Request, _: Any) -> documents.Document:
        found = self._checkout.with_transaction(match.identifier)
        if found is None:
            raise unknown_transaction(match.identifier, self._settings().not_found_status)
        order, attempt = found
        return self._status_of(order, [attempt], error_context=_flag(request, "errorContext"))

    def _status_of(self, order: Order, attempts: list[Attempt], *, error_context: bool) -> documents.Document:
        if order.product == "subscriptions":
            return self._mandate_api.order_status(order, attempts, error_context=error_context)
        return documents.order_status(order, attempts, error_context=error_context)

    def _refund(self, _: routes.Match, __: Request, body: Any) -> documents.Document:
        refund = self._refunds.open(body, self._find_refunded)
        return documents.refund_answer(refund)

    def _refund_status(self, match: routes.Match, _: Request, __: Any) -> documents.Document:
        refund = self._refunds.refunds.get(match.identifier)
        if refund is None:
            raise unknown_transaction(match.identifier, self._settings().not_found_status)
        return documents.refund_status(refund)

    def _find_refunded(self, merchant_order_id: Any) -> Order:
        if not isinstance(merchant_order_id, str) or not merchant_order_id:
            raise bad_request("originalMerchantOrderId: missing")
        order = self._checkout.orders.get(merchant_order_id)
        if order is None:
            raise self._unknown(merchant_order_id, "checkout")
        return order

    def _find_order(self, merchant_order_id: str, product: str) -> Order:
        """Return an order; those of AutoPay have a path of their own, and are on no other."""
        order = self._checkout.orders.get(merchant_order_id)
        if order is None or (order.product == "subscriptions") != (product == "subscriptions"):
            raise self._unknown(merchant_order_id, product)
        return order

    def _unknown(self, merchant_order_id: str, product: str) -> ApiError:
        settings = self._settings()
        usual = "INVALID_MERCHANT_ORDER_ID" if product == "checkout" else "ORDER_NOT_FOUND"
        code = settings.unknown_order_code or usual
        return unknown_order(code, settings.merchant_id, merchant_order_id, settings.not_found_status)

    def _order_concerned(self, match: routes.Match | None, body: Any) -> str | None:
        """Return the id of the order that the call is about, for the log and for faults limited to one order."""
        if match and match.name == "order_status":
            return match.identifier
        if match and match.name == "refund_status":
            refund = self._refunds.refunds.get(match.identifier)
            return refund.merchant_order_id if refund else None
        if match and match.name == "transaction_status":
            found = self._checkout.with_transaction(match.identifier)
            return found[0].merchant_order_id if found else None
        if match and match.name.startswith("subscription_"):
            return self._mandate_api.order_of(match, body)
        if not isinstance(body, dict):
            return None
        given = body.get("merchantOrderId") or body.get("originalMerchantOrderId")
        return given if isinstance(given, str) else None

    def _log_call(
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
        self._log.append(call)


def _one_line(text: str) -> str:
    return "".join(char if char.isprintable() else " " for char in text).encode("ascii", "replace").decode()


def _refusal(error: ApiError) -> Response:
    return json_response(error.body, error.status, {**error.headers, REASON_HEADER: _one_line(error.reason)})


def _parsed(request: Request) -> Any:
    """Return the body as JSON or form fields; None if it is neither, which every call refuses."""
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
