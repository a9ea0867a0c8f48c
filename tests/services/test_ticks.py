"""What a worker's tick looks for, ten times a second, and whom it calls for help."""

from typing import Any

import pytest

from core import tasks
from core.models import Payment, PaymentTransaction
from core.services import worker
from tests.dashboard import refunded_without_us
from tests.deliveries import delivers
from tests.orders import make_open_orders
from tests.people import Caller
from tests.phonepe import Days, PhonePe
from tests.refunds import refunds


class TestWhatWaits:
    """One look tells of which kinds there is something to do."""

    def test_nothing_does_before_it_is_due(self, payment: Payment, days: Days) -> None:
        days.pass_by(19)

        assert worker.what_waits(days.now()) == set()

    def test_an_order_that_is_due(self, payment: Payment, days: Days) -> None:
        days.pass_by(20)

        assert worker.what_waits(days.now()) == {"orders"}

    def test_a_webhook_that_nobody_has_read(self, db: None, days: Days) -> None:
        delivers()

        assert worker.what_waits(days.now()) == {worker.WEBHOOKS}

    def test_all_kinds_at_once(
        self, owner: Caller, stranger: Caller, payment: Payment, phonepe: PhonePe, days: Days
    ) -> None:
        phonepe.pays(payment)
        days.tick_for(21)
        refunds(owner, payment, "5000.00")
        refunded_without_us(phonepe, payment, "ON-THE-DASHBOARD", 1_00)
        stranger.starts_rent()
        days.pass_by(3600)
        phonepe.delivers()
        worker.process_webhooks()
        delivers()

        assert worker.what_waits(days.now()) == {worker.WEBHOOKS, "orders", "refunds", "reported refunds"}


class TestManyAtOnce:
    """A worker claims ten rows at first; for more it calls others, one for each ten."""

    @pytest.fixture
    def called(self, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
        calls: list[Any] = []
        monkeypatch.setattr(tasks.drain, "apply_async", lambda args, **_: calls.append(args))
        monkeypatch.setattr(tasks, "WATCH_FOR", 0)
        monkeypatch.setattr(tasks, "LOOK_EVERY", 60)  # seconds for one look, on a machine that may be busy
        return calls

    @pytest.fixture
    def orders(self, db: None, phonepe: PhonePe) -> list[PaymentTransaction]:
        return make_open_orders(25, phonepe)

    @pytest.mark.parametrize(("due", "helpers"), [(9, 0), (10, 1), (25, 2)])
    def test_others_are_called_for_as_many_as_are_due(
        self, orders: list[PaymentTransaction], called: list[Any], phonepe: PhonePe, days: Days, due: int, helpers: int
    ) -> None:
        PaymentTransaction.objects.filter(pk__in=[order.pk for order in orders[:due]]).update(next_check_at=days.now())

        tasks.tick()

        assert called == [("orders",)] * helpers
        assert len(phonepe.was_asked()) == due


def test_one_that_becomes_due_meanwhile_is_asked_about_in_the_same_tick(
    payment: Payment, phonepe: PhonePe, days: Days, surviving_ticks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    days.pass_by(19.5)
    monkeypatch.setattr(tasks.time, "monotonic", lambda: days.now().timestamp())
    monkeypatch.setattr(tasks.time, "sleep", days.pass_by)

    tasks.tick()

    [asked] = phonepe.was_asked(payment)
    assert (asked.at - payment.transaction.initiated_at).total_seconds() == pytest.approx(20, abs=0.11)


def test_webhooks_that_keep_coming_do_not_keep_a_tick_from_asking(
    payment: Payment, phonepe: PhonePe, days: Days, monkeypatch: pytest.MonkeyPatch
) -> None:
    days.pass_by(25)
    asked_after: list[float] = []

    def keep_coming() -> int:
        days.pass_by(0.2)
        asked_after.append(0.2)
        return int(len(asked_after) < 50)

    monkeypatch.setattr(worker, "process_webhooks", keep_coming)
    monkeypatch.setattr(worker.time, "monotonic", lambda: days.now().timestamp())
    worker.tick()

    assert len(phonepe.was_asked(payment)) == 1
    assert sum(asked_after) < 1  # second
