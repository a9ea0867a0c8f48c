"""Which pages of which sites may use the API in a person's browser."""

from typing import Any

import pytest
from django.test import Client

from tests.deliveries import delivers
from tests.people import Caller

APP, STRANGER = "https://app.zelton.test", "https://elsewhere.test"
ALLOWS = "Access-Control-Allow-Origin"
INITIATE = "/api/payments/initiate-rent-payment/"


@pytest.fixture(autouse=True)
def app_origin(settings: Any) -> None:
    settings.CORS_ALLOWED_ORIGINS = [APP]


def preflight(address: str, origin: str, **headers: str) -> Any:
    asked = {"Origin": origin, "Access-Control-Request-Method": "POST", **headers}
    return Client().options(address, headers=asked)


def test_the_app_may_read_answers_and_refusals(tenant: Caller) -> None:
    served, refused = tenant.get("/api/tenancies/", Origin=APP), Client().get("/api/me/", headers={"Origin": APP})

    assert (served.status_code, refused.status_code) == (200, 401)
    for answer in (served, refused):
        assert answer.headers[ALLOWS] == APP
        assert "origin" in answer.headers["Vary"].lower()
        assert {"Retry-After", "X-Request-Id"} <= set(answer.headers["Access-Control-Expose-Headers"].split(", "))
        assert "Access-Control-Allow-Credentials" not in answer.headers  # a token is sent, never cookies


def test_a_browser_that_asks_first_hears_what_the_app_sends(db: None) -> None:
    answer = preflight(INITIATE, APP, **{"Access-Control-Request-Headers": "authorization,idempotency-key"})

    assert answer.status_code == 200
    assert answer.headers[ALLOWS] == APP
    allowed = set(answer.headers["Access-Control-Allow-Headers"].split(", "))
    assert allowed == {"authorization", "content-type", "idempotency-key"}
    assert set(answer.headers["Access-Control-Allow-Methods"].split(", ")) == {"GET", "POST", "PATCH", "DELETE"}
    assert answer.headers["Access-Control-Max-Age"] == "7200"


@pytest.mark.parametrize("origin", [STRANGER, "null", "http://app.zelton.test", f"{APP}.elsewhere.test", f"{APP}:8443"])
def test_a_stranger_may_nothing(tenant: Caller, origin: str) -> None:
    for answer in (tenant.get("/api/tenancies/", Origin=origin), preflight(INITIATE, origin)):
        assert not [name for name in answer.headers if name.lower().startswith("access-control-")]


def test_where_no_origin_is_named_nobody_may(tenant: Caller, settings: Any) -> None:
    settings.CORS_ALLOWED_ORIGINS = []

    for answer in (tenant.get("/api/tenancies/", Origin=APP), preflight(INITIATE, APP)):
        assert ALLOWS not in answer.headers


def test_webhooks_the_admin_and_pages_are_open_to_no_origin(db: None) -> None:
    webhooks = "/api/webhooks/phonepe-webhook/"
    assert ALLOWS not in delivers(HTTP_ORIGIN=APP).headers
    for address in (webhooks, "/admin/", "/admin/login/", "/api/docs/", "/payments/return/ZLT-x/", "/metrics", "/"):
        assert ALLOWS not in preflight(address, APP).headers, address
        assert ALLOWS not in Client().get(address, headers={"Origin": APP}).headers, address
