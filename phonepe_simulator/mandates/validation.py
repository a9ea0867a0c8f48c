"""Reads the bodies of AutoPay's calls, and refuses what PhonePe documents as wrong."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from phonepe_simulator.errors import ApiError, bad_request
from phonepe_simulator.payments.validation import (
    VPA,
    is_whole_number,
    read_amount,
    read_flow,
    read_merchant_order_id,
    read_meta_info,
    read_object,
    read_target_app,
)

PENNY_DROP = 200
USUAL_SETUP_LIFE = timedelta(minutes=10)
LONGEST_INTENT = timedelta(minutes=15)
USUAL_MANDATE_LIFE = timedelta(days=365 * 30)
USUAL_REDEMPTION_LIFE = timedelta(hours=48)
LATEST = 253_402_300_799_000  # the last second of the year 9999
FREQUENCIES = (
    "DAILY WEEKLY MONTHLY FORTNIGHTLY BIMONTHLY QUARTERLY HALFYEARLY YEARLY ON_DEMAND".split()  # noqa: SIM905 - shorter
)


@dataclass(frozen=True, slots=True)
class SetupRequest:
    merchant_order_id: str
    merchant_subscription_id: str
    amount: int
    expire_at: datetime
    meta_info: dict[str, str]
    workflow: str
    amount_type: str
    max_amount: int
    frequency: str
    mandate_expire_at: datetime
    mode: str
    target_app: str | None
    vpa: str | None


@dataclass(frozen=True, slots=True)
class NotifyRequest:
    merchant_order_id: str
    merchant_subscription_id: str
    amount: int
    expire_at: datetime
    strategy: str
    auto_debit: bool
    meta_info: dict[str, str]


def read_setup(body: Any, *, now: datetime) -> SetupRequest:
    """Return what the body requests.

    :raises ApiError: for the first rule it breaks
    """
    fields = read_object(body, "the body")
    flow = read_flow(fields, ("SUBSCRIPTION_SETUP",))
    workflow = _workflow(flow.get("authWorkflowType"))
    amount = _setup_amount(fields.get("amount"), workflow)
    mode, target_app, vpa = _payment_mode(read_object(flow.get("paymentMode"), "paymentFlow.paymentMode"), fields)
    expire_at = _moment(fields.get("expireAt"), "expireAt", now=now, usual=now + USUAL_SETUP_LIFE)
    if mode == "UPI_INTENT":
        # PhonePe's samples ask for years and get a quarter of an hour.
        expire_at = min(expire_at, now + LONGEST_INTENT)
    return SetupRequest(
        merchant_order_id=read_merchant_order_id(fields.get("merchantOrderId")),
        merchant_subscription_id=_subscription_id(flow.get("merchantSubscriptionId")),
        amount=amount,
        expire_at=expire_at,
        meta_info=read_meta_info(fields.get("metaInfo")),
        workflow=workflow,
        amount_type=_one_of(flow, "amountType", ("FIXED", "VARIABLE")),
        max_amount=_max_amount(flow.get("maxAmount"), amount, workflow),
        frequency=_one_of(flow, "frequency", FREQUENCIES),
        mandate_expire_at=_moment(
            flow.get("expireAt"), "paymentFlow.expireAt", now=now, usual=now + USUAL_MANDATE_LIFE
        ),
        mode=mode,
        target_app=target_app,
        vpa=vpa,
    )


def read_notify(body: Any, *, now: datetime) -> NotifyRequest:
    """Return what the body requests.

    :raises ApiError: for the first rule it breaks
    """
    fields = read_object(body, "the body")
    flow = read_flow(fields, ("SUBSCRIPTION_REDEMPTION",))
    auto_debit = flow.get("autoDebit")
    if auto_debit is not None and not isinstance(auto_debit, bool):
        raise bad_request("paymentFlow.autoDebit: true or false")
    if flow.get("redemptionRetryStrategy") is None:
        flow = flow | {"redemptionRetryStrategy": "STANDARD"}
    return NotifyRequest(
        merchant_order_id=read_merchant_order_id(fields.get("merchantOrderId")),
        merchant_subscription_id=_subscription_id(flow.get("merchantSubscriptionId")),
        amount=read_amount(fields.get("amount")),
        expire_at=_moment(fields.get("expireAt"), "expireAt", now=now, usual=now + USUAL_REDEMPTION_LIFE),
        strategy=_one_of(flow, "redemptionRetryStrategy", ("STANDARD", "CUSTOM")),
        auto_debit=bool(auto_debit),
        meta_info=read_meta_info(fields.get("metaInfo")),
    )


def read_redeem(body: Any) -> str:
    """Return the order that is to be debited.

    :raises ApiError: if the body names none
    """
    return read_merchant_order_id(read_object(body, "the body").get("merchantOrderId"))


def _subscription_id(value: Any) -> str:
    # No limit is documented; it is a part of paths.
    if not isinstance(value, str) or not value.strip() or len(value) > 255 or "/" in value:
        raise bad_request("paymentFlow.merchantSubscriptionId: 1 to 255 characters without a slash")
    return value


def _workflow(value: Any) -> str:
    if value not in ("TRANSACTION", "PENNY_DROP"):
        raise bad_request("paymentFlow.authWorkflowType: TRANSACTION or PENNY_DROP")
    return str(value)


def _setup_amount(value: Any, workflow: str) -> int:
    amount = read_amount(value)
    if workflow == "PENNY_DROP" and amount != PENNY_DROP:
        raise bad_request(f"amount: {PENNY_DROP} for PENNY_DROP")
    return amount


def _max_amount(value: Any, amount: int, workflow: str) -> int:
    if not is_whole_number(value) or not 100 <= value <= LATEST:
        raise bad_request("paymentFlow.maxAmount: an integer of at least 100 paise")
    if workflow == "TRANSACTION" and value < amount:
        raise bad_request("paymentFlow.maxAmount: is less than the amount of the first debit")
    return int(value)


def _one_of(flow: dict[str, Any], name: str, words: tuple[str, ...] | list[str]) -> str:
    if flow.get(name) not in words:
        raise bad_request(f"paymentFlow.{name}: one of {', '.join(words)}")
    return str(flow[name])


def _moment(value: Any, name: str, *, now: datetime, usual: datetime) -> datetime:
    if value is None:
        return usual
    if not is_whole_number(value) or not 0 <= value <= LATEST:
        raise bad_request(f"{name}: epoch milliseconds")
    moment = datetime.fromtimestamp(value // 1000, UTC) + timedelta(milliseconds=value % 1000)
    if moment <= now:
        raise bad_request(f"{name}: has passed; it is in milliseconds")
    return moment


def _payment_mode(mode: dict[str, Any], fields: dict[str, Any]) -> tuple[str, str | None, str | None]:
    """Return the mode, the app that is opened, and the UPI ID that is asked."""
    if mode.get("type") == "UPI_INTENT":
        return "UPI_INTENT", read_target_app(mode, fields), None
    if mode.get("type") == "UPI_COLLECT":
        details = read_object(mode.get("details"), "paymentFlow.paymentMode.details")
        vpa = details.get("vpa")
        if details.get("type") != "VPA" or not isinstance(vpa, str) or not VPA.fullmatch(vpa):
            raise _no_vpa()
        return "UPI_COLLECT", None, vpa
    raise bad_request("paymentFlow.paymentMode.type: UPI_INTENT or UPI_COLLECT")


def _no_vpa() -> ApiError:
    return bad_request("paymentFlow.paymentMode.details: of type VPA, with a vpa like name@bank")
