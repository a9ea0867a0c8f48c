"""GET /api/schema/ and /api/docs/, and whether the API keeps to what they say."""

from typing import Any

import pytest
from django.test import Client

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
