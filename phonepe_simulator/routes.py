"""The paths that PhonePe serves, and the name each call goes by here."""

import re
from dataclasses import dataclass
from urllib.parse import unquote

from phonepe_simulator.errors import method_not_allowed, unknown_path

PREFIX = "/apis/pg-sandbox"


@dataclass(frozen=True, slots=True)
class Route:
    name: str
    methods: tuple[str, ...]
    path: re.Pattern[str]
    needs_token: bool = True


@dataclass(frozen=True, slots=True)
class Match:
    name: str
    product: str
    identifier: str
    needs_token: bool


def _route(name: str, methods: str, path: str, *, needs_token: bool = True) -> Route:
    pattern = path.replace("{id}", "(?P<id>[^/]+)")
    return Route(name, tuple(methods.split()), re.compile(pattern), needs_token)


ROUTES = (
    _route("oauth", "POST", "/v1/oauth/token", needs_token=False),
    _route("pay", "POST", "/(?P<product>checkout)/v2/pay"),
    _route("sdk_order", "POST", "/(?P<product>checkout|payments)/v2/sdk/order"),
    _route("order_status", "GET", "/(?P<product>checkout|payments)/v2/order/{id}/status"),
    _route("transaction_status", "GET", "/(?P<product>checkout|payments|subscriptions)/v2/transaction/{id}/status"),
    _route("refund", "POST", "/payments/v2/refund"),
    # The native SDKs' pages print POST for this one.
    _route("refund_status", "GET POST", "/payments/v2/refund/{id}/status"),
    _route("settlement_range", "GET", "/settlements/v1/range"),
    _route("settlement_status", "GET", "/settlements/v1/{id}/status"),
    _route("settlement_webhook", "POST", "/settlements/v1/{id}/webhook"),
)


def find(method: str, path: str) -> Match:
    """Return which call this is.

    :raises ApiError: 404 for an unknown path, 405 for another method
    """
    below = path.removeprefix(PREFIX) if path.startswith(PREFIX) else ""
    for route in ROUTES:
        if found := route.path.fullmatch(below):
            if method not in route.methods:
                raise method_not_allowed(", ".join(route.methods))
            parts = found.groupdict()
            return Match(route.name, parts.get("product", ""), unquote(parts.get("id", "")), route.needs_token)
    raise unknown_path(path)


def name_of(path: str) -> str:
    """Return the call's name for the log, whatever the method."""
    below = path.removeprefix(PREFIX)
    return next((route.name for route in ROUTES if route.path.fullmatch(below)), "unknown")


def identifier_in(path: str) -> str:
    found = next((hit for route in ROUTES if (hit := route.path.fullmatch(path.removeprefix(PREFIX)))), None)
    return unquote(found.groupdict().get("id", "")) if found else ""
