"""What may happen to an order between the first tap and the last paisa."""

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Sum

from core.models import (
    Alert,
    ChangeCause,
    JournalEntry,
    LedgerLine,
    OwnerSubscriptionPayment,
    Payment,
    PaymentTransaction,
    StateChange,
    SubscriptionPeriod,
    WebhookEvent,
)
from core.models.payables import IllegalMove, PaymentStatus
from core.services import worker
from phonepe_simulator import Fault
from phonepe_simulator.ids import IdGenerator
from phonepe_simulator.requests_adapter import SimulatorAdapter
from tests.people import Caller
from tests.phonepe import Days, PhonePe, order_id_of

YEAR = 365 * 24 * 3600


def now_of(payment: Payment) -> Payment:
    return Payment.objects.select_related("transaction").get(pk=payment.pk)


def books() -> dict[str, int]:
    """Return every account's balance."""
    rows = LedgerLine.objects.values("account").annotate(total=Sum("amount_paise"))
    return {row["account"]: row["total"] for row in rows}


class TestCompletion:
    def test_money_that_came_is_in_the_books_once(self, phonepe: PhonePe, payment: Payment, days: Days) -> None:
        phonepe.pays(payment, mode="UPI_QR")
        days.pass_by(4)
        phonepe.delivers()
        days.tick_for(60)

        order = now_of(payment).transaction
        assert (order.state, order.captured_paise, order.reconciliation_status) == ("COMPLETED", 15_000_00, "settled")
        assert order.utr
        assert order.paid_at is not None
        assert order.next_check_at is None
        assert books() == {
            "phonepe_clearing": 15_000_00,
            "rent_billed": 0,
            f"tenancy:{payment.tenancy_id}:receivable": 0,  # charged 15,000, paid 15,000
            f"owner:{payment.tenancy.unit.property.owner_id}:payable": -15_000_00,
        }
        assert JournalEntry.objects.filter(source__startswith="capture:").count() == 1
        (change,) = StateChange.objects.filter(what="status")
        assert (change.old, change.new, change.answer["state"]) == ("pending", "completed", "COMPLETED")

    def test_a_webhook_alone_credits_nothing(self, phonepe: PhonePe, payment: Payment, days: Days) -> None:
        days.pass_by(4)
        phonepe.simulator.send_webhook("checkout.order.completed", payment.merchant_order_id)
        phonepe.delivers()
        days.tick_for(2)

        assert WebhookEvent.objects.get().outcome == "asked"
        assert now_of(payment).status == "pending"
        assert not JournalEntry.objects.filter(source__startswith="capture:").exists()

    def test_a_webhook_makes_even_a_failed_order_due(self, phonepe: PhonePe, payment: Payment, days: Days) -> None:
        phonepe.simulator.attempt(payment.merchant_order_id, outcome="pending")
        phonepe.reachable = False
        days.pass_by(1300)
        phonepe.delivers()
        days.tick_for(3)
        assert now_of(payment).status == "failed"

        phonepe.reachable = True
        phonepe.simulator.conclude(payment.merchant_order_id, "success")
        phonepe.delivers()
        days.tick_for(5)

        assert now_of(payment).status == "completed"
        assert payment.tenancy.outstanding_paise() == 0

    @pytest.fixture
    def fails_late(self, phonepe: PhonePe, payment: Payment, days: Days) -> Payment:
        """A payment whose bank has not decided, and which PhonePe calls FAILED because its time is over."""
        phonepe.simulator.attempt(payment.merchant_order_id, outcome="pending")
        phonepe.reachable = False  # by webhook
        days.pass_by(1206)
        phonepe.delivers()
        phonepe.reachable = True
        return payment

    def test_a_webhook_that_comes_while_phonepe_tells_of_a_failure_is_not_forgotten(
        self, phonepe: PhonePe, fails_late: Payment, days: Days, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        send, happened = SimulatorAdapter.send, []

        def with_a_bank(adapter: Any, request: Any, **kwargs: Any) -> Any:
            answer = send(adapter, request, **kwargs)
            if b"FAILED" in answer.content and not happened:
                days.pass_by(1)
                phonepe.simulator.conclude(fails_late.merchant_order_id, "success")
                phonepe.delivers()
                happened.append(worker.process_webhooks())
            return answer

        monkeypatch.setattr(SimulatorAdapter, "send", with_a_bank)
        days.tick_for(60)

        assert happened == [1]
        assert now_of(fails_late).status == "completed"

    def test_a_webhook_within_three_seconds_of_a_failure_is_not_forgotten(
        self, phonepe: PhonePe, fails_late: Payment, days: Days
    ) -> None:
        worker.tick()
        assert now_of(fails_late).status == "failed"
        days.pass_by(1)
        phonepe.simulator.conclude(fails_late.merchant_order_id, "success")

        phonepe.delivers()
        days.tick_for(10)

        assert now_of(fails_late).status == "completed"

    def test_completed_is_for_ever(self, phonepe: PhonePe, payment: Payment, days: Days) -> None:
        phonepe.pays(payment)
        days.tick_for(21)
        phonepe.simulator.send_webhook("checkout.order.failed", payment.merchant_order_id, payload={"state": "FAILED"})
        phonepe.delivers()
        days.tick_for(5)

        assert now_of(payment).status == "completed"
        assert Alert.objects.get().kind == "contradiction"

    def test_no_code_can_undo_a_completion(self, phonepe: PhonePe, payment: Payment, days: Days) -> None:
        phonepe.pays(payment)
        days.tick_for(21)
        with pytest.raises(IllegalMove):
            now_of(payment).move_to(PaymentStatus.FAILED, cause=ChangeCause.COMMAND, at=days.now())


class TestMismatch:
    @pytest.mark.parametrize("fault", ["wrong_amount", "wrong_order_id"])
    def test_other_money_than_asked_for_waits_for_an_operator(
        self, tenant: Caller, phonepe: PhonePe, payment: Payment, days: Days, fault: str
    ) -> None:
        phonepe.simulator.faults.add(Fault(kind=fault, call="order_status"))
        phonepe.pays(payment)
        phonepe.delivers()
        days.tick_for(30)

        order = now_of(payment).transaction
        assert (now_of(payment).status, order.reconciliation_status, order.captured_paise) == ("pending", "mismatch", 0)
        assert Alert.objects.get(kind="mismatch").subject == payment.merchant_order_id
        assert books()["phonepe_clearing"] == -books()["suspense"] > 0
        assert books()[f"tenancy:{payment.tenancy_id}:receivable"] == 15_000_00
        assert tenant.verifies(payment.merchant_order_id).json()["state"] == "PENDING"
        again = tenant.starts_rent()
        assert (again.status_code, again.json()["code"]) == (409, "payment_under_review")


class TestSurplus:
    def test_an_order_that_was_replaced_and_paid_is_surplus(self, tenant: Caller, phonepe: PhonePe, days: Days) -> None:
        first = order_id_of(tenant.starts_rent("15000.00"))
        second = order_id_of(tenant.starts_rent("10000.00"))
        phonepe.pays(second)
        days.tick_for(25)
        phonepe.pays(first)
        days.tick_for(30)

        orders = PaymentTransaction.objects.in_bulk(field_name="merchant_order_id")
        assert orders[second].reconciliation_status == "settled"
        # 15,000 came where 5,000 were left.
        assert orders[first].surplus_paise == 10_000_00
        refund = orders[first].refunds.get()
        assert (refund.kind, refund.amount_paise, refund.reason) == ("surplus", 10_000_00, "More came than was due")
        assert (
            phonepe.simulator.record()[first]["refunded"] + phonepe.simulator.record()[first]["refunding"] == 10_000_00
        )

    def test_a_replaced_order_that_was_paid_first_pays_what_is_due(
        self, tenant: Caller, phonepe: PhonePe, days: Days
    ) -> None:
        first = order_id_of(tenant.starts_rent("15000.00"))
        tenant.starts_rent("10000.00")
        phonepe.pays(first)
        days.tick_for(25)

        order = PaymentTransaction.objects.get(merchant_order_id=first)
        assert (order.payment.status, order.reconciliation_status) == ("completed", "settled")

    def test_a_subscription_that_completes_after_its_replacement_opens_no_period(
        self, owner: Caller, plan: Any, phonepe: PhonePe, days: Days
    ) -> None:
        start = "/api/owner-subscriptions/initiate-payment/"
        monthly = order_id_of(owner.post(start, {"pricing_plan_id": plan.pk, "period": "monthly"}))
        yearly = order_id_of(owner.post(start, {"pricing_plan_id": plan.pk, "period": "yearly"}))
        phonepe.pays(yearly)
        phonepe.pays(monthly)
        days.tick_for(25)

        assert SubscriptionPeriod.objects.get().payment.merchant_order_id == yearly
        late = OwnerSubscriptionPayment.objects.get(merchant_order_id=monthly)
        assert late.transaction.surplus_paise == 499_00
        assert late.transaction.refunds.get().amount_paise == 499_00


class TestLostOrders:
    def test_an_order_that_never_reached_phonepe_is_cancelled_after_its_time(
        self, tenant: Caller, phonepe: PhonePe, days: Days
    ) -> None:
        phonepe.simulator.faults.add(Fault(kind="timeout_before", call="pay"))
        assert tenant.starts_rent().status_code == 503
        payment = Payment.objects.get()

        self.check_until(days, payment, 1259)
        assert now_of(payment).status == "pending"
        self.check_until(days, payment, 1261)
        assert now_of(payment).status == "cancelled"
        assert StateChange.objects.get(new="cancelled").cause == "never_reached_phonepe"
        order = now_of(payment).transaction
        assert order.next_check_at == order.expire_at + timedelta(hours=24, seconds=60)
        assert order.reconciliation_status == "open"  # until the last look whoever verifies it has PhonePe asked

        days.pass_by(25 * 3600)
        worker.tick()
        assert now_of(payment).transaction.reconciliation_status == "settled"
        assert now_of(payment).transaction.next_check_at is None

    def test_nobody_waits_any_longer_for_one_that_was_cancelled(
        self, tenant: Caller, phonepe: PhonePe, days: Days
    ) -> None:
        phonepe.simulator.faults.add(Fault(kind="timeout_before", call="pay"))
        tenant.starts_rent()
        phonepe.simulator.faults.add(Fault(kind="server_error", call="order_status"))
        self.check_until(days, Payment.objects.get(), 1800)
        assert Alert.objects.get().kind == "silent"

        phonepe.simulator.faults.clear()
        self.check_until(days, Payment.objects.get(), 5400)

        assert Payment.objects.get().status == "cancelled"
        assert Alert.objects.get().resolved_at is not None

    def test_an_order_whose_answer_was_lost_is_found_and_paid(
        self, tenant: Caller, phonepe: PhonePe, days: Days
    ) -> None:
        phonepe.simulator.faults.add(Fault(kind="timeout_after", call="pay", times=1))
        assert tenant.starts_rent().status_code == 503
        payment = Payment.objects.get()
        phonepe.pays(payment)
        days.tick_for(21)

        assert now_of(payment).status == "completed"
        assert (
            now_of(payment).transaction.phonepe_order_id == phonepe.simulator.orders[payment.merchant_order_id].order_id
        )

    def test_the_tenant_can_pay_after_a_lost_answer_without_paying_twice(
        self, tenant: Caller, phonepe: PhonePe, days: Days
    ) -> None:
        phonepe.simulator.faults.add(Fault(kind="timeout_after", call="pay", times=1))
        tenant.starts_rent()
        lost = Payment.objects.get()

        second = tenant.starts_rent()

        assert second.status_code == 201
        assert now_of(lost).status == "cancelled"
        phonepe.pays(second)
        days.tick_for(25)
        assert lost.tenancy.outstanding_paise() == 0
        assert Payment.objects.filter(status="completed").count() == 1

    def test_a_lost_answer_that_was_paid_stops_the_second_order(self, tenant: Caller, phonepe: PhonePe) -> None:
        phonepe.simulator.faults.add(Fault(kind="timeout_after", call="pay", times=1))
        tenant.starts_rent("5000.00")
        phonepe.pays(Payment.objects.get())

        again = tenant.starts_rent("5000.00")

        assert (again.status_code, again.json()["code"]) == (409, "already_paid")
        assert len(phonepe.orders_taken()) == 1

    def test_an_order_that_phonepe_refused_and_has_is_found_after_its_time(
        self, tenant: Caller, phonepe: PhonePe, days: Days, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        send = SimulatorAdapter.send

        def refuses(adapter: Any, request: Any, **kwargs: Any) -> Any:
            answer = send(adapter, request, **kwargs)
            if str(request.url).endswith("/pay"):
                answer.status_code, answer._content = 400, b'{"code": "BAD_REQUEST"}'
            return answer

        monkeypatch.setattr(SimulatorAdapter, "send", refuses)
        assert tenant.starts_rent().status_code == 502
        phonepe.reachable = False
        phonepe.pays(Payment.objects.get())

        days.pass_by(1300)
        days.tick_for(3)

        assert Payment.objects.get().status == "completed"

    def test_an_order_that_phonepe_forgets_stays_open_and_alerts(
        self, phonepe: PhonePe, payment: Payment, days: Days
    ) -> None:
        phonepe.simulator.orders.pop(payment.merchant_order_id)
        self.check_until(days, payment, 5000)

        assert now_of(payment).status == "pending"
        assert now_of(payment).transaction.next_check_at is not None
        assert Alert.objects.get(resolved_at=None).kind == "lost_by_phonepe"

    @pytest.mark.parametrize("outcome", ["success", "failure"])
    def test_the_final_word_ends_the_alert_about_an_order_that_phonepe_had_lost(
        self, phonepe: PhonePe, payment: Payment, days: Days, outcome: str
    ) -> None:
        known = phonepe.simulator.orders[payment.merchant_order_id]
        phonepe.simulator.attempt(payment.merchant_order_id, outcome="pending")
        del phonepe.simulator.orders[payment.merchant_order_id]
        self.check_until(days, payment, 100)
        assert Alert.objects.get(resolved_at=None).kind == "lost_by_phonepe"

        phonepe.simulator.orders[payment.merchant_order_id] = known
        phonepe.simulator.conclude(payment.merchant_order_id, outcome=outcome)
        self.check_until(days, payment, 1400)

        assert now_of(payment).status == ("completed" if outcome == "success" else "failed")
        assert not Alert.objects.filter(resolved_at=None).exists()

    def test_an_order_that_stays_pending_for_ever_is_watched_ever_more_slowly(
        self, phonepe: PhonePe, payment: Payment, days: Days
    ) -> None:
        phonepe.simulator.attempt(payment.merchant_order_id, outcome="pending")
        phonepe.simulator.faults.add(Fault(kind="unknown_state", call="order_status"))
        self.check_until(days, payment, 3 * 24 * 3600)

        order = now_of(payment).transaction
        assert (now_of(payment).status, order.reconciliation_status) == ("pending", "silent")
        assert Alert.objects.get().kind == "silent"
        late = [call for call in phonepe.was_asked(payment) if call.at > order.expire_at]
        gaps = [later.at - earlier.at for earlier, later in pairwise(late)]
        assert gaps == sorted(gaps)
        assert len(late) < 15

        phonepe.simulator.faults.clear()
        phonepe.simulator.conclude(payment.merchant_order_id, outcome="success")
        self.check_until(days, payment, 6 * 24 * 3600)

        assert now_of(payment).status == "completed"
        assert not Alert.objects.filter(resolved_at=None).exists()

    @staticmethod
    def check_until(days: Days, payment: Payment, seconds: int) -> None:
        """Let time pass up to so many seconds after the start, with a tick whenever a check is due."""
        end = now_of(payment).transaction.initiated_at + timedelta(seconds=seconds)
        while True:
            due = now_of(payment).transaction.next_check_at
            if due is None or due > end:
                break
            days.pass_by(max(0.0, (due - days.now()).total_seconds()))
            worker.tick()
        days.pass_by((end - days.now()).total_seconds())


class TestSilence:
    def test_an_outage_slows_the_checks_and_drops_none(self, phonepe: PhonePe, payment: Payment, days: Days) -> None:
        phonepe.simulator.faults.add(Fault(kind="server_error", call="order_status"))
        days.tick_for(120)
        asked = len(phonepe.was_asked(payment))
        assert 3 <= asked <= 15  # the timetable alone would ask 20 times

        phonepe.simulator.faults.clear()
        phonepe.pays(payment)
        days.tick_for(300)
        assert now_of(payment).status == "completed"

    def test_a_dead_workers_claim_lapses(self, phonepe: PhonePe, payment: Payment, days: Days) -> None:
        days.pass_by(20)
        claimed = worker.ORDERS.claim_due(due_by=days.now(), limit=10)  # and then the worker is killed
        assert len(claimed) == 1
        days.tick_for(12)
        assert phonepe.was_asked(payment) == []

        days.tick_for(2)

        assert len(phonepe.was_asked(payment)) == 1

    def test_an_answer_under_a_lapsed_claim_leaves_the_schedule_alone(
        self, phonepe: PhonePe, payment: Payment, days: Days
    ) -> None:
        days.pass_by(20)
        (late,) = worker.ORDERS.claim_due(due_by=days.now(), limit=10)
        days.pass_by(14)
        (current,) = worker.ORDERS.claim_due(due_by=days.now(), limit=10)

        from core.services.payments.order_status import ask

        ask(late, now=days.now())

        assert now_of(payment).transaction.next_check_at == current.next_check_at


class TestTheDatabaseRefuses:
    def test_two_current_orders_of_a_tenancy(self, payment: Payment) -> None:
        order = payment.transaction
        order.pk, order.merchant_order_id, order.phonepe_order_id = None, "ANOTHER", ""
        order.save()
        with pytest.raises(IntegrityError), transaction.atomic():
            Payment.objects.create(tenancy=payment.tenancy, transaction=order, merchant_order_id="ANOTHER")

    @pytest.mark.parametrize(
        "wrong",
        [
            {"amount_paise": 99},
            {"captured_paise": 1},
            {"captured_paise": 15_000_00},  # while the state is PENDING
            {"refunding_paise": 1},
            {"refunding_paise": -1},
        ],
    )
    def test_impossible_money(self, payment: Payment, wrong: dict[str, int]) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            PaymentTransaction.objects.filter(pk=payment.transaction_id).update(**wrong)


class TestRowBeforeCall:
    def test_a_crash_during_the_call_leaves_a_row_that_reconciliation_finishes(
        self, tenant: Caller, phonepe: PhonePe, days: Days, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def dies(*_: Any, **__: Any) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as crash:
            crash.setattr("core.services.payments.checkout._attach", dies)  # PhonePe has the order, our process dies
            with pytest.raises(KeyboardInterrupt):
                tenant.starts_rent()
        payment = Payment.objects.get()
        assert (payment.status, payment.transaction.redirect_url) == ("pending", "")

        phonepe.pays(payment)
        days.tick_for(21)

        assert now_of(payment).status == "completed"


def test_two_orders_under_one_id_of_phonepe_are_two_orders_all_the_same(
    tenant: Caller, stranger: Caller, phonepe: PhonePe, days: Days, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Our own ids tell orders apart. What PhonePe calls them is PhonePe's, and no reason to answer with a 500."""
    monkeypatch.setattr(IdGenerator, "order_id", lambda *_: "OMO2604101200000000000001")

    first, second = tenant.starts_rent(), stranger.starts_rent()
    phonepe.pays(second)
    days.tick_for(25)

    assert (first.status_code, second.status_code) == (201, 201)
    assert tenant.verifies(order_id_of(first)).json()["state"] == "PENDING"
    assert stranger.verifies(order_id_of(second)).json()["state"] == "COMPLETED"
