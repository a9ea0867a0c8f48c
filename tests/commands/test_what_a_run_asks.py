"""What a run of reconcile_pending_payments reads it also asks about; `--all` does all of that, and more."""

import itertools
import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from core.models import Payment, PaymentTransaction, WebhookEvent
from core.services import worker
from core.services.phonepe import rate_limit
from core.services.phonepe.rate_limit import RateLimit
from core.services.webhooks import inbox
from phonepe_simulator.requests_adapter import SimulatorAdapter
from tests.deliveries import delivers
from tests.orders import make_open_orders
from tests.people import Caller
from tests.phonepe import Days, PhonePe


def run(*flags: str) -> dict[str, Any]:
    out = StringIO()
    call_command("reconcile_pending_payments", "--json", *flags, stdout=out)
    return dict(json.loads(out.getvalue()))


def arrives(payment: Payment) -> None:
    content = {"event": "checkout.order.completed", "payload": {"merchantOrderId": payment.merchant_order_id}}
    assert delivers(json.dumps(content).encode()).status_code == 200


@pytest.fixture
def closed(payment: Payment, phonepe: PhonePe, days: Days) -> Payment:
    """An order that PhonePe called FAILED; then the bank took the money, and a webhook says so."""
    phonepe.pays(payment, outcome="pending")
    days.pass_by(1210)
    phonepe.reachable = False
    run()
    assert PaymentTransaction.objects.get().state == "FAILED"
    phonepe.simulator.conclude(payment.merchant_order_id, "success")
    days.pass_by(60)
    arrives(payment)
    return payment


@pytest.fixture
def waits(days: Days, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Let a run's waiting pass the time of the story; return how long it waited."""
    waited: list[float] = []

    def wait(seconds: float) -> None:
        waited.append(seconds)
        days.pass_by(seconds)

    monkeypatch.setattr(worker.time, "sleep", wait)
    return waited


@pytest.mark.parametrize("flags", [[], ["--all"]])
class TestARun:
    def test_what_it_reads_it_asks_about(
        self, payment: Payment, phonepe: PhonePe, days: Days, flags: list[str]
    ) -> None:
        phonepe.pays(payment)
        days.pass_by(5)
        arrives(payment)

        summary = run(*flags)

        assert (summary["webhooks"], summary["asked"], summary["final"]) == (1, 1, 1)

    def test_one_that_was_asked_about_just_before_is_waited_for(
        self, payment: Payment, phonepe: PhonePe, days: Days, waits: list[float], flags: list[str]
    ) -> None:
        days.pass_by(5)
        worker.run(worker.ORDERS, everything=True)
        days.pass_by(1)
        phonepe.pays(payment)
        arrives(payment)

        summary = run(*flags)

        assert (summary["webhooks"], summary["asked"], summary["final"]) == (1, 1, 1)
        assert waits == [pytest.approx(2.0)]
        first, second = (call.at for call in phonepe.was_asked())
        assert (second - first).total_seconds() >= 3.0

    def test_a_closed_order_that_is_due_is_asked_about(
        self, closed: Payment, phonepe: PhonePe, flags: list[str]
    ) -> None:
        assert run(*flags)["final"] == 1
        assert Payment.objects.get().status == "completed"

    def test_it_reads_more_than_one_batch(self, db: None, days: Days, monkeypatch: Any, flags: list[str]) -> None:
        monkeypatch.setattr(worker, "WEBHOOKS_AT_ONCE", 4)
        for number in range(11):
            inbox.receive(b'{"payload": {"merchantOrderId": "NOBODYS-%d"}}' % number, now=days.now())

        assert run(*flags)["webhooks"] == 11
        assert not WebhookEvent.objects.unread().exists()

    def test_the_dry_run_names_what_is_due_though_it_is_closed(
        self, closed: Payment, stranger: Caller, phonepe: PhonePe, flags: list[str]
    ) -> None:
        other = stranger.starts_rent("9000.00").json()["merchant_order_id"]
        worker.process_webhooks()

        would = run("--dry-run", *flags)

        assert set(would["would_ask"]) == {closed.merchant_order_id, *([other] if flags else [])}

    @pytest.mark.parametrize("work", ["payments", "refunds"])
    def test_the_dry_run_names_what_an_unread_webhook_would_make_due(
        self, work: str, payment: Payment, phonepe: PhonePe, days: Days, flags: list[str]
    ) -> None:
        phonepe.pays(payment)
        days.pass_by(5)
        arrives(payment)
        inbox.receive(b"no JSON", now=days.now())
        out = StringIO()

        call_command(f"reconcile_pending_{work}", "--json", "--dry-run", *flags, stdout=out)

        would = json.loads(out.getvalue())
        assert would["would_ask"] == ([payment.merchant_order_id] if work == "payments" else [])
        assert would["webhooks"] == 2
        assert not WebhookEvent.objects.exclude(processed_at=None).exists()


@pytest.mark.django_db
class TestMany:
    @pytest.mark.parametrize("takes", [4, 6])  # a claim lasts for two questions of 4 s, and for one of 6 s
    def test_each_is_asked_about_once_however_long_phonepe_takes(
        self, phonepe: PhonePe, days: Days, monkeypatch: pytest.MonkeyPatch, takes: int
    ) -> None:
        orders = make_open_orders(3, phonepe)
        days.pass_by(600)  # by the schedule they are asked about once a minute
        PaymentTransaction.objects.update(next_check_at=days.now() + timedelta(seconds=50))
        send, calls = SimulatorAdapter.send, itertools.count()

        def slowly(adapter: SimulatorAdapter, request: Any, **options: Any) -> Any:
            if next(calls) < 6:  # what goes round and round is to end
                days.pass_by(takes)
            return send(adapter, request, **options)

        monkeypatch.setattr(SimulatorAdapter, "send", slowly)

        assert run("--all")["asked_ids"] == [order.merchant_order_id for order in orders]

    def test_whoever_waits_longer_than_needed_for_one_asks_about_the_others_no_second_time(
        self, payment: Payment, stranger: Caller, days: Days, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(worker.time, "sleep", lambda seconds: days.pass_by(seconds + 1))
        run("--all")
        days.pass_by(0.5)
        other = stranger.starts_rent("9000.00").json()["merchant_order_id"]

        assert run("--all")["asked_ids"] == [other, payment.merchant_order_id]

    @pytest.mark.parametrize(("asked_ago", "due_in"), [(1, 60), (10, 2)])
    def test_it_waits_for_none_that_is_not_due_soon_or_was_not_asked_about_just_now(
        self,
        payment: Payment,
        stranger: Caller,
        phonepe: PhonePe,
        days: Days,
        waits: list[float],
        asked_ago: int,
        due_in: int,
    ) -> None:
        days.pass_by(21)
        worker.tick()
        days.pass_by(asked_ago)
        other = stranger.starts_rent("9000.00").json()["merchant_order_id"]
        PaymentTransaction.objects.filter(merchant_order_id=payment.merchant_order_id).update(
            next_check_at=days.now() + timedelta(seconds=due_in)
        )
        arrives(Payment.objects.get(merchant_order_id=other))

        assert run()["asked_ids"] == [other]

        assert waits == []

    def test_it_waits_for_none_that_is_due_already_while_phonepe_is_down(
        self, payment: Payment, phonepe: PhonePe, days: Days, waits: list[float]
    ) -> None:
        rate_limit.use(RateLimit(lambda: timezone.now().timestamp()))
        while not rate_limit.rate_limit().breaker.is_open:
            days.pass_by(3)
            rate_limit.rate_limit().breaker.unanswered()
        PaymentTransaction.objects.update(asked_at=days.now() - timedelta(seconds=1))
        inbox.receive(b"{}", now=days.now())

        assert run()["left"] == 1

        assert waits == []

    def test_it_goes_on_when_there_are_permits_again(
        self, phonepe: PhonePe, days: Days, waits: list[float], settings: Any
    ) -> None:
        make_open_orders(12, phonepe)
        days.pass_by(70)
        settings.PHONEPE_CALLS_PER_SECOND = 10
        rate_limit.use(RateLimit(lambda: timezone.now().timestamp()))

        assert run()["asked"] == 12

        assert sum(waits) == pytest.approx(1, abs=0.2)


class TestCertainOrders:
    def test_they_are_asked_about_now_due_or_not(self, payment: Payment, phonepe: PhonePe, days: Days) -> None:
        phonepe.pays(payment)
        days.pass_by(5)  # the first check is due after twenty

        summary = run(payment.merchant_order_id)

        assert (summary["asked"], summary["final"]) == (1, 1)
        assert summary["asked_ids"] == [payment.merchant_order_id]

    def test_it_waits_where_one_was_asked_about_just_before(
        self, payment: Payment, tenant: Caller, days: Days, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(worker.time, "sleep", days.pass_by)
        days.pass_by(5)
        tenant.verifies(payment.merchant_order_id)

        assert run(payment.merchant_order_id)["asked"] == 1

    def test_one_that_others_ask_about_while_it_waits_is_asked_about_after_them(
        self, payment: Payment, tenant: Caller, phonepe: PhonePe, days: Days, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def wait(seconds: float) -> None:
            days.tick_for(20)
            days.pass_by(seconds)

        monkeypatch.setattr(worker.time, "sleep", wait)
        tenant.verifies(payment.merchant_order_id)
        already = len(phonepe.was_asked())

        assert run(payment.merchant_order_id)["asked"] == 1

        assert len(phonepe.was_asked()) == already + 2

    def test_an_order_that_is_none_gets_a_sentence(self, payment: Payment, phonepe: PhonePe) -> None:
        with pytest.raises(CommandError, match="There is no order NOTHING"):
            run(payment.merchant_order_id, "NOTHING")
        assert not phonepe.was_asked()

    def test_people_see_which_were_asked_about(self, payment: Payment, days: Days) -> None:
        days.pass_by(5)
        out = StringIO()
        call_command("reconcile_pending_payments", "--all", stdout=out)

        assert "asked about 1 order: " in out.getvalue()
        assert f"asked: {payment.merchant_order_id}" in out.getvalue()
