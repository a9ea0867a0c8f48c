"""An operator decides about what came apart: it is kept or sent back, with all that follows from either."""

from datetime import timedelta
from typing import Any

import pytest

from core.errors import NotUnderReview, OwnPayment
from core.models import (
    Alert,
    ChangeCause,
    Invoice,
    JournalEntry,
    Notification,
    OperatorAction,
    OwnerSubscriptionPayment,
    Payment,
    PaymentTransaction,
    Refund,
    StateChange,
)
from core.services import audit, phonepe_service
from core.services.payments import mismatches, order_status
from core.services.phonepe.responses import read_order_status
from phonepe_simulator import Fault
from tests.meanwhile import Meanwhile
from tests.people import Caller
from tests.phonepe import Days, PhonePe, order_id_of
from tests.subscriptions import subscribes

RENT = 15_000_00


def comes(order: PaymentTransaction, phonepe: PhonePe, days: Days, paise: int) -> PaymentTransaction:
    """Let an order be paid, of which PhonePe says that so much came."""
    days.pass_by(2)
    phonepe.pays(order, mode="UPI_QR")
    phonepe.simulator.faults.add(Fault("wrong_amount", "order_status", value=paise - order.amount_paise))
    days.pass_by(4)
    order_status.ask_now(order, cause=ChangeCause.CLOCK)
    order.refresh_from_db()
    assert order.reconciliation_status == "mismatch"
    days.pass_by(4)
    return order


@pytest.fixture
def order(payment: Payment) -> PaymentTransaction:
    return payment.transaction


@pytest.fixture
def held(order: PaymentTransaction, phonepe: PhonePe, days: Days) -> PaymentTransaction:
    """₹16,000.00 came for rent of ₹15,000.00."""
    return comes(order, phonepe, days, 16_000_00)


def lines_of(kind: str) -> dict[str, int]:
    """Return what the one entry of this kind posted, by account."""
    return dict(JournalEntry.objects.get(kind=kind).lines.values_list("account", "amount_paise"))


def told() -> list[str]:
    return list(Notification.objects.exclude(kind="alert").order_by("pk").values_list("kind", flat=True))


class TestKeeping:
    def test_rent_is_credited_with_what_came_and_more_than_was_due_goes_back(
        self, held: PaymentTransaction, payment: Payment, phonepe: PhonePe, operator: Caller, days: Days
    ) -> None:
        paid_at = phonepe.simulator.orders[held.merchant_order_id].attempts[-1].at
        mismatches.accept(held.merchant_order_id, by=operator.user, reason="Two months", now=days.now())

        payment.refresh_from_db()
        held.refresh_from_db()
        assert (payment.status, held.state, held.reconciliation_status) == ("completed", "COMPLETED", "surplus")
        assert (held.captured_paise, held.surplus_paise, held.refunding_paise) == (16_000_00, 1_000_00, 1_000_00)
        assert (held.payment_mode, held.utr != "", held.paid_at) == ("UPI_QR", True, paid_at)
        assert held.next_check_at is None
        change = StateChange.objects.get(transaction=held, what="status")
        assert (change.old, change.new, change.cause, change.at) == ("pending", "completed", "command", days.now())
        owner = payment.tenancy.unit.property.owner_id
        assert lines_of("placing") == {
            "suspense": 16_000_00,
            "rent_billed": 16_000_00,
            f"tenancy:{payment.tenancy_id}:receivable": -16_000_00,
            f"owner:{owner}:payable": -16_000_00,
        }
        refund = Refund.objects.get()
        assert (refund.kind, refund.amount_paise, refund.requested_by) == ("surplus", 1_000_00, None)
        assert payment.receipt is not None
        assert told() == ["payment_received"]
        assert not Alert.objects.filter(resolved_at=None).exists()
        assert Alert.objects.get(kind="mismatch").resolved_at == days.now()
        assert not list(audit.differences())

    def test_it_is_kept_who_did_it_and_why_and_how_much_it_was(
        self, held: PaymentTransaction, payment: Payment, operator: Caller, days: Days
    ) -> None:
        mismatches.accept(held.merchant_order_id, by=operator.user, reason="Two months", now=days.now())

        act = OperatorAction.objects.get()
        assert (act.action, act.by, act.reason, act.about) == (
            "accept_mismatch",
            operator.user,
            "Two months",
            f"payment:{payment.pk}",
        )
        assert (act.order, act.refund, act.detail, act.at) == (held, None, {"amount_paise": 16_000_00}, days.now())

    def test_a_subscription_begins_with_its_invoice(
        self, owner: Caller, plan: Any, phonepe: PhonePe, days: Days
    ) -> None:
        started = order_id_of(subscribes(owner, plan))
        order = comes(PaymentTransaction.objects.get(merchant_order_id=started), phonepe, days, 600_00)

        mismatches.accept(started, by=None, reason="Rounded up", now=days.now())

        payment = OwnerSubscriptionPayment.objects.get()
        order.refresh_from_db()
        assert payment.subscription.periods.get().starts_at == order.paid_at
        assert (order.captured_paise, order.surplus_paise) == (600_00, 0)
        assert Invoice.objects.get(kind="tax_invoice").payment == payment
        assert told() == ["payment_received"]


class TestSendingBack:
    def test_all_that_came_goes_back(
        self, held: PaymentTransaction, payment: Payment, operator: Caller, days: Days
    ) -> None:
        mismatches.send_back(held.merchant_order_id, by=operator.user, reason="Not ours", now=days.now())

        held.refresh_from_db()
        refund = Refund.objects.get()
        assert (refund.kind, refund.amount_paise, refund.reason) == ("mismatch", 16_000_00, "Not ours")
        assert (refund.requested_by, refund.initiated_at) == (operator.user, days.now())
        assert (held.captured_paise, held.refunding_paise) == (16_000_00, 16_000_00)
        assert payment.tenancy.outstanding_paise() == RENT
        act = OperatorAction.objects.get()
        assert (act.action, act.by, act.order, act.refund) == ("refund_mismatch", operator.user, held, refund)
        assert (act.reason, act.detail, act.at) == ("Not ours", {"amount_paise": 16_000_00}, days.now())
        assert told() == []
        assert not list(audit.differences())

    def test_whoever_uses_the_machine_is_named_and_asks_as_nobody(self, held: PaymentTransaction, days: Days) -> None:
        mismatches.send_back(held.merchant_order_id, by="asha", reason="Not ours", now=days.now())

        assert Refund.objects.get().requested_by is None
        assert (OperatorAction.objects.get().name, OperatorAction.objects.get().by) == ("asha", None)

    def test_no_period_begins(self, owner: Caller, plan: Any, phonepe: PhonePe, days: Days) -> None:
        started = order_id_of(subscribes(owner, plan))
        comes(PaymentTransaction.objects.get(merchant_order_id=started), phonepe, days, 600_00)

        mismatches.send_back(started, by=None, reason="Not ours", now=days.now())

        assert not OwnerSubscriptionPayment.objects.get().subscription.periods.exists()
        assert not Invoice.objects.exists()

    @pytest.mark.parametrize(("paise", "goes_back"), [(100, True), (99, False)])
    def test_from_one_rupee_on(
        self, order: PaymentTransaction, phonepe: PhonePe, days: Days, paise: int, *, goes_back: bool
    ) -> None:
        comes(order, phonepe, days, paise)

        if goes_back:
            mismatches.send_back(order.merchant_order_id, by=None, reason="Not ours", now=days.now())
        else:
            with pytest.raises(NotUnderReview, match="nothing below"):
                mismatches.send_back(order.merchant_order_id, by=None, reason="Not ours", now=days.now())

        order.refresh_from_db()
        assert order.reconciliation_status == ("settled" if goes_back else "mismatch")
        assert Refund.objects.count() == OperatorAction.objects.count() == goes_back


@pytest.mark.parametrize("decide", [mismatches.accept, mismatches.send_back])
class TestBefore:
    def test_phonepe_is_asked_and_has_three_seconds(
        self, held: PaymentTransaction, phonepe: PhonePe, days: Days, decide: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        deadline, seconds = phonepe_service.deadline, []

        def watched(length: float) -> Any:
            seconds.append(length)
            return deadline(length)

        monkeypatch.setattr(phonepe_service, "deadline", watched)
        asked = len(phonepe.was_asked())

        decide(held.merchant_order_id, by=None, reason="Looked at", now=days.now())

        assert len(phonepe.was_asked()) == asked + 1
        assert seconds == [3]

    def test_where_phonepe_does_not_answer_what_it_said_last_is_decided_about(
        self, held: PaymentTransaction, phonepe: PhonePe, days: Days, decide: Any
    ) -> None:
        phonepe.simulator.faults.add(Fault("unavailable", "order_status"))

        decide(held.merchant_order_id, by=None, reason="Looked at", now=days.now())

        held.refresh_from_db()
        assert held.captured_paise == 16_000_00

    def test_another_amount_than_was_looked_at_is_not_decided_about(
        self, held: PaymentTransaction, phonepe: PhonePe, days: Days, decide: Any
    ) -> None:
        phonepe.simulator.faults.clear()
        phonepe.simulator.faults.add(Fault("wrong_amount", "order_status", value=2_000_00))

        with pytest.raises(NotUnderReview, match="has just corrected itself"):
            decide(held.merchant_order_id, by=None, reason="Looked at", now=days.now())

        held.refresh_from_db()
        assert (held.reconciliation_status, held.captured_paise) == ("mismatch", 0)
        assert not OperatorAction.objects.exists()

    def test_nor_what_somebody_else_has_decided_meanwhile(
        self, held: PaymentTransaction, days: Days, decide: Any, meanwhile: Meanwhile
    ) -> None:
        def decided_by_another() -> None:
            mismatches.accept(held.merchant_order_id, by=None, reason="First", now=days.now())

        meanwhile.after("order_status", decided_by_another)

        with pytest.raises(NotUnderReview, match="has just corrected itself"):
            decide(held.merchant_order_id, by=None, reason="Second", now=days.now())

        assert [act.reason for act in OperatorAction.objects.all()] == ["First"]
        assert JournalEntry.objects.filter(kind="placing").count() == 1

    def test_nobody_decides_about_their_own_payment(
        self, held: PaymentTransaction, tenant: Caller, phonepe: PhonePe, days: Days, decide: Any
    ) -> None:
        tenant.user.is_staff = tenant.user.is_superuser = True
        tenant.user.save()
        asked = len(phonepe.was_asked())

        with pytest.raises(OwnPayment):
            decide(held.merchant_order_id, by=tenant.user, reason="Mine", now=days.now())

        assert len(phonepe.was_asked()) == asked
        assert not OperatorAction.objects.exists()

    def test_where_there_is_nothing_to_decide_phonepe_is_not_asked(
        self, order: PaymentTransaction, phonepe: PhonePe, days: Days, decide: Any
    ) -> None:
        with pytest.raises(NotUnderReview):
            decide(order.merchant_order_id, by=None, reason="Nothing", now=days.now())

        assert not phonepe.was_asked()


def test_an_answer_of_before_the_decision_changes_nothing(held: PaymentTransaction, days: Days) -> None:
    late = read_order_status(held.merchant_order_id, held.changes.latest("pk").answer | {"amount": 14_000_00})
    mismatches.accept(held.merchant_order_id, by=None, reason="Kept", now=days.now())
    before = PaymentTransaction.objects.values().get()

    order_status.apply_order_status(late, cause=ChangeCause.CLOCK, now=days.now() - timedelta(seconds=1))

    assert PaymentTransaction.objects.values().get() == before
    assert not Alert.objects.filter(resolved_at=None).exists()
