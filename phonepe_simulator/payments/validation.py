"""Reads the body of a pay or SDK order call, and refuses what PhonePe documents as wrong.

Null is read as absent everywhere: PhonePe's own SDKs send the fields they were not given as null.
"""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from phonepe_simulator.errors import bad_request, split_settlement_not_enabled
from phonepe_simulator.payments.modes import EVERYTHING, CardType, Mode, ModeEntry, Offer, all_but, only_these

MERCHANT_ID = re.compile(r"[A-Za-z0-9_-]{1,63}")
FREE_UDF = re.compile(r"udf([1-9]|10)")
VPA = re.compile(r"[A-Za-z0-9._-]{2,255}@[A-Za-z][A-Za-z0-9]{1,63}")
STRICT_UDF = re.compile(r"udf1[1-5]")
STRICT_UDF_VALUE = re.compile(r"[A-Za-z0-9_\-@.+ ]{0,50}")
LARGEST_LONG = 2**63 - 1
IOS_APPS = ("PHONEPE", "GPAY", "PAYTM", "CRED", "SUPERMONEY", "BHIM", "AMAZON")
# The pay page links to it, so it must not be able to run a script there.
UNSAFE_SCHEMES = {"javascript", "data", "vbscript", "blob", "file", "about"}


@dataclass(frozen=True, slots=True)
class OrderRequest:
    merchant_order_id: str
    amount: int
    expire_after: int | None
    meta_info: dict[str, str]
    redirect_url: str | None
    message: str | None
    offer: Offer
    retry_allowed: bool


def read_order_request(body: Any, *, flow_types: tuple[str, ...], needs_redirect: bool) -> OrderRequest:
    """Return what the body requests.

    :raises ApiError: for the first rule it breaks
    """
    fields = read_object(body, "the body")
    if fields.get("splitSettlementInfo") is not None:
        raise split_settlement_not_enabled()
    flow = read_flow(fields, flow_types)
    return OrderRequest(
        merchant_order_id=read_merchant_order_id(fields.get("merchantOrderId")),
        amount=read_amount(fields.get("amount")),
        expire_after=read_expire_after(fields.get("expireAfter")),
        meta_info=read_meta_info(fields.get("metaInfo")),
        redirect_url=_redirect_url(flow, needed=needs_redirect),
        message=_optional_text(flow.get("message"), "paymentFlow.message"),
        offer=_offer(flow.get("paymentModeConfig")),
        retry_allowed=not (_flag(fields, "disablePaymentRetry") or _flag(flow, "disablePaymentRetry")),
    )


def read_merchant_order_id(value: Any) -> str:
    if not isinstance(value, str) or not MERCHANT_ID.fullmatch(value):
        raise bad_request("merchantOrderId: 1 to 63 letters, digits, _ and -")
    return value


def read_amount(value: Any) -> int:
    if not is_whole_number(value) or not 100 <= value <= LARGEST_LONG:
        raise bad_request("amount: an integer of at least 100 paise")
    return int(value)


def is_whole_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def read_object(value: Any, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise bad_request(f"{name}: must be a JSON object")
    return value


def read_flow(fields: dict[str, Any], flow_types: tuple[str, ...]) -> dict[str, Any]:
    flow = read_object(fields.get("paymentFlow"), "paymentFlow")
    if flow.get("type") not in flow_types:
        raise bad_request(f"paymentFlow.type: {' or '.join(flow_types)}")
    return flow


def read_expire_after(value: Any, *, longest: int = 3600) -> int | None:
    if value is None:
        return None
    if not is_whole_number(value) or not 300 <= value <= longest:
        raise bad_request(f"expireAfter: 300 to {longest} seconds")
    return int(value)


def read_target_app(mode: dict[str, Any], fields: dict[str, Any]) -> str:
    """Return the UPI app that is opened: on Android a package, on iOS one of a few names."""
    system = read_object(fields.get("deviceContext"), "deviceContext").get("deviceOS")
    if not isinstance(system, str) or system.upper() not in ("ANDROID", "IOS"):
        raise bad_request("deviceContext.deviceOS: ANDROID or IOS")
    app = mode.get("targetApp")
    if not isinstance(app, str) or not app:
        raise bad_request("paymentFlow.paymentMode.targetApp: missing")
    if system.upper() == "IOS" and app not in IOS_APPS:
        raise bad_request(f"paymentFlow.paymentMode.targetApp: on iOS one of {', '.join(IOS_APPS)}")
    return app


def _redirect_url(flow: dict[str, Any], *, needed: bool) -> str | None:
    urls = flow.get("merchantUrls")
    url = None if urls is None else read_object(urls, "paymentFlow.merchantUrls").get("redirectUrl")
    if url in (None, ""):
        if needed:
            raise bad_request("paymentFlow.merchantUrls.redirectUrl: missing")
        return None
    if not isinstance(url, str) or not _is_safe_url(url):
        raise bad_request("paymentFlow.merchantUrls.redirectUrl: must be an absolute URL")
    return url


def _is_safe_url(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    printable = url.isprintable() and " " not in url
    return printable and bool(parts.netloc or parts.path) and _is_safe_scheme(parts.scheme)


def _is_safe_scheme(scheme: str) -> bool:
    return bool(scheme) and scheme not in UNSAFE_SCHEMES


def _optional_text(value: Any, name: str) -> str | None:
    if value is not None and not isinstance(value, str):
        raise bad_request(f"{name}: must be text")
    return value


def _flag(fields: dict[str, Any], name: str) -> bool:
    value = fields.get(name)
    if value is not None and not isinstance(value, bool):
        raise bad_request(f"{name}: true or false")
    return bool(value)


def read_meta_info(value: Any) -> dict[str, str]:
    if value is None:
        return {}
    given = {key: text for key, text in read_object(value, "metaInfo").items() if text is not None}
    for key, text in given.items():
        _check_udf(key, text)
    return given


def _check_udf(key: str, text: Any) -> None:
    if not isinstance(text, str):
        raise bad_request(f"metaInfo.{key}: must be text")
    if FREE_UDF.fullmatch(key):
        if len(text) > 256:
            raise bad_request(f"metaInfo.{key}: at most 256 characters")
    elif not STRICT_UDF.fullmatch(key):
        raise bad_request(f"metaInfo.{key}: the keys are udf1 to udf15")
    elif not STRICT_UDF_VALUE.fullmatch(text):
        raise bad_request(f"metaInfo.{key}: at most 50 letters, digits, spaces and _-@.+")


def _offer(config: Any) -> Offer:
    if config is None:
        return EVERYTHING
    lists = read_object(config, "paymentModeConfig")
    enabled, disabled = lists.get("enabledPaymentModes"), lists.get("disabledPaymentModes")
    if (enabled is None) == (disabled is None):
        raise bad_request("paymentModeConfig: exactly one of enabledPaymentModes and disabledPaymentModes")
    return all_but(_entries(disabled)) if enabled is None else only_these(_entries(enabled))


def _entries(value: Any) -> list[ModeEntry]:
    if not isinstance(value, list) or not value:
        raise bad_request("paymentModeConfig: a list with at least one mode")
    return [_entry(read_object(item, "a payment mode")) for item in value]


def _entry(item: dict[str, Any]) -> ModeEntry:
    if item.get("type") not in set(Mode):
        raise bad_request(f"paymentModeConfig: a mode's type is one of {', '.join(Mode)}")
    mode = Mode(item["type"])
    card_types = item.get("cardTypes")
    if card_types is None:
        return ModeEntry(mode)
    known = isinstance(card_types, list) and all(kind in list(CardType) for kind in card_types)
    if mode is not Mode.CARD or not known:
        raise bad_request(f"paymentModeConfig: only CARD has cardTypes, each one of {', '.join(CardType)}")
    return ModeEntry(mode, frozenset(CardType(kind) for kind in card_types))
