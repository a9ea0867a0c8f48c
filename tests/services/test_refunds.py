"""Money on its way back: never too much, one at a time, each to its final word."""

import itertools
import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
import requests
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.db.models import Sum

from core.errors import MissingPermission
from core.models import (
    Alert,
    ChangeCause,
    LedgerLine,
    OwnerSubscriptionPayment,
    Payment,
    PaymentTransaction,
    Refund,
    StateChange,
    SubscriptionPeriod,
    Tenancy,
    User,
)
from core.money import rupees
from core.services import worker
from core.services.polling.claims import CheckResult
from core.services.refunds import by_hand, refund_status
from core.services.refunds.refund_status import ask_now
from phonepe_simulator import Fault
from phonepe_simulator.requests_adapter import SimulatorAdapter
from tests.deliveries import delivers
from tests.people import Caller
from tests.phonepe import Days, PhonePe, order_id_of


@pytest.fixture
def paid(payment: Payment, phonepe: PhonePe, days: Days) -> Payment:
    """₹15,000.00 of rent that came."""
    phonepe.pays(payment)
    days.tick_for(21)
    return Payment.objects.get(pk=payment.pk)


def refunds(caller: Caller, payment: Payment, amount: str | None = None, **headers: str) -> Any:
    body = {"reason": "Moved out early", **({"amount": amount} if amount else {})}
    return caller.post(f"/api/payments/{payment.pk}/refund/", body, **headers)


def balance(account: str) -> int:
    return LedgerLine.objects.filter(account=account).aggregate(total=Sum("amount_paise"))["total"] or 0


class TestARefund:
    def test_part_of_a_payment_goes_back(self, owner: Caller, paid: Payment, phonepe: PhonePe, days: Days) -> None:
        answer = refunds(owner, paid, "5000.00")

        assert answer.status_code == 202
        assert (answer.json()["state"], answer.json()["amount"]) == ("PENDING", "5000.00")
        assert answer.json()["refund_id"].startswith("OMR")
        asked = Refund.objects.get()
        assert (asked.asked_at, asked.next_check_at) == (days.now(), days.now() + timedelta(seconds=30))
        assert asked.transaction.updated_at == days.now()
        assert paid.tenancy.outstanding_paise() == 5_000_00
        days.tick_for(40)
        days.pass_by(3600)
        worker.tick()
        paid.refresh_from_db()
        assert paid.status == "partially_refunded"
        shown = owner.get(f"/api/payments/{paid.pk}/").json()
        assert (shown["refunded_amount"], shown["refunds"][0]["state"]) == ("5000.00", "COMPLETED")
        assert balance("refunds_in_flight") == 0
        assert balance("phonepe_clearing") == 10_000_00
        assert phonepe.simulator.record()[paid.merchant_order_id]["refunded"] == 5_000_00

    def test_its_end_is_kept_with_phonepes_answer(
        self, owner: Caller, paid: Payment, phonepe: PhonePe, days: Days
    ) -> None:
        refunds(owner, paid, "5000.00")
        days.pass_by(3600)
        worker.tick()

        refund = Refund.objects.get()
        (change,) = StateChange.objects.filter(what="refund")
        assert (change.refund, change.transaction, change.at) == (refund, refund.transaction, days.now())
        assert (change.old, change.new, change.cause) == ("PENDING", "COMPLETED", "clock")
        assert (change.answer["state"], change.answer["refundId"]) == ("COMPLETED", refund.refund_id)
        assert (refund.finished_at, refund.last_checked_at) == (days.now(), days.now())
        assert (refund.check_count, refund.unanswered_count, refund.next_check_at) == (2, 0, None)
        assert [len(phonepe.simulator.calls_to(call)) for call in ("refund", "refund_status")] == [1, 1]

    @pytest.mark.parametrize("ends", ["success", "failure"])
    def test_one_that_is_under_way_for_ten_days_is_told_until_it_ends(
        self, owner: Caller, paid: Payment, phonepe: PhonePe, days: Days, ends: str
    ) -> None:
        phonepe.simulator.change_settings(refund_outcome="pending")
        refunds(owner, paid, "5000.00")
        refund = Refund.objects.get()
        for seconds in (10 * 86_400 - 1, 1):
            assert not Alert.objects.exists()
            days.pass_by(seconds)
            Refund.objects.update(next_check_at=days.now(), asked_at=None)
            worker.tick()
        silent = Alert.objects.get(kind="silent", subject=refund.merchant_refund_id)
        refund.refresh_from_db()
        assert (silent.resolved_at, refund.state, refund.reconciliation_status) == (None, "PENDING", "silent")

        phonepe.simulator.conclude_refund(refund.merchant_refund_id, ends)
        days.pass_by(24 * 3600)
        worker.tick()

        silent.refresh_from_db()
        refund.refresh_from_db()
        assert (silent.resolved_at, refund.reconciliation_status) == (days.now(), "settled")

    def test_a_webhook_about_one_that_has_ended_asks_nothing(
        self, owner: Caller, paid: Payment, phonepe: PhonePe, days: Days
    ) -> None:
        refunds(owner, paid, "5000.00")
        days.pass_by(3600)
        worker.tick()
        asked = len(phonepe.simulator.calls_to("refund_status"))
        payload = {"merchantRefundId": Refund.objects.get().merchant_refund_id, "state": "COMPLETED", "note": "again"}
        delivers(json.dumps({"event": "pg.refund.completed", "payload": payload}).encode())
        days.pass_by(60)

        told = reconciles()

        assert (told["final"], told["failed"], told["webhooks"]) == (1, 0, 1)
        assert Refund.objects.get().next_check_at is None
        assert len(phonepe.simulator.calls_to("refund_status")) == asked

    @pytest.mark.parametrize(
        ("fault", "outcome"),
        [("unavailable", "unanswered"), ("wrong_amount", "unanswered"), ("unknown_state", "pending"), ("", "final")],
    )
    def test_the_command_counts_what_phonepe_says(
        self, owner: Caller, paid: Payment, phonepe: PhonePe, days: Days, fault: str, outcome: str
    ) -> None:
        refunds(owner, paid, "5000.00")
        days.pass_by(3600)
        phonepe.reachable = False
        if fault:
            phonepe.simulator.faults.add(Fault(fault, "refund_status"))

        told = reconciles()

        outcomes = ("final", "pending", "not_found", "unanswered", "failed")
        assert {name: told[name] for name in outcomes} == {**dict.fromkeys(outcomes, 0), outcome: 1}

    def test_what_phonepe_says_of_one_is_of_no_other(
        self, operator: Caller, paid: Payment, stranger: Caller, phonepe: PhonePe, days: Days
    ) -> None:
        others = stranger.starts_rent()
        phonepe.pays(others)
        days.tick_for(21)
        phonepe.simulator.change_settings(refund_outcome="pending")
        phonepe.simulator.faults.add(Fault("timeout_after", "refund", times=1))
        one, another = (
            refunds(operator, payment).json()["merchant_refund_id"] for payment in (paid, Payment.objects.latest("pk"))
        )
        theirs = phonepe.simulator.refunds[one]
        ids = dict(Refund.objects.values_list("merchant_refund_id", "refund_id"))
        assert ids == {one: "", another: phonepe.simulator.refunds[another].refund_id}
        theirs.state = type(theirs.state)("CONFIRMED")
        days.pass_by(30)
        worker.tick()

        states = dict(Refund.objects.values_list("merchant_refund_id", "state"))
        assert states == {one: "CONFIRMED", another: "PENDING"}
        ids = dict(Refund.objects.values_list("merchant_refund_id", "refund_id"))
        assert ids == {name: phonepe.simulator.refunds[name].refund_id for name in (one, another)}

    def test_all_that_is_left_goes_back_without_an_amount(self, operator: Caller, paid: Payment, days: Days) -> None:
        answer = refunds(operator, paid)

        assert answer.json()["amount"] == "15000.00"
        days.pass_by(3600)
        worker.tick()
        paid.refresh_from_db()
        assert paid.status == "refunded"
        assert paid.tenancy.outstanding_paise() == 15_000_00

    def test_parts_that_are_all_of_it_make_it_refunded(self, operator: Caller, paid: Payment, days: Days) -> None:
        for amount in ("5000.00", None):
            refunds(operator, paid, amount)
            days.pass_by(3600)
            worker.tick()

        paid.refresh_from_db()
        assert paid.status == "refunded"

    def test_who_may(self, tenant: Caller, other_owner: Caller, paid: Payment, phonepe: PhonePe) -> None:
        assert refunds(tenant, paid).status_code == 403
        assert refunds(other_owner, paid).status_code == 404
        assert phonepe.simulator.calls_to("refund") == []

    def test_an_operator_needs_the_permission_wherever_they_ask(
        self, paid: Payment, phonepe: PhonePe, days: Days
    ) -> None:
        clerk = User.objects.create(username="clerk", is_staff=True)

        with pytest.raises(MissingPermission, match=r"core\.refund_payment"):
            by_hand.refund_payment(paid, amount_paise=1_00, by=clerk, reason="Moved out", now=days.now())

        assert (phonepe.simulator.calls_to("refund"), Refund.objects.count()) == ([], 0)

    def test_more_than_is_left_is_refused_with_a_sentence(self, owner: Caller, paid: Payment, phonepe: PhonePe) -> None:
        answer = refunds(owner, paid, "15000.01")

        assert (answer.status_code, answer.json()["code"]) == (422, "refund_above_rest")
        assert "₹15,000.00" in answer.json()["error"]
        assert phonepe.simulator.calls_to("refund") == []

    def test_an_unpaid_payment_is_refused(self, owner: Caller, payment: Payment) -> None:
        assert refunds(owner, payment).json()["code"] == "not_refundable"

    def test_a_second_one_waits_for_the_first(self, owner: Caller, paid: Payment, phonepe: PhonePe) -> None:
        refunds(owner, paid, "100.00")
        again = refunds(owner, paid, "100.00")

        assert (again.status_code, again.json()["code"]) == (409, "refund_running")
        assert "₹100.00" in again.json()["error"]
        assert len(phonepe.simulator.calls_to("refund")) == 1

    def test_a_key_refunds_once(self, owner: Caller, paid: Payment, phonepe: PhonePe) -> None:
        first = refunds(owner, paid, "100.00", **{"Idempotency-Key": "k"})
        again = refunds(owner, paid, "100.00", **{"Idempotency-Key": "k"})

        assert first.json() == again.json()
        assert len(phonepe.simulator.calls_to("refund")) == 1

    def test_it_is_taken_from_whom_the_rent_was_taken_for(
        self, operator: Caller, paid: Payment, other_tenancy: Tenancy, days: Days
    ) -> None:
        house, seller = paid.tenancy.unit.property, paid.tenancy.unit.property.owner
        house.owner = other_tenancy.unit.property.owner  # the property is sold
        house.save()

        refunds(operator, paid)

        assert balance(f"owner:{seller.pk}:payable") == 0
        assert balance(f"owner:{house.owner_id}:payable") == 0


def pays_too_much(tenant: Caller, phonepe: PhonePe, days: Days) -> None:
    """₹6,000.00 come beyond what is due; their refund is opened and not yet sent."""
    orders = [order_id_of(tenant.starts_rent(amount)) for amount in ("15000.00", "6000.00")]
    for order in reversed(orders):
        phonepe.pays(order)
        days.pass_by(4)
        tenant.verifies(order)


def reconciles() -> dict[str, Any]:
    """Do what the command does that stands in for the clock; return what it counted."""
    out = StringIO()
    call_command("reconcile_pending_refunds", "--json", stdout=out)
    told: dict[str, Any] = json.loads(out.getvalue())
    return told


class TestBadLuck:
    @pytest.mark.parametrize("fault", ["timeout_before", "timeout_after", "cut_before", "cut_after", "server_error"])
    def test_an_unknown_outcome_is_resolved_without_paying_twice(
        self, owner: Caller, paid: Payment, phonepe: PhonePe, days: Days, fault: str
    ) -> None:
        phonepe.simulator.faults.add(Fault(kind=fault, call="refund", times=1))

        answer = refunds(owner, paid, "5000.00")

        assert (answer.status_code, answer.json()["state"]) == (202, "PENDING")
        assert Refund.objects.get().unanswered_count == 1
        for _ in range(10):
            days.pass_by(600)
            worker.tick()
        assert Refund.objects.get().state == "COMPLETED"
        assert phonepe.simulator.record()[paid.merchant_order_id]["refunded"] == 5_000_00
        assert len({call.body["merchantRefundId"] for call in phonepe.simulator.calls_to("refund")}) == 1

    def test_phonepes_id_is_noted_as_soon_as_it_is_told(
        self, owner: Caller, paid: Payment, phonepe: PhonePe, days: Days
    ) -> None:
        phonepe.simulator.change_settings(refund_outcome="pending")
        phonepe.simulator.faults.add(Fault("timeout_after", "refund", times=1))
        refunds(owner, paid, "5000.00")
        days.pass_by(31)
        worker.tick()

        refund = Refund.objects.get()
        assert refund.state == "PENDING"
        assert refund.refund_id == phonepe.simulator.refunds[refund.merchant_refund_id].refund_id

    def test_one_that_got_lost_and_is_refused_later_is_for_a_person(
        self, owner: Caller, paid: Payment, phonepe: PhonePe, days: Days
    ) -> None:
        phonepe.simulator.faults.add(Fault("timeout_before", "refund", times=1))
        phonepe.simulator.faults.add(Fault("refused", "refund"))
        refunds(owner, paid, "5000.00")
        days.pass_by(31)
        worker.tick()

        assert len(phonepe.simulator.calls_to("refund")) == 2
        refund = Refund.objects.get()
        assert (refund.state, refund.unanswered_count) == ("PENDING", 2)
        assert refund.transaction.refunding_paise == 5_000_00
        assert Alert.objects.get().kind == "lost_by_phonepe"

    def test_a_late_worker_does_not_send_what_another_has_sent(
        self, tenant: Caller, phonepe: PhonePe, days: Days
    ) -> None:
        pays_too_much(tenant, phonepe, days)
        (late,) = worker.REFUNDS.claim_due(due_by=days.now(), limit=10)
        days.pass_by(14)
        (second,) = worker.REFUNDS.claim_due(due_by=days.now(), limit=10)

        results = [refund_status.check(claim, now=days.now()) for claim in (second, late)]

        assert results == [CheckResult.PENDING, CheckResult.NOT_ASKED]
        assert len(phonepe.simulator.calls_to("refund")) == 1

    def test_two_that_were_never_sent_are_sent_by_one_tick(
        self, tenant: Caller, stranger: Caller, phonepe: PhonePe, days: Days
    ) -> None:
        for who in (tenant, stranger):
            pays_too_much(who, phonepe, days)
        days.pass_by(1)

        worker.run(worker.REFUNDS, everything=False)

        assert [call.body["amount"] for call in phonepe.simulator.calls_to("refund")] == [6_000_00, 6_000_00]
        assert set(Refund.objects.values_list("sent_at", "state")) == {(days.now(), "PENDING")}

    def test_a_refund_that_fails_gives_its_amount_back(
        self, owner: Caller, paid: Payment, phonepe: PhonePe, days: Days
    ) -> None:
        refunds(owner, paid, "5000.00")
        phonepe.simulator.conclude_refund(Refund.objects.get().merchant_refund_id, "failure")
        days.pass_by(60)
        phonepe.delivers()  # the webhook of a failed refund names PhonePe's id alone
        days.tick_for(2)

        refund = Refund.objects.get()
        assert (refund.state, refund.finished_at) == ("FAILED", refund.transaction.updated_at)
        assert Payment.objects.get(pk=paid.pk).status == "completed"
        assert paid.tenancy.outstanding_paise() == 0
        assert balance("refunds_in_flight") == 0
        assert Alert.objects.get().kind == "refund_failed"
        assert refunds(owner, paid, "15000.00").status_code == 202

    def test_another_amount_than_ours_is_not_done(
        self, owner: Caller, paid: Payment, phonepe: PhonePe, days: Days
    ) -> None:
        phonepe.reachable = False
        for call in ("refund", "refund_status"):
            phonepe.simulator.faults.add(Fault("wrong_amount", call))

        refunds(owner, paid, "100.00")
        days.pass_by(3600)
        worker.tick()

        assert Refund.objects.get().state == "PENDING"
        assert Alert.objects.get().kind == "mismatch"

    def test_another_final_word_is_shown_to_an_operator(
        self, owner: Caller, paid: Payment, phonepe: PhonePe, days: Days
    ) -> None:
        refunds(owner, paid, "5000.00")
        days.pass_by(3600)
        worker.tick()
        refund = Refund.objects.get()
        theirs = phonepe.simulator.refunds[refund.merchant_refund_id]
        theirs.state = type(theirs.state)("FAILED")
        days.pass_by(5)

        ask_now(refund, cause=ChangeCause.COMMAND)

        before = refund.check_count
        refund.refresh_from_db()
        assert refund.state == "COMPLETED"
        assert (refund.check_count, refund.last_checked_at) == (before + 1, days.now())
        assert Alert.objects.get().kind == "contradiction"

    def test_phonepe_refuses(
        self, owner: Caller, paid: Payment, stranger: Caller, phonepe: PhonePe, days: Days
    ) -> None:
        phonepe.simulator.orders[paid.merchant_order_id].state = "PENDING"
        other = PaymentTransaction.objects.get(merchant_order_id=order_id_of(stranger.starts_rent()))

        answer = refunds(owner, paid, "100.00")

        assert (answer.status_code, answer.json()["code"]) == (502, "phonepe_refused")
        order = paid.transaction
        order.refresh_from_db()
        assert (order.refunding_paise, order.updated_at) == (0, days.now())
        assert order.next_check_at is not None, "PhonePe may have corrected what came with it"
        assert PaymentTransaction.objects.get(pk=other.pk).next_check_at == other.next_check_at

    @pytest.fixture
    def refused_late(self, phonepe: PhonePe, days: Days, monkeypatch: pytest.MonkeyPatch) -> None:
        """The first request is refused slowly, and while PhonePe says that it knows none, the clock goes on."""
        send, seen = SimulatorAdapter.send, []

        def slowly(adapter: Any, request: Any, **kwargs: Any) -> Any:
            call = "refund" if str(request.url).endswith("/refund") else "status" if "/refund/" in request.url else ""
            seen.append(call)
            if call == "refund" and seen.count(call) == 1:
                days.pass_by(7.5)
                refusal = requests.Response()
                refusal.status_code, refusal._content = 400, b'{"code": "TRY_LATER"}'
                return refusal
            answer = send(adapter, request, **kwargs)
            if call == "status" and seen.count(call) == 1:
                days.pass_by(6)  # the claim has lapsed
                worker.tick()
            return answer

        monkeypatch.setattr(SimulatorAdapter, "send", slowly)

    def test_one_that_was_refused_too_late_to_know_is_not_called_failed(
        self, owner: Caller, paid: Payment, phonepe: PhonePe, days: Days, refused_late: None
    ) -> None:
        answer = refunds(owner, paid, "5000.00")

        assert (answer.status_code, answer.json()["state"]) == (202, "PENDING")
        days.tick_for(40)
        days.pass_by(3600)
        worker.tick()
        assert Refund.objects.get().state == "COMPLETED"
        assert phonepe.simulator.record()[paid.merchant_order_id]["refunded"] == 5_000_00

    def test_a_surplus_that_was_refused_too_late_to_know_goes_back_once(
        self, tenant: Caller, phonepe: PhonePe, days: Days, refused_late: None
    ) -> None:
        first, second = (order_id_of(tenant.starts_rent(amount)) for amount in ("15000.00", "6000.00"))
        for order in (second, first):
            phonepe.pays(order)
            days.tick_for(25)
        for _ in range(10):
            days.pass_by(600)
            worker.tick()

        (surplus,) = Refund.objects.all()
        assert (surplus.amount_paise, surplus.state) == (6_000_00, "COMPLETED")
        assert sum(each["refunded"] for each in phonepe.simulator.record().values()) == 6_000_00

    def test_a_worker_that_learns_it_too_late_to_know_says_so(
        self, tenant: Caller, phonepe: PhonePe, days: Days, refused_late: None
    ) -> None:
        pays_too_much(tenant, phonepe, days)
        (claim,) = worker.REFUNDS.claim_due(due_by=days.now(), limit=10)

        assert refund_status.check(claim, now=days.now()) == CheckResult.UNANSWERED

        assert Refund.objects.get().state == "PENDING"

    @pytest.mark.parametrize("said", ["COMPLETED", "FAILED"])
    def test_a_webhook_that_says_otherwise_of_a_finished_one_is_shown_to_an_operator(
        self, owner: Caller, paid: Payment, phonepe: PhonePe, days: Days, said: str
    ) -> None:
        refunds(owner, paid, "5000.00")
        days.pass_by(3600)
        worker.tick()
        refund = Refund.objects.get()
        assert refund.state == "COMPLETED"
        payload = {"merchantRefundId": refund.merchant_refund_id, "state": said, "amount": 5_000_00}

        assert (
            delivers(json.dumps({"event": f"pg.refund.{said.lower()}", "payload": payload}).encode()).status_code == 200
        )
        days.tick_for(5)

        contradictions = Alert.objects.filter(kind="contradiction")
        assert [alert.subject for alert in contradictions] == [refund.merchant_refund_id] * (said == "FAILED")
        refund.refresh_from_db()
        assert refund.state == "COMPLETED"

    def test_an_operators_all_does_not_repeat_a_request_that_is_on_its_way(
        self, owner: Caller, paid: Payment, phonepe: PhonePe, days: Days, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        send = SimulatorAdapter.send

        def slowly(adapter: Any, request: Any, **kwargs: Any) -> Any:
            if str(request.url).endswith("/refund") and not phonepe.simulator.calls_to("refund_status"):
                days.pass_by(4)  # it is on its way; meanwhile:
                worker.run(worker.REFUNDS, everything=True)
            return send(adapter, request, **kwargs)

        monkeypatch.setattr(SimulatorAdapter, "send", slowly)

        assert refunds(owner, paid, "5000.00").status_code == 202

        assert len(phonepe.simulator.calls_to("refund_status")) == 1
        assert len(phonepe.simulator.calls_to("refund")) == 1
        days.pass_by(3600)
        worker.tick()
        assert Refund.objects.get().state == "COMPLETED"


class TestTheDatabaseRefuses:
    def test_more_refunds_than_money(self, paid: Payment) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            PaymentTransaction.objects.filter(pk=paid.transaction_id).update(refunding_paise=15_000_01)

    def test_two_refunds_in_flight(self, owner: Caller, paid: Payment) -> None:
        refunds(owner, paid, "100.00")
        refund = Refund.objects.get()
        refund.pk, refund.merchant_refund_id = None, "ANOTHER"
        with pytest.raises(IntegrityError), transaction.atomic():
            refund.save()


class TestSubscriptions:
    @pytest.fixture
    def subscribed(self, owner: Caller, plan: Any, phonepe: PhonePe, days: Days) -> OwnerSubscriptionPayment:
        start = "/api/owner-subscriptions/initiate-payment/"
        order = order_id_of(owner.post(start, {"pricing_plan_id": plan.pk, "period": "monthly"}))
        phonepe.pays(order)
        days.tick_for(21)
        return SubscriptionPeriod.objects.get().payment

    def test_parts_are_taken_back_from_income_and_tax_to_the_paisa(
        self, operator: Caller, subscribed: OwnerSubscriptionPayment, days: Days
    ) -> None:
        for amount in ({"amount": "100.01"}, {"amount": "100.01"}, {}):
            body = {"reason": "Not needed", **amount}
            assert operator.post(f"/api/owner-subscriptions/{subscribed.pk}/refund/", body).status_code == 202
            days.pass_by(3600)
            worker.tick()

        assert (balance("subscription_income"), balance("gst"), balance("phonepe_clearing")) == (0, 0, 0)

    def test_half_of_it_back_is_half_of_the_period_less(
        self, operator: Caller, subscribed: OwnerSubscriptionPayment, days: Days
    ) -> None:
        whole = SubscriptionPeriod.objects.get()
        half = rupees(subscribed.transaction.amount_paise // 2)

        operator.post(f"/api/owner-subscriptions/{subscribed.pk}/refund/", {"reason": "Not needed", "amount": half})
        days.pass_by(3600)
        worker.tick()

        shorter = SubscriptionPeriod.objects.get()
        assert (shorter.ends_at - shorter.starts_at) * 2 == whole.ends_at - whole.starts_at

    def test_a_refunded_period_ends(
        self, owner: Caller, operator: Caller, subscribed: OwnerSubscriptionPayment, days: Days
    ) -> None:
        payment = subscribed

        answer = operator.post(f"/api/owner-subscriptions/{payment.pk}/refund/", {"reason": "Not needed"})
        days.pass_by(3600)
        worker.tick()

        assert answer.status_code == 202
        assert owner.get("/api/owner-subscriptions/active/").status_code == 404
        assert (balance("subscription_income"), balance("gst"), balance("phonepe_clearing")) == (0, 0, 0)
        assert owner.post(f"/api/owner-subscriptions/{payment.pk}/refund/", {"reason": "x"}).status_code == 403


def test_one_that_was_never_sent_goes_before_a_question_that_has_waited_longer(
    owner: Caller, paid: Payment, phonepe: PhonePe, days: Days, monkeypatch: pytest.MonkeyPatch
) -> None:
    refunds(owner, paid, "100.00")
    days.tick_for(61)
    days.pass_by(3600)
    worker.tick()
    assert refunds(owner, paid, "200.00").status_code == 202
    asked_about, never_sent = Refund.objects.order_by("pk")
    Refund.objects.filter(pk=asked_about.pk).update(next_check_at=days.now())
    Refund.objects.filter(pk=never_sent.pk).update(sent_at=None, next_check_at=days.now() + timedelta(seconds=1))
    days.pass_by(5)

    monkeypatch.setattr(worker.REFUNDS.queue, "_claims", itertools.count(1))  # every fifth takes what waited longest
    first = [worker.REFUNDS.claim_due(due_by=days.now(), limit=1) for _ in range(2)]

    assert [claim.row for [claim] in first] == [never_sent, asked_about]
