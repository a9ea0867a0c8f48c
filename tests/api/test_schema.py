"""GET /api/schema/ and /api/docs/, and whether the API keeps to what they say."""

import re
from typing import Any

import pytest
from django.test import Client

from core.errors import DomainError
from tests.api.answers import assert_problem
from tests.people import Caller
from tests.phonepe import PhonePe

OPERATIONS = {
    ("/api/auth/change-password/", "post"),
    ("/api/auth/login/", "post"),
    ("/api/auth/logout/", "post"),
    ("/api/owner-subscriptions/active/", "get"),
    ("/api/owner-subscriptions/initiate-payment/", "post"),
    ("/api/owner-subscriptions/verify-payment/{merchant_order_id}/", "get"),
    ("/api/payments/", "get"),
    ("/api/payments/handle-payment-callback/", "post"),
    ("/api/payments/initiate-rent-payment/", "post"),
    ("/api/payments/verify-payment/{merchant_order_id}/", "get"),
    ("/api/owner-subscriptions/{id}/refund/", "post"),
    ("/api/payments/{id}/", "get"),
    ("/api/payments/{id}/refund/", "post"),
    ("/api/payments/{id}/receipt/", "get"),
    ("/api/pricing-plans/", "get"),
    ("/api/tenancies/", "get"),
}


@pytest.fixture
def schema(db: None) -> dict[str, Any]:
    answer = Client().get("/api/schema/?format=json")
    assert answer.status_code == 200
    return dict(answer.json())


class TestSchema:
    def test_it_is_openapi_3_1_and_names_every_endpoint(self, schema: dict[str, Any]) -> None:
        told = {(path, method) for path, methods in schema["paths"].items() for method in methods}

        assert schema["openapi"].startswith("3.1")
        assert told >= OPERATIONS

    def test_money_is_text(self, schema: dict[str, Any]) -> None:
        payment = schema["components"]["schemas"]["Payment"]["properties"]

        assert payment["amount"]["type"] == "string"

    @pytest.mark.parametrize("amount", ["100", "100.5", "15000.00", 1500, 1.5])
    def test_an_amount_may_be_sent_as_it_says(
        self, schema: dict[str, Any], tenant: Caller, phonepe: PhonePe, amount: Any
    ) -> None:
        told = schema["components"]["schemas"]["StartRentPaymentRequest"]["properties"]["amount"]
        shown = schema["components"]["schemas"]["Started"]["properties"]["amount"]

        assert set(told["type"]) == {"string", "number"}
        assert re.search(told["pattern"], amount) if isinstance(amount, str) else amount >= told["minimum"]
        assert re.search(shown["pattern"], tenant.starts_rent(amount).json()["amount"])

    @pytest.mark.parametrize("amount", ["-5", "0", "0.50", "1.001", "1e3", "9999999999", "", " 5"])
    def test_an_amount_that_is_refused_is_not_told_of(
        self, schema: dict[str, Any], tenant: Caller, amount: str
    ) -> None:
        for name in ("StartRentPaymentRequest", "AskRefundRequest"):
            told = schema["components"]["schemas"][name]["properties"]["amount"]
            assert not re.search(told["pattern"], amount)
        assert_problem(tenant.starts_rent(amount), 400, "invalid", field="amount")

    def test_only_what_can_be_negative_is_told_so(self, schema: dict[str, Any]) -> None:
        balances = {("Tenancy", "outstanding"), ("Movement", "amount"), ("Movement", "balance"), ("Totals", "other")}
        sums = {
            ("Tenancy", "monthly_rent"),
            ("Payment", "amount"),
            ("Payment", "refunded_amount"),
            ("Refund", "amount"),
        }

        for kind, name in balances | sums:
            pattern = schema["components"]["schemas"][kind]["properties"][name]["pattern"]
            assert bool(re.search(pattern, "-1.00")) == ((kind, name) in balances)
            assert re.search(pattern, "1.00")

    def test_every_operation_tells_what_a_refusal_looks_like(self, schema: dict[str, Any]) -> None:
        for methods in schema["paths"].values():
            for operation in methods.values():
                for statuses in ("4XX", "5XX"):
                    content = operation["responses"][statuses]["content"]
                    assert content["application/problem+json"]["schema"]["$ref"] == "#/components/schemas/Problem"

    def test_a_refusal_has_the_members_that_it_tells_of(self, schema: dict[str, Any], tenant: Caller) -> None:
        told = schema["components"]["schemas"]["Problem"]

        body = assert_problem(tenant.starts_rent("0"), 400, "invalid")

        assert set(body) == set(told["properties"])
        assert set(told["required"]) == set(body) - {"errors"}

    def test_it_tells_every_code_of_ours_and_the_frameworks(self, schema: dict[str, Any]) -> None:
        code = schema["components"]["schemas"]["Problem"]["properties"]["code"]
        kinds = list(DomainError.__subclasses__())
        for kind in kinds:
            kinds.extend(kind.__subclasses__())

        for each in {kind.code for kind in kinds} | {"not_authenticated", "wrong_credentials", "throttled", "busy"}:
            assert each in code["examples"]
            assert f"- `{each}` (" in code["description"]

    def test_idempotency_keys_are_told(self, schema: dict[str, Any]) -> None:
        for path in (
            "/api/payments/initiate-rent-payment/",
            "/api/owner-subscriptions/initiate-payment/",
            "/api/payments/{id}/refund/",
        ):
            names = [each["name"] for each in schema["paths"][path]["post"]["parameters"]]
            assert "Idempotency-Key" in names

    def test_there_is_a_page_to_try_it_that_loads_nothing_from_elsewhere(self, db: None) -> None:
        page = Client().get("/api/docs/")

        assert page.status_code == 200
        assert "swagger" in page.content.decode().lower()
        assert "//cdn" not in page.content.decode()
