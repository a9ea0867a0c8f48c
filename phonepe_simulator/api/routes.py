"""PhonePe's paths, and the name that each call has here."""

import re
from dataclasses import dataclass
from urllib.parse import unquote

from phonepe_simulator.api.other_products import product_at
from phonepe_simulator.errors import ApiError, product_not_simulated, unknown_path

SANDBOX = "/apis/pg-sandbox"
EVERY_CALL = None
# Below which path PhonePe serves which calls, longest first.
# As in production, a host for one purpose serves that alone.
PREFIXES: dict[str, frozenset[str] | None] = {
    "/apis/identity-manager": frozenset({"oauth"}),
    "/apis/pg-ingestion": frozenset({"events"}),
    "/apis/pg-sandbox": EVERY_CALL,
    "/apis/pg-health": frozenset(),
    "/apis/pgsandbox": EVERY_CALL,  # one page of the documentation writes it like this
    "/apis/pg": EVERY_CALL,
    "/apis": EVERY_CALL,  # and another like this
    "": EVERY_CALL,
}


@dataclass(frozen=True, slots=True)
class Route:
    name: str
    methods: tuple[str, ...]
    pattern: re.Pattern[str]
    shown: str
    needs_token: bool


@dataclass(frozen=True, slots=True)
class Match:
    """A path of PhonePe's, taken apart; `path` is without its prefix."""

    name: str
    methods: tuple[str, ...]
    path: str
    product: str
    identifier: str
    needs_token: bool


def _route(name: str, methods: str, path: str, *, needs_token: bool = True) -> Route:
    """Read a path in which {a|b} is a product and {id} an identifier."""
    pattern = path.replace("{id}", "(?P<id>[^/]+)")
    pattern = re.sub(r"\{([a-z|]+)\}", r"(?P<product>\1)", pattern)
    shown = re.sub(r"\{(?!id\})([a-z]+)[a-z|]*\}", r"\1", path)
    return Route(name, tuple(methods.split()), re.compile(pattern), shown, needs_token)


ROUTES = (
    _route("oauth", "POST", "/v1/oauth/token", needs_token=False),
    _route("pay", "POST", "/{checkout}/v2/pay"),
    _route("custom_pay", "POST", "/payments/v2/pay"),
    _route("sdk_order", "POST", "/{checkout|payments}/v2/sdk/order"),
    _route("order_status", "GET", "/{checkout|payments|subscriptions}/v2/order/{id}/status"),
    _route("transaction_status", "GET", "/{checkout|payments|subscriptions}/v2/transaction/{id}/status"),
    _route("subscription_setup", "POST", "/subscriptions/v2/setup"),
    _route("subscription_status", "GET", "/subscriptions/v2/{id}/status"),
    _route("subscription_notify", "POST", "/subscriptions/v2/notify"),
    _route("subscription_redeem", "POST", "/subscriptions/v2/redeem"),
    _route("subscription_cancel", "POST", "/subscriptions/v2/{id}/cancel"),
    _route("refund", "POST", "/payments/v2/refund"),
    # The pages on the native SDKs document POST for this one.
    _route("refund_status", "GET POST", "/payments/v2/refund/{id}/status"),
    _route("settlement_range", "GET", "/settlements/v1/range"),
    _route("settlement_status", "GET", "/settlements/v1/{id}/status"),
    _route("settlement_webhook", "POST", "/settlements/v1/{id}/webhook"),
    # The SDKs report here what they did.
    _route("events", "POST", "/client/v1/backend/events/batch"),
)
SERVED = (
    f"There is {', '.join(f'{route.methods[0]} {route.shown}' for route in ROUTES)}, each below "
    f"{', '.join(prefix for prefix, names in PREFIXES.items() if names is EVERY_CALL and prefix)} or the root, "
    "and the token below /apis/identity-manager too."
)


def find(path: str) -> Match | None:
    """Return which call a path belongs to, whatever the method; None if it is not served."""
    prefix = _prefix_of(path)
    names, below = PREFIXES[prefix], path.removeprefix(prefix)
    for route in ROUTES:
        if (names is EVERY_CALL or route.name in names) and (found := route.pattern.fullmatch(below)):
            parts = found.groupdict()
            identifier = unquote(parts.get("id", ""))
            return Match(route.name, route.methods, below, parts.get("product", ""), identifier, route.needs_token)
    return None


def not_served(method: str, path: str) -> ApiError:
    """Return the refusal of a path that is not served: it names the product, or says what is served."""
    product = product_at(path.removeprefix(_prefix_of(path)))
    return product_not_simulated(product) if product else unknown_path(method, path, SERVED)


def _prefix_of(path: str) -> str:
    return next(prefix for prefix in PREFIXES if f"{path}/".startswith(f"{prefix}/"))
