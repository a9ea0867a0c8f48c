"""GET /api/schema/ and /api/docs/, and whether the API keeps to what they say."""

import re
from typing import Any

import jsonschema
import pytest
from django.test import Client
from jsonschema import Draft202012Validator

from core.errors import DomainError
from core.views.examples import EXAMPLES
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


def operations(schema: dict[str, Any]) -> list[dict[str, Any]]:
    return [operation for methods in schema["paths"].values() for operation in methods.values()]


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

    def test_every_operation_has_a_sentence_and_an_example_that_is_as_it_says(self, schema: dict[str, Any]) -> None:
        told = {(method, path) for path, methods in schema["paths"].items() for method in methods}
        assert set(EXAMPLES) == told
        for method, path in told:
            operation = schema["paths"][path][method]
            assert operation["description"].strip().partition("\n")[0].endswith("."), path
            answers = [answer for status, answer in operation["responses"].items() if status < "3"]
            for body in (operation.get("requestBody", {}), *answers):
                content = body.get("content", {}).get("application/json")
                if content:
                    whole = {**content["schema"], "components": schema["components"]}
                    jsonschema.Draft202012Validator(whole).validate(content["example"])

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

    def test_a_list_of_modes_has_one_at_least(self, schema: dict[str, Any], tenant: Caller) -> None:
        modes = schema["components"]["schemas"]["StartRentPaymentRequest"]["properties"]["payment_modes"]

        assert modes["minItems"] == 1
        assert_problem(tenant.starts_rent(payment_modes=[]), 400, "invalid", field="payment_modes")

    def test_a_format_is_chosen_where_there_are_several(self, schema: dict[str, Any], tenant: Caller) -> None:
        def formats(path: str) -> list[str]:
            parameters = schema["paths"][path]["get"]["parameters"]
            return [word for each in parameters if each["name"] == "format" for word in each["schema"]["enum"]]

        april = "/api/statements/?from=2026-04-01&to=2026-04-30"

        assert formats("/api/statements/") == ["csv", "json", "pdf"]
        for wrong in ("", "xml"):
            assert_problem(tenant.get(f"{april}&format={wrong}"), 400, "invalid", field="format")
        assert formats("/api/payments/") == []
        for ignored in ("", "xml", "json"):
            assert tenant.get(f"/api/payments/?format={ignored}").status_code == 200

    def test_a_callback_may_hold_anything(self, schema: dict[str, Any], db: None) -> None:
        told = schema["components"]["schemas"]["CallbackRequest"]

        assert not any("type" in field or "minLength" in field for field in told["properties"].values())
        for anything in ("", None, 7, [], {"a": 1}, "x" * 5000):
            body = {"merchant_order_id": anything, "orderId": anything, "state": "COMPLETED"}
            answer = Client().post("/api/payments/handle-payment-callback/", body, content_type="application/json")
            assert answer.status_code == 200

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

    def test_every_operation_says_in_a_sentence_what_it_does(self, schema: dict[str, Any]) -> None:
        for operation in operations(schema):
            assert operation["description"]
            assert 10 < len(operation["summary"]) <= 100

    def test_every_json_body_has_an_example_that_fits_it(self, schema: dict[str, Any]) -> None:
        bodies = [
            told
            for operation in operations(schema)
            for body in (operation.get("requestBody", {}), *operation["responses"].values())
            for kind, told in body.get("content", {}).items()
            if kind == "application/json"
        ]

        assert len(bodies) > 15
        for told in bodies:
            whole = {**told["schema"], "components": schema["components"]}
            Draft202012Validator(whole).validate(told["example"])

    def test_every_operation_tells_its_refusals_by_code(self, schema: dict[str, Any]) -> None:
        for operation in operations(schema):
            assert {"429", "500", "503"} <= set(operation["responses"])
            assert not {"4XX", "5XX", "default"} & set(operation["responses"])
            for status, response in operation["responses"].items():
                if status >= "400":
                    content = response["content"]["application/problem+json"]
                    assert content["schema"]["$ref"] == "#/components/schemas/Problem"
                    assert all(line.startswith("- `") for line in response["description"].splitlines())

    def test_a_code_is_told_of_where_it_can_come_and_nowhere_else(self, schema: dict[str, Any]) -> None:
        starting = schema["paths"]["/api/payments/initiate-rent-payment/"]["post"]["responses"]
        looking = schema["paths"]["/api/tenancies/"]["get"]["responses"]

        assert "`amount_above_due`: More rent was offered than is due." in starting["400"]["description"]
        assert "`already_paid`" in starting["409"]["description"]
        assert "400" not in looking
        assert "409" not in looking

    def test_a_refusal_has_the_members_that_it_tells_of(self, schema: dict[str, Any], tenant: Caller) -> None:
        told = schema["components"]["schemas"]["Problem"]

        body = assert_problem(tenant.starts_rent("0"), 400, "invalid")

        assert set(body) | {"params"} == set(told["properties"])
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
