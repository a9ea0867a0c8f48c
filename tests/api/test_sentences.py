"""What a person reads when something was refused."""

import json
from typing import Any

import pytest
from django.test import Client

from core.models import Payment, PricingPlan
from tests.api.answers import assert_problem
from tests.people import Caller

LOGIN, PASSWORD = "/api/auth/login/", "/api/auth/change-password/"
PAY, SUBSCRIBE = "/api/payments/initiate-rent-payment/", "/api/owner-subscriptions/initiate-payment/"
PAYMENTS, STATEMENTS = "/api/payments/", "/api/statements/?from=2026-04-01&to=2026-04-30"
REFUND_TOO_SMALL = "The smallest refund is ₹1.00."
TOO_SMALL, TOO_LARGE = "The smallest payment is ₹1.00.", "This amount is too large."
DAY = "Write the day as YYYY-MM-DD, for example 2026-04-30."
TWO_DECIMALS = "Give the amount in rupees with at most two decimals, for example 15000.00."
CHANNELS = "Choose channel from redirect, mobile_sdk."
MODES = "Choose payment_modes from UPI_INTENT, UPI_COLLECT, UPI_QR, CARD, NET_BANKING."
PERIODS = "Choose period from monthly, yearly."
LOG_IN = "Log in first, and send the token as `Authorization: Token …`."
LOG_IN_AGAIN = "This token is not valid any more. Log in again."


@pytest.mark.parametrize(
    ("who", "path", "body", "field", "sentence"),
    [
        ("tenant", LOGIN, {"username": "ravi"}, "password", "Give the password."),
        ("tenant", LOGIN, {"username": "ravi", "password": ""}, "password", "Give the password."),
        ("tenant", LOGIN, {"username": None, "password": "x"}, "username", "username must not be null."),
        ("tenant", LOGIN, {"username": [], "password": "x"}, "username", "username must be text."),
        ("tenant", LOGIN, {"username": "a\0b", "password": "x"}, "username", "username must not have a NUL in it."),
        (
            "tenant",
            LOGIN,
            {"username": "x" * 255, "password": "x"},
            "username",
            "username may have at most 254 characters.",
        ),
        ("tenant", PASSWORD, {}, "old_password", "Give the old password."),
        ("tenant", PASSWORD, {}, "new_password", "Give the new password."),
        ("tenant", PAY, {}, "amount", "Give the amount."),
        ("tenant", PAY, {"amount": None}, "amount", "amount must not be null."),
        ("tenant", PAY, {"amount": "1.001"}, "amount", TWO_DECIMALS),
        ("tenant", PAY, {"amount": "1e3"}, "amount", TWO_DECIMALS),
        ("tenant", PAY, {"amount": "-1.001"}, "amount", TWO_DECIMALS),
        ("tenant", PAY, {"amount": True}, "amount", TWO_DECIMALS),
        *(("tenant", PAY, {"amount": much}, "amount", TOO_SMALL) for much in ("-5", -5, "-5.50", "0", 0, "0.50", "-0")),
        *(("tenant", PAY, {"amount": much}, "amount", TOO_LARGE) for much in ("99999999999", 10**10, "1000000000.00")),
        ("tenant", PAY, {"amount": "100", "tenancy": "x"}, "tenancy", "tenancy must be a whole number."),
        ("tenant", PAY, {"amount": "100", "tenancy": "9" * 1001}, "tenancy", "tenancy is too long."),
        ("tenant", PAY, {"amount": "100", "tenancy": 0}, "tenancy", "tenancy must be at least 1."),
        ("tenant", PAY, {"amount": "100", "tenancy": 2**63}, "tenancy", f"tenancy must be at most {2**63 - 1}."),
        ("tenant", PAY, {"amount": "100", "channel": "foo"}, "channel", CHANNELS),
        ("tenant", PAY, {"amount": "100", "payment_modes": ["foo"]}, "payment_modes", MODES),
        ("tenant", PAY, {"amount": "100", "payment_modes": "CARD"}, "payment_modes", "payment_modes must be a list."),
        ("tenant", PAY, {"amount": "100", "payment_modes": []}, "payment_modes", "payment_modes must not be empty."),
        (
            "tenant",
            PAY,
            {"amount": "100", "payment_modes": ["CARD"] * 6},
            "payment_modes",
            "payment_modes may have at most 5 items.",
        ),
        ("owner", SUBSCRIBE, {}, "pricing_plan_id", "Give the pricing plan."),
        ("owner", SUBSCRIBE, {"pricing_plan_id": 0}, "pricing_plan_id", "There is no such pricing plan."),
        ("owner", SUBSCRIBE, {"pricing_plan_id": "x"}, "pricing_plan_id", "pricing_plan_id must be a whole number."),
        ("owner", SUBSCRIBE, {"pricing_plan_id": True}, "pricing_plan_id", "pricing_plan_id must be a whole number."),
        ("owner", SUBSCRIBE, {}, "period", "Give the period."),
        ("owner", SUBSCRIBE, {"period": "daily"}, "period", PERIODS),
        ("owner", "refund", {}, "reason", "Give the reason."),
        ("owner", "refund", {"reason": "x" * 501}, "reason", "reason may have at most 500 characters."),
        ("owner", "refund", {"reason": "x", "amount": "-5"}, "amount", REFUND_TOO_SMALL),
        ("tenant", f"{PAYMENTS}?status=foo", None, "status", "There is no such status."),
        ("tenant", f"{PAYMENTS}?tenancy=0", None, "tenancy", "There is no such tenancy."),
        (
            "tenant",
            f"{PAYMENTS}?created_from=today",
            None,
            "created_from",
            "created_from must be a day in India, for example 2026-04-30, or a time such as 2026-04-30T18:30:00Z.",
        ),
        ("operator", f"{STATEMENTS}&owner=x", None, "owner", "owner must be a whole number."),
        ("operator", "/api/statements/?from=x&to=2026-04-30", None, "from", DAY),
    ],
)  # fmt: skip
def test_a_field_is_named_and_told_what_it_takes(
    request: pytest.FixtureRequest, payment: Payment, plan: PricingPlan,
    who: str, path: str, body: dict[str, Any] | None, field: str, sentence: str,
) -> None:  # fmt: skip
    caller: Caller = request.getfixturevalue(who)
    path = f"/api/payments/{payment.pk}/refund/" if path == "refund" else path

    answer = caller.get(path) if body is None else caller.post(path, body)

    told = assert_problem(answer, 400, "invalid", field=field)
    assert told["errors"][field] == [sentence]
    assert told["detail"] == next(iter(told["errors"].values()))[0]


@pytest.mark.parametrize(
    ("how", "status", "code", "sentence"),
    [
        ({"headers": {}}, 401, "not_authenticated", LOG_IN),
        ({"headers": {"Authorization": "Bearer abc"}}, 401, "not_authenticated", LOG_IN),
        ({"headers": {"Authorization": "Token"}}, 401, "authentication_failed", LOG_IN),
        ({"headers": {"Authorization": "Token a b"}}, 401, "authentication_failed", LOG_IN),
        ({"headers": {"Authorization": "Token junk"}}, 401, "authentication_failed", LOG_IN_AGAIN),
        ({"method": "DELETE"}, 405, "method_not_allowed", "This address takes GET, and not DELETE."),
        (
            {"method": "GET", "path": PAY},
            405,
            "method_not_allowed",
            "This address takes POST, and not GET.",
        ),
        (
            {"method": "POST", "path": PAY, "content_type": "text/plain", "data": "amount=100"},
            415,
            "unsupported_media_type",
            "Send JSON, with `Content-Type: application/json`.",
        ),
        (
            {"headers": {"Accept": "text/html"}},
            406,
            "not_acceptable",
            "Ask for application/json in `Accept`; this address has nothing else.",
        ),
        (
            {"path": STATEMENTS, "headers": {"Accept": "text/html"}},
            406,
            "not_acceptable",
            "Ask for application/json or text/csv or application/pdf in `Accept`; this address has nothing else.",
        ),
        ({"path": f"{PAYMENTS}?cursor=junk"}, 404, "not_found", "Start again from the first page."),
    ],
)
def test_a_request_is_told_what_would_do(
    tenant: Caller, how: dict[str, Any], status: int, code: str, sentence: str
) -> None:
    headers = {"Authorization": f"Token {tenant.token}"} if how.get("headers") != {} else {}
    asked = {"method": "GET", "path": PAYMENTS, **how, "headers": {**headers, **how.get("headers", {})}}

    answer = Client().generic(**asked)

    assert assert_problem(answer, status, code)["detail"] == sentence


def test_somebody_who_was_locked_out_is_asked_to_log_in_again(tenant: Caller) -> None:
    type(tenant.user).objects.update(is_active=False)

    assert assert_problem(tenant.get(PAYMENTS), 401, "authentication_failed")["detail"] == LOG_IN_AGAIN


def test_too_many_requests_are_told_when_to_come_again(db: None, days: Any) -> None:
    for _ in range(11):
        answer = Client().post(LOGIN, json.dumps({"username": "ravi"}), content_type="application/json")

    told = assert_problem(answer, 429, "throttled")
    assert told["detail"] == "Too many requests. Try again in 60 seconds."
