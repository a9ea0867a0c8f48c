"""GET /payments/return/<merchant_order_id>/"""

from typing import Any

import pytest
from django.test import Client

from core.models import Payment, PricingPlan
from phonepe_simulator import Fault
from tests.people import Caller
from tests.phonepe import Days, PhonePe


def comes_back(merchant_order_id: str, method: str = "get") -> Any:
    return getattr(Client(), method)(f"/payments/return/{merchant_order_id}/")


class TestReturnPage:
    def test_paid(self, payment: Payment, phonepe: PhonePe) -> None:
        phonepe.pays(payment)

        page = comes_back(payment.merchant_order_id)

        assert page.status_code == 200
        assert "Payment received" in page.content.decode()
        assert "http-equiv" not in page.content.decode()
        assert payment.transaction.changes.get(new="completed").cause == "return"

    def test_failed(self, payment: Payment, phonepe: PhonePe) -> None:
        phonepe.fails(payment)

        assert "Payment not completed" in comes_back(payment.merchant_order_id).content.decode()

    def test_pending_looks_again_by_itself(self, payment: Payment) -> None:
        page = comes_back(payment.merchant_order_id).content.decode()

        assert "Confirming your payment" in page
        assert '<meta http-equiv="refresh" content="2">' in page

    def test_one_that_waits_for_an_operator_is_not_looked_at_again(self, payment: Payment, phonepe: PhonePe) -> None:
        phonepe.pays(payment)
        phonepe.simulator.faults.add(Fault("wrong_amount", "order_status"))

        page = comes_back(payment.merchant_order_id).content.decode()

        assert "We are looking into this payment" in page
        assert "do not pay again" in page
        assert "http-equiv" not in page

    def test_when_phonepe_is_silent_it_is_being_confirmed(self, payment: Payment, phonepe: PhonePe) -> None:
        phonepe.simulator.faults.add(Fault("timeout_before", "order_status"))

        assert "Confirming your payment" in comes_back(payment.merchant_order_id).content.decode()

    def test_a_reload_asks_at_most_every_three_seconds(self, payment: Payment, phonepe: PhonePe, days: Days) -> None:
        for _ in range(5):
            comes_back(payment.merchant_order_id)

        assert len(phonepe.was_asked(payment)) == 1

    def test_it_leads_back_to_the_payment_in_the_app(self, payment: Payment, settings: Any) -> None:
        order = payment.merchant_order_id

        assert f'href="{settings.APP_URL}/{order}"' in comes_back(order).content.decode()

    def test_it_names_nobody_and_nothing(self, paid: Payment) -> None:
        page = comes_back(paid.merchant_order_id).content.decode()

        tenancy = paid.tenancy
        for private in (tenancy.tenant.name, tenancy.unit.name, "15000", "15,000", paid.transaction.utr):
            assert private not in page

    def test_its_headers_keep_it_private(self, payment: Payment) -> None:
        headers = comes_back(payment.merchant_order_id).headers

        assert headers["Cache-Control"] == "no-store"
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Robots-Tag"] == "noindex"
        assert headers["X-Frame-Options"] == "DENY"
        assert "Set-Cookie" not in headers

    def test_a_subscription_comes_back_here_too(self, owner: Caller, plan: PricingPlan, phonepe: PhonePe) -> None:
        body = {"pricing_plan_id": plan.pk, "period": "monthly"}
        started = owner.post("/api/owner-subscriptions/initiate-payment/", body)
        phonepe.pays(started)

        page = comes_back(started.json()["merchant_order_id"])

        assert "Payment received" in page.content.decode()

    @pytest.mark.parametrize("name", ["ZLT-unknown", "x" * 300])
    def test_an_unknown_one_is_404(self, db: None, phonepe: PhonePe, name: str) -> None:
        assert comes_back(name).status_code == 404
        assert not phonepe.simulator.calls

    def test_it_takes_no_post(self, payment: Payment) -> None:
        assert comes_back(payment.merchant_order_id, "post").status_code == 405

    def test_it_is_throttled(self, db: None, days: Days) -> None:
        answers = [comes_back("ZLT-unknown") for _ in range(121)]

        assert {answer.status_code for answer in answers[:120]} == {404}
        assert answers[120].status_code == 429
        assert int(answers[120].headers["Retry-After"]) > 0
