"""POST /api/payments/handle-payment-callback/"""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core.models import Payment
from tests.api.answers import assert_problem
from tests.phonepe import Days, PhonePe


def calls_back(body: Any, **headers: str) -> Any:
    address = "/api/payments/handle-payment-callback/"
    return Client().post(address, body, content_type="application/json", headers=headers)


class TestCallback:
    def test_it_believes_nothing_it_is_told(self, payment: Payment, phonepe: PhonePe) -> None:
        lie = {"state": "COMPLETED", "code": "PAYMENT_SUCCESS", "success": True, "amount": 1500000}

        answer = calls_back({"merchant_order_id": payment.merchant_order_id, **lie})

        assert answer.status_code == 200
        assert answer.json() == {"success": True, "state": "PENDING"}
        payment.refresh_from_db()
        assert payment.status == "pending"

    @pytest.mark.parametrize("name", ["merchant_order_id", "orderId"])
    def test_it_is_a_reason_to_ask(self, payment: Payment, phonepe: PhonePe, days: Days, name: str) -> None:
        phonepe.pays(payment)
        ids = {"merchant_order_id": payment.merchant_order_id, "orderId": payment.transaction.phonepe_order_id}

        calls_back({name: ids[name]})
        days.tick_for(1)

        assert len(phonepe.was_asked(payment)) == 1
        payment.refresh_from_db()
        assert payment.status == "completed"
        assert calls_back({name: ids[name]}).json() == {"success": True, "state": "COMPLETED"}

    def test_many_of_them_ask_once_in_three_seconds(self, payment: Payment, phonepe: PhonePe, days: Days) -> None:
        days.tick_for(6, also=lambda: calls_back({"merchant_order_id": payment.merchant_order_id}))

        assert len(phonepe.was_asked(payment)) == 2

    def test_an_unknown_id_gets_the_same_answer_after_the_same_statements(self, payment: Payment) -> None:
        with CaptureQueriesContext(connection) as known:
            one = calls_back({"merchant_order_id": payment.merchant_order_id})
        with CaptureQueriesContext(connection) as unknown:
            other = calls_back({"merchant_order_id": "ZLT-unknown"})

        assert (one.status_code, one.json()) == (other.status_code, other.json())
        assert len(known) == len(unknown)

    @pytest.mark.parametrize(
        "body", [{}, {"merchant_order_id": None}, {"orderId": 7}, {"merchant_order_id": ["x"]},
                 {"merchant_order_id": "x" * 10_000}, {"merchant_order_id": "a\0b"},
                 {"orderId": {}}, {"merchant_order_id": ""}]
    )  # fmt: skip
    def test_what_names_no_order_gets_it_too(self, db: None, body: Any) -> None:
        assert calls_back(body).json() == {"success": True, "state": "PENDING"}

    def test_a_token_that_is_none_does_not_matter(self, payment: Payment) -> None:
        assert calls_back({}, Authorization="Token nonsense").status_code == 200

    @pytest.mark.parametrize("body", ["", "[]", "{", '{"merchant_order_id": "\\ud800"}'])
    def test_what_is_no_object_is_a_400(self, db: None, body: str) -> None:
        assert_problem(calls_back(body or " "), 400)

    def test_it_is_throttled(self, payment: Payment, days: Days) -> None:
        answers = [calls_back({}).status_code for _ in range(61)]

        assert set(answers[:60]) == {200}
        assert answers[60] == 429
