"""Every kind of answer tells browsers what they may do with it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from core.models import Payment
from tests.admin.desk import Desk
from tests.deliveries import delivers
from tests.people import Caller

CLOSED = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@pytest.fixture
def fails(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Let a view meet a defect."""

    def fail(name: str) -> None:
        def broken(*_: Any, **__: Any) -> None:
            raise RuntimeError

        monkeypatch.setattr(name, broken)

    return fail


def asked(address: str, **headers: str) -> Any:
    answer = Client(raise_request_exception=False).get(address, headers=headers)
    if answer.streaming:
        answer.close()
    return answer


def policy(answer: Any) -> dict[str, str]:
    """Check what every answer must say, and return its Content-Security-Policy by directive."""
    for name, value in ALWAYS.items():
        assert answer.headers[name] == value, name
    for feature in ("camera", "geolocation", "microphone", "payment"):
        assert f"{feature}=()" in answer.headers["Permissions-Policy"]
    written = answer.headers["Content-Security-Policy"]
    directives = {part.split()[0]: part.strip() for part in written.split(";")}
    for name in ("default-src", "base-uri", "frame-ancestors"):
        assert directives[name] == f"{name} 'none'"
    for part in directives.values():
        assert "*" not in part
        assert "http" not in part
    assert "'unsafe-inline'" not in directives.get("script-src", "")
    return directives


DATA: dict[str, tuple[str, int]] = {
    "without a token": ("/api/tenancies/", 401),
    "an address of nothing": ("/no-such-page/", 404),
    "an address of nothing in the API": ("/api/no-such-page/", 404),
    "alive": ("/healthz", 200),
    "ready": ("/readyz", 200),
    "metrics without their token": ("/metrics", 401),
    "schema": ("/api/schema/", 200),
    "a NUL": ("/payments/return/x/?a=%00", 400),
    "static file": ("/static/core/admin.css", 200),
    "no static file": ("/static/core/no-such-file.css", 404),
    "return page of nothing": ("/payments/return/ZLT-unknown/", 404),
}


@pytest.mark.parametrize("kind", DATA)
def test_what_is_no_page_is_closed(kind: str, db: None) -> None:
    address, status = DATA[kind]

    answer = asked(address)

    assert answer.status_code == status
    policy(answer)
    assert answer.headers["Content-Security-Policy"] == CLOSED


def test_answers_to_people_of_the_app(tenant: Caller, owner: Caller) -> None:
    for answer, status in ((tenant.get("/api/tenancies/"), 200), (tenant.get("/api/owner-subscriptions/active/"), 403)):
        assert answer.status_code == status
        assert policy(answer)
        assert answer.headers["Content-Security-Policy"] == CLOSED


def test_metrics(db: None, settings: Any) -> None:
    settings.METRICS_TOKEN = "only-for-tests"

    answer = asked("/metrics", Authorization="Bearer only-for-tests")

    assert answer.status_code == 200
    assert policy(answer)


def test_webhooks(db: None) -> None:
    for answer, status in ((delivers(), 200), (delivers(authorization="wrong"), 401)):
        assert answer.status_code == status
        assert policy(answer)


def test_a_defect_and_a_database_that_is_gone(
    fails: Callable[[str], None], db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    fails("core.views.operations._look")
    assert asked("/readyz").status_code == 500
    assert policy(asked("/readyz"))

    monkeypatch.setattr("core.views.operations._look", lambda: ({"status": "unavailable"}, 503))
    assert asked("/readyz").status_code == 503
    assert policy(asked("/readyz"))


def test_a_wrong_host(db: None, settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True

    answer = asked("/admin/", Host="elsewhere.example")

    assert answer.status_code == 400
    assert policy(answer)


def test_the_way_to_https(db: None, settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT, settings.SECURE_HSTS_SECONDS = True, 31_536_000

    assert asked("/api/tenancies/").status_code == 301
    assert policy(asked("/api/tenancies/"))
    secure = Client().get("/api/tenancies/", secure=True)
    assert secure.headers["Strict-Transport-Security"].startswith("max-age=31536000")


def test_the_return_page_shows_its_own_style_alone(payment: Payment) -> None:
    address = f"/payments/return/{payment.merchant_order_id}/"
    one, other = asked(address), asked(address)

    style = policy(one)["style-src"]

    assert set(policy(one)) == {"default-src", "style-src", "base-uri", "form-action", "frame-ancestors"}
    assert style.startswith("style-src 'nonce-")
    assert style.removeprefix("style-src 'nonce-").rstrip("'") in one.content.decode()
    assert style != policy(other)["style-src"]


class TestAdmin:
    @pytest.mark.parametrize("end", ["", "find/?q=x", "core/payment/", "core/user/", "password_change/"])
    def test_its_scripts_come_from_here_and_stand_in_no_page(self, operator: Caller, end: str) -> None:
        page = Desk(operator.user).browser.get(f"/admin/{end}")

        assert page.status_code == 200
        # The theme's Alpine makes functions of attributes; see core.browser_rules.
        assert policy(page)["script-src"] == "script-src 'self' 'unsafe-eval'"
        assert policy(page)["form-action"] == "form-action 'self'"
        assert "<script>" not in page.content.decode()

    def test_the_form_to_log_in(self, db: None) -> None:
        for address, status in (("/admin/login/", 200), ("/admin/", 302), ("/admin/no-such-page/", 302)):
            answer = asked(address)
            assert answer.status_code == status
            assert policy(answer)

    def test_what_somebody_may_not_do(self, db: None, tenant: Caller) -> None:
        tenant.user.is_staff = True
        tenant.user.save()

        answer = Desk(tenant.user).browser.get("/admin/core/payment/")

        assert answer.status_code == 403
        assert policy(answer)


def test_the_page_of_the_api_has_no_script_in_it(db: None) -> None:
    page = asked("/api/docs/", Accept="text/html")

    assert page.status_code == 200
    assert policy(page)["script-src"] == "script-src 'self'"
    assert "<script>" not in page.content.decode()
    script = asked("/api/docs/?script=")
    assert script.status_code == 200
    assert script.headers["Content-Type"].startswith("application/javascript")
    assert finders.find("drf_spectacular_sidecar/swagger-ui-dist/swagger-ui-bundle.js")
