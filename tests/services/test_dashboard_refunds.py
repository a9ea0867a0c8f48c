"""Refunds made at PhonePe and not here: whoever tells of one, PhonePe's own answer alone is booked."""

import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.db.models import Sum

from core.models import (
    Alert,
    CreditNote,
    Invoice,
    JournalEntry,
    LedgerLine,
    OwnerSubscriptionPayment,
    Payment,
    PaymentTransaction,
    PricingPlan,
    Refund,
    ReportedRefund,
    StateChange,
    SubscriptionPeriod,
    WebhookEvent,
)
from core.services import phonepe_service, worker
from core.services.ledger import posting
from core.services.timeline import find, story_of
from phonepe_simulator import Fault
from tests.dashboard import made_without_us, refunded_without_us
from tests.deliveries import delivers
from tests.meanwhile import Meanwhile
from tests.people import Caller
from tests.phonepe import Days, PhonePe, order_id_of
from tests.refunds import refunds
from tests.subscriptions import pays_a_period

DAY = 86_400


@pytest.fixture
def paid(payment: Payment, phonepe: PhonePe, days: Days) -> Payment:
    phonepe.pays(payment)
    days.tick_for(21)
    return Payment.objects.get()


def balance(account: str) -> int:
    return LedgerLine.objects.filter(account=account).aggregate(total=Sum("amount_paise"))["total"] or 0


def books_balance() -> bool:
    out = StringIO()
    call_command("check_books", stdout=out)
    return "The books balance." in out.getvalue()


def sources(name: str) -> list[str]:
    """Return how the books call the entries about a refund, in the order in which they were posted."""
    return list(JournalEntry.objects.filter(subject=name).order_by("pk").values_list("source", flat=True))


def is_told(name: str, state: str = "COMPLETED", **payload: Any) -> None:
    """A webhook tells of a refund; what else it says is not to be believed."""
    content = {"event": f"pg.refund.{state.lower()}", "payload": {"merchantRefundId": name, "state": state, **payload}}
    assert delivers(json.dumps(content).encode()).status_code == 200


def happens(phonepe: PhonePe, days: Days, about: Any, name: str = "DASHBOARD-1", amount: int = 1_000_00) -> None:
    """A refund is made on the dashboard, and ends; its webhooks reach us as they come."""
    refunded_without_us(phonepe, about, name, amount)
    for _ in range(4):
        days.pass_by(20)
        phonepe.delivers()
        worker.tick()


def leaves_out(field: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """PhonePe's answers about refunds come without a field."""
    read = phonepe_service.read_refund_status

    def reads_less(name: str, answer: Any) -> Any:
        return read(name, {key: value for key, value in answer.items() if key != field})

    monkeypatch.setattr(phonepe_service, "read_refund_status", reads_less)


class TestOfAPaymentOfOurs:
    def test_it_is_booked_on_the_payment(self, paid: Payment, phonepe: PhonePe, days: Days, owner: Caller) -> None:
        happens(phonepe, days, paid)

        refund = Refund.objects.get()
        assert (refund.kind, refund.state, refund.amount_paise) == ("dashboard", "COMPLETED", 1_000_00)
        assert (refund.merchant_refund_id, refund.requested_by, refund.next_check_at) == ("DASHBOARD-1", None, None)
        assert refund.refund_id == phonepe.simulator.refunds["DASHBOARD-1"].refund_id
        paid.refresh_from_db()
        assert (paid.status, paid.transaction.refunding_paise) == ("partially_refunded", 1_000_00)
        assert paid.tenancy.outstanding_paise() == 1_000_00
        assert (balance("phonepe_clearing"), balance("refunds_in_flight"), balance("suspense")) == (14_000_00, 0, 0)
        assert balance(f"owner:{paid.tenancy.unit.property.owner_id}:payable") == -14_000_00
        assert owner.get(f"/api/payments/{paid.pk}/").json()["refunded_amount"] == "1000.00"
        assert not phonepe.simulator.calls_to("refund")[1:], "it was not sent again"
        told = ReportedRefund.objects.get()
        assert (told.outcome, told.next_check_at, told.check_count) == ("booked", None, 1)
        assert (told.last_checked_at, told.unanswered_count) == (refund.finished_at, 0)
        assert books_balance()

    def test_the_alert_says_what_happened(self, paid: Payment, phonepe: PhonePe, days: Days) -> None:
        happens(phonepe, days, paid)

        alert = Alert.objects.get()
        assert (alert.kind, alert.subject) == ("dashboard_refund", "DASHBOARD-1")
        for said in (
            "has paid ₹1,000.00",
            paid.merchant_order_id,
            "not requested here",
            "₹14,000.00 is left",
            "webhook",
        ):
            assert said in alert.sentence

    def test_it_is_found_once_by_its_id(self, paid: Payment, phonepe: PhonePe, days: Days) -> None:
        happens(phonepe, days, paid)

        assert [match.id for match in find("DASHBOARD-1")] == [f"refund:{Refund.objects.get().pk}"]

    def test_every_webhook_about_it_finds_it_and_its_order(self, paid: Payment, phonepe: PhonePe, days: Days) -> None:
        happens(phonepe, days, paid)
        is_told("DASHBOARD-1", number=2)
        worker.tick()

        told = WebhookEvent.objects.filter(event__startswith="pg.refund.")
        assert set(told.values_list("merchant_order_id", flat=True)) == {paid.merchant_order_id}
        assert told.latest("pk").outcome == "settled"
        assert Refund.objects.get().next_check_at is None
        assert Refund.objects.count() == ReportedRefund.objects.count() == 1

    def test_its_history_holds_phonepes_answer(self, paid: Payment, phonepe: PhonePe, days: Days) -> None:
        phonepe.reachable = False
        refunded_without_us(phonepe, paid, "DASHBOARD-1", 1_000_00)
        days.pass_by(60)
        is_told("DASHBOARD-1")
        worker.tick()

        change = StateChange.objects.get(what="refund")
        assert (change.old, change.new, change.refund) == ("", "COMPLETED", Refund.objects.get())
        assert (change.cause, change.at) == ("clock", days.now())
        assert ReportedRefund.objects.get().next_check_at is None
        assert change.answer["originalMerchantOrderId"] == paid.merchant_order_id

    def test_one_under_way_is_booked_and_goes_on_as_ours_do(self, paid: Payment, phonepe: PhonePe, days: Days) -> None:
        phonepe.simulator.change_settings(refund_outcome="pending")
        phonepe.reachable = False
        refunded_without_us(phonepe, paid, "DASHBOARD-1", 1_000_00)
        is_told("DASHBOARD-1", state="ACCEPTED")
        worker.tick()

        refund = Refund.objects.get()
        assert (refund.state, refund.transaction.refunding_paise) == ("PENDING", 1_000_00)
        assert (refund.finished_at, refund.next_check_at) == (None, days.now() + timedelta(seconds=30))
        assert (balance("refunds_in_flight"), balance("phonepe_clearing")) == (-1_000_00, 15_000_00)
        assert "PhonePe is paying ₹1,000.00 back" in Alert.objects.get().sentence
        phonepe.simulator.conclude_refund("DASHBOARD-1", "success")
        days.tick_for(31)
        assert Refund.objects.get().state == "COMPLETED"
        assert books_balance()

    def test_one_that_fails_gives_its_amount_back(self, paid: Payment, phonepe: PhonePe, days: Days) -> None:
        phonepe.simulator.change_settings(refund_outcome="pending")
        phonepe.reachable = False
        refunded_without_us(phonepe, paid, "DASHBOARD-1", 1_000_00)
        is_told("DASHBOARD-1", state="ACCEPTED")
        worker.tick()
        phonepe.simulator.conclude_refund("DASHBOARD-1", "failure")
        days.tick_for(31)

        assert PaymentTransaction.objects.get().refunding_paise == 0
        assert Payment.objects.get().status == "completed"
        assert balance("refunds_in_flight") == 0
        assert books_balance()

    def test_one_that_had_failed_already_moves_nothing(self, paid: Payment, phonepe: PhonePe, days: Days) -> None:
        phonepe.simulator.change_settings(refund_outcome="failure")
        refunded_without_us(phonepe, paid, "DASHBOARD-1", 1_000_00)
        phonepe.reachable = False
        days.pass_by(60)
        is_told("DASHBOARD-1", amount=1_000_00)
        entries = JournalEntry.objects.count()
        worker.tick()

        assert ReportedRefund.objects.get().outcome == "failed"
        assert not Refund.objects.exists()
        assert not Alert.objects.exists()
        assert JournalEntry.objects.count() == entries

    def test_one_that_had_failed_is_not_asked_about_again(self, paid: Payment, phonepe: PhonePe, days: Days) -> None:
        phonepe.simulator.change_settings(refund_outcome="failure")
        refunded_without_us(phonepe, paid, "DASHBOARD-1", 1_000_00)
        phonepe.reachable = False
        days.pass_by(60)
        is_told("DASHBOARD-1")
        worker.tick()
        days.pass_by(60)
        is_told("DASHBOARD-1", note="once more")
        out = StringIO()
        call_command("reconcile_pending_refunds", "--json", stdout=out)

        assert (json.loads(out.getvalue())["final"], ReportedRefund.objects.get().next_check_at) == (1, None)
        assert len(phonepe.simulator.calls_to("refund_status")) == 1

    def test_a_rupee_is_booked(self, paid: Payment, phonepe: PhonePe, days: Days) -> None:
        happens(phonepe, days, paid, amount=1_00)

        assert (Refund.objects.get().amount_paise, Refund.objects.get().state) == (1_00, "COMPLETED")

    def test_one_whose_time_phonepe_does_not_tell_began_now(
        self, paid: Payment, phonepe: PhonePe, days: Days, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        leaves_out("timestamp", monkeypatch)
        phonepe.reachable = False
        refunded_without_us(phonepe, paid, "DASHBOARD-1", 1_000_00)
        days.pass_by(60)
        is_told("DASHBOARD-1")
        worker.tick()

        refund = Refund.objects.get()
        assert (refund.initiated_at, refund.sent_at, refund.state) == (days.now(), days.now(), "COMPLETED")

    def test_all_of_it_makes_it_refunded(self, paid: Payment, phonepe: PhonePe, days: Days, owner: Caller) -> None:
        happens(phonepe, days, paid, amount=15_000_00)

        paid.refresh_from_db()
        assert paid.status == "refunded"
        answer = owner.post(f"/api/payments/{paid.pk}/refund/", {"amount": "1.00", "reason": "More"})
        assert (answer.status_code, answer.json()["code"]) == (409, "nothing_left_to_refund")

    def test_a_later_refund_in_the_app_sees_what_is_left(
        self, paid: Payment, phonepe: PhonePe, days: Days, owner: Caller
    ) -> None:
        happens(phonepe, days, paid, amount=14_000_00)

        answer = owner.post(f"/api/payments/{paid.pk}/refund/", {"amount": "1500.00", "reason": "More"})
        assert (answer.status_code, answer.json()["code"]) == (422, "refund_above_rest")
        answer = owner.post(f"/api/payments/{paid.pk}/refund/", {"reason": "All that is left"})
        assert (answer.status_code, answer.json()["amount"]) == (202, "1000.00")

    def test_one_beside_a_refund_of_ours_waits_until_its_money_has_gone(
        self, paid: Payment, phonepe: PhonePe, days: Days, owner: Caller
    ) -> None:
        phonepe.simulator.change_settings(refund_outcome="pending")
        phonepe.reachable = False
        refunds(owner, paid, "5000.00")
        refunded_without_us(phonepe, paid, "DASHBOARD-1", 1_000_00)
        is_told("DASHBOARD-1", state="ACCEPTED")
        days.tick_for(5)
        assert Refund.objects.get().kind == "requested"
        told = ReportedRefund.objects.get()
        assert (told.outcome, told.next_check_at) == ("waiting", told.initiated_at + timedelta(seconds=30))

        phonepe.simulator.conclude_refund("DASHBOARD-1", "success")
        days.tick_for(30)

        assert Refund.objects.filter(state="PENDING").get().kind == "requested"
        assert Refund.objects.filter(state="COMPLETED").get().kind == "dashboard"
        assert PaymentTransaction.objects.get().refunding_paise == 6_000_00
        assert books_balance()

    def test_one_after_a_refund_that_has_ended_does_not_wait(
        self, paid: Payment, phonepe: PhonePe, days: Days, owner: Caller
    ) -> None:
        refunds(owner, paid, "5000.00")
        days.pass_by(3600)
        worker.tick()
        phonepe.simulator.change_settings(refund_outcome="pending")
        phonepe.reachable = False
        refunded_without_us(phonepe, paid, "DASHBOARD-1", 1_000_00)
        is_told("DASHBOARD-1", state="ACCEPTED")
        worker.tick()

        assert Refund.objects.get(kind="dashboard").state == "PENDING"
        assert PaymentTransaction.objects.get().refunding_paise == 6_000_00

    def test_a_subscriptions_period_gets_shorter(self, owner: Caller, plan: Any, phonepe: PhonePe, days: Days) -> None:
        body = {"pricing_plan_id": plan.pk, "period": "monthly"}
        order = order_id_of(owner.post("/api/owner-subscriptions/initiate-payment/", body))
        phonepe.pays(order)
        days.tick_for(21)
        whole = SubscriptionPeriod.objects.get()

        happens(phonepe, days, order, amount=OwnerSubscriptionPayment.objects.get().transaction.amount_paise // 2)

        shorter = SubscriptionPeriod.objects.get()
        assert (shorter.ends_at - shorter.starts_at) * 2 == whole.ends_at - whole.starts_at
        assert books_balance()


class TestPhonePeCorrectsItsAmount:
    """What PhonePe pays back without us, nobody here has asked for: its last word counts."""

    def stands_corrected(self, paid: Payment, owner: Caller) -> None:
        refund = Refund.objects.get()
        assert (refund.state, refund.amount_paise) == ("COMPLETED", 1_000_00)
        paid.refresh_from_db()
        assert (paid.status, paid.transaction.refunding_paise) == ("partially_refunded", 1_000_00)
        assert paid.tenancy.outstanding_paise() == 1_000_00
        assert (balance("phonepe_clearing"), balance("refunds_in_flight"), balance("suspense")) == (14_000_00, 0, 0)
        assert owner.get(f"/api/payments/{paid.pk}/").json()["refunded_amount"] == "1000.00"
        (told,) = Alert.objects.filter(resolved_at=None).exclude(kind="dashboard_refund")
        assert told.kind == "contradiction"
        change = StateChange.objects.get(what="refund_amount")
        assert (change.old, change.new, change.cause) == ("125000", "100000", "clock")
        assert (change.refund, change.transaction) == (refund, refund.transaction)
        assert (change.at, change.answer["amount"]) == (told.raised_at, 1_000_00)
        assert "now says ₹1,000.00" in told.sentence
        assert "said ₹1,250.00 before" in told.sentence
        assert books_balance()

    def test_while_it_is_under_way(self, paid: Payment, phonepe: PhonePe, days: Days, owner: Caller) -> None:
        phonepe.simulator.change_settings(refund_confirmed_after=5, refund_completed_after=40)
        phonepe.simulator.faults.add(Fault("wrong_amount", "refund_status", value=250_00, times=1))
        happens(phonepe, days, paid)

        self.stands_corrected(paid, owner)
        posted = ["refund:DASHBOARD-1:started", "refund:DASHBOARD-1:started:2", "refund:DASHBOARD-1:done"]
        assert sources("DASHBOARD-1") == posted
        assert "from ₹1,250.00 to ₹1,000.00" in " ".join(event.text for event in story_of(paid).events)

    def test_after_it_has_ended(self, paid: Payment, phonepe: PhonePe, days: Days, owner: Caller) -> None:
        phonepe.simulator.faults.add(Fault("wrong_amount", "refund_status", value=250_00))
        happens(phonepe, days, paid)
        assert Refund.objects.get().amount_paise == 1_250_00
        phonepe.simulator.faults.clear()
        is_told("DASHBOARD-1", note="the same once more")
        days.tick_for(1)

        self.stands_corrected(paid, owner)
        assert PaymentTransaction.objects.get(pk=paid.transaction_id).updated_at == days.now()

    def test_the_rows_tell_when_it_was_corrected(self, paid: Payment, phonepe: PhonePe, days: Days) -> None:
        phonepe.simulator.change_settings(refund_outcome="pending")
        phonepe.simulator.faults.add(Fault("wrong_amount", "refund_status", value=250_00, times=1))
        phonepe.reachable = False
        refunded_without_us(phonepe, paid, "DASHBOARD-1", 1_000_00)
        is_told("DASHBOARD-1", state="ACCEPTED")
        days.tick_for(31)
        days.pass_by(3)

        refund = Refund.objects.get()
        corrected_at = refund.changes.get(what="refund_amount").at
        assert (refund.state, refund.amount_paise) == ("PENDING", 1_000_00)
        assert refund.updated_at == refund.transaction.updated_at == corrected_at

    @pytest.mark.parametrize(("paise", "fits"), [(99, False), (1_00, True), (10_000_00, True), (10_000_01, False)])
    def test_beside_a_refund_of_ours_it_may_be_from_a_rupee_to_all_that_is_left(
        self, paid: Payment, phonepe: PhonePe, days: Days, owner: Caller, paise: int, fits: bool
    ) -> None:
        refunds(owner, paid, "5000.00")
        happens(phonepe, days, paid)
        phonepe.simulator.faults.add(Fault("wrong_amount", "refund_status", value=paise - 1_000_00))
        is_told("DASHBOARD-1", note="the same once more")
        days.tick_for(1)

        assert Refund.objects.get(kind="dashboard").amount_paise == (paise if fits else 1_000_00)
        assert PaymentTransaction.objects.get().refunding_paise == 5_000_00 + (paise if fits else 1_000_00)
        kinds = set(Alert.objects.exclude(kind="dashboard_refund").values_list("kind", flat=True))
        assert kinds == {"contradiction" if fits else "mismatch"}
        assert books_balance()

    def test_one_that_failed_is_not_corrected(self, paid: Payment, phonepe: PhonePe, days: Days) -> None:
        phonepe.simulator.change_settings(refund_confirmed_after=5, refund_completed_after=30, refund_outcome="failure")
        happens(phonepe, days, paid)
        assert Refund.objects.get().state == "FAILED"
        phonepe.simulator.faults.add(Fault("wrong_amount", "refund_status", value=250_00))
        is_told("DASHBOARD-1", note="the same once more")
        days.tick_for(1)

        assert Refund.objects.get().amount_paise == 1_000_00
        assert PaymentTransaction.objects.get().refunding_paise == 0
        assert books_balance()

    def test_one_with_a_credit_note_is_for_a_person_and_another_is_not(
        self, paid: Payment, phonepe: PhonePe, days: Days, owner: Caller, plan: Any
    ) -> None:
        subscribed = pays_a_period(owner, plan, phonepe)
        happens(phonepe, days, paid)
        happens(phonepe, days, subscribed, "DASHBOARD-2", 100_00)
        assert Invoice.objects.get(kind="credit_note").refund.merchant_refund_id == "DASHBOARD-2"
        phonepe.simulator.faults.add(Fault("wrong_amount", "refund_status", value=50_00))
        for name in ("DASHBOARD-1", "DASHBOARD-2"):
            is_told(name, note="the same once more")
        days.tick_for(1)

        amounts = dict(Refund.objects.values_list("merchant_refund_id", "amount_paise"))
        assert amounts == {"DASHBOARD-1": 1_050_00, "DASHBOARD-2": 100_00}
        assert Alert.objects.get(kind="mismatch").subject == "DASHBOARD-2"
        assert books_balance()

    def test_after_all_of_its_payment_went_back(
        self, paid: Payment, phonepe: PhonePe, days: Days, owner: Caller
    ) -> None:
        phonepe.simulator.faults.add(Fault("wrong_amount", "refund_status", value=250_00))
        happens(phonepe, days, paid)
        phonepe.simulator.faults.clear()
        asked = owner.post(f"/api/payments/{paid.pk}/refund/", {"amount": None, "reason": "All that is left"})
        days.pass_by(3600)
        worker.tick()
        paid.refresh_from_db()
        assert (asked.status_code, paid.status) == (202, "refunded")

        is_told("DASHBOARD-1", note="the same once more")
        days.tick_for(20)

        paid.refresh_from_db()
        assert (paid.status, paid.transaction.refunding_paise) == ("partially_refunded", 14_750_00)
        assert (balance("phonepe_clearing"), balance("refunds_in_flight")) == (250_00, 0)
        assert sources("DASHBOARD-1") == [
            "refund:DASHBOARD-1:started",
            "refund:DASHBOARD-1:done",
            "refund:DASHBOARD-1:started:2",
            "refund:DASHBOARD-1:done:2",
        ]
        assert paid.tenancy.outstanding_paise() == 14_750_00
        assert owner.post(f"/api/payments/{paid.pk}/refund/", {"amount": None, "reason": "The rest"}).status_code == 202
        assert books_balance()

    def test_the_credit_note_is_over_the_last_word_and_so_are_the_books(
        self, owner: Caller, plan: PricingPlan, phonepe: PhonePe, days: Days
    ) -> None:
        payment = pays_a_period(owner, plan, phonepe)
        phonepe.simulator.change_settings(refund_confirmed_after=5, refund_completed_after=40)
        phonepe.simulator.faults.add(Fault("wrong_amount", "refund_status", value=50_00, times=1))
        happens(phonepe, days, payment, amount=100_00)

        note = CreditNote.objects.get()
        assert (note.total_paise, note.total_paise - note.taxable_paise) == (100_00, 15_26)
        assert len(sources("DASHBOARD-1")) == 3
        assert books_balance()

    def test_what_its_payment_cannot_bear_is_for_a_person(
        self, paid: Payment, phonepe: PhonePe, days: Days, owner: Caller
    ) -> None:
        happens(phonepe, days, paid)
        phonepe.simulator.faults.add(Fault("wrong_amount", "refund_status", value=99_000_00))
        is_told("DASHBOARD-1", note="the same once more")
        days.tick_for(20)

        assert Refund.objects.get().amount_paise == 1_000_00
        assert Alert.objects.filter(kind="mismatch", subject="DASHBOARD-1").exists()
        assert books_balance()

    def test_one_that_its_payment_can_bear_answers_what_a_person_was_to_find_out(
        self, paid: Payment, phonepe: PhonePe, days: Days
    ) -> None:
        happens(phonepe, days, paid)
        for much in (99_000_00, 250_00):
            phonepe.simulator.faults.clear()
            phonepe.simulator.faults.add(Fault("wrong_amount", "refund_status", value=much))
            is_told("DASHBOARD-1", note=f"once more {much}")
            days.tick_for(20)

        assert Refund.objects.get().amount_paise == 1_250_00
        assert Alert.objects.get(kind="mismatch").resolved_at is not None
        assert Alert.objects.get(kind="contradiction").resolved_at is None

    def test_one_that_fails_after_it_was_corrected_gives_back_all_of_it(
        self, paid: Payment, phonepe: PhonePe, days: Days
    ) -> None:
        phonepe.simulator.change_settings(refund_confirmed_after=5, refund_completed_after=70, refund_outcome="failure")
        phonepe.simulator.faults.add(Fault("wrong_amount", "refund_status", value=250_00, times=1))
        happens(phonepe, days, paid)
        days.tick_for(60)

        assert Refund.objects.get().state == "FAILED"
        assert (balance("refunds_in_flight"), paid.tenancy.outstanding_paise()) == (0, 0)
        assert books_balance()


class TestNoWebhookIsBelieved:
    def test_a_refund_that_phonepe_does_not_know_moves_nothing(self, paid: Payment, phonepe: PhonePe) -> None:
        entries = JournalEntry.objects.count()
        is_told(
            "NOBODYS", refundId="OMR1", amount=9_999_999_999_999_999, originalMerchantOrderId=paid.merchant_order_id
        )
        worker.tick()

        assert len(phonepe.simulator.calls_to("refund_status")) == 1
        assert JournalEntry.objects.count() == entries
        assert not Refund.objects.exists()
        alert = Alert.objects.get()
        assert (alert.kind, alert.subject) == ("unknown_webhook", "NOBODYS")
        assert "does not know" in alert.sentence
        assert WebhookEvent.objects.latest("pk").outcome == "asked"
        assert books_balance()

    @pytest.mark.parametrize("name", ["", "a b", "../../x", "x" * 64, "ключ"])
    def test_one_that_cannot_be_asked_about_is_for_a_person(self, paid: Payment, phonepe: PhonePe, name: str) -> None:
        entries = JournalEntry.objects.count()
        is_told(name, refundId="OMR1", amount=100_00)
        worker.tick()

        assert not phonepe.simulator.calls_to("refund_status")
        assert JournalEntry.objects.count() == entries
        assert Alert.objects.get().kind == "unknown_webhook"

    def test_amount_and_order_are_phonepes(self, paid: Payment, stranger: Caller, phonepe: PhonePe, days: Days) -> None:
        other = order_id_of(stranger.starts_rent("9000.00"))
        phonepe.pays(other)
        days.tick_for(21)
        phonepe.reachable = False
        refunded_without_us(phonepe, paid, "DASHBOARD-1", 1_000_00)
        days.pass_by(60)
        is_told("DASHBOARD-1", amount=7_000_00, originalMerchantOrderId=other)
        worker.tick()

        refund = Refund.objects.get()
        assert (refund.amount_paise, refund.transaction) == (1_000_00, paid.transaction)
        assert {refund.initiated_at, refund.sent_at} == {days.now() - timedelta(seconds=60)}

    def test_its_state_is_phonepes(self, paid: Payment, phonepe: PhonePe, days: Days) -> None:
        phonepe.simulator.change_settings(refund_outcome="pending")
        refunded_without_us(phonepe, paid, "DASHBOARD-1", 1_000_00)
        is_told("DASHBOARD-1")
        worker.tick()

        assert Refund.objects.get().state == "PENDING"
        assert balance("phonepe_clearing") == 15_000_00

    def test_phonepe_is_asked_until_it_answers(self, paid: Payment, phonepe: PhonePe, days: Days) -> None:
        phonepe.reachable = False
        refunded_without_us(phonepe, paid, "DASHBOARD-1", 1_000_00)
        days.pass_by(60)
        phonepe.simulator.faults.add(Fault("server_error", "refund_status", times=2))
        is_told("DASHBOARD-1")
        days.tick_for(1)
        assert not Refund.objects.exists()
        days.tick_for(120)

        assert Refund.objects.get().state == "COMPLETED"
        assert len(phonepe.simulator.calls_to("refund_status")) == 3

    @pytest.mark.parametrize("left_out", ["refundId", "amount"])
    def test_an_answer_that_leaves_out_what_it_is_about_books_nothing(
        self, paid: Payment, phonepe: PhonePe, days: Days, monkeypatch: pytest.MonkeyPatch, left_out: str
    ) -> None:
        phonepe.reachable = False
        refunded_without_us(phonepe, paid, "DASHBOARD-1", 1_000_00)
        days.pass_by(60)
        is_told("DASHBOARD-1")
        entries = JournalEntry.objects.count()
        leaves_out(left_out, monkeypatch)
        out = StringIO()
        call_command("reconcile_pending_refunds", "--json", stdout=out)

        told = ReportedRefund.objects.get()
        assert json.loads(out.getvalue())["unanswered"] == 1
        assert (told.outcome, told.unanswered_count, JournalEntry.objects.count()) == ("waiting", 1, entries)
        assert days.now() + timedelta(seconds=3) <= told.next_check_at <= days.now() + timedelta(seconds=30)

    def test_the_command_counts_what_phonepe_says(self, paid: Payment, phonepe: PhonePe, days: Days) -> None:
        phonepe.simulator.change_settings(refund_outcome="pending")
        phonepe.reachable = False
        made_without_us(phonepe, "SOMEBODYS", 7_000_00)
        phonepe.pays("SOMEBODYS")
        refunded_without_us(phonepe, "SOMEBODYS", "DASHBOARD-1", 1_000_00)
        for name in ("DASHBOARD-1", "NOBODYS"):
            is_told(name, state="ACCEPTED")
        out = StringIO()
        call_command("reconcile_pending_refunds", "--json", stdout=out)

        told = json.loads(out.getvalue())
        assert [told[name] for name in ("asked", "pending", "not_found", "final", "failed")] == [2, 1, 1, 0, 0]

    def test_being_told_of_one_is_nothing_to_another(self, paid: Payment, phonepe: PhonePe, days: Days) -> None:
        is_told("NOBODYS")
        worker.tick()
        days.pass_by(60)
        is_told("DASHBOARD-1")
        worker.process_webhooks()

        assert list(ReportedRefund.objects.due(days.now()).values_list("merchant_refund_id")) == [("DASHBOARD-1",)]

    @pytest.mark.parametrize("told_by", ["a webhook", "another worker"])
    def test_what_is_learned_while_phonepe_says_that_it_knows_no_such_refund_counts(
        self, paid: Payment, phonepe: PhonePe, days: Days, meanwhile: Meanwhile, told_by: str
    ) -> None:
        def it_is_made() -> None:
            refunded_without_us(phonepe, paid, "DASHBOARD-1", 1_000_00)
            days.pass_by(14)
            if told_by == "a webhook":
                is_told("DASHBOARD-1", note="it is made now")
                worker.process_webhooks()
            else:
                worker.tick()

        phonepe.reachable = False
        is_told("DASHBOARD-1")
        meanwhile.after("refund_status", it_is_made)
        worker.tick()
        days.tick_for(5)

        assert ReportedRefund.objects.get().outcome == "booked"
        assert Refund.objects.get().state == "COMPLETED"
        assert not Alert.objects.filter(kind="unknown_webhook").exists()

    @pytest.mark.parametrize("outcome", ["pending", "success"])
    def test_one_that_phonepe_forgets_stands_and_is_never_asked_for(
        self, paid: Payment, phonepe: PhonePe, days: Days, outcome: str
    ) -> None:
        phonepe.simulator.change_settings(refund_outcome=outcome)
        phonepe.reachable = False
        refunded_without_us(phonepe, paid, "DASHBOARD-1", 1_000_00)
        days.pass_by(60)
        is_told("DASHBOARD-1")
        days.tick_for(3)
        state, made = Refund.objects.get().state, len(phonepe.simulator.calls_to("refund"))
        del phonepe.simulator.refunds["DASHBOARD-1"]

        is_told("DASHBOARD-1", note="once more")
        for _ in range(30):
            days.pass_by(3600)
            worker.tick()

        refund = Refund.objects.get()
        assert refund.state == state
        assert (refund.next_check_at is None) == (state == "COMPLETED")
        assert len(phonepe.simulator.calls_to("refund")) == made
        assert Alert.objects.get(kind="lost_by_phonepe").subject == "DASHBOARD-1"
        days.pass_by(4)
        out = StringIO()
        call_command("reconcile_pending_refunds", "DASHBOARD-1", "--json", stdout=out)
        told = json.loads(out.getvalue())
        assert (told["not_found"], told["failed"]) == (1, 0)

    def test_an_operator_is_told_of_one_without_an_answer_for_ten_days(
        self, paid: Payment, phonepe: PhonePe, days: Days
    ) -> None:
        phonepe.simulator.faults.add(Fault("server_error", "refund_status"))
        is_told("DASHBOARD-1")
        worker.tick()
        due = ReportedRefund.objects.filter(merchant_refund_id="DASHBOARD-1")
        for seconds in (10 * DAY - 1, 1):
            assert not Alert.objects.filter(kind="silent").exists()
            days.pass_by(seconds)
            due.update(next_check_at=days.now(), asked_at=None)
            worker.tick()

        assert "ten days ago" in Alert.objects.get(kind="silent", subject="DASHBOARD-1").sentence

    def test_nor_of_one_that_is_under_way_for_ten_days(self, paid: Payment, phonepe: PhonePe, days: Days) -> None:
        phonepe.simulator.change_settings(refund_outcome="pending")
        phonepe.reachable = False
        made_without_us(phonepe, "SOMEBODYS", 7_000_00)
        phonepe.pays("SOMEBODYS")
        refunded_without_us(phonepe, "SOMEBODYS", "DASHBOARD-1", 1_000_00)
        is_told("DASHBOARD-1", state="ACCEPTED")
        worker.tick()
        assert not Alert.objects.exists()
        days.pass_by(10 * DAY)
        worker.tick()

        assert Alert.objects.get().kind == "silent"

    def test_one_that_phonepe_did_not_know_is_asked_about_again_when_it_comes_again(
        self, paid: Payment, phonepe: PhonePe, days: Days
    ) -> None:
        phonepe.reachable = False
        is_told("DASHBOARD-1")
        worker.tick()
        assert ReportedRefund.objects.get().outcome == "unknown"
        refunded_without_us(phonepe, paid, "DASHBOARD-1", 1_000_00)
        days.pass_by(60)

        is_told("DASHBOARD-1")
        days.tick_for(3)

        assert ReportedRefund.objects.get().outcome == "booked"
        assert Refund.objects.get().state == "COMPLETED"

    def test_the_command_asks_too(self, paid: Payment, phonepe: PhonePe, days: Days) -> None:
        phonepe.reachable = False
        refunded_without_us(phonepe, paid, "DASHBOARD-1", 1_000_00)
        days.pass_by(60)
        is_told("DASHBOARD-1")
        out = StringIO()
        call_command("reconcile_pending_refunds", "--json", stdout=out)

        assert json.loads(out.getvalue())["final"] == 1
        assert Refund.objects.get().state == "COMPLETED"

    def test_so_does_the_command_that_names_it(self, paid: Payment, phonepe: PhonePe, days: Days) -> None:
        phonepe.reachable = False
        refunded_without_us(phonepe, paid, "DASHBOARD-1", 1_000_00)
        days.pass_by(60)
        is_told("DASHBOARD-1")
        worker.process_webhooks()
        out = StringIO()
        call_command("reconcile_pending_refunds", "DASHBOARD-1", "--json", stdout=out)

        told = json.loads(out.getvalue())
        assert (told["asked"], told["final"], told["webhooks"]) == (1, 1, 0)
        assert Refund.objects.get().state == "COMPLETED"


class TestWhatFitsNoPayment:
    def test_a_refund_of_an_order_that_is_not_ours(self, paid: Payment, phonepe: PhonePe, days: Days) -> None:
        made_without_us(phonepe, "SOMEBODYS", 7_000_00)
        phonepe.pays("SOMEBODYS")
        happens(phonepe, days, "SOMEBODYS", amount=2_000_00)

        assert (balance("phonepe_clearing"), balance("suspense")) == (13_000_00, 2_000_00)
        assert ReportedRefund.objects.get().outcome == "in_suspense"
        alert = Alert.objects.get(kind="dashboard_refund")
        for said in ("₹2,000.00", "SOMEBODYS", "is not in our books", "in suspense"):
            assert said in alert.sentence
        assert books_balance()

    def test_each_of_two_is_in_suspense(self, paid: Payment, phonepe: PhonePe, days: Days) -> None:
        made_without_us(phonepe, "SOMEBODYS", 7_000_00)
        phonepe.pays("SOMEBODYS")
        for name in ("DASHBOARD-1", "DASHBOARD-2"):
            happens(phonepe, days, "SOMEBODYS", name, 2_000_00)

        assert (balance("phonepe_clearing"), balance("suspense")) == (11_000_00, 4_000_00)
        assert books_balance()

    def test_one_that_is_called_as_an_order_of_ours_is_not_taken_for_it(
        self, paid: Payment, phonepe: PhonePe, days: Days
    ) -> None:
        made_without_us(phonepe, "SOMEBODYS", 7_000_00)
        phonepe.pays("SOMEBODYS")
        happens(phonepe, days, "SOMEBODYS", paid.merchant_order_id, 2_000_00)

        assert (balance("phonepe_clearing"), balance("suspense")) == (13_000_00, 2_000_00)
        assert books_balance()

    def test_more_than_is_left_is_not_booked_on_it(self, paid: Payment, phonepe: PhonePe, days: Days) -> None:
        phonepe.simulator.faults.add(Fault("wrong_amount", "refund_status", value=14_000_01))
        happens(phonepe, days, paid)

        paid.refresh_from_db()
        assert (paid.status, paid.transaction.refunding_paise) == ("completed", 0)
        assert balance("suspense") == 15_000_01
        assert "only ₹15,000.00 left" in Alert.objects.get(kind="dashboard_refund").sentence
        assert books_balance()

    def test_what_went_back_before_is_not_left(self, paid: Payment, phonepe: PhonePe, days: Days) -> None:
        happens(phonepe, days, paid, amount=14_000_00)
        phonepe.simulator.faults.add(Fault("wrong_amount", "refund_status", value=1))
        happens(phonepe, days, paid, "DASHBOARD-2", 1_000_00)

        assert Refund.objects.get().amount_paise == 14_000_00
        assert ReportedRefund.objects.get(merchant_refund_id="DASHBOARD-2").outcome == "in_suspense"
        assert balance("suspense") == 1_000_01
        assert "only ₹1,000.00 left" in Alert.objects.get(subject="DASHBOARD-2").sentence
        assert books_balance()

    def test_a_paisa_is_money_too(self, paid: Payment, phonepe: PhonePe, days: Days) -> None:
        phonepe.simulator.faults.add(Fault("wrong_amount", "refund_status", value=-99_999))
        happens(phonepe, days, paid)

        assert not Refund.objects.exists()
        assert balance("suspense") == 1
        assert books_balance()

    def test_until_then_phonepe_is_asked_as_the_schedule_says(
        self, paid: Payment, phonepe: PhonePe, days: Days
    ) -> None:
        made_without_us(phonepe, "SOMEBODYS", 7_000_00)
        phonepe.pays("SOMEBODYS")
        phonepe.simulator.change_settings(refund_outcome="pending")
        refunded_without_us(phonepe, "SOMEBODYS", "DASHBOARD-1", 1_000_00)
        is_told("DASHBOARD-1", state="ACCEPTED")
        days.tick_for(1)
        days.pass_by(20)
        worker.tick()
        assert len(phonepe.simulator.calls_to("refund_status")) == 1
        days.pass_by(10)
        worker.tick()
        assert len(phonepe.simulator.calls_to("refund_status")) == 2

    def test_it_goes_to_suspense_when_its_money_has_gone_and_not_before(
        self, paid: Payment, phonepe: PhonePe, days: Days
    ) -> None:
        made_without_us(phonepe, "SOMEBODYS", 7_000_00)
        phonepe.pays("SOMEBODYS")
        phonepe.simulator.change_settings(refund_outcome="pending")
        refunded_without_us(phonepe, "SOMEBODYS", "DASHBOARD-1", 1_000_00)
        is_told("DASHBOARD-1", state="ACCEPTED")
        days.tick_for(5)
        assert (balance("suspense"), ReportedRefund.objects.get().outcome) == (0, "waiting")

        phonepe.simulator.conclude_refund("DASHBOARD-1", "success")
        days.tick_for(120)

        assert balance("suspense") == 1_000_00

    def test_an_answer_without_an_amount_posts_nothing(
        self, paid: Payment, phonepe: PhonePe, days: Days, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        entries = JournalEntry.objects.count()
        phonepe.simulator.faults.add(Fault("wrong_amount", "refund_status", value=-1_000_00))
        happens(phonepe, days, paid)

        assert JournalEntry.objects.count() == entries
        told = ReportedRefund.objects.get()
        assert (told.outcome, told.check_count) == ("waiting", 0)
        assert told.unanswered_count > 0

    def test_one_of_an_order_that_is_not_paid_here_waits_for_the_payment(
        self, payment: Payment, stranger: Caller, phonepe: PhonePe, days: Days
    ) -> None:
        """Both webhooks of the order were lost; PhonePe is asked about it first."""
        phonepe.reachable = False
        phonepe.pays(payment)
        refunded_without_us(phonepe, payment, "DASHBOARD-1", 1_000_00)
        other = PaymentTransaction.objects.get(merchant_order_id=order_id_of(stranger.starts_rent()))
        PaymentTransaction.objects.update(next_check_at=None)
        days.pass_by(60)
        is_told("DASHBOARD-1")
        days.tick_for(35)

        payment.refresh_from_db()
        assert payment.status == "partially_refunded"
        assert Refund.objects.get().kind == "dashboard"
        assert balance("suspense") == 0
        assert not phonepe.was_asked(other), "it is nothing to other orders"

    def test_one_of_an_order_that_is_never_paid_here_goes_to_suspense_at_last(
        self, payment: Payment, phonepe: PhonePe, days: Days
    ) -> None:
        phonepe.reachable = False
        phonepe.pays(payment)
        refunded_without_us(phonepe, payment, "DASHBOARD-1", 1_000_00)
        phonepe.simulator.faults.add(Fault("server_error", "order_status"))
        days.pass_by(60)
        is_told("DASHBOARD-1")
        worker.process_webhooks()
        for seconds in (0, 3599, 1):
            days.pass_by(seconds)
            ReportedRefund.objects.update(next_check_at=days.now(), asked_at=None)
            assert ReportedRefund.objects.get().outcome == "waiting"
            worker.tick()

        assert ReportedRefund.objects.get().outcome == "in_suspense"
        assert balance("suspense") == 1_000_00
        assert books_balance()


class TestWhatWasInSuspenseBefore:
    def test_it_leaves_suspense_when_it_is_booked(self, paid: Payment, phonepe: PhonePe, days: Days) -> None:
        """An earlier version posted what a webhook or a settlement told of."""
        posting.record_unknown_refund(("", "DASHBOARD-1"), paid.merchant_order_id, 1_000_00, at=days.now())
        assert (balance("suspense"), balance("phonepe_clearing")) == (1_000_00, 14_000_00)

        happens(phonepe, days, paid)

        assert (balance("suspense"), balance("phonepe_clearing")) == (0, 14_000_00)
        assert sources("DASHBOARD-1")[:2] == ["unknown_refund:DASHBOARD-1", "unknown_refund:DASHBOARD-1:2"]
        assert Refund.objects.get().state == "COMPLETED"
        assert books_balance()


class TestOfNoPayment:
    @pytest.mark.parametrize("again", [("OMR1", "DASHBOARD-1"), ("OMR1", ""), ("OMR1", "ANOTHER-NAME")])
    def test_it_is_posted_once_by_whichever_id_it_is_told_of(
        self, days: Days, db: None, again: tuple[str, ...]
    ) -> None:
        posting.record_unknown_refund(("OMR1", "DASHBOARD-1"), "NOT-OURS", 1_000_00, at=days.now())
        posting.record_unknown_refund(again, "NOT-OURS", 1_000_00, at=days.now())

        assert (balance("suspense"), balance("phonepe_clearing")) == (1_000_00, -1_000_00)

    def test_and_once_if_it_was_posted_by_the_merchants_id_before(self, days: Days, db: None) -> None:
        posting.record_unknown_refund(("", "DASHBOARD-1"), "NOT-OURS", 1_000_00, at=days.now())
        posting.record_unknown_refund(("OMR1", "DASHBOARD-1"), "NOT-OURS", 1_000_00, at=days.now())

        assert JournalEntry.objects.count() == 1


class TestTheDatabaseRefuses:
    @pytest.mark.parametrize("wrong", [{"refund_id": ""}, {"sent_at": None}])
    def test_one_that_could_be_sent_from_here(
        self, paid: Payment, phonepe: PhonePe, days: Days, wrong: dict[str, Any]
    ) -> None:
        happens(phonepe, days, paid)
        with pytest.raises(IntegrityError), transaction.atomic():
            Refund.objects.update(state="PENDING", finished_at=None, reconciliation_status="open", **wrong)
