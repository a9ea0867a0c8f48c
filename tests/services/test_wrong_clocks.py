"""A machine whose clock ran an hour ahead wrote rows; what the others, whose clocks are right, make of them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.test import Client
from knox.models import AuthToken

from core.models import ChangeCause, IdempotencyKey, Payment, PaymentTransaction, Refund
from core.services import worker
from core.services.operations import log_ins
from core.services.payments.order_status import ask_now
from core.services.polling.claims import CheckResult
from phonepe_simulator import Fault
from tests.api.answers import assert_problem
from tests.meanwhile import Meanwhile
from tests.people import Caller
from tests.phonepe import Days, PhonePe

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
LEASE = timedelta(seconds=13)


@pytest.fixture
def ahead(days: Days) -> Callable[[], Any]:
    """Let a machine act whose clock is an hour ahead. PhonePe's is right, but it goes by the test's clock, too."""

    @contextmanager
    def act() -> Iterator[None]:
        days.pass_by(3600)
        try:
            yield
        finally:
            days.pass_by(-3600)

    return act


@pytest.fixture
def claimed_ahead(payment: Payment, days: Days) -> Payment:
    """An order that a worker an hour ahead has claimed and then asked about."""
    asked_at = days.now() + HOUR
    PaymentTransaction.objects.update(asked_at=asked_at, last_checked_at=asked_at, next_check_at=asked_at + LEASE)
    return payment


def reconcile(*flags: str) -> None:
    call_command("reconcile_pending_payments", *flags, stdout=StringIO())


class TestAQuestionYetToCome:
    def test_a_webhook_has_phonepe_asked(self, claimed_ahead: Payment, phonepe: PhonePe, days: Days) -> None:
        phonepe.pays(claimed_ahead)
        phonepe.delivers()
        worker.process_webhooks()
        worker.do_due(worker.ORDERS, worker.Tally())  # without what a tick does about put-off rows

        claimed_ahead.refresh_from_db()
        assert claimed_ahead.status == "completed"

    def test_verify_asks(self, tenant: Caller, claimed_ahead: Payment, phonepe: PhonePe) -> None:
        phonepe.pays(claimed_ahead)

        assert tenant.verifies(claimed_ahead.merchant_order_id).json()["state"] == "COMPLETED"

    def test_the_return_page_asks(self, claimed_ahead: Payment, phonepe: PhonePe) -> None:
        phonepe.pays(claimed_ahead)

        Client().get(f"/payments/return/{claimed_ahead.merchant_order_id}/")

        claimed_ahead.refresh_from_db()
        assert claimed_ahead.status == "completed"

    def test_the_callback_makes_it_due(self, claimed_ahead: Payment, phonepe: PhonePe, days: Days) -> None:
        body = {"merchant_order_id": claimed_ahead.merchant_order_id}
        Client().post("/api/payments/handle-payment-callback/", body, content_type="application/json")

        assert PaymentTransaction.objects.get().next_check_at == days.now()

    def test_all_asks(self, claimed_ahead: Payment, phonepe: PhonePe) -> None:
        PaymentTransaction.objects.update(next_check_at=None)  # as an order that only `--all` would find
        phonepe.pays(claimed_ahead)

        reconcile("--all")

        claimed_ahead.refresh_from_db()
        assert claimed_ahead.status == "completed"

    def test_what_a_machine_ahead_learns_while_we_ask_is_asked_about_after_that(
        self, payment: Payment, phonepe: PhonePe, days: Days, meanwhile: Meanwhile, ahead: Callable[[], Any]
    ) -> None:
        """To that machine our claim has lapsed, and the order is due already: it must not stay with our answer."""
        phonepe.pays(payment, outcome="pending")
        days.pass_by(20 * 60)  # the order has expired, and PhonePe calls it failed
        phonepe.reachable = False
        phonepe.delivers()
        phonepe.reachable = True

        def the_bank_pays_after_all() -> None:
            with ahead():
                phonepe.simulator.conclude(payment.merchant_order_id, "success")
                phonepe.delivers()
                worker.process_webhooks()

        meanwhile.after("order_status", the_bank_pays_after_all)
        worker.do_due(worker.ORDERS, worker.Tally())
        payment.refresh_from_db()
        assert payment.status == "failed"

        days.tick_for(20)

        payment.refresh_from_db()
        assert payment.status == "completed"

    @pytest.mark.parametrize("clock", [worker.tick, reconcile])
    def test_the_clock_asks(self, claimed_ahead: Payment, phonepe: PhonePe, clock: Callable[[], None]) -> None:
        phonepe.pays(claimed_ahead)

        clock()

        claimed_ahead.refresh_from_db()
        assert claimed_ahead.status == "completed"

    def test_a_dry_run_says_so(self, claimed_ahead: Payment) -> None:
        out = StringIO()
        call_command("reconcile_pending_payments", "--dry-run", stdout=out)
        assert claimed_ahead.merchant_order_id in out.getvalue()

    def test_no_second_order_is_opened_beside_one_that_is_paid(
        self, tenant: Caller, claimed_ahead: Payment, phonepe: PhonePe
    ) -> None:
        phonepe.pays(claimed_ahead)

        assert_problem(tenant.starts_rent("14000.00"), 409, "already_paid")

        assert len(phonepe.orders_taken()) == Payment.objects.count() == 1

    def test_it_is_followed_by_the_schedule(
        self, tenant: Caller, claimed_ahead: Payment, phonepe: PhonePe, days: Days
    ) -> None:
        tenant.verifies(claimed_ahead.merchant_order_id)

        order = PaymentTransaction.objects.get()
        assert order.asked_at == days.now()
        assert order.next_check_at == order.initiated_at + timedelta(seconds=20)
        tenant.verifies(claimed_ahead.merchant_order_id)
        assert len(phonepe.was_asked()) == 1

    @pytest.mark.parametrize("is_scheduled", [True, False])
    def test_of_two_who_find_it_one_asks(
        self, tenant: Caller, claimed_ahead: Payment, phonepe: PhonePe, days: Days, *, is_scheduled: bool
    ) -> None:
        if not is_scheduled:
            PaymentTransaction.objects.update(next_check_at=None)
        found = PaymentTransaction.objects.get()
        tenant.verifies(claimed_ahead.merchant_order_id)

        assert ask_now(found, cause=ChangeCause.VERIFY) == CheckResult.NOT_ASKED
        assert len(phonepe.was_asked()) == 1

    def test_the_clock_leaves_others_as_they_are(
        self, claimed_ahead: Payment, stranger: Caller, phonepe: PhonePe, days: Days
    ) -> None:
        other = stranger.starts_rent()

        worker.tick()

        assert len(phonepe.was_asked(claimed_ahead)) == 1
        assert not phonepe.was_asked(other)

    @pytest.mark.parametrize("due_in", [13.5, 60.5], ids=["it is asking now", "it has asked and scheduled"])
    def test_a_machine_half_a_second_ahead_is_left_alone(
        self, payment: Payment, phonepe: PhonePe, days: Days, due_in: float
    ) -> None:
        now = days.now()
        PaymentTransaction.objects.update(
            asked_at=now + timedelta(seconds=0.5), next_check_at=now + timedelta(seconds=due_in)
        )

        worker.tick()

        assert not phonepe.was_asked()


class TestAnOrderThatWasMadeThere:
    @pytest.fixture
    def made_ahead(self, tenant: Caller, phonepe: PhonePe, ahead: Any) -> Payment:
        with ahead():
            tenant.starts_rent("15000.00")
        return Payment.objects.get()

    def test_it_is_asked_about_from_the_first_tick_on(self, made_ahead: Payment, phonepe: PhonePe, days: Days) -> None:
        began = days.now()
        days.tick_for(60)

        assert [round((call.at - began).total_seconds()) for call in phonepe.was_asked()] == [1, 23, 45]

    def test_while_phonepe_is_silent_it_is_asked_about_as_seldom_as_others(
        self, made_ahead: Payment, phonepe: PhonePe, days: Days
    ) -> None:
        phonepe.simulator.faults.add(Fault("unavailable"))
        PaymentTransaction.objects.update(unanswered_count=8)

        days.tick_for(60)

        assert len(phonepe.was_asked()) == 1

    def test_its_page_is_not_handed_back(self, tenant: Caller, made_ahead: Payment, phonepe: PhonePe) -> None:
        assert tenant.starts_rent("15000.00").status_code == 201
        assert Payment.objects.filter(status="pending").count() == 1

    def test_its_lease_has_lapsed(
        self, tenant: Caller, made_ahead: Payment, phonepe: PhonePe, days: Days, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("core.services.payments.checkout.WAIT_FOR_ANOTHER_TAP", 0)
        PaymentTransaction.objects.update(calling_until=days.now() + HOUR + LEASE, redirect_url="")

        assert tenant.starts_rent("15000.00").status_code == 201

    def test_an_order_whose_call_really_runs_is_waited_for(
        self, tenant: Caller, payment: Payment, phonepe: PhonePe, days: Days, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("core.services.payments.checkout.WAIT_FOR_ANOTHER_TAP", 0)
        monkeypatch.setattr("core.services.payments.checkout.LOOK_EVERY", 0)
        PaymentTransaction.objects.update(calling_until=days.now() + LEASE, redirect_url="")

        assert_problem(tenant.starts_rent("15000.00"), 409, "still_running")


class TestRefunds:
    def test_one_that_was_claimed_there_is_asked_about(
        self, owner: Caller, payment: Payment, phonepe: PhonePe, days: Days
    ) -> None:
        phonepe.pays(payment)
        days.tick_for(21)
        owner.post(f"/api/payments/{payment.pk}/refund/", {"amount": "10000.00", "reason": "Too much"})
        days.pass_by(4)
        Refund.objects.update(asked_at=days.now() + HOUR, next_check_at=days.now() + HOUR + LEASE)

        days.tick_for(30)

        assert Refund.objects.get().state == "COMPLETED"

    def test_one_that_phonepe_never_got_is_sent_again_in_spite_of_that_claim(
        self, owner: Caller, payment: Payment, phonepe: PhonePe, days: Days
    ) -> None:
        phonepe.pays(payment)
        days.tick_for(21)
        phonepe.simulator.faults.add(Fault("timeout_before", "refund", times=1))
        owner.post(f"/api/payments/{payment.pk}/refund/", {"amount": "10000.00", "reason": "Too much"})
        days.pass_by(4)
        Refund.objects.update(asked_at=days.now() + HOUR, next_check_at=days.now() + HOUR + LEASE)

        call_command("reconcile_pending_refunds", "--all", stdout=StringIO())

        assert len(phonepe.simulator.calls_to("refund")) == 2
        assert Refund.objects.get().refund_id


class TestAnIdempotencyKey:
    @pytest.mark.parametrize(("runs_for", "status"), [(HOUR, 201), (timedelta(seconds=26), 409)])
    def test_a_lease_longer_than_any_has_lapsed(
        self, tenant: Caller, phonepe: PhonePe, days: Days, runs_for: timedelta, status: int
    ) -> None:
        phonepe.simulator.faults.add(Fault("timeout_before", "pay", times=1))
        assert tenant.starts_rent(key="k1").status_code == 503
        IdempotencyKey.objects.update(running_until=days.now() + runs_for)

        assert tenant.starts_rent(key="k1").status_code == status


class TestOtherInstants:
    def test_nothing_was_paid_in_the_future(
        self, tenant: Caller, payment: Payment, phonepe: PhonePe, days: Days, ahead: Any
    ) -> None:
        days.pass_by(60)
        phonepe.pays(payment)
        days.pass_by(-50)  # our clock is behind PhonePe's

        tenant.verifies(payment.merchant_order_id)

        order = PaymentTransaction.objects.get()
        assert (order.state, order.paid_at) == ("COMPLETED", days.now())

    def test_a_check_further_away_than_any_is_made_now(self, payment: Payment, days: Days) -> None:
        PaymentTransaction.objects.update(next_check_at=days.now() + timedelta(days=30), asked_at=days.now())

        worker.tick()

        assert PaymentTransaction.objects.get().next_check_at == days.now() + timedelta(seconds=3)

    def test_a_check_of_tomorrow_is_left_alone(self, payment: Payment, phonepe: PhonePe, days: Days) -> None:
        tomorrow = days.now() + timedelta(days=1)
        PaymentTransaction.objects.update(next_check_at=tomorrow, asked_at=days.now())

        worker.tick()

        assert PaymentTransaction.objects.get().next_check_at == tomorrow

    def test_a_log_in_lasts_no_longer_than_one_made_now(self, tenant: Caller, days: Days, ahead: Any) -> None:
        with ahead():
            AuthToken.objects.create(tenant.user)
            Client().force_login(tenant.user)

        log_ins.forget_expired(now=days.now())

        assert {token.expiry - days.now() for token in AuthToken.objects.all()} == {timedelta(days=30)}
        assert Session.objects.get().expire_date - days.now() == timedelta(weeks=2)
