"""The operator's own reason to ask PhonePe."""

import pytest

from core.models import Alert, OperatorAction, Payment, PaymentTransaction, StateChange
from phonepe_simulator import Fault
from tests.admin.desk import Desk, clerk, sentences
from tests.people import Caller
from tests.phonepe import Days, PhonePe


@pytest.fixture
def order(payment: Payment) -> PaymentTransaction:
    return payment.transaction


class TestAskPhonePe:
    def test_it_brings_the_books_in_line(
        self, desk: Desk, phonepe: PhonePe, payment: Payment, order: PaymentTransaction
    ) -> None:
        phonepe.pays(payment)

        page = desk.decides("ask_phonepe", order)

        assert sentences(page) == [f"{order}: PhonePe gave its final word, COMPLETED; our books say completed."]
        assert StateChange.objects.get(transaction=order, new="completed").cause == "operator"
        act = OperatorAction.objects.get()
        assert (act.action, act.name, act.reason) == ("ask_phonepe", "operator", "Looked into")
        assert (act.about, act.order) == (f"payment:{payment.pk}", order)

    def test_it_keeps_the_three_seconds(
        self, desk: Desk, phonepe: PhonePe, days: Days, order: PaymentTransaction
    ) -> None:
        assert sentences(desk.decides("ask_phonepe", order)) == [f"{order}: PhonePe says it is still pending."]
        assert "within the last three seconds" in sentences(desk.decides("ask_phonepe", order))[0]
        assert len(phonepe.was_asked(order)) == 1

        days.pass_by(3)
        desk.decides("ask_phonepe", order)

        assert len(phonepe.was_asked(order)) == 2

    def test_it_says_that_phonepe_did_not_answer(self, desk: Desk, phonepe: PhonePe, order: PaymentTransaction) -> None:
        phonepe.simulator.faults.add(Fault("server_error", "order_status"))

        assert "PhonePe did not answer" in sentences(desk.decides("ask_phonepe", order))[0]
        order.refresh_from_db()
        assert order.state == "PENDING"

    def test_it_says_what_came_of_each(
        self, desk: Desk, phonepe: PhonePe, order: PaymentTransaction, stranger: Caller
    ) -> None:
        other = PaymentTransaction.objects.get(merchant_order_id=stranger.starts_rent().json()["merchant_order_id"])
        phonepe.fails(other)

        told = sentences(desk.decides("ask_phonepe", order, other))

        assert f"{order}: PhonePe says it is still pending." in told
        assert f"{other}: PhonePe gave its final word, FAILED; our books say failed." in told

    def test_it_asks_about_a_few_at_once(self, desk: Desk, phonepe: PhonePe, order: PaymentTransaction) -> None:
        life = {"initiated_at": order.initiated_at, "expire_at": order.expire_at}
        for number in range(10):
            former = PaymentTransaction.objects.create(merchant_order_id=f"R-{number}", amount_paise=100, **life)
            Payment.objects.create(
                tenancy=order.payment.tenancy, transaction=former, merchant_order_id=f"R-{number}", status="failed"
            )

        page = desk.decides("ask_phonepe", *PaymentTransaction.objects.all())

        assert sentences(page) == ["Choose at most 10 at once."]
        assert not phonepe.was_asked()

    def test_who_may_only_look_may_not_ask(self, phonepe: PhonePe, order: PaymentTransaction) -> None:
        clerk("view_paymenttransaction", "change_paymenttransaction").decides("ask_phonepe", order)
        assert not phonepe.was_asked()

    def test_who_has_the_right_may(self, phonepe: PhonePe, order: PaymentTransaction) -> None:
        clerk("view_paymenttransaction", "ask_phonepe").decides("ask_phonepe", order)
        assert phonepe.was_asked()


class TestMismatch:
    """Another amount came than was asked for: an operator decides, once."""

    @pytest.fixture
    def held(self, order: PaymentTransaction, tenant: Caller, phonepe: PhonePe, days: Days) -> PaymentTransaction:
        phonepe.pays(order)
        phonepe.simulator.faults.add(Fault("wrong_amount", "order_status"))
        tenant.verifies(order.merchant_order_id)
        order.refresh_from_db()
        assert order.reconciliation_status == "mismatch"
        return order

    @pytest.mark.parametrize(
        ("action", "refunds"), [("accept_mismatch", ["surplus"]), ("refund_mismatch", ["mismatch"])]
    )
    def test_it_is_decided(self, desk: Desk, held: PaymentTransaction, action: str, refunds: list[str]) -> None:
        page = desk.decides(action, held, reason="It is rent of two months")
        assert any(word in sentences(page)[0] for word in ("decided; our books say completed", "on its way back"))

        assert list(held.refunds.values_list("kind", flat=True)) == refunds
        assert not Alert.objects.filter(kind="mismatch", resolved_at=None).exists()
        trace = OperatorAction.objects.get()
        assert (trace.action, trace.name, trace.reason, trace.order) == (
            action,
            "operator",
            "It is rent of two months",
            held,
        )

    def test_the_decision_ends_also_the_alert_that_phonepe_has_lost_it(
        self, desk: Desk, held: PaymentTransaction, phonepe: PhonePe, days: Days
    ) -> None:
        phonepe.simulator.faults.clear()
        phonepe.simulator.faults.add(Fault("forgotten", "order_status"))
        days.pass_by(4)
        desk.decides("ask_phonepe", held)
        assert {told.kind for told in Alert.objects.filter(resolved_at=None)} == {"mismatch", "lost_by_phonepe"}

        desk.decides("accept_mismatch", held)

        assert not Alert.objects.filter(resolved_at=None)

    def test_a_second_decision_is_refused(self, desk: Desk, held: PaymentTransaction) -> None:
        desk.decides("accept_mismatch", held)

        page = desk.decides("refund_mismatch", held)

        assert "decided" not in sentences(page)[-1]
        assert held.refunds.filter(kind="mismatch").count() == 0

    def test_where_there_is_nothing_to_decide_it_says_so(self, desk: Desk, order: PaymentTransaction) -> None:
        assert str(order) in sentences(desk.decides("accept_mismatch", order))[0]
        order.refresh_from_db()
        assert order.captured_paise == 0

    def test_who_may_only_look_decides_nothing(self, held: PaymentTransaction) -> None:
        clerk("view_paymenttransaction").decides("accept_mismatch", held)

        held.refresh_from_db()
        assert held.captured_paise == 0


class TestWhatPhonePeHasLost:
    """PhonePe took an order and says that it knows none such, or that what was paid has failed."""

    def test_an_order_is_given_up(
        self, desk: Desk, phonepe: PhonePe, days: Days, order: PaymentTransaction, payment: Payment
    ) -> None:
        phonepe.simulator.faults.add(Fault("forgotten", "order_status"))
        days.pass_by(1200 + 300)

        page = desk.acts(order, "give_up_order")

        assert sentences(page) == [f"{order}: given up; our books say cancelled."]
        payment.refresh_from_db()
        assert payment.status == "cancelled"

    def test_what_failed_after_all_is_taken_back(
        self, desk: Desk, phonepe: PhonePe, days: Days, order: PaymentTransaction
    ) -> None:
        phonepe.pays(order)
        days.tick_for(21)
        theirs = phonepe.simulator.orders[order.merchant_order_id]
        theirs.state = type(theirs.state)("FAILED")
        desk.decides("ask_phonepe", order)
        days.pass_by(4)

        page = desk.acts(order, "take_back_failed")

        assert sentences(page) == [f"{order}: what was credited is missing in suspense now; place it there."]
