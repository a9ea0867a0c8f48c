"""What an app is told of a payment that failed, and whether it offers to pay again."""

from typing import Any

import pytest

from core.models import Payment, PaymentAttempt, SuspensePlacement
from phonepe_simulator.requests_adapter import SimulatorAdapter
from tests.people import Caller
from tests.phonepe import Days, PhonePe


def one(caller: Caller, payment: Payment) -> dict[str, Any]:
    """Return the payment as it is shown alone, after seeing that it is shown so everywhere."""
    shown: dict[str, Any] = caller.get(f"/api/payments/{payment.pk}/").json()
    listed = caller.get("/api/payments/").json()["results"]
    assert [each for each in listed if each["id"] == payment.pk] == [shown]
    assert caller.verifies(payment.merchant_order_id).json()["payment"] == shown
    return shown


def refused(payment: Payment, error_code: str, detailed: str) -> None:
    """Let the last attempt of a payment have ended with these codes of PhonePe's."""
    order = payment.transaction
    PaymentAttempt.objects.create(
        order=order, transaction_id="OM1", state="FAILED", error_code=error_code, detailed_error_code=detailed,
        reported_by="status", seen_at=order.initiated_at, changed_at=order.initiated_at,
    )  # fmt: skip


@pytest.fixture
def failed(payment: Payment, tenant: Caller, phonepe: PhonePe) -> Payment:
    phonepe.fails(payment)
    tenant.verifies(payment.merchant_order_id)
    payment.refresh_from_db()
    assert payment.status == "failed"
    return payment


class TestWhy:
    @pytest.mark.parametrize(
        ("code", "detailed", "says"),
        [
            ("INSUFFICIENT_BALANCE", "Z9", "not enough money"),
            ("INVALID_MPIN", "ZM", "PIN was wrong"),
            ("AUTHORIZATION_ERROR", "ZM", "PIN was wrong"),
            ("AUTHORIZATION_ERROR", "", "not authorised"),
            ("PAYMENT_ERROR", "XC", "does not allow"),
            ("PAYMENT_ERROR", "TXN_FAILED", "did not let the payment through"),
            ("PAYMENT_ERROR", "NEW_NEXT_YEAR", "could not carry out the payment"),
            ("NEW_NEXT_YEAR", "", "PhonePe could not carry out"),
        ],
    )
    def test_phonepes_codes_are_said_in_a_sentence(
        self, tenant: Caller, failed: Payment, code: str, detailed: str, says: str
    ) -> None:
        refused(failed, code, detailed)

        failure = one(tenant, failed)["failure"]

        assert failure["code"] == code
        assert says in failure["sentence"]

    def test_nobody_tried(self, tenant: Caller, failed: Payment) -> None:
        assert one(tenant, failed)["failure"]["code"] == "NOT_COMPLETED"

    def test_phonepe_did_not_take_the_order(
        self, tenant: Caller, phonepe: PhonePe, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        send = SimulatorAdapter.send

        def refuses(adapter: Any, request: Any, **how: Any) -> Any:
            answer = send(adapter, request, **how)
            if str(request.url).endswith("/pay"):
                answer.status_code, answer._content = 400, b'{"code": "BAD_REQUEST"}'
            return answer

        monkeypatch.setattr(SimulatorAdapter, "send", refuses)
        assert tenant.starts_rent().status_code == 502

        shown = one(tenant, Payment.objects.get())

        assert (shown["failure"]["code"], shown["can_pay_again"]) == ("NOT_STARTED", True)

    def test_an_attempt_that_failed_is_no_failure_while_the_order_lives(self, tenant: Caller, payment: Payment) -> None:
        refused(payment, "INSUFFICIENT_BALANCE", "Z9")

        shown = one(tenant, payment)

        assert (shown["state"], shown["failure"], shown["can_pay_again"]) == ("PENDING", None, False)

    def test_nor_once_it_was_paid_after_all(self, tenant: Caller, paid: Payment) -> None:
        refused(paid, "INSUFFICIENT_BALANCE", "Z9")

        assert one(tenant, paid)["failure"] is None


class TestPayAgain:
    def test_it_is_offered_once_nothing_can_come_of_it(self, tenant: Caller, failed: Payment) -> None:
        assert one(tenant, failed)["can_pay_again"] is True

    def test_not_for_one_that_was_replaced_and_can_still_succeed(
        self, tenant: Caller, payment: Payment, days: Days
    ) -> None:
        days.pass_by(5)
        assert tenant.starts_rent("14000.00").status_code == 201
        payment.refresh_from_db()

        shown = one(tenant, payment)

        assert (shown["state"], shown["can_pay_again"]) == ("FAILED", False)
        assert tenant.verifies(payment.merchant_order_id).json()["final"] is False

    def test_only_for_the_last_attempt(self, tenant: Caller, failed: Payment, days: Days) -> None:
        days.pass_by(5)
        tenant.starts_rent()

        assert one(tenant, failed)["can_pay_again"] is False

    def test_not_where_nothing_is_due_any_more(self, tenant: Caller, failed: Payment, days: Days) -> None:
        SuspensePlacement.objects.create(
            source_kind="suspense", source_subject="x", destination="tenancy", tenancy=failed.tenancy,
            amount_paise=15_000_00, reason="Paid in another way", placed_at=days.now(),
        )  # fmt: skip

        assert one(tenant, failed)["can_pay_again"] is False

    def test_not_while_money_of_the_tenancy_waits_for_an_operator(
        self, tenant: Caller, failed: Payment, phonepe: PhonePe, days: Days
    ) -> None:
        Payment.objects.filter(pk=failed.pk).update(status="failed")
        failed.transaction.reconciliation_status = "mismatch"
        failed.transaction.save()

        assert one(tenant, failed)["can_pay_again"] is False


class TestRefundable:
    def test_an_owner_can_refund_what_was_paid(self, owner: Caller, tenant: Caller, paid: Payment) -> None:
        for caller, can in ((owner, True), (tenant, False)):
            shown = one(caller, paid)
            assert (shown["can_refund"], shown["refundable_amount"]) == (can, "15000.00")
        assert one(owner, paid)["months"] == ["2026-04"]

    def test_one_at_a_time_and_never_more_than_is_left(
        self, owner: Caller, paid: Payment, phonepe: PhonePe, days: Days
    ) -> None:
        owner.post(f"/api/payments/{paid.pk}/refund/", {"amount": "5000.00", "reason": "Leak"})
        shown = one(owner, paid)
        assert (shown["can_refund"], shown["refundable_amount"]) == (False, "10000.00")
        days.pass_by(3600)
        days.tick_for(1)

        assert one(owner, paid)["can_refund"] is True
        owner.post(f"/api/payments/{paid.pk}/refund/", {"reason": "All of it"})
        days.pass_by(3600)
        days.tick_for(1)

        shown = one(owner, paid)
        assert (shown["can_refund"], shown["refundable_amount"]) == (False, "0.00")
