"""What happens to AutoPay at the same moment, from threads with connections of their own."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from datetime import timedelta
from functools import partial
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
from django.db import connection, connections
from django.utils import timezone

from core.errors import CannotBeDoneNow
from core.models import Mandate, OperatorAction, OwnerSubscriptionPayment, PaymentStatus
from core.services import worker
from core.services.mandates import cancelling, debits, renewing
from core.services.payments.order_status import ask_now
from core.tasks import renew_subscriptions
from phonepe_simulator import Fault
from tests.at_once import at_once
from tests.mandates.autopay import AUTOPAY, Autopay
from tests.mandates.steps import soon
from tests.people import Caller
from tests.subscriptions import subscribes

Story = Callable[[], Any]

pytestmark = pytest.mark.django_db(transaction=True)


def still_open() -> list[OwnerSubscriptionPayment]:
    return list(OwnerSubscriptionPayment.objects.filter(status=PaymentStatus.PENDING, renews_from=None))


class TestSetupAndCheckoutAtOnce:
    def test_one_of_them_is_open_in_the_end(self, autopay: Autopay) -> None:
        setting_up, paying = autopay.caller(), autopay.caller()

        at_once(
            partial(autopay.sets_up, by=setting_up),
            partial(subscribes, paying, autopay.plan),
            partial(subscribes, paying, autopay.plan),
        )

        assert len(still_open()) == 1


class TestTheClockTwice:
    def test_two_runs_at_once_announce_once_and_execute_once(self, subscribed: Autopay) -> None:
        subscribed.go_to(subscribed.end - timedelta(days=3))
        for _ in range(3):
            at_once(*[renew_subscriptions] * 3)
            subscribed.pass_by(minutes=2)
            subscribed.works()
        assert len(subscribed.calls("notify")) == 1

        subscribed.go_to(subscribed.end)
        at_once(*[renew_subscriptions] * 3)
        soon(subscribed)

        assert len(subscribed.calls("redeem")) == 1
        assert [debit.status for debit in subscribed.debits] == ["completed"]


class TestOwnerAndPayerAtOnce:
    def test_approving_cancelling_and_setting_up_again_leave_one_period_and_one_mandate(self, autopay: Autopay) -> None:
        autopay.sets_up()
        name, owner = str(autopay.mandate), autopay.caller()
        autopay.phonepe.simulator.mandates.approve(name)

        at_once(
            autopay.phonepe.delivers,
            worker.tick,
            partial(owner.delete, AUTOPAY),
            partial(autopay.sets_up, by=owner, target_app="com.other.app"),
        )
        autopay.works_until(timezone.now() + timedelta(hours=3), every=timedelta(minutes=20))

        subscription = autopay.subscription
        assert subscription.mandates.filter(is_in_use=True).count() <= 1
        kept = sum(payment.kept_paise() for payment in subscription.payments.all())
        assert kept == 499_00 * subscription.periods.count()
        assert subscription.periods.count() <= 1


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer")
class TestWhileItsRowsAreHeld:
    """What begins while something else is half done waits until that is done."""

    @pytest.fixture
    def begun(self) -> Iterator[list[Future[Any]]]:
        """What was begun in a thread of its own; it is done in the end."""
        begun: list[Future[Any]] = []
        yield begun
        assert begun
        assert all(each.done() for each in begun)

    def begins_before(
        self, step: str, story: Story, of: Any, begun: list[Future[Any]], patch: pytest.MonkeyPatch
    ) -> None:
        """Let a story begin before a step of a module, which goes on when the story is done, or waits for us."""
        does, pool = getattr(of, step), ThreadPoolExecutor(1)

        def run() -> Any:
            try:
                return story()
            finally:
                connections.close_all()

        def later(*about: Any, **how: Any) -> Any:
            if not begun:
                begun.append(pool.submit(run))
                wait(begun, timeout=0.4)
            return does(*about, **how)

        patch.setattr(of, step, later)

    def test_a_reason_to_look_is_not_lost(
        self, subscribed: Autopay, begun: list[Future[Any]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        key = subscribed.mandate.pk
        subscribed.go_to(subscribed.mandate.next_check_at or timezone.now())
        story = partial(Mandate.make_due, key, now=timezone.now())
        self.begins_before("_next_step", story, renewing, begun, monkeypatch)

        renew_subscriptions()
        wait(begun)

        assert subscribed.mandate.next_check_at == timezone.now() + timedelta(seconds=3)

    def test_a_setup_that_is_paid_while_it_is_cancelled_goes_back(
        self, autopay: Autopay, begun: list[Future[Any]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        autopay.sets_up()
        autopay.phonepe.simulator.mandates.approve(str(autopay.mandate))
        autopay.pass_by(seconds=4)
        story = partial(ask_now, autopay.mandate.setup().transaction, cause="clock")
        self.begins_before("move", story, cancelling, begun, monkeypatch)

        autopay.cancels()
        wait(begun)

        setup = autopay.mandate.setup()
        assert (setup.status, setup.transaction.surplus_paise) == ("completed", 499_00)
        assert (autopay.subscription.periods.count(), autopay.mandate.is_in_use) == (0, False)

    def test_a_notice_that_phonepe_refuses_has_failed_before_autopay_is_cancelled(
        self, subscribed: Autopay, begun: list[Future[Any]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        subscribed.phonepe.simulator.faults.add(Fault("refused", call="subscription_notify", times=1))
        subscribed.go_to(subscribed.end - timedelta(days=3))
        renew_subscriptions()
        subscribed.pass_by(minutes=1)
        self.begins_before("move", subscribed.cancels, debits, begun, monkeypatch)

        renew_subscriptions()
        wait(begun)

        assert [debit.status for debit in subscribed.debits] == ["failed"]
        assert (subscribed.mandate.is_in_use, subscribed.mandate.shown_state) == (False, "CANCEL_IN_PROGRESS")

    def test_of_two_operators_who_cancel_it_one_does(
        self, subscribed: Autopay, operator: Caller, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        can_be, both, told = cancelling.can_be_cancelled, Barrier(2), []

        def look_together(mandate: Mandate) -> bool:
            seen = can_be(mandate)
            with suppress(BrokenBarrierError):
                both.wait(0.4)
            return seen

        def cancels(mandate: Mandate) -> None:
            try:
                cancelling.cancel_mandate(mandate, by=operator.user, reason="Asked for", now=timezone.now())
            except CannotBeDoneNow as refused:
                told.append(str(refused))

        monkeypatch.setattr(cancelling, "can_be_cancelled", look_together)

        at_once(*[partial(cancels, Mandate.objects.get()) for _ in range(2)])

        assert (OperatorAction.objects.count(), len(told)) == (1, 1)
