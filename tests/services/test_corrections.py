"""PhonePe says one amount and later another: our books follow its last word, keep the trail, and tell an operator."""

import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db.models import Sum

from core.errors import CannotBeDoneNow, OwnPayment, StillRunning
from core.models import (
    Alert,
    ChangeCause,
    Destination,
    JournalEntry,
    LedgerLine,
    OperatorAction,
    Payment,
    PaymentTransaction,
    Refund,
)
from core.models import SettlementLine as Line
from core.services import audit, worker
from core.services.ledger.suspense import place_suspense, source_of
from core.services.payments import by_hand, order_status
from core.services.phonepe.responses import read_order_status
from core.services.polling.claims import CheckResult
from core.services.timeline import timeline
from phonepe_simulator import Fault
from tests.deliveries import delivers
from tests.meanwhile import Meanwhile
from tests.people import Caller
from tests.phonepe import Days, PhonePe, order_id_of, settles

RENT = 15_000_00


class Teller:
    """PhonePe, which tells another amount of an order than came, until it tells the truth."""

    def __init__(self, phonepe: PhonePe, payment: Payment, days: Days) -> None:
        self._phonepe, self._days, self.name = phonepe, days, payment.merchant_order_id
        self._pk = payment.pk

    def tells(self, paise: int) -> None:
        self._phonepe.simulator.faults.clear()
        if paise != RENT:
            self._phonepe.simulator.faults.add(Fault("wrong_amount", "order_status", value=paise - RENT))

    def asks(self) -> CheckResult:
        self._days.pass_by(4)
        return order_status.ask_now(self.order, cause=ChangeCause.OPERATOR)

    @property
    def payment(self) -> Payment:
        return Payment.objects.select_related("transaction").get(pk=self._pk)

    @property
    def order(self) -> PaymentTransaction:
        return self.payment.transaction


@pytest.fixture
def teller(phonepe: PhonePe, payment: Payment, days: Days) -> Teller:
    """Rent of ₹15,000.00 was paid, and nobody has asked PhonePe yet."""
    phonepe.pays(payment)
    return Teller(phonepe, payment, days)


@pytest.fixture
def held(teller: Teller, days: Days) -> Teller:
    """PhonePe said ₹16,000.00: an operator is to decide."""
    teller.tells(16_000_00)
    days.tick_for(21)
    assert teller.order.reconciliation_status == "mismatch"
    return teller


def balance(account: str) -> int:
    return LedgerLine.objects.filter(account=account).aggregate(sum=Sum("amount_paise", default=0))["sum"]


def open_alerts() -> list[str]:
    return list(Alert.objects.filter(resolved_at=None).order_by("pk").values_list("kind", flat=True))


def decides(name: str, *how: str) -> None:
    call_command("resolve_mismatch", name, *how, stdout=StringIO())


def the_books_balance() -> bool:
    return not list(audit.differences())


class TestBeforeTheDecision:
    def test_the_clock_hears_the_right_amount_and_the_payment_is_completed(self, held: Teller, days: Days) -> None:
        held.tells(RENT)
        days.tick_for(8)

        assert (held.payment.status, held.order.captured_paise) == ("completed", RENT)
        assert (held.order.reconciliation_status, held.order.next_check_at) == ("settled", None)
        assert (balance("phonepe_clearing"), balance("suspense")) == (RENT, 0)
        assert held.payment.tenancy.outstanding_paise() == 0
        assert open_alerts() == ["contradiction"]
        entries = JournalEntry.objects.filter(subject=held.name).order_by("pk").values_list("source", "description")
        assert list(entries) == [
            (f"suspense:{held.name}", "Came with another amount or order than was asked for"),
            (f"suspense:{held.name}:2", "PhonePe corrected what came with this order"),
            (f"capture:{held.name}", "Rent for House of asha the owner, Flat of ravi the tenant"),
        ]
        assert the_books_balance()

    def test_phonepe_is_asked_as_the_schedule_says(self, held: Teller, days: Days) -> None:
        asked = len(held._phonepe.was_asked(held.name))
        days.tick_for(30)

        assert len(held._phonepe.was_asked(held.name)) - asked == 10  # every three seconds

    def test_the_story_tells_all_of_it(self, held: Teller, days: Days) -> None:
        held.tells(15_500_00)
        days.tick_for(4)
        held.tells(RENT)
        days.tick_for(4)

        told = [event.text for event in timeline(held.order) if event.kind in ("status", "alert", "ledger")]
        assert "What PhonePe says came went from ₹16,000.00 to ₹15,500.00, by Clock." in told
        assert "The reconciliation went from mismatch to settled, by Clock." in told
        assert any("Our books have followed; there is nothing to decide any more." in text for text in told)

    def test_a_third_amount_is_held_in_place_of_the_second(self, held: Teller, days: Days) -> None:
        held.tells(14_000_00)
        days.tick_for(4)

        assert held.order.reconciliation_status == "mismatch"
        assert (balance("phonepe_clearing"), balance("suspense")) == (14_000_00, -14_000_00)
        (told,) = Alert.objects.filter(resolved_at=None)
        assert "PhonePe reports ₹14,000.00" in told.sentence
        decides(held.name, "--accept")
        assert held.payment.tenancy.outstanding_paise() == 1_000_00
        assert the_books_balance()

    def test_the_same_amount_again_posts_nothing(self, held: Teller, days: Days) -> None:
        days.tick_for(8)

        assert JournalEntry.objects.filter(subject=held.name).count() == 1
        assert Alert.objects.count() == 1
        assert held.order.next_check_at > days.now()

    def test_another_order_with_the_same_amount_is_told_and_posts_nothing(
        self, held: Teller, phonepe: PhonePe, days: Days
    ) -> None:
        ours, theirs = held.order.phonepe_order_id, "OMO2604101200000000000000"
        phonepe.simulator.orders[held.name].order_id = theirs
        days.tick_for(8)

        assert JournalEntry.objects.filter(subject=held.name).count() == 1
        (told,) = Alert.objects.filter(resolved_at=None)
        assert f"with order {ours}, PhonePe reports ₹16,000.00 with order {theirs}" in told.sentence
        change = held.order.changes.get(what="reported_order")
        assert (change.old, change.new) == (ours, theirs)
        assert the_books_balance()

    def test_of_an_id_too_long_for_the_history_its_end_is_kept(
        self, held: Teller, phonepe: PhonePe, days: Days
    ) -> None:
        first, second = (f"OMO{letter * 40}-{letter * 15}" for letter in "AB")
        for theirs in (first, second):
            phonepe.simulator.orders[held.name].order_id = theirs
            days.tick_for(8)

        change = held.order.changes.filter(what="reported_order").latest("pk")
        assert (change.old, change.new) == (first[-32:], second[-32:])

    def test_what_came_with_two_orders_is_held_for_each(
        self, held: Teller, stranger: Caller, phonepe: PhonePe, days: Days
    ) -> None:
        other = order_id_of(stranger.starts_rent("9000.00"))
        phonepe.pays(other)
        days.tick_for(21)

        told = JournalEntry.objects.filter(kind="suspense").order_by("pk").values_list("source", "description")
        sentence = "Came with another amount or order than was asked for"
        assert list(told) == [(f"suspense:{held.name}", sentence), (f"suspense:{other}", sentence)]
        assert the_books_balance()

    def test_that_it_failed_after_all_leaves_nothing_in_suspense(
        self, held: Teller, phonepe: PhonePe, tenant: Caller, days: Days
    ) -> None:
        held.tells(RENT)
        theirs = phonepe.simulator.orders[held.name]
        theirs.state = type(theirs.state).FAILED
        days.tick_for(4)

        assert (held.payment.status, held.order.state, held.order.captured_paise) == ("failed", "FAILED", 0)
        assert (balance("phonepe_clearing"), balance("suspense")) == (0, 0)
        assert open_alerts() == ["contradiction"]
        assert tenant.starts_rent().status_code == 201
        assert the_books_balance()

    def test_a_webhook_has_it_asked_about(self, held: Teller, phonepe: PhonePe, days: Days) -> None:
        held.tells(RENT)
        days.pass_by(24 * 3600)
        PaymentTransaction.objects.update(next_check_at=None)
        phonepe.simulator.send_webhook("checkout.order.completed", held.name)
        phonepe.delivers()
        days.tick_for(4)

        assert held.payment.status == "completed"

    @pytest.mark.parametrize("decision", [("--accept",), ("--refund", "Wrong sum")])
    def test_a_decision_asks_first_and_ends_where_there_is_nothing_to_decide(
        self, held: Teller, days: Days, decision: tuple[str, ...]
    ) -> None:
        held.tells(RENT)
        days.pass_by(4)

        with pytest.raises(CommandError, match="has just corrected itself"):
            decides(held.name, *decision)

        assert held.payment.status == "completed"
        assert not Refund.objects.exists()

    def test_an_answer_that_comes_late_does_not_undo_a_newer_one(self, held: Teller, days: Days) -> None:
        days.pass_by(4)
        asked_at = days.now()
        late = read_order_status(held.name, held.order.changes.latest("pk").answer)
        days.pass_by(4)
        held.tells(RENT)
        held.asks()

        told = order_status.apply_order_status(late, cause=ChangeCause.VERIFY, now=asked_at)

        assert told == CheckResult.FINAL
        assert (balance("phonepe_clearing"), balance("suspense")) == (RENT, 0)

    def test_a_webhook_while_phonepe_says_the_same_again_is_followed_at_once(
        self, held: Teller, phonepe: PhonePe, days: Days, meanwhile: Meanwhile
    ) -> None:
        def a_webhook_is_read() -> None:
            phonepe.simulator.send_webhook("checkout.order.completed", held.name)
            phonepe.delivers()
            worker.process_webhooks()

        days.pass_by(600)  # by the schedule it is asked about once a minute
        meanwhile.after("order_status", a_webhook_is_read)

        worker.tick()

        assert held.order.reconciliation_status == "mismatch"
        assert held.order.next_check_at == days.now() + timedelta(seconds=3)

    def test_whoever_asks_beside_the_schedule_leaves_it_alone(self, held: Teller, days: Days) -> None:
        days.pass_by(600)
        worker.tick()
        due = held.order.next_check_at

        days.pass_by(10)
        held.asks()

        assert held.order.reconciliation_status == "mismatch"
        assert held.order.next_check_at == due

    def test_one_that_had_failed_comes_back_to_the_schedule(
        self, payment: Payment, phonepe: PhonePe, days: Days
    ) -> None:
        phonepe.fails(payment)
        days.tick_for(21)
        late = Teller(phonepe, payment, days)
        assert (late.payment.status, late.order.next_check_at) == ("failed", None)
        theirs = phonepe.simulator.orders[late.name]
        theirs.state = type(theirs.state)("COMPLETED")
        late.tells(16_000_00)

        late.asks()

        assert (late.payment.status, late.order.reconciliation_status) == ("failed", "mismatch")
        assert late.order.next_check_at == late.order.initiated_at + timedelta(seconds=29)

    def test_of_two_answers_of_one_instant_the_one_that_is_read_last_counts(self, held: Teller, days: Days) -> None:
        PaymentTransaction.objects.update(last_checked_at=days.now())
        right = read_order_status(held.name, held.order.changes.latest("pk").answer | {"amount": RENT})

        order_status.apply_order_status(right, cause=ChangeCause.VERIFY, now=days.now())

        assert (held.payment.status, held.order.captured_paise) == ("completed", RENT)


class TestAfterTheDecision:
    def test_what_was_kept_and_is_corrected_goes_to_suspense_and_is_placed(self, held: Teller, days: Days) -> None:
        decides(held.name, "--accept")
        days.tick_for(1)
        held.tells(RENT)
        held.asks()

        # ₹1,000.00 went back as surplus, of money that never came.
        assert (held.payment.status, held.order.captured_paise) == ("completed", 16_000_00)
        assert (balance("phonepe_clearing"), balance("suspense")) == (RENT, 1_000_00)
        assert open_alerts() == ["contradiction"]
        assert the_books_balance()
        place_suspense(
            source_of("suspense", held.name),
            destination=Destination.TENANCY,
            amount_paise=1_000_00,
            tenancy=held.payment.tenancy,
            by=None,
            reason="It never came, and was paid back",
            now=days.now(),
        )
        assert balance("suspense") == 0
        assert held.payment.tenancy.outstanding_paise() == 1_000_00
        assert the_books_balance()

    def test_a_refund_of_more_than_came_fails_and_has_the_order_asked_about(self, held: Teller, days: Days) -> None:
        decides(held.name, "--refund", "Wrong sum")
        held.tells(RENT)
        days.tick_for(6)

        refund = Refund.objects.get()
        assert (refund.state, refund.error_code) == ("FAILED", "REFUND_AMOUNT_EXCEEDS_ORIGINAL")
        assert (balance("phonepe_clearing"), balance("suspense")) == (RENT, 1_000_00)
        assert sorted(open_alerts()) == ["contradiction", "refund_failed"]
        assert the_books_balance()


class TestAPaidOrder:
    @pytest.fixture
    def paid(self, teller: Teller, days: Days) -> Teller:
        days.tick_for(21)
        assert teller.payment.status == "completed"
        return teller

    @pytest.mark.parametrize("paise", [14_000_00, 16_000_00])
    def test_another_amount_is_told_and_held_and_taken_back(self, paid: Teller, days: Days, paise: int) -> None:
        paid.tells(paise)
        paid.asks()

        assert (paid.payment.status, paid.order.captured_paise) == ("completed", RENT)
        assert (balance("phonepe_clearing"), balance("suspense")) == (paise, RENT - paise)
        assert open_alerts() == ["contradiction"]
        entry = JournalEntry.objects.get(source=f"suspense:{paid.name}")
        assert entry.description == "PhonePe corrected what came with this order"
        assert the_books_balance()
        # Whoever has taken back its word is asked again by itself.
        paid.tells(RENT)
        days.tick_for(5)
        assert (balance("phonepe_clearing"), balance("suspense")) == (RENT, 0)
        assert "nothing of it is in suspense any more" in Alert.objects.get(resolved_at=None).sentence
        assert paid.order.next_check_at is not None
        days.tick_for(5)
        assert paid.order.next_check_at is None

    def test_a_webhook_with_another_amount_has_it_asked_about(self, paid: Teller, days: Days) -> None:
        paid.tells(14_000_00)
        told = {"merchantOrderId": paid.name, "state": "COMPLETED", "amount": 14_000_00}
        delivers(json.dumps({"event": "checkout.order.completed", "payload": told}).encode())
        days.tick_for(5)

        assert balance("phonepe_clearing") == 14_000_00

    def test_a_settlement_with_another_amount_has_it_asked_about_and_agrees_with_the_answer(
        self, paid: Teller, phonepe: PhonePe, days: Days, tmp_path: Any
    ) -> None:
        phonepe.simulator.faults.add(Fault("report_wrong_amount", value=1_000_00))
        settlement = settles(phonepe, days)
        report = tmp_path / "report.csv"
        report.write_text(phonepe.simulator.settlement_report(settlement.settlement_id))
        call_command("import_settlement", str(report), stdout=StringIO())
        assert Line.objects.get().outcome == "different"

        paid.tells(16_000_00)
        days.tick_for(5)
        assert balance("phonepe_clearing") == 0
        assert Line.objects.get().outcome == "matched"
        assert the_books_balance()

    def test_nothing_is_asked_of_an_order_whose_settlement_agrees(
        self, paid: Teller, phonepe: PhonePe, days: Days
    ) -> None:
        asked = len(phonepe.was_asked(paid.payment))
        phonepe.simulator.send_webhook("checkout.order.completed", paid.name)
        phonepe.delivers()
        days.tick_for(5)
        assert len(phonepe.was_asked(paid.payment)) == asked


def test_the_right_amount_of_a_refund_ends_the_alert_about_the_wrong_one(
    owner: Caller, teller: Teller, phonepe: PhonePe, days: Days
) -> None:
    days.tick_for(21)
    owner.post(f"/api/payments/{teller.payment.pk}/refund/", {"reason": "Moved out early", "amount": "5000.00"})
    phonepe.simulator.faults.add(Fault("wrong_amount", "refund_status", value=-1_00))
    days.pass_by(31)
    worker.tick()
    assert open_alerts() == ["mismatch"]

    phonepe.simulator.faults.clear()
    days.pass_by(3600)
    worker.tick()

    assert Refund.objects.get().state == "COMPLETED"
    assert open_alerts() == []


class TestAPaidOrderThatFailed:
    """PhonePe says of an order that is paid here that it failed: a person takes back what was credited."""

    @pytest.fixture
    def failed(self, teller: Teller, phonepe: PhonePe, days: Days) -> Teller:
        days.tick_for(21)
        assert teller.payment.status == "completed"
        self._says(phonepe, teller, "FAILED")
        teller.asks()
        assert open_alerts() == ["contradiction"]
        days.pass_by(4)
        return teller

    @staticmethod
    def _says(phonepe: PhonePe, teller: Teller, state: str) -> None:
        theirs = phonepe.simulator.orders[teller.name]
        theirs.state = type(theirs.state)[state]

    @staticmethod
    def _takes_back(teller: Teller, days: Days) -> None:
        by_hand.take_back_failed(teller.order, by="operator", reason="Ticket 4711", now=days.now(), timeout=3)

    def test_the_payment_stays_and_its_sum_is_missing_until_the_tenancy_owes_it_again(
        self, failed: Teller, days: Days
    ) -> None:
        self._takes_back(failed, days)

        assert (failed.payment.status, failed.order.captured_paise) == ("completed", RENT)
        assert (balance("phonepe_clearing"), balance("suspense")) == (0, RENT)
        assert list(audit.differences()) == []
        place_suspense(
            source_of("suspense", failed.name),
            destination=Destination.TENANCY,
            amount_paise=RENT,
            tenancy=failed.payment.tenancy,
            by="operator",
            reason="It never came",
            now=days.now(),
        )
        assert failed.payment.tenancy.outstanding_paise() == RENT
        assert (balance("suspense"), list(audit.differences())) == (0, [])

    @pytest.mark.parametrize("answered_ago", [0, 4])
    def test_it_is_kept_who_did_it_and_when_phonepe_said_so(
        self, failed: Teller, days: Days, answered_ago: int
    ) -> None:
        """An answer of the same instant is no newer one."""
        before = failed.order
        earlier = days.now() - timedelta(seconds=answered_ago)
        PaymentTransaction.objects.update(unanswered_count=1, updated_at=earlier, last_checked_at=earlier)

        self._takes_back(failed, days)

        order = failed.order
        assert (order.last_checked_at, order.updated_at) == (days.now(), days.now())
        assert (order.unanswered_count, order.check_count) == (0, before.check_count + 1)
        change = order.changes.get(what="reported_amount")
        assert (change.old, change.new, change.cause, change.at) == (str(RENT), "0", "operator", days.now())
        act = OperatorAction.objects.get()
        assert (act.action, act.name, act.reason) == ("take_back_failed", "operator", "Ticket 4711")
        assert (act.about, act.order, act.at) == (f"payment:{failed.payment.pk}", order, days.now())

    def test_it_is_not_taken_back_right_after_somebody_has_asked(self, failed: Teller, days: Days) -> None:
        PaymentTransaction.objects.update(asked_at=days.now())

        with pytest.raises(StillRunning):
            self._takes_back(failed, days)
        assert (balance("phonepe_clearing"), balance("suspense")) == (RENT, 0)

    def test_nor_where_phonepe_does_not_answer(self, failed: Teller, phonepe: PhonePe, days: Days) -> None:
        phonepe.simulator.faults.add(Fault("unavailable", "order_status"))

        with pytest.raises(CannotBeDoneNow, match="has not said"):
            self._takes_back(failed, days)
        assert (balance("phonepe_clearing"), balance("suspense")) == (RENT, 0)

    def test_nor_where_a_newer_answer_has_come_meanwhile(
        self, failed: Teller, days: Days, meanwhile: Meanwhile
    ) -> None:
        def is_asked_about_once_more() -> None:
            days.pass_by(4)
            order_status.ask_now(failed.order, cause=ChangeCause.OPERATOR)

        meanwhile.after("order_status", is_asked_about_once_more)

        with pytest.raises(StillRunning, match="answered about this order meanwhile"):
            self._takes_back(failed, days)
        assert (balance("phonepe_clearing"), balance("suspense")) == (RENT, 0)

    def test_nothing_is_taken_back_of_what_was_never_paid(self, payment: Payment, phonepe: PhonePe, days: Days) -> None:
        phonepe.fails(payment)
        days.tick_for(25)
        never = Teller(phonepe, payment, days)
        assert never.payment.status == "failed"

        with pytest.raises(CannotBeDoneNow, match="nothing came"):
            self._takes_back(never, days)
        assert not OperatorAction.objects.exists()

    def test_it_is_taken_back_once(self, failed: Teller, days: Days) -> None:
        self._takes_back(failed, days)
        days.pass_by(4)

        with pytest.raises(CannotBeDoneNow, match="already"):
            self._takes_back(failed, days)
        assert balance("suspense") == RENT

    def test_who_paid_takes_nothing_back(self, failed: Teller, tenant: Caller, days: Days) -> None:
        tenant.user.is_staff = tenant.user.is_superuser = True
        tenant.user.save()

        with pytest.raises(OwnPayment):
            by_hand.take_back_failed(failed.order, by=tenant.user, reason="Mine", now=days.now(), timeout=3)
        assert (balance("phonepe_clearing"), balance("suspense")) == (RENT, 0)

    def test_nothing_is_taken_back_while_phonepe_says_that_it_came(
        self, failed: Teller, phonepe: PhonePe, days: Days
    ) -> None:
        self._says(phonepe, failed, "COMPLETED")

        with pytest.raises(CannotBeDoneNow, match="COMPLETED"):
            self._takes_back(failed, days)
        assert (balance("phonepe_clearing"), balance("suspense")) == (RENT, 0)

    def test_the_books_follow_when_phonepe_says_after_all_that_it_came(
        self, failed: Teller, phonepe: PhonePe, days: Days
    ) -> None:
        self._takes_back(failed, days)
        self._says(phonepe, failed, "COMPLETED")

        failed.asks()

        assert (balance("phonepe_clearing"), balance("suspense")) == (RENT, 0)
        told = set(JournalEntry.objects.filter(kind="suspense").values_list("description", flat=True))
        assert told == {"PhonePe corrected what came with this order"}
        assert list(audit.differences()) == []
