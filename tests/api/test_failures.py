"""What an app is told of a payment that failed, and whether it offers to pay again."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext, override_settings

from core.models import (
    Payment,
    PaymentAttempt,
    PaymentTransaction,
    Refund,
    SuspensePlacement,
    Tenant,
)
from core.services.refunds.approval import approve_refund
from phonepe_simulator import Fault
from phonepe_simulator.requests_adapter import SimulatorAdapter
from tests.chargebacks import charges_back
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
        order=order, transaction_id=f"OM{order.attempts.count()}", state="FAILED",
        error_code=error_code, detailed_error_code=detailed,
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

    def test_of_several_attempts_the_last_that_says_why_counts(self, tenant: Caller, failed: Payment) -> None:
        for code, detailed in (("INVALID_MPIN", "ZM"), ("INSUFFICIENT_BALANCE", "Z9"), ("", "")):
            refused(failed, code, detailed)

        failure = one(tenant, failed)["failure"]

        assert failure["code"] == "INSUFFICIENT_BALANCE"
        assert "not enough money" in failure["sentence"]

    def test_a_code_of_the_bank_alone_is_told_too(self, tenant: Caller, failed: Payment) -> None:
        refused(failed, "", "ZX")

        failure = one(tenant, failed)["failure"]

        assert failure["code"] == "ZX"
        assert "not active" in failure["sentence"]

    @pytest.mark.parametrize("channel", ["redirect", "mobile_sdk"])
    def test_nobody_tried(self, tenant: Caller, phonepe: PhonePe, channel: str) -> None:
        order = tenant.starts_rent(channel=channel).json()["merchant_order_id"]
        phonepe.fails(order)
        tenant.verifies(order)

        shown = one(tenant, Payment.objects.get())

        assert (shown["failure"]["code"], shown["can_pay_again"]) == ("NOT_COMPLETED", True)

    def test_what_was_replaced_was_closed(self, tenant: Caller, payment: Payment, days: Days) -> None:
        days.pass_by(5)
        assert tenant.starts_rent("14000.00").status_code == 201

        failure = one(tenant, payment)["failure"]

        assert failure["code"] == "CLOSED"
        assert "closed before it was paid" in failure["sentence"]

    def test_a_page_whose_address_was_lost_on_its_way_was_never_begun(
        self, tenant: Caller, phonepe: PhonePe, days: Days
    ) -> None:
        phonepe.simulator.faults.add(Fault("timeout_after", "pay", times=1))
        assert tenant.starts_rent().status_code == 503
        days.tick_for(21)
        assert tenant.starts_rent("14000.00").status_code == 201
        lost = Payment.objects.get(status="cancelled")
        assert lost.transaction.phonepe_order_id

        shown = one(tenant, lost)

        assert (shown["failure"]["code"], shown["can_pay_again"]) == ("NOT_STARTED", False)

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

    def test_whatever_others_pay_or_wait_for(
        self, tenant: Caller, failed: Payment, stranger: Caller, phonepe: PhonePe, days: Days
    ) -> None:
        theirs = stranger.starts_rent().json()["merchant_order_id"]
        assert one(tenant, failed)["can_pay_again"] is True
        PaymentTransaction.objects.filter(merchant_order_id=theirs).update(reconciliation_status="mismatch")

        assert one(tenant, failed)["can_pay_again"] is True

    def test_lists_ask_no_more_for_many_that_failed(self, tenant: Caller, failed: Payment, phonepe: PhonePe) -> None:
        def asked() -> int:
            with CaptureQueriesContext(connection) as statements:
                listed = tenant.get("/api/payments/").json()["results"]
            assert [each["can_pay_again"] for each in listed] == [True, *[False] * (len(listed) - 1)]
            return len(statements)

        asked()
        with_one = asked()
        for _ in range(3):
            again = tenant.starts_rent().json()["merchant_order_id"]
            phonepe.fails(again)
            tenant.verifies(again)

        assert asked() == with_one

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


def disputes(payment: Payment, word: str, phonepe: PhonePe, days: Days) -> None:
    """PhonePe tells how a dispute of the payment stands."""
    about = {"merchantOrderId": payment.merchant_order_id, "disputeId": "D2611", "disputeAmount": 1000}
    phonepe.simulator.send_webhook(f"payment.dispute.{word}", payment.merchant_order_id, payload=about)
    days.pass_by(1)
    phonepe.delivers()
    days.tick_for(1)


class TestItSaysWhatARefundWouldBeAnswered:
    """`can_refund` and `refundable_amount` are asked, and then PhonePe's money is asked for: both say the same."""

    def agrees(self, caller: Caller, payment: Payment) -> str:
        """Return the code with which a refund is refused, "" if it is not; nothing of it stays."""
        shown = one(caller, payment)
        most = Decimal(shown["refundable_amount"])
        address = f"/api/payments/{payment.pk}/refund/"
        # Beyond this limit a refund waits for approval: PhonePe hears nothing of it.
        with override_settings(REFUND_APPROVAL_ABOVE=Decimal(0)), transaction.atomic():
            if most:
                above = caller.post(address, {"amount": str(most + 1), "reason": "Too much"})
                assert above.status_code in (403, 409, 422), above.json()
            answer = caller.post(address, {"amount": str(most), "reason": "All"} if most else {"reason": "All"})
            transaction.set_rollback(True)
        assert shown["can_refund"] is (answer.status_code == 202), (shown, answer.json())
        return "" if answer.status_code == 202 else str(answer.json()["code"])

    def test_from_the_first_moment_to_the_last(
        self,
        owner: Caller,
        tenant: Caller,
        operator: Caller,
        payment: Payment,
        phonepe: PhonePe,
        days: Days,
        settings: Any,
    ) -> None:
        assert self.agrees(owner, payment) == "not_refundable"
        phonepe.pays(payment)
        days.tick_for(25)
        assert self.agrees(owner, payment) == ""
        assert self.agrees(tenant, payment) == "permission_denied"
        disputes(payment, "created", phonepe, days)
        assert self.agrees(owner, payment) == "payment_disputed"
        assert one(owner, payment)["refundable_amount"] == "0.00"
        disputes(payment, "won", phonepe, days)
        assert self.agrees(owner, payment) == ""
        charges_back(payment, 5_000_00, settlement="S-1")
        assert self.agrees(owner, payment) == ""
        assert one(owner, payment)["refundable_amount"] == "10000.00"
        settings.REFUND_APPROVAL_ABOVE = Decimal(50)
        owner.post(f"/api/payments/{payment.pk}/refund/", {"amount": "100.00", "reason": "Leak"})
        assert self.agrees(owner, payment) == "refund_running"
        approve_refund(Refund.objects.get(), by=operator.user, reason="Right", now=days.now())
        assert self.agrees(owner, payment) == "refund_running"
        days.tick_for(60)
        assert one(owner, payment)["refundable_amount"] == "9900.00"
        assert self.agrees(owner, payment) == ""
        charges_back(payment, 9_899_50, settlement="S-2")
        assert one(owner, payment)["refundable_amount"] == "0.00"
        assert self.agrees(owner, payment) == "payment_disputed"

    def test_what_came_with_another_amount(self, owner: Caller, payment: Payment, phonepe: PhonePe, days: Days) -> None:
        phonepe.simulator.faults.add(Fault("wrong_amount", "order_status"))
        phonepe.pays(payment)
        days.tick_for(25)

        assert one(owner, payment)["under_review"] is True
        assert self.agrees(owner, payment) == "not_refundable"

    def test_staff_who_paid_it_themselves(self, paid: Payment, operator: Caller) -> None:
        assert self.agrees(operator, paid) == ""
        Tenant.objects.filter(pk=paid.tenancy.tenant_id).update(user=operator.user)
        assert self.agrees(operator, paid) == "own_payment"

    def test_lists_ask_no_more_for_it(self, owner: Caller, tenant: Caller, paid: Payment, days: Days) -> None:
        def asked() -> int:
            with CaptureQueriesContext(connection) as statements:
                owner.get("/api/payments/")
            return len(statements)

        asked()
        with_one = asked()
        charges_back(paid, 5_000_00, settlement="S-1")
        for _ in range(3):
            copy, order = Payment.objects.get(pk=paid.pk), PaymentTransaction.objects.get(pk=paid.transaction_id)
            order.pk, order.merchant_order_id = None, f"{order.merchant_order_id[:40]}-{Payment.objects.count()}"
            order.phonepe_order_id = order.merchant_order_id
            order.save(force_insert=True)
            copy.pk, copy.merchant_order_id, copy.transaction = None, order.merchant_order_id, order
            copy.save(force_insert=True)

        assert len(owner.get("/api/payments/").json()["results"]) == 4
        assert asked() == with_one


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
