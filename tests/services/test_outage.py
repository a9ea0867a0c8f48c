"""PhonePe is down for ten minutes, while two thousand orders are open; then it is back, and nobody storms it."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command

from core.models import (
    PaymentTransaction,
    Refund,
    RefundKind,
)
from core.services import worker
from core.services.phonepe import rate_limit
from core.services.phonepe.rate_limit import RateLimit
from phonepe_simulator import Fault
from tests.orders import make_open_orders
from tests.people import Caller
from tests.phonepe import Days, PhonePe

OPEN_ORDERS, SOME, PAID_MEANWHILE = 2_000, 300, 200
CALLS_PER_SECOND = 100
OUTAGE = 600  # seconds


@pytest.fixture
def own_pace(settings: Any, traveller: Any) -> Iterator[RateLimit]:
    """The pace of this process on the story's clock, with a hundred calls a second."""
    settings.PHONEPE_CALLS_PER_SECOND = CALLS_PER_SECOND
    rate_limit.use(RateLimit(lambda: datetime.now(UTC).timestamp()))
    return rate_limit.rate_limit()


@pytest.fixture
def open_orders(db: None, phonepe: PhonePe, own_pace: RateLimit) -> list[PaymentTransaction]:
    return make_open_orders(SOME, phonepe)


def make_due_refund(order: PaymentTransaction, days: Days) -> Refund:
    """A refund that was sent, and is due to be asked about."""
    return Refund.objects.create(
        transaction=order,
        merchant_refund_id="ZLR-waiting",
        refund_id="OMR-waiting",
        amount_paise=100_00,
        kind=RefundKind.REQUESTED,
        reason="Moved out",
        initiated_at=days.now(),
        sent_at=days.now(),
        next_check_at=days.now(),
    )


def calls_by_second(phonepe: PhonePe, since: datetime) -> Counter[int]:
    return Counter(int((call.at - since).total_seconds()) for call in phonepe.was_asked() if call.at >= since)


def asked_since(phonepe: PhonePe, since: datetime) -> set[str | None]:
    return {call.merchant_order_id for call in phonepe.was_asked() if call.at >= since}


@pytest.mark.slow
def test_an_outage_of_ten_minutes_heals_without_a_stampede(
    phonepe: PhonePe, own_pace: RateLimit, days: Days, tenant: Caller
) -> None:
    open_orders = make_open_orders(OPEN_ORDERS, phonepe)
    down_at = days.now()
    phonepe.simulator.faults.add(Fault("unavailable"))
    days.tick_for(OUTAGE // 2)
    phonepe.simulator.faults.clear()
    for order in open_orders[:PAID_MEANWHILE]:
        phonepe.pays(order)
    phonepe.simulator.faults.add(Fault("timeout_before"))
    days.tick_for(OUTAGE // 2)
    while_down = calls_by_second(phonepe, down_at)
    assert rate_limit.rate_limit().breaker.is_open
    # While it was not known that PhonePe is down, some; then a probe now and then.
    assert sum(while_down[second] for second in range(10, OUTAGE)) < OUTAGE / 2 + 10

    phonepe.simulator.faults.clear()
    back_at = days.now()
    started = tenant.starts_rent()  # somebody pays just now, and their order comes first
    assert started.status_code == 201
    days.tick_for(90)

    after = calls_by_second(phonepe, back_at)
    assert max(after.values()) <= CALLS_PER_SECOND
    assert max(after[second] for second in range(10)) <= CALLS_PER_SECOND / 4
    fresh = [call.at for call in phonepe.was_asked(started)]
    assert (fresh[0] - back_at).total_seconds() <= 22
    assert asked_since(phonepe, back_at) >= {order.merchant_order_id for order in open_orders}
    completed = PaymentTransaction.objects.filter(state="COMPLETED").count()
    assert completed == PAID_MEANWHILE
    late = PaymentTransaction.objects.filter(next_check_at__lt=days.now() - timedelta(seconds=2))
    assert not late.exists(), f"{late.count()} orders still wait for their turn"


@pytest.fixture
def known_outage(phonepe: PhonePe, open_orders: list[PaymentTransaction], days: Days) -> None:
    phonepe.simulator.faults.add(Fault("unavailable"))
    days.tick_for(15)
    assert rate_limit.rate_limit().breaker.is_open


@pytest.mark.usefixtures("known_outage")
class TestWhilePhonePeIsDown:
    def test_a_persons_verify_goes_out_and_ends_the_outage_for_everybody(
        self, phonepe: PhonePe, operator: Caller, open_orders: list[PaymentTransaction], days: Days
    ) -> None:
        order = open_orders[-1]
        before = len(phonepe.was_asked(order))

        assert operator.verifies(order.merchant_order_id).status_code == 200
        assert len(phonepe.was_asked(order)) == before + 1
        assert rate_limit.rate_limit().breaker.is_open

        phonepe.simulator.faults.clear()
        days.pass_by(4)
        assert operator.verifies(order.merchant_order_id).json()["state"] == "PENDING"
        assert not rate_limit.rate_limit().breaker.is_open

    def test_an_operators_all_asks_about_everything(
        self, phonepe: PhonePe, open_orders: list[PaymentTransaction], days: Days
    ) -> None:
        days.pass_by(4)
        since = days.now()

        call_command("reconcile_pending_payments", "--all")

        assert asked_since(phonepe, since) == {order.merchant_order_id for order in open_orders}

    def test_a_tick_leaves_what_is_due_as_due_as_it_is(self, days: Days) -> None:
        due = PaymentTransaction.objects.filter(next_check_at__lte=days.now()).count()
        assert due

        worker.tick()

        assert PaymentTransaction.objects.filter(next_check_at__lte=days.now()).count() >= due - 1

    def test_orders_that_are_not_due_do_not_keep_the_probe_from_refunds(
        self, phonepe: PhonePe, open_orders: list[PaymentTransaction], days: Days
    ) -> None:
        PaymentTransaction.objects.update(next_check_at=None)
        make_due_refund(open_orders[0], days)
        phonepe.simulator.faults.clear()

        days.tick_for(5)

        assert phonepe.simulator.calls_to("refund_status")
        assert not rate_limit.rate_limit().breaker.is_open

    @pytest.mark.parametrize("flags", [[], ["--all"]])
    def test_the_command_says_how_many_wait(
        self, days: Days, capsys: pytest.CaptureFixture[str], flags: list[str]
    ) -> None:
        PaymentTransaction.objects.update(next_check_at=days.now() + timedelta(hours=1))
        due = PaymentTransaction.objects.order_by("pk").values("pk")[:7]
        PaymentTransaction.objects.filter(pk__in=due).update(next_check_at=days.now(), asked_at=days.now())

        call_command("reconcile_pending_payments", *flags)

        assert "  7 are still due: PhonePe does not answer now." in capsys.readouterr().out


def test_a_storm_of_429_halves_the_pace_and_drops_nothing(
    phonepe: PhonePe, open_orders: list[PaymentTransaction], days: Days
) -> None:
    phonepe.simulator.faults.add(Fault("rate_limited", call="order_status"))
    since = days.now()
    days.tick_for(20)
    refused = calls_by_second(phonepe, since)
    assert max(refused[second] for second in range(10, 20)) <= 10

    phonepe.simulator.faults.clear()
    days.tick_for(150)

    assert asked_since(phonepe, since + timedelta(seconds=20)) >= {order.merchant_order_id for order in open_orders}
