"""A refund above REFUND_APPROVAL_ABOVE waits for a second person, whoever asks for it."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command

from core.errors import NotAwaitingApproval, OwnPayment, PaymentDisputed
from core.models import Alert, OperatorAction, Payment, Refund, StateChange, User
from core.services.refunds.approval import approve_refund, refuse_refund
from core.services.webhooks import inbox
from tests.api.answers import assert_problem
from tests.people import Caller
from tests.phonepe import Days, PhonePe


@pytest.fixture(autouse=True)
def limit(settings: Any) -> None:
    settings.REFUND_APPROVAL_ABOVE = Decimal(5000)


def refunds(caller: Caller, payment: Payment, amount: str | None, key: str = "") -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    return caller.post(f"/api/payments/{payment.pk}/refund/", {"reason": "Moved out", "amount": amount}, **headers)


def second_person() -> User:
    return User.objects.create(username="second", is_staff=True, is_superuser=True)


def passes_hours(days: Days) -> None:
    days.pass_by(3600)
    days.tick_for(2)
    days.pass_by(3600)
    days.tick_for(2)


class TestAsking:
    def test_above_the_limit_it_waits_and_phonepe_hears_nothing(
        self, owner: Caller, paid: Payment, phonepe: PhonePe, days: Days
    ) -> None:
        answer = refunds(owner, paid, "5000.01")

        assert answer.status_code == 202
        assert (answer.json()["state"], answer.json()["refund_id"]) == ("AWAITING_APPROVAL", "")
        passes_hours(days)
        call_command("reconcile_pending_refunds", "--all")
        assert not phonepe.simulator.calls_to("refund")
        assert not phonepe.simulator.calls_to("refund_status")
        assert Refund.objects.get().state == "AWAITING_APPROVAL"
        assert Alert.objects.get(resolved_at=None).kind == "refund_approval"
        call_command("check_books")

    def test_up_to_the_limit_it_goes_at_once(self, owner: Caller, paid: Payment) -> None:
        assert refunds(owner, paid, "5000.00").json()["state"] == "PENDING"

    def test_without_a_limit_nothing_waits(self, owner: Caller, paid: Payment, settings: Any) -> None:
        settings.REFUND_APPROVAL_ABOVE = None
        assert refunds(owner, paid, None).json()["state"] == "PENDING"

    def test_with_a_limit_of_zero_everything_waits(self, owner: Caller, paid: Payment, settings: Any) -> None:
        settings.REFUND_APPROVAL_ABOVE = Decimal(0)
        assert refunds(owner, paid, "1.00").json()["state"] == "AWAITING_APPROVAL"

    def test_several_small_ones_count_together(self, owner: Caller, paid: Payment, days: Days) -> None:
        assert refunds(owner, paid, "3000.00").json()["state"] == "PENDING"
        passes_hours(days)

        assert refunds(owner, paid, "2000.01").json()["state"] == "AWAITING_APPROVAL"

    def test_what_goes_back_by_itself_does_not_count(
        self, owner: Caller, tenant: Caller, phonepe: PhonePe, days: Days
    ) -> None:
        orders = [tenant.starts_rent(amount) for amount in ("14000.00", "7000.00")]
        for order in reversed(orders):
            phonepe.pays(order)
            days.tick_for(25)
        passes_hours(days)
        back = Refund.objects.get()
        assert (back.kind, back.amount_paise, back.state) == ("surplus", 6000_00, "COMPLETED")

        assert refunds(owner, back.transaction.payment, "5000.00").json()["state"] == "PENDING"

    def test_what_was_approved_does_not_count(self, owner: Caller, paid: Payment, days: Days) -> None:
        refunds(owner, paid, "6000.00")
        approve_refund(Refund.objects.get(), by=second_person(), reason="Checked", now=days.now())
        passes_hours(days)

        assert refunds(owner, paid, "5000.00").json()["state"] == "PENDING"
        passes_hours(days)
        assert refunds(owner, paid, "1.00").json()["state"] == "AWAITING_APPROVAL"

    def test_what_failed_does_not_count(self, owner: Caller, paid: Payment, days: Days) -> None:
        refused = refunds(owner, paid, "9000.00").json()["merchant_refund_id"]
        refuse_refund(
            Refund.objects.get(merchant_refund_id=refused), by=second_person(), reason="Too much", now=days.now()
        )

        assert refunds(owner, paid, "5000.00").json()["state"] == "PENDING"

    def test_its_amount_is_spoken_for(self, owner: Caller, paid: Payment, tenant: Caller) -> None:
        refunds(owner, paid, "6000.00")

        body = assert_problem(refunds(owner, paid, "1.00"), 409, "refund_running")

        assert body["error"].startswith("A refund of ₹6,000.00 of this payment waits for approval.")
        assert tenant.get("/api/tenancies/").json()[0]["outstanding"] == "6000.00"

    def test_it_is_shown_with_the_payment(self, owner: Caller, paid: Payment) -> None:
        refunds(owner, paid, "6000.00")

        body = owner.get(f"/api/payments/{paid.pk}/").json()

        assert (body["status"], body["refunded_amount"]) == ("completed", "0.00")
        assert [(each["state"], each["amount"]) for each in body["refunds"]] == [("AWAITING_APPROVAL", "6000.00")]

    def test_the_same_key_asks_once(self, owner: Caller, paid: Payment) -> None:
        first, again = (refunds(owner, paid, "6000.00", key="k") for _ in range(2))

        assert first.json() == again.json()
        assert Refund.objects.count() == 1


class TestDeciding:
    @pytest.fixture
    def waiting(self, owner: Caller, paid: Payment) -> Refund:
        refunds(owner, paid, "6000.00")
        return Refund.objects.get()

    def test_it_is_not_approved_once_the_payer_disputes_the_payment(
        self, waiting: Refund, paid: Payment, phonepe: PhonePe, days: Days
    ) -> None:
        about = {"merchantOrderId": paid.merchant_order_id, "disputeId": "D2611", "disputeAmount": 1000}
        phonepe.simulator.send_webhook("payment.dispute.created", paid.merchant_order_id, payload=about)
        days.pass_by(1)
        phonepe.delivers()
        days.tick_for(1)

        with pytest.raises(PaymentDisputed):
            approve_refund(waiting, by=second_person(), reason="It is right", now=days.now())

        waiting.refresh_from_db()
        assert waiting.state == "AWAITING_APPROVAL"
        assert phonepe.simulator.calls_to("refund") == []

    def test_approved_it_goes_the_way_of_every_refund(
        self, waiting: Refund, phonepe: PhonePe, days: Days, owner: Caller, paid: Payment
    ) -> None:
        approve_refund(waiting, by=second_person(), reason="Checked with the owner", now=days.now())

        assert len(phonepe.simulator.calls_to("refund")) == 1
        change = StateChange.objects.get(refund=waiting, new="PENDING")
        assert (change.what, change.old, change.cause) == ("refund", "AWAITING_APPROVAL", "operator")
        passes_hours(days)
        waiting.refresh_from_db()
        assert waiting.state == "COMPLETED"
        assert phonepe.simulator.record()[paid.merchant_order_id]["refunded"] == 6000_00
        assert not Alert.objects.filter(resolved_at=None).exists()
        call_command("check_books")
        assert refunds(owner, paid, "5000.00").json()["state"] == "PENDING"

    def test_refused_its_amount_is_free_again(
        self, waiting: Refund, phonepe: PhonePe, days: Days, owner: Caller, paid: Payment
    ) -> None:
        refuse_refund(waiting, by=second_person(), reason="Not agreed", now=days.now())

        passes_hours(days)
        assert not phonepe.simulator.calls_to("refund")
        [shown] = owner.get(f"/api/payments/{paid.pk}/").json()["refunds"]
        assert shown["state"] == "FAILED"
        change = StateChange.objects.get(refund=waiting, new="FAILED")
        assert (change.what, change.old, change.cause) == ("refund", "AWAITING_APPROVAL", "operator")
        assert not Alert.objects.filter(resolved_at=None).exists()
        call_command("check_books")
        assert refunds(owner, paid, None).json()["amount"] == "15000.00"

    @pytest.mark.parametrize("decide", [approve_refund, refuse_refund])
    @pytest.mark.parametrize("first", [approve_refund, refuse_refund])
    def test_it_is_decided_once(
        self, waiting: Refund, phonepe: PhonePe, days: Days, first: Callable[..., Refund], decide: Callable[..., Refund]
    ) -> None:
        by = second_person()
        first(waiting, by=by, reason="Checked with the owner", now=days.now())
        waiting.refresh_from_db()
        state, calls = waiting.state, len(phonepe.simulator.calls_to("refund"))

        with pytest.raises(NotAwaitingApproval, match=state):
            decide(waiting, by=by, reason="Once more", now=days.now())

        waiting.refresh_from_db()
        assert (waiting.state, len(phonepe.simulator.calls_to("refund"))) == (state, calls)
        assert OperatorAction.objects.exclude(action="refund").count() == 1

    @pytest.mark.parametrize("decide", [approve_refund, refuse_refund])
    def test_who_gets_the_money_does_not_decide(
        self, waiting: Refund, tenant: Caller, phonepe: PhonePe, days: Days, decide: Callable[..., Refund]
    ) -> None:
        User.objects.filter(pk=tenant.user.pk).update(is_staff=True, is_superuser=True)

        with pytest.raises(OwnPayment):
            decide(waiting, by=User.objects.get(pk=tenant.user.pk), reason="It is mine", now=days.now())

        waiting.refresh_from_db()
        assert (waiting.state, phonepe.simulator.calls_to("refund")) == ("AWAITING_APPROVAL", [])

    def test_a_webhook_about_it_moves_nothing(self, waiting: Refund, phonepe: PhonePe, days: Days) -> None:
        """Only a forged one can be: PhonePe knows nothing of it."""
        body = {
            "event": "pg.refund.completed",
            "payload": {"merchantRefundId": waiting.merchant_refund_id, "state": "COMPLETED", "amount": 6000_00},
        }
        inbox.receive(json.dumps(body).encode(), now=days.now())
        days.tick_for(3)

        waiting.refresh_from_db()
        assert (waiting.state, waiting.next_check_at) == ("AWAITING_APPROVAL", None)
        assert Alert.objects.filter(kind="contradiction").exists()
