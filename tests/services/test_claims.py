"""The right to ask about an order: who has it, until when, and what becomes of a question that came to nothing."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError

from core.models import ChangeCause, Payment, PaymentTransaction
from core.models.reconciled import ReconciledQuerySet
from core.services import worker
from core.services.payments.order_status import ask_now
from core.services.polling.claims import CheckResult, Claim, give_back, may_still_ask, seconds_asked_about
from core.services.webhooks import inbox
from phonepe_simulator import Fault
from tests.meanwhile import Meanwhile
from tests.orders import make_open_orders
from tests.people import Caller
from tests.phonepe import Days, PhonePe, order_id_of


def claimed(days: Days) -> Claim[PaymentTransaction]:
    [claim] = worker.ORDERS.claim_due(due_by=days.now(), limit=10)
    return claim


def order_now() -> PaymentTransaction:
    return PaymentTransaction.objects.get()


def tells_of(payment: Payment, days: Days) -> None:
    """Let a webhook about an order come, and be read."""
    content = {"payload": {"merchantOrderId": payment.merchant_order_id}}
    inbox.receive(json.dumps(content).encode(), now=days.now())
    worker.process_webhooks()


class TestAClaim:
    """It lasts for the eight seconds that a call may take, and five more."""

    @pytest.fixture
    def claim(self, payment: Payment, days: Days) -> Claim[PaymentTransaction]:
        days.pass_by(20)
        return claimed(days)

    def test_a_call_begins_while_it_ends_before_others_may_ask(
        self, claim: Claim[PaymentTransaction], days: Days
    ) -> None:
        last = days.now() + timedelta(seconds=5)

        assert claim.outlasts_a_call(last)
        assert not claim.outlasts_a_call(last + timedelta(microseconds=1))

    @pytest.mark.parametrize(("later", "seconds"), [(0, 13), (0.5, 13), (12, 1), (12.5, 1), (13, 0), (20, 0)])
    def test_others_are_told_for_how_long_somebody_may_be_asking(
        self, claim: Claim[PaymentTransaction], days: Days, later: float, seconds: int
    ) -> None:
        days.pass_by(later)

        assert seconds_asked_about(order_now(), now=days.now()) == seconds
        assert replace(claim, row=order_now()).interrupts_another(days.now()) is (seconds > 0)

    @pytest.mark.parametrize(
        ("asked", "until"),
        [
            (None, 13),
            (0, None),
            (0, 13.001),  # asked just now and scheduled, not claimed
            (-60, 5),  # long ago, and soon to be asked about again
            (3600, 3613),  # by a machine whose clock is ahead
        ],
    )
    def test_an_order_that_nobody_has_claimed_is_asked_about_by_nobody(
        self, claim: Claim[PaymentTransaction], days: Days, asked: float | None, until: float | None
    ) -> None:
        at = [None if seconds is None else days.now() + timedelta(seconds=seconds) for seconds in (asked, until)]
        PaymentTransaction.objects.update(asked_at=at[0], next_check_at=at[1])

        assert seconds_asked_about(order_now(), now=days.now()) == 0

    @pytest.mark.parametrize(("later", "noted_later"), [(0, 0), (1, 0), (1.5, 1.5)])
    def test_what_is_asked_within_a_second_of_it_counts_as_asked_with_it(
        self, claim: Claim[PaymentTransaction], days: Days, later: float, noted_later: float
    ) -> None:
        claimed_at = days.now()
        days.pass_by(later)

        assert may_still_ask(claim, now=days.now())

        assert order_now().asked_at == claimed_at + timedelta(seconds=noted_later)


class TestAClaimThatAWebhookHasEnded:
    def test_a_question_that_comes_to_nothing_does_not_put_its_order_off(
        self, payment: Payment, stranger: Caller, phonepe: PhonePe, days: Days, meanwhile: Meanwhile
    ) -> None:
        other = PaymentTransaction.objects.filter(merchant_order_id=order_id_of(stranger.starts_rent()))
        days.pass_by(600)  # by the schedule it is asked about once a minute
        other.update(next_check_at=days.now() + timedelta(seconds=60))
        before = other.values().get()
        phonepe.simulator.faults.add(Fault("unavailable", "order_status"))
        meanwhile.before("order_status", lambda: tells_of(payment, days))

        worker.do_due(worker.ORDERS, worker.Tally())

        order = PaymentTransaction.objects.get(pk=payment.transaction_id)
        assert (order.unanswered_count, order.next_check_at) == (1, days.now() + timedelta(seconds=3))
        assert other.values().get() == before

    def test_it_is_not_given_back(self, payment: Payment, days: Days) -> None:
        days.pass_by(20)
        claim = claimed(days)
        tells_of(payment, days)
        before = PaymentTransaction.objects.values().get()

        give_back([claim])

        assert PaymentTransaction.objects.values().get() == before


class TestAskingBesideTheSchedule:
    def test_it_serves_a_check_that_is_due_and_the_next_is_the_one_three_seconds_later(
        self, tenant: Caller, payment: Payment, phonepe: PhonePe, days: Days
    ) -> None:
        days.pass_by(20)

        tenant.verifies(payment.merchant_order_id)
        worker.tick()

        assert len(phonepe.was_asked()) == 1
        assert order_now().next_check_at == days.now() + timedelta(seconds=3)

    @pytest.mark.parametrize(("at", "again"), [(5, 20), (16.5, 20), (17.5, 20.5), (20, 23), (30, 33)])
    def test_unanswered_it_served_no_check(
        self, tenant: Caller, payment: Payment, phonepe: PhonePe, days: Days, at: float, again: float
    ) -> None:
        began = days.now()
        days.pass_by(at)
        phonepe.simulator.faults.add(Fault("unavailable", "order_status"))

        tenant.verifies(payment.merchant_order_id)

        order = order_now()
        assert (order.unanswered_count, order.asked_at) == (1, days.now())
        assert order.next_check_at == began + timedelta(seconds=again)

    @pytest.mark.parametrize("is_scheduled", [True, False])
    def test_it_leaves_other_orders_alone(
        self, payment: Payment, stranger: Caller, phonepe: PhonePe, days: Days, *, is_scheduled: bool
    ) -> None:
        other = PaymentTransaction.objects.filter(merchant_order_id=order_id_of(stranger.starts_rent()))
        due = days.now() + timedelta(seconds=20) if is_scheduled else None
        PaymentTransaction.objects.update(next_check_at=due)
        before = other.values().get()

        payment.transaction.refresh_from_db()
        assert ask_now(payment.transaction, cause=ChangeCause.COMMAND) == CheckResult.PENDING

        assert other.values().get() == before

    @pytest.mark.parametrize("is_scheduled", [True, False])
    def test_what_a_webhook_has_made_due_since_the_order_was_read_stays_due(
        self, payment: Payment, phonepe: PhonePe, days: Days, *, is_scheduled: bool
    ) -> None:
        if not is_scheduled:
            PaymentTransaction.objects.update(next_check_at=None)
        days.pass_by(5)
        found = order_now()
        tells_of(payment, days)

        assert ask_now(found, cause=ChangeCause.COMMAND) == CheckResult.NOT_ASKED

        assert order_now().next_check_at == days.now()
        assert not phonepe.was_asked()


class TestAnswersThatAreNotedTogether:
    @pytest.fixture
    def refused(self, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
        """Let the database refuse what is noted of some orders."""
        note = ReconciledQuerySet.note_pending

        def refuse(*orders: PaymentTransaction) -> None:
            def notes(rows: ReconciledQuerySet, answers: Any, **how: Any) -> None:
                if {answer.pk for answer in answers} & {order.pk for order in orders}:
                    raise OperationalError("not now")
                note(rows, answers, **how)

            monkeypatch.setattr(ReconciledQuerySet, "note_pending", notes)

        return refuse

    @pytest.mark.parametrize(("many", "fail"), [(1, 1), (2, 1), (3, 1), (3, 3)])
    def test_one_that_cannot_be_noted_keeps_no_other_back_and_comes_up_again(
        self,
        db: None,
        phonepe: PhonePe,
        days: Days,
        refused: Callable[..., None],
        caplog: pytest.LogCaptureFixture,
        many: int,
        fail: int,
    ) -> None:
        orders = make_open_orders(many, phonepe)
        days.pass_by(25)
        PaymentTransaction.objects.update(next_check_at=days.now())
        worker.do_all(worker.ORDERS, worker.Tally(), asked_before=days.now())  # now their ids at PhonePe are known
        days.pass_by(3)
        PaymentTransaction.objects.update(next_check_at=days.now(), check_count=0)
        refused(*orders[:fail])

        worker.do_due(worker.ORDERS, worker.Tally())

        counts = PaymentTransaction.objects.order_by("pk").values_list("check_count", flat=True)
        assert list(counts) == [0] * fail + [1] * (many - fail)
        assert caplog.text.count("answer_not_noted") == fail
        lapses_at = days.now() + timedelta(seconds=13)
        assert PaymentTransaction.objects.filter(next_check_at=lapses_at).count() == fail
