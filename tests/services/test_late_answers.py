"""Answers that come late, twice, or against our books: what is final stays, and nothing is lost or repeated."""

from datetime import timedelta
from typing import Any

import pytest

from core.models import Alert, ChangeCause, Payment, PaymentTransaction, Refund
from core.services import worker
from core.services.payments import order_status
from core.services.phonepe_service import PhonePeService
from core.services.polling.claims import CheckResult
from core.services.refunds import refund_status
from phonepe_simulator import Fault
from tests.meanwhile import Meanwhile
from tests.people import Caller
from tests.phonepe import Days, PhonePe, order_id_of


@pytest.fixture
def paid(payment: Payment, phonepe: PhonePe, days: Days) -> Payment:
    """₹15,000.00 of rent that came."""
    phonepe.pays(payment)
    days.tick_for(21)
    return Payment.objects.get(pk=payment.pk)


@pytest.fixture
def slow(phonepe: PhonePe) -> None:
    """Refunds stay pending until the story ends them."""
    phonepe.simulator.change_settings(refund_confirmed_after=10**8, refund_completed_after=10**8)


def refunds(caller: Caller, payment: Payment, amount: str = "5000.00") -> Any:
    return caller.post(f"/api/payments/{payment.pk}/refund/", {"reason": "Moved out early", "amount": amount})


def order_now() -> PaymentTransaction:
    return PaymentTransaction.objects.get()


class TestAnOrder:
    def test_one_completed_under_a_lapsed_claim_does_not_stay_scheduled(
        self, payment: Payment, phonepe: PhonePe, days: Days
    ) -> None:
        days.pass_by(20)
        (late,) = worker.ORDERS.claim_due(due_by=days.now(), limit=10)
        days.pass_by(14)
        worker.ORDERS.claim_due(due_by=days.now(), limit=10)
        phonepe.pays(payment)

        assert order_status.ask(late, now=days.now()) == CheckResult.FINAL

        assert (order_now().state, order_now().next_check_at) == ("COMPLETED", None)

    def test_questions_of_two_workers_are_both_counted(self, payment: Payment, phonepe: PhonePe, days: Days) -> None:
        days.pass_by(20)
        (late,) = worker.ORDERS.claim_due(due_by=days.now(), limit=10)
        days.pass_by(14)
        (second,) = worker.ORDERS.claim_due(due_by=days.now(), limit=10)

        for claim in (second, late):
            assert order_status.ask(claim, now=days.now()) == CheckResult.PENDING

        assert order_now().check_count == 2

    def test_a_webhook_read_while_phonepe_says_it_knows_no_such_order_is_followed_at_once(
        self, payment: Payment, phonepe: PhonePe, days: Days, meanwhile: Meanwhile
    ) -> None:
        def it_is_paid_and_a_webhook_is_read() -> None:
            phonepe.pays(payment)
            phonepe.delivers()
            worker.process_webhooks()

        days.pass_by(600)  # by the schedule it is asked about once a minute
        phonepe.simulator.faults.add(Fault("forgotten", "order_status", times=1))
        meanwhile.after("order_status", it_is_paid_and_a_webhook_is_read)
        worker.tick()
        assert order_now().state == "PENDING"

        days.pass_by(4)
        worker.tick()

        assert order_now().state == "COMPLETED"

    @pytest.mark.parametrize("known", [True, False])
    def test_pending_that_is_read_after_the_completion_changes_nothing(
        self, tenant: Caller, payment: Payment, phonepe: PhonePe, days: Days, meanwhile: Meanwhile, *, known: bool
    ) -> None:
        if not known:  # then the answer takes the way that looks at the row again
            PaymentTransaction.objects.update(phonepe_order_id="")

        def is_paid_and_asked_about() -> None:
            phonepe.pays(payment)
            days.pass_by(4)
            tenant.verifies(payment.merchant_order_id)

        days.pass_by(20)
        meanwhile.after("order_status", is_paid_and_asked_about)
        worker.tick()

        order = order_now()
        assert (order.state, order.captured_paise, order.reconciliation_status) == ("COMPLETED", 15_000_00, "settled")
        assert order.next_check_at is None
        assert order.check_count == 2
        days.tick_for(60)
        assert len(phonepe.was_asked(payment)) == 2

    def test_that_phonepe_knows_none_such_is_an_answer(self, payment: Payment, phonepe: PhonePe, days: Days) -> None:
        PaymentTransaction.objects.update(unanswered_count=2)
        phonepe.simulator.faults.add(Fault("forgotten", "order_status"))
        days.pass_by(20)

        worker.tick()

        order = order_now()
        assert (order.last_checked_at, order.check_count, order.unanswered_count) == (days.now(), 1, 0)
        assert order.next_check_at == days.now() + timedelta(seconds=3)
        assert (order.payment.status, order.reconciliation_status) == ("pending", "silent")

    def test_whoever_asks_by_hand_and_hears_so_serves_the_check_that_was_near(
        self, payment: Payment, phonepe: PhonePe, days: Days
    ) -> None:
        phonepe.simulator.faults.add(Fault("forgotten", "order_status"))
        days.pass_by(20)
        worker.tick()
        PaymentTransaction.objects.update(asked_at=None)
        days.pass_by(0.5)  # the next check is 2.5 seconds away

        assert order_status.ask_now(order_now(), cause=ChangeCause.COMMAND) == CheckResult.NOT_FOUND

        assert order_now().next_check_at == days.now() + timedelta(seconds=5.5)

    def test_an_operator_is_told_if_phonepe_knows_nothing_of_what_is_paid(
        self, paid: Payment, phonepe: PhonePe, days: Days
    ) -> None:
        phonepe.simulator.faults.add(Fault("forgotten", "order_status"))
        PaymentTransaction.objects.update(next_check_at=days.now())

        for _ in range(3):
            days.pass_by(24 * 3600)
            worker.tick()

        told = Alert.objects.get()
        assert (told.kind, told.subject) == ("lost_by_phonepe", paid.merchant_order_id)
        assert "it is paid here" in told.sentence
        order = order_now()
        assert (order.captured_paise, order.reconciliation_status, order.next_check_at) == (15_000_00, "settled", None)
        assert phonepe.was_asked(paid)[-1].at == days.now() - timedelta(days=2)

    def test_what_is_pending_is_named_as_phonepe_names_it_first(
        self, payment: Payment, stranger: Caller, phonepe: PhonePe, days: Days
    ) -> None:
        others = order_id_of(stranger.starts_rent())
        PaymentTransaction.objects.update(phonepe_order_id="")
        ours, theirs = phonepe.simulator.orders[payment.merchant_order_id], "OMO2604101200000000000000"
        order = PaymentTransaction.objects.get(pk=payment.transaction_id)

        for told in (ours.order_id, theirs):
            name, ours.order_id = ours.order_id, told
            days.pass_by(4)
            report = PhonePeService().order_status(order.merchant_order_id)
            result = order_status.apply_order_status(report, cause=ChangeCause.COMMAND, now=days.now())
            assert result == CheckResult.PENDING
            order.refresh_from_db()
            assert order.phonepe_order_id == name

        assert PaymentTransaction.objects.get(merchant_order_id=others).phonepe_order_id == ""

    def test_a_failure_told_after_a_part_was_refunded_undoes_nothing(
        self, owner: Caller, paid: Payment, phonepe: PhonePe, days: Days
    ) -> None:
        refunds(owner, paid)
        days.pass_by(3600)
        worker.tick()
        theirs = phonepe.simulator.orders[paid.merchant_order_id]
        theirs.state = type(theirs.state)("FAILED")

        order_status.ask_now(order_now(), cause=ChangeCause.COMMAND)

        paid.refresh_from_db()
        assert (paid.status, order_now().state) == ("partially_refunded", "COMPLETED")
        assert Alert.objects.get().kind == "contradiction"

    @pytest.mark.parametrize(("amount", "status"), [("5000.00", "partially_refunded"), ("15000.00", "refunded")])
    def test_a_completion_told_again_after_a_refund_takes_nothing_back(
        self, owner: Caller, paid: Payment, phonepe: PhonePe, days: Days, amount: str, status: str
    ) -> None:
        refunds(owner, paid, amount)
        days.pass_by(3600)
        worker.tick()

        order_status.ask_now(order_now(), cause=ChangeCause.COMMAND)

        paid.refresh_from_db()
        assert paid.status == status
        assert not Alert.objects.exists()

    def test_one_that_never_reached_phonepe_and_is_there_at_the_last_look_is_paid(
        self, tenant: Caller, phonepe: PhonePe, days: Days
    ) -> None:
        phonepe.simulator.faults.add(Fault("timeout_after", "pay", times=1))
        tenant.starts_rent()
        phonepe.reachable = False
        phonepe.pays(Payment.objects.get())
        hidden = dict(phonepe.simulator.orders)
        phonepe.simulator.orders.clear()
        for _ in range(60):
            days.pass_by(60)
            worker.tick()
        assert Payment.objects.get().status == "cancelled"
        phonepe.simulator.orders.update(hidden)

        days.pass_by(24 * 3600)
        worker.tick()

        assert Payment.objects.get().status == "completed"

    def test_one_that_is_not_there_at_the_last_look_is_closed(
        self, tenant: Caller, phonepe: PhonePe, days: Days
    ) -> None:
        phonepe.simulator.faults.add(Fault("timeout_before", "pay", times=1))
        tenant.starts_rent()
        for _ in range(23 * 6):
            days.pass_by(600)
            worker.tick()
        asked = len(phonepe.was_asked())
        days.pass_by((order_now().expire_at + timedelta(days=1, minutes=1) - days.now()).total_seconds() - 1)
        worker.tick()
        assert len(phonepe.was_asked()) == asked
        days.pass_by(1)

        for _ in range(5):
            worker.tick()
            days.pass_by(24 * 3600)

        assert len(phonepe.was_asked()) == asked + 1
        assert (order_now().next_check_at, order_now().reconciliation_status) == (None, "settled")


class TestARefund:
    @pytest.mark.parametrize("known", [True, False])
    def test_two_answers_at_once_are_two_checks(
        self,
        owner: Caller,
        paid: Payment,
        phonepe: PhonePe,
        days: Days,
        slow: None,
        meanwhile: Meanwhile,
        *,
        known: bool,
    ) -> None:
        refunds(owner, paid)
        Refund.objects.update(check_count=0)
        if not known:
            Refund.objects.update(refund_id="")

        def is_asked_about() -> None:
            days.pass_by(4)
            assert refund_status.ask_now(Refund.objects.get(), cause=ChangeCause.COMMAND) == CheckResult.PENDING

        days.pass_by(30)
        meanwhile.after("refund_status", is_asked_about)
        worker.tick()

        assert Refund.objects.get().check_count == 2

    @pytest.mark.parametrize("final", ["success", "failure"])
    @pytest.mark.parametrize("known", [True, False])
    def test_pending_that_is_read_after_its_end_changes_nothing(
        self,
        owner: Caller,
        paid: Payment,
        phonepe: PhonePe,
        days: Days,
        slow: None,
        meanwhile: Meanwhile,
        final: str,
        *,
        known: bool,
    ) -> None:
        refunds(owner, paid)
        if not known:
            Refund.objects.update(refund_id="")

        def ends_and_is_asked_about() -> None:
            phonepe.simulator.conclude_refund(Refund.objects.get().merchant_refund_id, final)
            days.pass_by(4)
            refund_status.ask_now(Refund.objects.get(), cause=ChangeCause.COMMAND)

        days.pass_by(10)
        meanwhile.after("refund_status", ends_and_is_asked_about)
        result = refund_status.ask_now(Refund.objects.get(), cause=ChangeCause.COMMAND)

        assert result == CheckResult.PENDING
        refund = Refund.objects.get()
        assert (refund.state, refund.next_check_at) == ("COMPLETED" if final == "success" else "FAILED", None)

    @pytest.mark.parametrize("known", [True, False])
    def test_pending_that_is_read_after_confirmed_changes_nothing(
        self,
        owner: Caller,
        paid: Payment,
        phonepe: PhonePe,
        days: Days,
        slow: None,
        meanwhile: Meanwhile,
        *,
        known: bool,
    ) -> None:
        refunds(owner, paid)
        if not known:
            Refund.objects.update(refund_id="")
        theirs = phonepe.simulator.refunds[Refund.objects.get().merchant_refund_id]

        def is_confirmed() -> None:
            theirs.state = type(theirs.state)("CONFIRMED")
            days.pass_by(4)
            refund_status.ask_now(Refund.objects.get(), cause=ChangeCause.COMMAND)

        days.pass_by(10)
        meanwhile.after("refund_status", is_confirmed)
        refund_status.ask_now(Refund.objects.get(), cause=ChangeCause.COMMAND)

        assert Refund.objects.get().state == "CONFIRMED"

    @pytest.mark.parametrize("other", [-100_00, -1_00, -1, 1, 1_00])
    @pytest.mark.parametrize("state", ["PENDING", "COMPLETED"])
    def test_another_amount_than_ours_is_not_accepted(
        self, owner: Caller, paid: Payment, phonepe: PhonePe, days: Days, other: int, state: str
    ) -> None:
        refunds(owner, paid)
        theirs = phonepe.simulator.refunds[Refund.objects.get().merchant_refund_id]
        theirs.amount += other
        theirs.state = type(theirs.state)(state)
        phonepe.simulator.change_settings(refund_confirmed_after=10**8, refund_completed_after=10**8)

        days.pass_by(30)
        worker.tick()

        refund = Refund.objects.get()
        assert (refund.state, refund.unanswered_count) == ("PENDING", 1)
        assert refund.next_check_at > days.now()
        assert Alert.objects.get().kind == "mismatch"

    def test_an_operators_question_does_not_send_it_again(
        self, owner: Caller, paid: Payment, phonepe: PhonePe, days: Days
    ) -> None:
        phonepe.simulator.faults.add(Fault("timeout_before", "refund", times=1))
        refunds(owner, paid)
        days.pass_by(4)

        assert refund_status.ask_now(Refund.objects.get(), cause=ChangeCause.COMMAND) == CheckResult.NOT_FOUND

        assert len(phonepe.simulator.calls_to("refund")) == 1
        assert not Alert.objects.exists()  # the clock sends it again
        days.tick_for(35)
        assert len(phonepe.simulator.calls_to("refund")) == 2
        days.pass_by(3600)
        worker.tick()
        assert Refund.objects.get().state == "COMPLETED"

    def test_an_operators_question_hides_no_check_of_one_that_phonepe_does_not_know(
        self, owner: Caller, paid: Payment, phonepe: PhonePe, days: Days
    ) -> None:
        phonepe.simulator.faults.add(Fault("timeout_before", "refund", times=1))
        refunds(owner, paid)
        due = Refund.objects.get().next_check_at
        days.pass_by((due - days.now()).total_seconds() - 1)

        refund_status.ask_now(Refund.objects.get(), cause=ChangeCause.COMMAND)

        assert (Refund.objects.get().next_check_at - days.now()).total_seconds() <= 3


def test_questions_of_two_workers_about_a_refund_are_both_counted(
    owner: Caller, paid: Payment, slow: None, days: Days
) -> None:
    refunds(owner, paid)
    before = Refund.objects.get().check_count
    days.pass_by(31)
    (late,) = worker.REFUNDS.claim_due(due_by=days.now(), limit=10)
    days.pass_by(14)
    (second,) = worker.REFUNDS.claim_due(due_by=days.now(), limit=10)

    for claim in (second, late):
        assert refund_status.check(claim, now=days.now()) == CheckResult.PENDING

    assert Refund.objects.get().check_count == before + 2


def test_another_amount_is_told_while_a_refund_is_still_under_way(
    owner: Caller, paid: Payment, slow: None, phonepe: PhonePe, days: Days
) -> None:
    """Its final word may come days later; nothing is booked either way."""
    refunds(owner, paid)
    assert Refund.objects.get().refund_id
    phonepe.simulator.faults.add(Fault("wrong_amount", "refund_status", value=-1_00))
    days.pass_by(31)

    worker.tick()

    assert Alert.objects.get().kind == "mismatch"
    assert Refund.objects.get().state in ("PENDING", "CONFIRMED")
