"""An operator closes what PhonePe gives no final word on: PhonePe is asked once more, and its word goes before ours."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError

from core.errors import CannotBeDoneNow, OwnPayment, StillRunning
from core.models import Alert, OperatorAction, Payment, PaymentTransaction, Refund, ReportedRefund, User
from core.models.reconciled import ReconciledQuerySet
from core.services import audit, worker
from core.services.payments import by_hand as payments_by_hand
from core.services.polling.claims import CheckResult, claim_lapses_at
from core.services.refunds import by_hand, requesting
from phonepe_simulator import Fault
from tests.dashboard import refunded_without_us
from tests.people import Caller
from tests.phonepe import Days, PhonePe
from tests.refunds import refunds

TEN_DAYS = 10 * 86_400
EXPIRED = 1200 + 5 * 60  # seconds


def alerts() -> list[str]:
    return list(Alert.objects.filter(resolved_at=None).values_list("kind", flat=True))


def is_staff_too(caller: Caller) -> User:
    caller.user.is_staff = caller.user.is_superuser = True
    caller.user.save()
    return caller.user


class TestARefund:
    @pytest.fixture
    def paid(self, payment: Payment, phonepe: PhonePe, days: Days) -> Payment:
        phonepe.pays(payment)
        days.tick_for(21)
        phonepe.simulator.change_settings(refund_outcome="pending")
        return payment

    @pytest.fixture
    def refund(self, paid: Payment, owner: Caller, days: Days) -> Refund:
        """₹1,000.00 that PhonePe has taken up and was asked about; the clock's next question is a minute away."""
        refund = refunds(owner, paid, "1000.00")
        assert refund.refund_id
        days.pass_by(61)
        worker.tick()
        days.pass_by(4)
        return refund

    def closes(self, refund: Refund, days: Days, *, is_paid: bool = False, by: Any = "operator") -> Refund:
        refund.refresh_from_db()
        how = {"by": by, "reason": "Ticket 4711", "now": days.now(), "timeout": 3}
        return by_hand.close_refund(refund, is_paid=is_paid, **how)

    def test_one_that_kept_a_refund_of_phonepes_dashboard_waiting_lets_it_be_booked_at_once(
        self,
        paid: Payment,
        owner: Caller,
        phonepe: PhonePe,
        days: Days,
        django_capture_on_commit_callbacks: Any,
    ) -> None:
        refunded_without_us(phonepe, paid, "DASHBOARD-1", 1_000_00)
        phonepe.simulator.conclude_refund("DASHBOARD-1", "success")
        phonepe.simulator.faults.add(Fault("timeout_before", "refund", times=1))
        refund = refunds(owner, paid, "15000.00")  # more than PhonePe has left of it
        phonepe.delivers()
        for _ in range(11):
            days.pass_by(24 * 3600)
            worker.tick()
        days.pass_by(4)
        assert ReportedRefund.objects.get().outcome == "waiting"
        decided = ReportedRefund.objects.create(
            merchant_refund_id="DASHBOARD-0", outcome="failed", reconciliation_status="settled", initiated_at=days.now()
        )

        with django_capture_on_commit_callbacks(execute=True):
            self.closes(refund, days)
        decided.refresh_from_db()
        assert decided.next_check_at is None
        days.pass_by(4)
        worker.tick()

        assert Refund.objects.get(state="COMPLETED").merchant_refund_id == "DASHBOARD-1"
        assert not list(audit.differences())

    def test_one_that_phonepe_has_lost_ends_and_its_amount_is_free(
        self, refund: Refund, paid: Payment, phonepe: PhonePe, days: Days
    ) -> None:
        phonepe.simulator.faults.add(Fault("forgotten", "refund_status"))
        days.pass_by(60)
        worker.tick()
        assert alerts() == ["lost_by_phonepe"]
        days.pass_by(4)

        self.closes(refund, days)

        refund.refresh_from_db()
        paid.refresh_from_db()
        assert (refund.state, refund.error_code, refund.next_check_at) == ("FAILED", "CLOSED_BY_HAND", None)
        assert (refund.reconciliation_status, refund.finished_at) == ("settled", days.now())
        assert (paid.status, paid.transaction.refunding_paise, alerts()) == ("completed", 0, [])
        (change,) = refund.changes.all()
        assert (change.what, change.old, change.new, change.cause) == ("refund", "PENDING", "FAILED", "operator")
        assert (change.transaction, change.at) == (refund.transaction, days.now())
        kept = OperatorAction.objects.get(action="close_refund")
        assert (kept.name, kept.reason, kept.about) == ("operator", "Ticket 4711", f"refund:{refund.pk}")
        assert (kept.refund, kept.detail) == (refund, {"amount_paise": 1_000_00, "is_paid": False})
        assert not list(audit.differences())

    def test_its_end_stands_though_what_waits_for_it_cannot_be_looked_at(
        self,
        refund: Refund,
        phonepe: PhonePe,
        days: Days,
        monkeypatch: pytest.MonkeyPatch,
        django_capture_on_commit_callbacks: Any,
    ) -> None:
        def breaks(*_: Any, **__: Any) -> None:
            raise OperationalError("the connection broke")

        phonepe.simulator.faults.add(Fault("forgotten", "refund_status"))
        with django_capture_on_commit_callbacks(execute=True):
            closed = self.closes(refund, days)
            monkeypatch.setattr(ReconciledQuerySet, "make_due", breaks)

        assert closed.state == "FAILED"

    def test_one_that_the_payer_has_is_done(self, refund: Refund, paid: Payment, phonepe: PhonePe, days: Days) -> None:
        phonepe.simulator.faults.add(Fault("forgotten", "refund_status"))

        self.closes(refund, days, is_paid=True)

        refund.refresh_from_db()
        paid.refresh_from_db()
        assert (refund.state, refund.error_code) == ("COMPLETED", "")
        assert (paid.status, paid.transaction.refunding_paise) == ("partially_refunded", 1_000_00)
        assert not list(audit.differences())

    def test_closing_it_again_asks_nothing_and_alerts_nobody(
        self, refund: Refund, phonepe: PhonePe, days: Days
    ) -> None:
        phonepe.simulator.faults.add(Fault("forgotten", "refund_status"))
        self.closes(refund, days)
        days.pass_by(4)
        asked = len(phonepe.simulator.calls_to("refund_status"))

        with pytest.raises(CannotBeDoneNow, match="is FAILED; there is nothing to close"):
            self.closes(refund, days)
        assert len(phonepe.simulator.calls_to("refund_status")) == asked
        by_hand.ask_about_refund(refund, by=None, reason="Ticket 4711", now=days.now(), timeout=3)

        assert alerts() == []

    def test_phonepes_word_goes_before(self, refund: Refund, phonepe: PhonePe, days: Days) -> None:
        phonepe.simulator.conclude_refund(refund.merchant_refund_id, "success")

        with pytest.raises(CannotBeDoneNow, match="is COMPLETED; there is nothing to close"):
            self.closes(refund, days)

    def test_one_that_phonepe_may_yet_pay_stays_open_for_ten_days(self, refund: Refund, days: Days) -> None:
        with pytest.raises(CannotBeDoneNow, match="may yet pay"):
            self.closes(refund, days)
        days.pass_by(TEN_DAYS - 130)
        with pytest.raises(CannotBeDoneNow, match="may yet pay"):
            self.closes(refund, days)
        days.pass_by(70)

        assert self.closes(refund, days).state == "FAILED"

    def test_an_operator_is_told_of_one_on_which_phonepe_does_not_answer_for_ten_days(
        self, refund: Refund, phonepe: PhonePe, days: Days
    ) -> None:
        phonepe.simulator.faults.add(Fault("unavailable", "refund_status"))
        days.pass_by(3600)
        worker.tick()
        refund.refresh_from_db()
        assert (refund.unanswered_count, alerts()) == (1, [])
        assert refund.next_check_at is not None
        days.pass_by(TEN_DAYS)
        worker.tick()

        assert alerts() == ["silent"]

    def test_one_that_never_reached_phonepe_is_sent_again_and_not_closed(
        self, paid: Payment, owner: Caller, phonepe: PhonePe, days: Days
    ) -> None:
        phonepe.simulator.faults.add(Fault("timeout_before", "refund", times=1))
        refund = refunds(owner, paid, "1000.00")
        days.pass_by(4)
        Refund.objects.update(next_check_at=days.now() + timedelta(minutes=1))

        with pytest.raises(CannotBeDoneNow, match="has not got this refund yet"):
            self.closes(refund, days)
        assert alerts() == []  # PhonePe has lost nothing: it never had it

    def test_nor_one_that_was_never_sent(
        self, paid: Payment, owner: Caller, phonepe: PhonePe, days: Days, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(requesting, "send", lambda *_, **__: None)  # the process dies before it
        refund = refunds(owner, paid, "1000.00")
        days.pass_by(TEN_DAYS)

        assert not by_hand.may_be_closed(refund, now=days.now())
        with pytest.raises(CannotBeDoneNow, match="was not asked for this refund yet"):
            self.closes(refund, days)
        refund.refresh_from_db()
        told = by_hand.ask_about_refund(refund, by="operator", reason="Ticket 4711", now=days.now(), timeout=3)
        assert (told, phonepe.simulator.calls_to("refund_status")) == (CheckResult.NOT_ASKED, [])
        kept = OperatorAction.objects.get(action="ask_phonepe")
        assert (kept.name, kept.reason, kept.refund) == ("operator", "Ticket 4711", refund)

    def test_it_ends_the_alert_about_its_amount_too(self, refund: Refund, phonepe: PhonePe, days: Days) -> None:
        phonepe.simulator.faults.add(Fault("wrong_amount", "refund_status", times=1))
        days.pass_by(60)
        worker.tick()
        assert alerts() == ["mismatch"]
        Refund.objects.update(next_check_at=days.now() + timedelta(days=11))
        days.pass_by(TEN_DAYS)
        phonepe.simulator.faults.add(Fault("unavailable", "refund_status"))

        self.closes(refund, days, is_paid=True)

        assert alerts() == []

    def test_not_while_a_worker_asks(self, refund: Refund, phonepe: PhonePe, days: Days) -> None:
        phonepe.simulator.faults.add(Fault("forgotten", "refund_status"))
        Refund.objects.update(asked_at=days.now(), next_check_at=claim_lapses_at(days.now()))

        with pytest.raises(StillRunning, match="Try again in 13 s"):
            self.closes(refund, days)

    def test_nor_right_after_somebody_has(self, refund: Refund, phonepe: PhonePe, days: Days) -> None:
        phonepe.simulator.faults.add(Fault("forgotten", "refund_status"))
        Refund.objects.update(asked_at=days.now() - timedelta(seconds=2))

        with pytest.raises(StillRunning, match="last three seconds"):
            self.closes(refund, days)

    def test_nor_by_who_gets_the_money(self, refund: Refund, tenant: Caller, phonepe: PhonePe, days: Days) -> None:
        phonepe.simulator.faults.add(Fault("forgotten", "refund_status"))

        with pytest.raises(OwnPayment):
            self.closes(refund, days, by=is_staff_too(tenant))

    def test_it_is_offered_once_phonepe_has_it(
        self, refund: Refund, paid: Payment, owner: Caller, phonepe: PhonePe, days: Days
    ) -> None:
        assert by_hand.may_be_closed(refund, now=days.now())
        Refund.objects.update(refund_id="")
        refund.refresh_from_db()
        assert not by_hand.may_be_closed(refund, now=days.now())
        assert by_hand.may_be_closed(refund, now=days.now() + timedelta(seconds=TEN_DAYS))


class TestAnOrder:
    def gives_up(self, payment: Payment, days: Days, by: Any = "operator") -> Any:
        how = {"by": by, "reason": "Ticket 4711", "now": days.now(), "timeout": 3}
        return payments_by_hand.give_up_order(PaymentTransaction.objects.get(), **how)

    @pytest.fixture
    def lost(self, payment: Payment, phonepe: PhonePe, days: Days) -> Payment:
        phonepe.simulator.faults.add(Fault("forgotten", "order_status"))
        days.pass_by(EXPIRED)
        return payment

    def test_one_that_phonepe_has_lost_is_closed(self, lost: Payment, tenant: Caller, days: Days) -> None:
        days.tick_for(1)
        assert alerts() == ["lost_by_phonepe"]
        days.pass_by(4)

        self.gives_up(lost, days)

        lost.refresh_from_db()
        order = lost.transaction
        assert (lost.status, order.reconciliation_status) == ("cancelled", "settled")
        assert (order.next_check_at, alerts()) == (None, [])
        assert order.updated_at == days.now()
        change = order.changes.get(what="status")
        assert (change.old, change.new, change.cause, change.at) == ("pending", "cancelled", "operator", days.now())
        act = OperatorAction.objects.get(action="give_up_order")
        assert (act.name, act.reason, act.about) == ("operator", "Ticket 4711", f"payment:{lost.pk}")
        assert (act.order, act.at) == (order, days.now())
        assert Caller(tenant.user).starts_rent().status_code == 201

    def test_asking_about_it_afterwards_alerts_nobody(self, lost: Payment, days: Days) -> None:
        self.gives_up(lost, days)
        days.pass_by(4)

        ask = payments_by_hand.ask_about_order
        ask(PaymentTransaction.objects.get(), by=None, reason="Ticket 4711", now=days.now(), timeout=3)

        assert alerts() == []

    def test_asking_about_it_afterwards_has_phonepe_asked_for_two_days_at_most(
        self, lost: Payment, phonepe: PhonePe, days: Days
    ) -> None:
        self.gives_up(lost, days)
        days.pass_by(4)
        ask = payments_by_hand.ask_about_order
        ask(PaymentTransaction.objects.get(), by=None, reason="Ticket 4711", now=days.now(), timeout=3)
        assert PaymentTransaction.objects.get().next_check_at is not None

        for _ in range(8):
            days.pass_by(6 * 3600)
            worker.tick()
        asked = len(phonepe.was_asked())
        assert PaymentTransaction.objects.get().next_check_at is None
        ask(PaymentTransaction.objects.get(), by=None, reason="Ticket 4711", now=days.now(), timeout=3)
        for _ in range(3):
            days.pass_by(24 * 3600)
            worker.tick()

        assert len(phonepe.was_asked()) == asked + 1
        assert alerts() == []

    def test_one_that_was_replaced_before_is_closed_too(
        self, payment: Payment, tenant: Caller, phonepe: PhonePe, days: Days
    ) -> None:
        days.pass_by(5)
        assert tenant.starts_rent("100.00").status_code == 201
        phonepe.simulator.faults.add(Fault("forgotten", "order_status"))
        days.pass_by(EXPIRED)

        order = PaymentTransaction.objects.get(pk=payment.transaction_id)
        payments_by_hand.give_up_order(order, by=None, reason="Ticket 4711", now=days.now(), timeout=3)

        order.refresh_from_db()
        assert (order.payment.status, order.reconciliation_status, order.next_check_at) == (
            "cancelled",
            "settled",
            None,
        )

    def test_it_is_offered_once_nobody_can_pay_it_and_there_is_no_final_word(
        self, payment: Payment, phonepe: PhonePe, days: Days
    ) -> None:
        def is_offered() -> bool:
            return payments_by_hand.may_be_given_up(PaymentTransaction.objects.get(), now=days.now())

        days.pass_by(EXPIRED - 1)
        assert not is_offered()
        days.pass_by(1)
        assert is_offered()
        PaymentTransaction.objects.update(phonepe_order_id="")  # it never reached PhonePe: the clock cancels it
        assert not is_offered()
        PaymentTransaction.objects.update(phonepe_order_id="OMO1")
        assert is_offered()
        PaymentTransaction.objects.update(reconciliation_status="settled")
        assert not is_offered()

    def test_one_that_is_closed_is_not_asked_about(self, payment: Payment, phonepe: PhonePe, days: Days) -> None:
        phonepe.fails(payment)
        days.tick_for(21)
        asked = len(phonepe.was_asked())
        days.pass_by(EXPIRED)

        with pytest.raises(CannotBeDoneNow, match="our books say failed"):
            self.gives_up(payment, days)

        assert len(phonepe.was_asked()) == asked

    def test_not_while_it_may_still_be_paid(self, payment: Payment, days: Days) -> None:
        days.pass_by(EXPIRED - 1)

        with pytest.raises(CannotBeDoneNow, match="five minutes after"):
            self.gives_up(payment, days)

    def test_nor_one_that_phonepe_knows(self, payment: Payment, days: Days) -> None:
        days.pass_by(EXPIRED)

        with pytest.raises(CannotBeDoneNow, match="is closed"):
            self.gives_up(payment, days)

    def test_nor_one_on_which_phonepe_does_not_answer(self, payment: Payment, phonepe: PhonePe, days: Days) -> None:
        phonepe.simulator.faults.add(Fault("unavailable"))
        days.pass_by(EXPIRED)

        with pytest.raises(CannotBeDoneNow, match="has not said"):
            self.gives_up(payment, days)

    def test_nor_right_after_somebody_has_asked(self, lost: Payment, days: Days) -> None:
        PaymentTransaction.objects.update(asked_at=days.now())

        with pytest.raises(StillRunning):
            self.gives_up(lost, days)

    def test_nor_by_who_was_to_pay(self, lost: Payment, tenant: Caller, days: Days) -> None:
        with pytest.raises(OwnPayment):
            self.gives_up(lost, days, by=is_staff_too(tenant))
