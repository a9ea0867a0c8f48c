"""A payer's verify, where nobody has to be asked, is answered before the views: as they would, or not at all."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models.sql import Query
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from knox.models import AuthToken
from prometheus_client import REGISTRY

from core import browser_rules
from core.models import OwnerSubscriptionPayment, Payment, PricingPlan
from core.views.authentication import ApiToken
from core.views.throttles import EveryoneThrottle
from phonepe_simulator import Fault
from tests.people import Caller
from tests.phonepe import Days, PhonePe
from tests.refunds import refunds
from tests.subscriptions import pays_a_period

ANY_WAY, BY_THE_VIEW = "*/*", "application/json;q=0.9"  # the door knows the plain ways to say it


def address(payment: Any) -> str:
    kind = "owner-subscriptions" if isinstance(payment, OwnerSubscriptionPayment) else "payments"
    return f"/api/{kind}/verify-payment/{payment.merchant_order_id}/"


def asks(caller: Caller, payment: Any, **headers: str) -> tuple[Any, int]:
    """Verify a payment; return the answer, and how many statements it took."""
    with CaptureQueriesContext(connection) as captured:
        answer = caller.get(address(payment), **headers)
    return answer, len(captured)


def is_told_the_same(caller: Caller, payment: Any) -> dict[str, Any]:
    """Check that the door answers, as the view does, and return what."""
    (short, one), (long, several) = (asks(caller, payment, Accept=way) for way in (ANY_WAY, BY_THE_VIEW))
    assert one == 1 < several
    assert short.content == long.content
    ours, views = ({**answer.headers, "X-Request-Id": ""} for answer in (short, long))
    assert ours == views
    body: dict[str, Any] = short.json()
    return body


class TestItAnswers:
    def test_where_phonepe_was_asked_just_now(self, tenant: Caller, payment: Payment, phonepe: PhonePe) -> None:
        tenant.verifies(payment.merchant_order_id)

        assert is_told_the_same(tenant, payment)["state"] == "PENDING"
        assert len(phonepe.was_asked(payment)) == 1

    def test_where_it_is_paid(self, tenant: Caller, paid: Payment) -> None:
        body = is_told_the_same(tenant, paid)

        assert (body["state"], body["final"], body["payment"]["can_refund"]) == ("COMPLETED", True, False)
        assert body["payment"]["months"] == ["2026-04"]

    def test_where_a_question_is_due(
        self, tenant: Caller, payment: Payment, phonepe: PhonePe, days: Days, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        tenant.verifies(payment.merchant_order_id)
        days.pass_by(3)
        phonepe.pays(payment)
        passed_on: list[str] = []
        monkeypatch.setattr(ApiToken, "authenticate", lambda *_: passed_on.append("to the view"))

        answer = tenant.get(address(payment))

        assert (answer.status_code, answer.json()["state"], passed_on) == (200, "COMPLETED", [])
        assert len(phonepe.was_asked(payment)) == 2

    def test_where_an_operator_decides(self, tenant: Caller, payment: Payment, phonepe: PhonePe) -> None:
        phonepe.pays(payment)
        phonepe.simulator.faults.add(Fault("wrong_amount", "order_status"))
        tenant.verifies(payment.merchant_order_id)

        assert is_told_the_same(tenant, payment)["under_review"] is True

    def test_for_a_subscription(self, owner: Caller, plan: PricingPlan, phonepe: PhonePe) -> None:
        body = is_told_the_same(owner, pays_a_period(owner, plan, phonepe))

        assert (body["state"], body["payment"]["plan"]) == ("COMPLETED", plan.name)

    def test_and_builds_no_statement_and_looks_no_address_up(
        self, tenant: Caller, paid: Payment, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        tenant.get(address(paid))
        built: list[str] = []
        monkeypatch.setattr(Query, "build_filter", lambda *_, **__: built.append("a statement"))
        monkeypatch.setattr(browser_rules, "reverse", built.append)

        answer, statements = asks(tenant, paid)

        assert (answer.status_code, statements, built) == (200, 1, [])

    def test_and_is_counted_as_the_view(self, tenant: Caller, paid: Payment) -> None:
        def counted() -> float:
            labels = {"view": "payment-verify-payment", "status": "2xx"}
            return REGISTRY.get_sample_value("zelton_http_request_seconds_count", labels) or 0

        before = counted()
        assert asks(tenant, paid)[1] == 1

        assert counted() == before + 1


class TestItLeavesToTheView:
    def test_a_question_that_a_clock_says_is_yet_to_come(
        self, tenant: Caller, payment: Payment, phonepe: PhonePe
    ) -> None:
        type(payment.transaction).objects.update(asked_at=timezone.now() + timedelta(days=1))
        phonepe.pays(payment)

        assert asks(tenant, payment)[0].json()["state"] == "COMPLETED"

    def test_a_failure_that_is_to_be_explained(self, tenant: Caller, payment: Payment, phonepe: PhonePe) -> None:
        phonepe.fails(payment)

        heard, known = (asks(tenant, payment)[0].json()["payment"] for _ in range(2))

        assert known["failure"]["sentence"]
        assert known["can_pay_again"] is True
        assert heard == known

    def test_a_payment_with_refunds(self, tenant: Caller, owner: Caller, paid: Payment, phonepe: PhonePe) -> None:
        refunds(owner, paid, "100.00")

        body = asks(tenant, paid)[0].json()["payment"]

        assert [refund["amount"] for refund in body["refunds"]] == ["100.00"]

    def test_others(self, owner: Caller, operator: Caller, stranger: Caller, paid: Payment) -> None:
        for caller, status in ((owner, 200), (operator, 200), (stranger, 404)):
            answer, statements = asks(caller, paid)
            assert answer.status_code == status
            assert statements > 1

    @pytest.mark.parametrize("change", ["expired", "logged out", "barred", "forged"])
    def test_a_token_that_is_not_good(self, tenant: Caller, paid: Payment, change: str) -> None:
        if change == "expired":
            AuthToken.objects.filter(user=tenant.user).update(expiry=timezone.now())
        elif change == "logged out":
            AuthToken.objects.filter(user=tenant.user).delete()
        elif change == "barred":
            tenant.user.is_active = False
            tenant.user.save()
        else:  # the part that is looked up is right, and not the rest
            tenant.token = tenant.token[:15] + tenant.token[:14:-1]

        assert asks(tenant, paid)[0].status_code == 401

    def test_too_many_calls(self, tenant: Caller, paid: Payment, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(EveryoneThrottle, "rate", "3/min", raising=False)  # one was to begin the payment
        assert [asks(tenant, paid)[0].status_code for _ in range(3)] == [200, 200, 429]

    def test_too_many_calls_before_phonepe_is_asked(
        self, tenant: Caller, payment: Payment, phonepe: PhonePe, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(EveryoneThrottle, "rate", "1/min", raising=False)  # it was to begin the payment

        assert asks(tenant, payment)[0].status_code == 429
        assert not phonepe.was_asked(payment)

    def test_another_method_another_form_and_another_host(self, tenant: Caller, paid: Payment) -> None:
        assert tenant.post(address(paid)).status_code == 405
        assert tenant.get(address(paid), Accept="text/html").status_code == 406
        assert tenant.get(address(paid), Host="elsewhere.example").status_code == 400
