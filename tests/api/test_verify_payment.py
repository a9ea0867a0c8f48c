"""GET /api/payments/verify-payment/<merchant_order_id>/"""

from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import ProgrammingError

from core.models import Payment
from core.services import phonepe_service
from core.services.payments import for_payer
from phonepe_simulator import Fault
from tests.api.answers import assert_problem
from tests.people import Caller
from tests.phonepe import Days, PhonePe


class TestVerifyPayment:
    def test_it_asks_phonepe_and_tells_that_it_is_paid(
        self, tenant: Caller, payment: Payment, phonepe: PhonePe
    ) -> None:
        phonepe.pays(payment)

        answer = tenant.verifies(payment.merchant_order_id)

        assert answer.status_code == 200
        body = answer.json()
        assert body["success"] is True
        assert body["merchant_order_id"] == payment.merchant_order_id
        assert body["state"] == "COMPLETED"
        assert body["payment"]["status"] == "completed"
        assert body["payment"]["amount"] == "15000.00"
        assert "poll_after" not in body
        assert body["final"] is True
        assert payment.transaction.changes.get(new="completed").cause == "verify"

    @pytest.mark.parametrize("who", ["owner", "operator"])
    def test_to_others_who_may_see_it_too(self, request: Any, payment: Payment, phonepe: PhonePe, who: str) -> None:
        phonepe.pays(payment)

        body = request.getfixturevalue(who).verifies(payment.merchant_order_id).json()

        assert (body["state"], body["final"], body["payment"]["status"]) == ("COMPLETED", True, "completed")

    def test_a_failed_one(self, tenant: Caller, payment: Payment, phonepe: PhonePe) -> None:
        phonepe.fails(payment)

        body = tenant.verifies(payment.merchant_order_id).json()

        assert (body["success"], body["state"], body["payment"]["status"]) == (True, "FAILED", "failed")
        assert "poll_after" not in body

    def test_while_pending_it_says_when_to_ask_again(self, tenant: Caller, payment: Payment, days: Days) -> None:
        started, waits = days.now(), {}
        for age in (0, 9, 10, 29, 30, 59, 60, 119, 120, 599, 600):
            days.pass_by(age - (days.now() - started).total_seconds())
            body = tenant.verifies(payment.merchant_order_id).json()
            assert (body["state"], body["final"]) == ("PENDING", False)
            waits[age] = body["poll_after"]

        assert waits == {0: 2, 9: 2, 10: 3, 29: 3, 30: 5, 59: 5, 60: 8, 119: 8, 120: 10, 599: 10, 600: 30}

    def test_what_is_final_is_not_asked_about(self, tenant: Caller, paid: Payment, phonepe: PhonePe) -> None:
        asked = len(phonepe.was_asked())

        assert tenant.verifies(paid.merchant_order_id).json()["state"] == "COMPLETED"

        assert len(phonepe.was_asked()) == asked

    def test_it_asks_at_most_every_three_seconds(
        self, tenant: Caller, owner: Caller, payment: Payment, phonepe: PhonePe, days: Days
    ) -> None:
        for _ in range(5):
            assert tenant.verifies(payment.merchant_order_id).json()["state"] == "PENDING"
            assert owner.verifies(payment.merchant_order_id).json()["state"] == "PENDING"
        assert len(phonepe.was_asked(payment)) == 1
        days.pass_by(2.9)
        tenant.verifies(payment.merchant_order_id)
        assert len(phonepe.was_asked(payment)) == 1

        days.pass_by(0.1)
        tenant.verifies(payment.merchant_order_id)

        assert len(phonepe.was_asked(payment)) == 2

    def test_phonepe_has_three_seconds(self, tenant: Caller, payment: Payment, monkeypatch: pytest.MonkeyPatch) -> None:
        deadline, seconds = phonepe_service.deadline, []

        def watched(length: float) -> Any:
            seconds.append(length)
            return deadline(length)

        monkeypatch.setattr(phonepe_service, "deadline", watched)
        tenant.verifies(payment.merchant_order_id)

        assert seconds == [3]

    @pytest.mark.parametrize("kind", ["timeout_before", "cut_after", "server_error", "html_answer", "empty_object"])
    def test_when_phonepe_does_not_tell_the_stored_state_has_to_do(
        self, tenant: Caller, payment: Payment, phonepe: PhonePe, kind: str
    ) -> None:
        phonepe.pays(payment)
        phonepe.simulator.faults.add(Fault(kind, "order_status"))

        answer = tenant.verifies(payment.merchant_order_id)

        assert answer.status_code == 200
        assert answer.json()["state"] == "PENDING"
        assert answer.json()["poll_after"] == 2

    def test_a_defect_in_what_follows_is_no_answer(
        self, tenant: Caller, payment: Payment, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Only a database that takes no writes just now makes the stored state do."""

        def fails(*_: Any, **__: Any) -> None:
            raise ProgrammingError("no such column")

        monkeypatch.setattr(for_payer, "ask_now", fails)

        with pytest.raises(ProgrammingError):  # which is a 500, and in the log
            tenant.verifies(payment.merchant_order_id)

    def test_another_amount_stays_pending(self, tenant: Caller, payment: Payment, phonepe: PhonePe, days: Days) -> None:
        phonepe.pays(payment)
        phonepe.simulator.faults.add(Fault("wrong_amount", "order_status"))

        for _ in range(3):
            body = tenant.verifies(payment.merchant_order_id).json()
            assert (body["state"], body["payment"]["status"]) == ("PENDING", "pending")
            days.pass_by(10)

    def test_one_that_waits_for_an_operator_is_not_asked_about_for_ever(
        self, tenant: Caller, payment: Payment, phonepe: PhonePe, days: Days
    ) -> None:
        assert tenant.verifies(payment.merchant_order_id).json()["under_review"] is False
        days.pass_by(3)
        phonepe.pays(payment)
        phonepe.simulator.faults.add(Fault("wrong_amount", "order_status"))

        body = tenant.verifies(payment.merchant_order_id).json()

        assert (body["state"], body["under_review"]) == ("PENDING", True)
        assert "poll_after" not in body
        assert body["final"] is False
        assert "We are looking into it" in body["detail"]
        assert body["payment"]["under_review"] is True

    def test_once_an_operator_has_decided_it_is_not_under_review_any_more(
        self, tenant: Caller, payment: Payment, phonepe: PhonePe
    ) -> None:
        phonepe.pays(payment)
        phonepe.simulator.faults.add(Fault("wrong_amount", "order_status"))
        tenant.verifies(payment.merchant_order_id)

        call_command("resolve_mismatch", payment.merchant_order_id, "--accept", stdout=StringIO())

        body = tenant.verifies(payment.merchant_order_id).json()
        assert (body["state"], body["under_review"], body["payment"]["under_review"]) == ("COMPLETED", False, False)
        assert "detail" not in body

    def test_another_amount_stays_pending_also_for_an_order_that_was_replaced(
        self, tenant: Caller, payment: Payment, phonepe: PhonePe, days: Days
    ) -> None:
        tenant.starts_rent("100.00")
        phonepe.pays(payment)
        phonepe.simulator.faults.add(Fault("wrong_amount", "order_status"))
        days.pass_by(5)

        body = tenant.verifies(payment.merchant_order_id).json()

        assert (body["state"], body["payment"]["status"]) == ("PENDING", "cancelled")
        assert tenant.starts_rent("100.00").json()["code"] == "payment_under_review"

    def test_one_that_was_replaced_has_failed_for_its_payer(self, tenant: Caller, payment: Payment, days: Days) -> None:
        tenant.starts_rent("100.00")
        days.pass_by(5)

        body = tenant.verifies(payment.merchant_order_id).json()

        assert (body["state"], body["payment"]["status"]) == ("FAILED", "cancelled")


class TestWhoMayAsk:
    def test_payer_owner_and_staff(self, tenant: Caller, owner: Caller, operator: Caller, payment: Payment) -> None:
        for caller in (tenant, owner, operator):
            assert caller.verifies(payment.merchant_order_id).status_code == 200

    def test_to_strangers_it_does_not_exist(
        self, stranger: Caller, other_owner: Caller, payment: Payment, phonepe: PhonePe
    ) -> None:
        for caller in (stranger, other_owner):
            assert_problem(caller.verifies(payment.merchant_order_id), 404, "not_found")
        assert not phonepe.was_asked()

    @pytest.mark.parametrize("name", ["ZLT-unknown", "x" * 64, "a b", "%00", "..%2F", "zlt"])
    def test_an_unknown_one_is_404(self, tenant: Caller, phonepe: PhonePe, name: str) -> None:
        assert_problem(tenant.verifies(name), 404, "not_found")
        assert not phonepe.simulator.calls
