"""Who gets what at every address of the API: a new address without a line here fails."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pytest
from django.contrib.auth.models import Permission
from django.urls import get_resolver, resolve

from core.models import User
from tests.addresses import routes
from tests.api.world import World

OTHER_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE"}
NOTHING_DONE = {401, 403, 404, 405}


@dataclass(frozen=True)
class To:
    """What each role is answered. A POST has an empty body: 400 says that only the body was wrong."""

    nobody: int
    tenant: int  # of the tenancy, the payment and the refund
    stranger: int  # another tenant
    owner: int  # of the property, and of the subscription payment
    other_owner: int
    staff: int  # without any permission
    superuser: int
    by: Mapping[str, int] | None = None  # staff with this permission alone


def all_get(status: int) -> To:
    return To(status, status, status, status, status, status, status)


def parties_get(permission: str, *, stranger: int = 404) -> To:
    return To(401, 200, stranger, 200, stranger, 403, 200, {permission: 200})


DAYS = "from=2026-04-01&to=2026-04-30"
TABLE: dict[str, tuple[str, To]] = {
    "/": ("GET", all_get(200)),
    "/api/auth/login/": ("POST", all_get(400)),
    "/api/auth/logout/": ("POST", To(401, 204, 204, 204, 204, 204, 204)),
    "/api/auth/logout-all/": ("POST", To(401, 204, 204, 204, 204, 204, 204)),
    "/api/me/": ("GET", To(401, 200, 200, 200, 200, 200, 200)),
    "/api/auth/change-password/": ("POST", To(401, 400, 400, 400, 400, 400, 400)),
    "/api/tenancies/": ("GET", parties_get("view_tenancy", stranger=200)),
    "/api/charges/": ("GET", parties_get("view_rentcharge", stranger=200)),
    "/api/charges/?tenancy={tenancy}": ("GET", parties_get("view_rentcharge", stranger=400)),
    "/api/dashboard/": ("GET", To(401, 200, 200, 200, 200, 403, 403)),
    "/api/payments/": ("GET", parties_get("view_payment", stranger=200)),
    "/api/payments/?tenancy={tenancy}": ("GET", parties_get("view_payment", stranger=400)),
    "/api/payments/{payment}/": ("GET", parties_get("view_payment")),
    "/api/payments/{payment}/receipt/": ("GET", parties_get("view_payment")),
    "/api/payments/{payment}/refunds/{refund}/receipt/": ("GET", parties_get("view_payment")),
    "/api/auth/password-reset/": ("POST", all_get(400)),
    "/api/auth/password-reset/confirm/": ("POST", all_get(400)),
    "/api/tenancies/{tenancy}/end/": ("POST", To(401, 403, 403, 400, 404, 403, 403)),
    "/api/tenancies/{tenancy}/invite/": ("POST", To(401, 403, 403, 409, 404, 403, 403)),
    "/api/properties/": ("GET", To(401, 403, 403, 200, 200, 403, 403)),
    "/api/properties/{property}/": ("GET", To(401, 403, 403, 200, 404, 403, 403)),
    "/api/units/": ("GET", To(401, 403, 403, 200, 200, 403, 403)),
    "/api/units/{unit}/": ("GET", To(401, 403, 403, 200, 404, 403, 403)),
    "/api/payments/{payment}/refund/": ("POST", To(401, 403, 403, 400, 404, 403, 400, {"refund_payment": 400})),
    "/api/payments/initiate-rent-payment/": ("POST", To(401, 400, 400, 403, 403, 403, 403)),
    "/api/payments/verify-payment/{order}/": ("GET", parties_get("view_payment")),
    "/api/payments/handle-payment-callback/": ("POST", all_get(200)),
    "/api/statements/?" + DAYS: ("GET", To(401, 200, 200, 200, 200, 403, 400, {"view_statement": 400})),
    "/api/statements/?tenancy={tenancy}&" + DAYS: ("GET", parties_get("view_statement")),
    "/api/statements/?owner={owner}&" + DAYS: ("GET", To(401, 404, 404, 200, 404, 403, 200, {"view_statement": 200})),
    "/api/pricing-plans/": ("GET", all_get(200)),
    "/api/owner-subscriptions/initiate-payment/": ("POST", To(401, 403, 403, 400, 400, 403, 403)),
    "/api/owner-subscriptions/": ("GET", To(401, 403, 403, 200, 200, 403, 403)),
    "/api/owner-subscriptions/payments/": ("GET", To(401, 403, 403, 200, 200, 403, 403)),
    "/api/owner-subscriptions/invoices/": ("GET", To(401, 403, 403, 200, 200, 403, 403)),
    "/api/owner-subscriptions/invoices/{invoice}/": (
        "GET",
        To(401, 404, 404, 200, 404, 403, 200, {"view_ownersubscriptionpayment": 200}),
    ),
    "/api/owner-subscriptions/change-plan/": ("POST", To(401, 403, 403, 400, 400, 403, 403)),
    "/api/owner-subscriptions/cancel/": ("POST", To(401, 403, 403, 200, 409, 403, 403)),
    "/api/owner-subscriptions/resume/": ("POST", To(401, 403, 403, 409, 409, 403, 403)),
    "/api/owner-subscriptions/autopay/": ("POST", To(401, 403, 403, 400, 400, 403, 403)),
    "/api/owner-subscriptions/verify-payment/{subscription_order}/": (
        "GET",
        To(401, 404, 404, 200, 404, 403, 200, {"view_ownersubscriptionpayment": 200}),
    ),
    "/api/owner-subscriptions/{subscription_payment}/receipt/": (
        "GET",
        To(401, 404, 404, 200, 404, 403, 200, {"view_ownersubscriptionpayment": 200}),
    ),
    "/api/owner-subscriptions/active/": ("GET", To(401, 403, 403, 200, 404, 403, 403)),
    "/api/owner-subscriptions/{subscription_payment}/refund/": (
        "POST",
        To(401, 403, 403, 403, 403, 403, 400, {"refund_ownersubscriptionpayment": 400}),
    ),
    "/api/webhooks/phonepe-webhook/": ("POST", all_get(401)),
    "/api/schema/": ("GET", all_get(200)),
    "/api/docs/": ("GET", all_get(200)),
    "/payments/return/{order}/": ("GET", all_get(200)),
    "/healthz": ("GET", all_get(200)),
    "/readyz": ("GET", all_get(200)),
    "/metrics": ("GET", all_get(401)),
}
# Addresses that take more than one method.
MORE: dict[tuple[str, str], To] = {
    ("PATCH", "/api/me/"): To(401, 200, 200, 200, 200, 200, 200),
    ("POST", "/api/tenancies/"): To(401, 403, 403, 400, 400, 403, 403),
    ("DELETE", "/api/owner-subscriptions/autopay/"): To(401, 403, 403, 404, 404, 403, 403),
    ("POST", "/api/properties/"): To(401, 403, 403, 400, 400, 403, 403),
    ("POST", "/api/units/"): To(401, 403, 403, 400, 400, 403, 403),
    ("PATCH", "/api/properties/{property}/"): To(401, 403, 403, 200, 404, 403, 403),
    ("PATCH", "/api/units/{unit}/"): To(401, 403, 403, 200, 404, 403, 403),
    ("DELETE", "/api/properties/{property}/"): To(401, 403, 403, 409, 404, 403, 403),
    ("DELETE", "/api/units/{unit}/"): To(401, 403, 403, 409, 404, 403, 403),
}


def everybody(world: World, told: To) -> Iterator[tuple[str, User | None, int]]:
    """Go through the roles, with what they should be answered."""
    for role in ("nobody", "tenant", "stranger", "owner", "other_owner", "superuser"):
        yield role, world.people[role], getattr(told, role)
    opening, core = told.by or {}, Permission.objects.all()
    yield "staff", world.staff_with(), told.staff
    yield "staff with all other permissions", world.staff_with(*core.exclude(codename__in=opening)), told.staff
    for codename, status in opening.items():
        yield f"staff with {codename}", world.staff_with(core.get(codename=codename)), status


@pytest.mark.parametrize("address", TABLE)
def test_everybody_gets_what_is_theirs_and_no_more(world: World, address: str) -> None:
    method, told = TABLE[address]
    for role, who, status in everybody(world, told):
        answer = world.asks(who, method, address)
        assert answer.status_code == status, f"{method} by {role}"
        assert answer.headers["Cache-Control"] == "no-store", role
        assert world.asks(who, "OPTIONS", address).status_code in NOTHING_DONE | {200}, f"OPTIONS by {role}"
        more = {other for other, at in MORE if at == address}
        for other in OTHER_METHODS - more - {method}:
            expected = {status} if (method, other) == ("GET", "HEAD") else NOTHING_DONE
            assert world.asks(who, other, address).status_code in expected, f"{other} by {role}"


@pytest.mark.parametrize(("method", "address"), MORE)
def test_so_it_is_with_every_method_of_an_address(world: World, method: str, address: str) -> None:
    for role, who, status in everybody(world, MORE[method, address]):
        assert world.asks(who, method, address).status_code == status, f"{method} by {role}"


def test_every_address_has_its_line(world: World) -> None:
    told = {resolve(address.format(**world.names).partition("?")[0]).route for address in TABLE}

    assert told == {route for route in routes(get_resolver()) if not route.startswith("admin/")}
