"""Which of the due rows are asked about first, and what becomes of many answers at once."""

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.models import Payment, PaymentTransaction, PhonePeCall, Refund, RefundKind
from core.services import worker
from core.services.phonepe import rate_limit
from core.services.phonepe.rate_limit import RateLimit
from phonepe_simulator import Fault
from phonepe_simulator.requests_adapter import SimulatorAdapter
from tests.meanwhile import Meanwhile
from tests.orders import make_open_orders
from tests.people import Caller
from tests.phonepe import Days, PhonePe, order_id_of

pytestmark = pytest.mark.django_db
HOUR_AGO = timedelta(minutes=50)


def make_old(*orders: PaymentTransaction) -> None:
    for order in orders:
        PaymentTransaction.objects.filter(pk=order.pk).update(initiated_at=order.initiated_at - HOUR_AGO)


def are_all_due() -> None:
    PaymentTransaction.objects.update(next_check_at=timezone.now(), asked_at=None)


def are_due_one_after_the_other(*orders: str) -> None:
    for number, order in enumerate(orders, start=-len(orders)):
        due = timezone.now() + timedelta(seconds=number)
        PaymentTransaction.objects.filter(merchant_order_id=order).update(next_check_at=due, asked_at=None)


def make_refund_that_is_due(order: PaymentTransaction, number: int) -> None:
    """A refund that PhonePe took and lost again, so that it is only asked about."""
    now = timezone.now()
    Refund.objects.create(
        transaction=order,
        merchant_refund_id=f"ZLR-{number}",
        refund_id=f"OMR-{number}",
        amount_paise=100_00,
        kind=RefundKind.REQUESTED,
        reason="Moved out",
        initiated_at=now,
        sent_at=now,
        next_check_at=now,
    )


class TestManyPendingAnswers:
    def test_the_rows_of_a_batch_of_questions_are_kept_together(self, phonepe: PhonePe, days: Days) -> None:
        orders = make_open_orders(6, phonepe)
        are_all_due()
        with CaptureQueriesContext(connection) as queries:
            worker.tick()

        kept = [query["sql"] for query in queries if "core_phonepecall" in query["sql"]]
        asked = PhonePeCall.objects.filter(call="order_status")
        assert len(kept) == 1
        assert sorted(call.merchant_order_id for call in asked) == sorted(order.merchant_order_id for order in orders)
        assert {(call.outcome, call.said) for call in asked} == {("answered", "PENDING")}

    def test_young_and_old_orders_of_one_batch_are_all_scheduled_by_their_timetables(
        self, phonepe: PhonePe, days: Days
    ) -> None:
        orders = make_open_orders(6, phonepe)
        make_old(*orders[:3])
        worker.do_all(worker.ORDERS, worker.Tally(), asked_before=days.now())  # now their ids at PhonePe are known
        days.pass_by(30)
        are_all_due()

        worker.tick()

        gaps = [
            (order.next_check_at - days.now()).total_seconds()
            for order in PaymentTransaction.objects.order_by("pk")
            if order.next_check_at
        ]
        assert len(gaps) == 6
        assert all(6 < gap <= 60 for gap in gaps[:3]), gaps
        assert all(2 <= gap <= 6 for gap in gaps[3:]), gaps
        assert [order.check_count for order in PaymentTransaction.objects.all()] == [2] * 6

    def test_they_are_noted_in_one_statement(self, phonepe: PhonePe, days: Days) -> None:
        make_open_orders(10, phonepe)
        worker.do_all(worker.ORDERS, worker.Tally(), asked_before=days.now())
        days.pass_by(30)
        are_all_due()

        with CaptureQueriesContext(connection) as queries:
            worker.do_due(worker.ORDERS, worker.Tally())

        noting = [query for query in queries if "check_count + 1" in query["sql"]]
        assert len(noting) == 1

    def test_a_webhook_that_comes_before_they_are_noted_is_not_overruled(
        self, phonepe: PhonePe, days: Days, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        orders = make_open_orders(3, phonepe)
        worker.do_all(worker.ORDERS, worker.Tally(), asked_before=days.now())
        days.pass_by(30)
        are_all_due()
        phonepe.reachable = True
        send = SimulatorAdapter.send

        def paid_just_after_the_answer(adapter: Any, request: Any, **kwargs: Any) -> Any:
            answer = send(adapter, request, **kwargs)
            if (
                orders[0].merchant_order_id in str(request.url)
                and phonepe.simulator.orders[orders[0].merchant_order_id].state == "PENDING"
            ):
                phonepe.pays(orders[0])
                phonepe.delivers()
                worker.process_webhooks()
            return answer

        monkeypatch.setattr(SimulatorAdapter, "send", paid_just_after_the_answer)
        worker.do_due(worker.ORDERS, worker.Tally())
        days.pass_by(3)
        worker.tick()

        assert PaymentTransaction.objects.get(pk=orders[0].pk).state == "COMPLETED"


class TestSlowAnswers:
    """Ten rows are claimed at once, and PhonePe takes 4 s for each: the claims do not last for all of them."""

    @pytest.fixture
    def asked(self, phonepe: PhonePe, days: Days, monkeypatch: pytest.MonkeyPatch) -> list[tuple[float, str]]:
        """When PhonePe was asked about what. While a late question is under way, another worker ticks."""
        asked: list[tuple[float, str]] = []
        send = SimulatorAdapter.send

        def slowly(adapter: Any, request: Any, **kwargs: Any) -> Any:
            if "/order/" in str(request.url):
                asked.append((days.now().timestamp(), request.url))
                days.pass_by(1.1)
                if 4 <= len(asked) < 12:
                    worker.do_due(worker.ORDERS, worker.Tally())
                days.pass_by(2.9)
            return send(adapter, request, **kwargs)

        make_open_orders(10, phonepe)
        days.pass_by(25)
        are_all_due()
        monkeypatch.setattr(SimulatorAdapter, "send", slowly)
        return asked

    def test_nobody_asks_what_another_is_just_asking(self, asked: list[tuple[float, str]]) -> None:
        worker.do_due(worker.ORDERS, worker.Tally())

        when: dict[str, list[float]] = {}
        for moment, name in asked:
            when.setdefault(name, []).append(moment)
        assert len(when) == 10
        assert all(later - earlier >= 3 for each in when.values() for earlier, later in pairwise(each)), when

    @pytest.mark.parametrize("everything", [True, False])
    def test_a_command_asks_about_all_of_them(self, asked: list[tuple[float, str]], *, everything: bool) -> None:
        tally = worker.run(worker.ORDERS, everything=everything)

        assert len({name for _, name in asked}) == 10
        assert tally.left == 0


def test_what_a_slow_batch_gave_back_is_checked_in_the_same_pass(
    phonepe: PhonePe, days: Days, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_open_orders(6, phonepe)
    days.pass_by(25)
    are_all_due()
    send = SimulatorAdapter.send

    def slowly(adapter: Any, request: Any, **kwargs: Any) -> Any:
        days.pass_by(4)  # the claims last for three of these
        return send(adapter, request, **kwargs)

    monkeypatch.setattr(SimulatorAdapter, "send", slowly)

    assert worker.do_due(worker.ORDERS, worker.Tally())

    assert len({call.merchant_order_id for call in phonepe.was_asked()}) == 6


def test_one_whose_payer_asks_before_its_turn_in_a_batch_is_not_asked_about_again(
    payment: Payment, stranger: Caller, phonepe: PhonePe, days: Days, meanwhile: Meanwhile
) -> None:
    second = order_id_of(stranger.starts_rent())
    days.pass_by(25)
    are_due_one_after_the_other(payment.merchant_order_id, second)

    def its_payer_asks() -> None:
        days.pass_by(4)
        stranger.verifies(second)

    meanwhile.before("order_status", its_payer_asks)
    worker.tick()
    assert [call.merchant_order_id for call in phonepe.was_asked()] == [second, payment.merchant_order_id]

    days.pass_by(3)
    worker.tick()
    assert len(phonepe.was_asked(second)) == 2


def test_one_whose_turn_in_a_batch_comes_late_is_not_asked_about_within_three_seconds_of_that(
    payment: Payment, stranger: Caller, phonepe: PhonePe, days: Days, meanwhile: Meanwhile
) -> None:
    second = order_id_of(stranger.starts_rent())
    days.pass_by(25)
    are_due_one_after_the_other(payment.merchant_order_id, second)
    phonepe.simulator.faults.add(Fault("unavailable", "order_status"))
    meanwhile.before("order_status", lambda: days.pass_by(1.5))
    worker.tick()

    days.pass_by(2)
    stranger.verifies(second)

    assert len(phonepe.was_asked(second)) == 1


class TestWhoComesFirst:
    @pytest.fixture(autouse=True)
    def ten_calls_a_second(self, settings: Any) -> None:
        settings.PHONEPE_CALLS_PER_SECOND = 10
        rate_limit.use(RateLimit(lambda: timezone.now().timestamp()))

    def test_young_orders_before_old_polls_and_yet_nobody_starves(self, phonepe: PhonePe, days: Days) -> None:
        orders = make_open_orders(60, phonepe)
        days.pass_by(30)
        make_old(*orders[:30])
        are_all_due()

        asked: list[str | None] = []
        for _ in range(8):
            days.pass_by(1)
            PaymentTransaction.objects.filter(next_check_at__gt=days.now()).update(next_check_at=None)
            worker.tick()
        asked = [call.merchant_order_id for call in phonepe.was_asked()]

        old = {order.merchant_order_id for order in orders[:30]}
        first_old = next(turn for turn, name in enumerate(asked) if name in old)
        assert set(asked) == {order.merchant_order_id for order in orders}
        assert sum(name in old for name in asked[:30]) <= 10, "old polls came before young orders"
        assert first_old < 45

    def test_refunds_have_permits_that_polls_may_not_take(self, phonepe: PhonePe, days: Days) -> None:
        make_open_orders(30, phonepe)
        are_all_due()
        days.pass_by(2)

        worker.do_due(worker.ORDERS, worker.Tally())

        assert len(phonepe.was_asked()) == 8
        assert rate_limit.rate_limit().permits(10) == 2

    def test_refunds_keep_to_the_calls_of_a_second_too(self, phonepe: PhonePe, days: Days) -> None:
        for number, order in enumerate(make_open_orders(15, phonepe)):
            make_refund_that_is_due(order, number)
        days.pass_by(2)

        worker.do_due(worker.REFUNDS, worker.Tally())

        assert len(phonepe.simulator.calls_to("refund_status")) == 10


def test_an_outage_that_is_not_known_yet_leaves_no_row_behind(phonepe: PhonePe, days: Days) -> None:
    make_open_orders(12, phonepe)
    are_all_due()
    phonepe.simulator.faults.add(Fault("unavailable"))

    worker.tick()

    assert PaymentTransaction.objects.filter(unanswered_count=1, next_check_at__gt=days.now()).count() == 12
