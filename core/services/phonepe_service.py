"""Talk to PhonePe through its official SDK. No other module imports the SDK.

The SDK is used for requests, authorisation and transport. Its decoding is not: it refuses words that
PhonePe's own documentation prints, and drops fields that matter (`phonepe_reports` reads answers instead).
Some of its parts are replaced before a client is built, see docs/decisions/0002-the-sdk-and-its-edges.md:
the hosts (for the simulator), session and transport (a deadline for the whole call) and the token keeper.
"""

import json
import os
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from enum import Enum
from functools import cache
from types import ModuleType
from typing import Any, ClassVar

import requests
import structlog
from django.conf import settings
from phonepe.sdk.pg import env as sdk_env
from phonepe.sdk.pg.common import base_client as sdk_base_client
from phonepe.sdk.pg.common.configs.http_client_config import HttpClientConfig
from phonepe.sdk.pg.common.constants.headers import SOURCE_VERSION, SUBSCRIPTION_API_VERSION
from phonepe.sdk.pg.common.exceptions import PhonePeException, UnauthorizedAccess
from phonepe.sdk.pg.common.http_client_modules import base_http_command as sdk_http
from phonepe.sdk.pg.common.http_client_modules.http_method_type import HttpMethodType
from phonepe.sdk.pg.common.models.request.pg_payment_request import PgPaymentRequest
from phonepe.sdk.pg.common.models.request.refund_request import RefundRequest
from phonepe.sdk.pg.common.token_handler.token_service import TokenService
from phonepe.sdk.pg.payments.v2.models.request.create_sdk_order_request import CreateSdkOrderRequest
from phonepe.sdk.pg.payments.v2.models.request.standard_checkout_pay_request import StandardCheckoutPayRequest
from phonepe.sdk.pg.payments.v2.standard_checkout import standard_checkout_constants as paths
from phonepe.sdk.pg.payments.v2.standard_checkout_client import StandardCheckoutClient
from phonepe.sdk.pg.subscription.v2.models import subscription_constants as mandate_paths
from phonepe.sdk.pg.subscription.v2.models.request.amount_type import AmountType
from phonepe.sdk.pg.subscription.v2.models.request.auth_workflow_type import AuthWorkflowType
from phonepe.sdk.pg.subscription.v2.models.request.frequency import Frequency
from phonepe.sdk.pg.subscription.v2.models.request.redemption_retry_strategy import RedemptionRetryStrategy

from core.models.mandates import Mandate, MandateDebit
from core.models.orders import Channel, Flow, PaymentTransaction
from core.models.plans import BillingPeriod
from core.services.operations import metrics
from core.services.phonepe.deadline import deadline
from core.services.phonepe.errors import (
    PhonePeError,
    PhonePeOutcomeUnknown,
    PhonePeRejected,
    PhonePeTooManyRequests,
    PhonePeUnauthorised,
    PhonePeUnavailable,
    PhonePeUnknownId,
)
from core.services.phonepe.fields import text
from core.services.phonepe.mandate_responses import (
    DebitAnswer,
    MandateStatus,
    read_debit_answer,
    read_mandate_status,
    read_setup,
)
from core.services.phonepe.rate_limit import rate_limit
from core.services.phonepe.responses import (
    Checkout,
    OrderStatus,
    RefundStatus,
    read_checkout,
    read_order_status,
    read_refund_status,
)
from core.services.phonepe.token import Token, TokenKeeper
from core.services.phonepe.transport import NeverSentError, Session, Transport

logger = structlog.get_logger(__name__)

SAFE_ID = re.compile(r"[A-Za-z0-9_-]{1,63}")  # the SDK puts ids into paths as they are
CODE = re.compile(r"[A-Za-z0-9_.-]{1,64}")
SUBSCRIPTION_HEADERS = {SOURCE_VERSION: SUBSCRIPTION_API_VERSION}  # as the SDK's client of mandates sends
FREQUENCY = {BillingPeriod.MONTHLY: Frequency.MONTHLY, BillingPeriod.YEARLY: Frequency.YEARLY}
CARD_TYPES = ("DEBIT_CARD", "CREDIT_CARD")
WAIT_FOR_A_SLOT = 0.25  # seconds; longer would let PhonePe's slowness occupy the threads that webhooks need
UNDECIDED = {requests.codes.request_timeout, requests.codes.conflict}  # the request, or an earlier one, may count
NOT_FOUND = {
    "INVALID_MERCHANT_ORDER_ID",
    "MERCHANT_ORDER_MAPPING_NOT_FOUND",
    "ORDER_NOT_FOUND",
    "INVALID_TRANSACTION_ID",
    "INVALID_MERCHANT_REFUND_ID",
    "REFUND_NOT_FOUND",
    "SUBSCRIPTION_NOT_FOUND",
}


class SdkTokenService(TokenService):  # type: ignore[misc]
    """The SDK's place for tokens, kept by our `TokenKeeper`: no thread, no convoy, no poisoned cache."""

    def start(self) -> None:
        self._keeper = TokenKeeper(self._fetch)

    def get_auth_token(self) -> str:
        return self._keeper.header()

    def force_refresh_token(self) -> None:
        self._keeper.renew()

    def _fetch(self) -> Token:
        try:
            return Token.read(self.fetch_token_from_phonepe().json())
        except PhonePeException as error:
            if error.http_status_code in {400, 401, 403}:
                raise PhonePeUnauthorised("PhonePe does not accept our client id and secret") from None
            raise PhonePeUnavailable("PhonePe gives no token now") from None
        except NeverSentError as error:
            raise _unreachable(error) from None
        except (requests.RequestException, ValueError, RecursionError) as error:
            raise PhonePeUnavailable(f"PhonePe gives no token now: {type(error).__name__}") from None


class Raw:
    """Takes the place of the SDK's answer classes and keeps the answer as it came."""

    @staticmethod
    def from_dict(answer: Any) -> Any:
        return answer


class PhonePeService:
    """PhonePe's Standard Checkout in our words. Every method raises a `PhonePeError` and nothing else.

    :param seconds: how long one operation may take in all, token and retry included
    """

    _client: ClassVar[StandardCheckoutClient | None] = None
    _building: ClassVar[threading.Lock] = threading.Lock()
    _slots: ClassVar[threading.BoundedSemaphore] = threading.BoundedSemaphore(settings.PHONEPE_MAX_CALLS)

    def __init__(self, seconds: float | None = None) -> None:
        self._seconds = settings.PHONEPE_TIMEOUT if seconds is None else seconds

    @classmethod
    def get_client(cls) -> StandardCheckoutClient:
        """Return this process's SDK client, built at its first use and never inherited through a fork."""
        with cls._building:
            if cls._client is None:
                cls._client = _build_client()
            return cls._client

    @classmethod
    def forget_client(cls) -> None:
        """Start afresh: after a fork, whose child would share sockets and locks, or with other settings."""
        cls._client = None
        cls._building = threading.Lock()
        cls._slots = threading.BoundedSemaphore(settings.PHONEPE_MAX_CALLS)

    def sign_in(self) -> None:
        """Have a token, asking PhonePe for one if this process has none: whether it answers and knows us."""
        with deadline(self._seconds):
            try:
                self.get_client()._token_service.get_auth_token()  # noqa: SLF001 - the SDK has no public way to it
            except Exception as error:  # noqa: BLE001 - the SDK raises anything; all of it becomes ours
                raise _translated(error) from None

    def create_order(self, order: PaymentTransaction) -> Checkout:
        """Create a PhonePe order for our row, as a pay page or for the mobile SDK."""
        rate_limit().spend()
        path, body = _order_request(order)
        about = {"order": order.merchant_order_id}
        return read_checkout(self._call("create_order", HttpMethodType.POST, path, about, body=body), order.channel)

    def order_status(self, merchant_order_id: str, *, flow: str = Flow.CHECKOUT) -> OrderStatus:
        """Ask for the state of an order, with every attempt to pay it."""
        api = paths.ORDER_STATUS_API if flow == Flow.CHECKOUT else mandate_paths.ORDER_STATUS_API
        path = api.format(merchant_order_id=_safe(merchant_order_id))
        query = {"details": "true", "errorContext": "true"}
        about = {"order": merchant_order_id}
        answer = self._call("order_status", HttpMethodType.GET, path, about, query=query)
        return read_order_status(merchant_order_id, answer)

    def refund(self, *, merchant_refund_id: str, merchant_order_id: str, amount_paise: int) -> RefundStatus:
        """Ask PhonePe to pay money of a completed order back."""
        rate_limit().spend()
        request = RefundRequest.build_refund_request(_safe(merchant_refund_id), amount_paise, _safe(merchant_order_id))
        about = {"order": merchant_order_id, "refund": merchant_refund_id}
        answer = self._call("refund", HttpMethodType.POST, paths.REFUND_API, about, body=_written(request))
        if not text(answer, "refundId"):
            raise PhonePeOutcomeUnknown("PhonePe's answer names no refund")
        return read_refund_status(merchant_refund_id, answer)

    def refund_status(self, merchant_refund_id: str) -> RefundStatus:
        """Ask for the state of a refund."""
        path = paths.REFUND_STATUS_API.format(merchant_refund_id=_safe(merchant_refund_id))
        about = {"refund": merchant_refund_id}
        return read_refund_status(merchant_refund_id, self._call("refund_status", HttpMethodType.GET, path, about))

    # AutoPay.

    def set_up_mandate(self, mandate: Mandate, order: PaymentTransaction) -> Checkout:
        """Ask a payer for a mandate, in the UPI app of their choice or by their UPI id."""
        rate_limit().spend()
        about = {"order": order.merchant_order_id, "mandate": mandate.merchant_subscription_id}
        path, body = mandate_paths.SETUP_API, _setup_request(mandate, order)
        answer = self._call("set_up_mandate", HttpMethodType.POST, path, about, body=body)
        return read_setup(answer, is_intent=not mandate.upi_id)

    def mandate_status(self, merchant_subscription_id: str) -> MandateStatus:
        """Ask for the state of a mandate."""
        path = mandate_paths.SUBSCRIPTION_STATUS_API.format(merchant_subscription_id=_safe(merchant_subscription_id))
        about = {"mandate": merchant_subscription_id}
        answer = self._call("mandate_status", HttpMethodType.GET, path, about, query={"details": "true"})
        return read_mandate_status(merchant_subscription_id, answer)

    def announce_debit(self, debit: MandateDebit) -> DebitAnswer:
        """Have PhonePe tell a payer of a debit, at least a day before it is executed."""
        rate_limit().spend()
        order = debit.order
        request = PgPaymentRequest.build_subscription_notify_request(
            _safe(order.merchant_order_id),
            _safe(debit.mandate.merchant_subscription_id),
            order.amount_paise,
            RedemptionRetryStrategy(debit.strategy),
            auto_debit=False,
            expire_at=_milliseconds(order.expire_at),
        )
        about = {"order": order.merchant_order_id, "mandate": debit.mandate.merchant_subscription_id}
        path = mandate_paths.NOTIFY_API
        answer = self._call("announce_debit", HttpMethodType.POST, path, about, body=_written(request))
        return read_debit_answer(answer)

    def execute_debit(self, merchant_order_id: str) -> DebitAnswer:
        """Have PhonePe debit what was announced; while it does, or when it has, it does no second time."""
        rate_limit().spend()
        body, about = {"merchantOrderId": _safe(merchant_order_id)}, {"order": merchant_order_id}
        return read_debit_answer(
            self._call("execute_debit", HttpMethodType.POST, mandate_paths.REDEEM_API, about, body=body)
        )

    def cancel_mandate(self, merchant_subscription_id: str) -> None:
        """End a mandate; PhonePe's answer is empty."""
        rate_limit().spend()
        path = mandate_paths.CANCEL_SUBSCRIPTION_API.format(merchant_subscription_id=_safe(merchant_subscription_id))
        about = {"mandate": merchant_subscription_id}
        self._call("cancel_mandate", HttpMethodType.POST, path, about, answers=False)

    def _call(
        self,
        name: str,
        method: HttpMethodType,
        path: str,
        about: dict[str, str],
        *,
        query: dict[str, str] | None = None,
        body: dict[str, Any] | None = None,
        answers: bool = True,
    ) -> Any:
        # The SDK posts something in any case; nothing at all it would take for a form.
        data = json.dumps(body) if body is not None else "" if method == HttpMethodType.POST else None

        def send() -> Any:
            client = self.get_client()
            return client._request_with_token_invalidation(  # noqa: SLF001 - the SDK's only way to the raw answer
                method=method,
                url=path,
                response_obj=Raw if answers else None,
                headers=SUBSCRIPTION_HEADERS if path.startswith("/subscriptions/") else {},
                path_params=query,
                data=data,
            )

        with _told(name, about), self._slot(), deadline(self._seconds):
            try:
                answer = _answer_to(send)
            except PhonePeError as error:
                rate_limit().failed(error)
                raise
        rate_limit().answered()
        return answer

    @contextmanager
    def _slot(self) -> Iterator[None]:
        slots = self._slots
        if not slots.acquire(timeout=WAIT_FOR_A_SLOT):
            raise PhonePeUnavailable("Too many calls to PhonePe are waiting")
        try:
            yield
        finally:
            slots.release()


os.register_at_fork(after_in_child=PhonePeService.forget_client)


@contextmanager
def _told(name: str, about: dict[str, str]) -> Iterator[None]:
    """Time, count and log a call; its outcome is `answered`, or the name of our exception and what it says."""
    start, outcome, problem = time.monotonic(), "answered", {}
    try:
        yield
    except Exception as error:
        outcome, problem = type(error).__name__, {"problem": str(error)}
        raise
    finally:
        seconds = time.monotonic() - start
        metrics.PHONEPE_CALLS.labels(name, outcome).observe(seconds)
        logger.info("phonepe_called", call=name, **about, outcome=outcome, ms=round(seconds * 1000), **problem)


def _answer_to(send: Callable[[], Any]) -> Any:
    """Send, and once more with a new token if PhonePe refuses the old one.

    :raises PhonePeError: whatever goes wrong
    """
    try:
        return send()
    except UnauthorizedAccess:
        pass  # nothing happened at PhonePe and the SDK has renewed the token: once more is safe
    except Exception as error:  # noqa: BLE001 - the SDK raises anything; all of it becomes ours
        raise _translated(error) from None
    try:
        return send()
    except UnauthorizedAccess:
        raise PhonePeUnauthorised("PhonePe does not accept a new token either") from None
    except Exception as error:  # noqa: BLE001
        raise _translated(error) from None


def _build_client() -> StandardCheckoutClient:
    _replace(sdk_http, Session=Session, RecyclingHTTPAdapter=Transport)
    _replace(sdk_base_client, TokenService=SdkTokenService)
    if settings.PHONEPE_BASE_URL:
        hosts = [name for name in vars(sdk_env) if name.endswith("_BASE_URL")]
        _replace(sdk_env, **dict.fromkeys(hosts, settings.PHONEPE_BASE_URL))
    return StandardCheckoutClient(
        client_id=settings.PHONEPE_CLIENT_ID,
        client_secret=settings.PHONEPE_CLIENT_SECRET,
        client_version=settings.PHONEPE_CLIENT_VERSION,
        env=sdk_env.Env[settings.PHONEPE_ENVIRONMENT],  # the SDK reads a plain string as SANDBOX
        should_publish_events=False,
        http_client_config=HttpClientConfig(pool_size=settings.PHONEPE_MAX_CALLS, pool_block=False),
    )


def _replace(module: ModuleType, **names: Any) -> None:
    for name, value in names.items():
        if not hasattr(module, name):
            raise RuntimeError(f"The PhonePe SDK has changed: {module.__name__} has no {name}")
        setattr(module, name, value)


def _order_request(order: PaymentTransaction) -> tuple[str, dict[str, Any]]:
    if order.channel == Channel.MOBILE_SDK:
        path = paths.CREATE_ORDER_API
        request = CreateSdkOrderRequest.build_standard_checkout_request(
            _safe(order.merchant_order_id), order.amount_paise, expire_after=order.expire_after
        )
    else:
        path = paths.PAY_API
        request = StandardCheckoutPayRequest.build_request(
            _safe(order.merchant_order_id),
            order.amount_paise,
            redirect_url=f"{settings.PHONEPE_REDIRECT_BASE_URL}/payments/return/{order.merchant_order_id}/",
            expire_after=order.expire_after,
        )
    body = _written(request)
    if order.payment_modes:
        # Set here, because the SDK's builder of mobile orders has no argument for it.
        body["paymentFlow"]["paymentModeConfig"] = {
            "enabledPaymentModes": [_payment_mode(mode) for mode in order.payment_modes]
        }
    return path, body


def _setup_request(mandate: Mandate, order: PaymentTransaction) -> dict[str, Any]:
    same: dict[str, Any] = {
        "merchant_order_id": _safe(order.merchant_order_id),
        "merchant_subscription_id": _safe(mandate.merchant_subscription_id),
        "amount": order.amount_paise,
        "max_amount": mandate.max_amount_paise,
        "auth_workflow_type": AuthWorkflowType(mandate.workflow),
        "amount_type": AmountType.VARIABLE,
        "frequency": FREQUENCY[BillingPeriod(mandate.period)],
        "order_expire_at": _milliseconds(order.expire_at),
    }
    if mandate.upi_id:
        body = _written(PgPaymentRequest.build_subscription_setup_upi_collect(vpa=mandate.upi_id, **same))
    else:
        body = _written(PgPaymentRequest.build_subscription_setup_upi_intent(target_app=mandate.target_app, **same))
    # PhonePe spells it otherwise than the SDK's other fields, and wants it for a UPI id too.
    body["deviceContext"] = {"deviceOS": mandate.device_os}
    return body


def _milliseconds(moment: datetime) -> int:
    return int(moment.astimezone(UTC).timestamp()) * 1000


def _payment_mode(mode: str) -> dict[str, Any]:
    return {"type": mode, "cardTypes": list(CARD_TYPES)} if mode == "CARD" else {"type": mode}


def _written(request: Any) -> dict[str, Any]:
    """Return one of the SDK's requests as JSON has it, without unset keys: the sign-off checklist asks for that.

    The SDK's own `to_dict` would keep them, and takes longer than sending.
    """
    values = {name: getattr(request, attribute) for attribute, name in _names(type(request))}  # type: ignore[arg-type]
    written = {name: _as_json(value) for name, value in values.items()}
    return {name: value for name, value in written.items() if value is not None and value != {}}


def _as_json(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    return _written(value) if is_dataclass(value) else value


@cache
def _names(kind: type[Any]) -> tuple[tuple[str, str], ...]:
    """Return the names of a request's fields, as the SDK and as PhonePe spell them."""
    return tuple((field.name, re.sub("_(.)", lambda after: after[1].upper(), field.name)) for field in fields(kind))


def _safe(phonepe_id: str) -> str:
    if not SAFE_ID.fullmatch(phonepe_id):
        raise PhonePeRejected("MALFORMED_ID", 0)
    return phonepe_id


def _translated(error: Exception) -> PhonePeError:
    """Return our word for what went wrong; it never carries the request, which holds secrets."""
    if isinstance(error, PhonePeError):
        return error
    if isinstance(error, PhonePeException):
        return _translated_answer(error)
    if isinstance(error, NeverSentError):
        return _unreachable(error)
    if isinstance(error, requests.RequestException | ValueError | RecursionError):  # nested too deeply to be read
        return PhonePeOutcomeUnknown(f"No readable answer from PhonePe: {type(error).__name__}")
    raise error


def _unreachable(error: NeverSentError) -> PhonePeUnavailable:
    return PhonePeUnavailable(f"PhonePe cannot be reached: {error}")


def _translated_answer(error: PhonePeException) -> PhonePeError:
    status, code = error.http_status_code or 0, str(error.code or "")
    if not CODE.fullmatch(code):
        code = ""  # a refusal that does not say why in PhonePe's way may be anybody's
    if status == requests.codes.too_many_requests:
        return PhonePeTooManyRequests("PhonePe asks us to slow down")
    if not 400 <= status < 500 or status in UNDECIDED or not code or code == "ORDER_ALREADY_EXISTS":
        return PhonePeOutcomeUnknown(f"PhonePe answered HTTP {status} {code}".strip())
    return (PhonePeUnknownId if code in NOT_FOUND else PhonePeRejected)(code, status)
