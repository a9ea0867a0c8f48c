"""What happens to money and to this machine moves the series that the five indicators are made of."""

import shutil
from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client

from core.models import Payment, PaymentTransaction
from core.services.operations import gauges
from phonepe_simulator import Fault
from tests.orders import make_open_orders
from tests.people import Caller
from tests.phonepe import WEBHOOK, Days, PhonePe, order_id_of

Scrape = Callable[[], dict[str, float]]
More = Callable[[str], float]
CALL = "zelton_phonepe_call_seconds_count"


def moved(status: str, cause: str = "clock") -> str:
    return f'zelton_payment_moves_total{{cause="{cause}",status="{status}"}}'


@pytest.fixture(autouse=True)
def committed(django_capture_on_commit_callbacks: Any, more: More) -> Any:
    """Let what is counted on commit be counted, though a test commits nothing."""
    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        yield callbacks


@pytest.fixture
def commits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let on_commit happen at once: a test's transaction is never committed."""
    monkeypatch.setattr("django.db.transaction.on_commit", lambda do, **_: do())


@pytest.mark.usefixtures("commits")
class TestSuccess:
    def test_a_payment_and_a_failed_one_are_counted(
        self, more: More, tenant: Caller, stranger: Caller, phonepe: PhonePe, days: Days
    ) -> None:
        paid, failed = tenant.starts_rent(), stranger.starts_rent()
        phonepe.pays(paid)
        phonepe.fails(failed)
        days.tick_for(30)

        assert more(moved("completed")) == 1
        assert more(moved("failed")) == 1

    def test_a_refund_is(
        self, more: More, scrape: Scrape, owner: Caller, tenant: Caller, phonepe: PhonePe, days: Days
    ) -> None:
        paid = tenant.starts_rent()
        phonepe.pays(paid)
        days.tick_for(30)
        owner.post(f"/api/payments/{paid.json()['payment_id']}/refund/", {"amount": "100.00", "reason": "Moved out"})
        assert scrape()["zelton_refunds_in_flight"] == 1
        days.pass_by(5)
        assert scrape()["zelton_refund_oldest_seconds"] == 5

        days.tick_for(60)
        assert scrape()["zelton_refunds_in_flight"] == 0
        assert more('zelton_refunds_total{kind="requested",state="COMPLETED"}') == 1

    def test_and_one_that_failed(self, more: More, owner: Caller, tenant: Caller, phonepe: PhonePe, days: Days) -> None:
        phonepe.simulator.change_settings(refund_outcome="failure")
        paid = tenant.starts_rent()
        phonepe.pays(paid)
        days.tick_for(30)
        owner.post(f"/api/payments/{paid.json()['payment_id']}/refund/", {"amount": "100.00", "reason": "Moved out"})
        days.tick_for(60)

        assert more('zelton_refunds_total{kind="requested",state="FAILED"}') == 1


class TestWebhookDelivery:
    def test_one_that_came_is_delivered_and_one_that_was_lost_is_not(
        self, scrape: Scrape, more: More, tenant: Caller, stranger: Caller, phonepe: PhonePe, days: Days
    ) -> None:
        phonepe.pays(tenant.starts_rent())
        days.tick_for(5, also=phonepe.delivers)
        lost = stranger.starts_rent()
        phonepe.reachable = False
        phonepe.pays(lost)
        days.tick_for(30)
        assert scrape()["zelton_webhooks_expected"] == 0  # PhonePe still has time

        days.pass_by(150)

        told = scrape()
        assert (told["zelton_webhooks_expected"], told["zelton_webhooks_delivered"]) == (2, 1)
        assert more('zelton_webhooks_total{outcome="stored"}') == 1
        assert told["zelton_webhook_last_timestamp_seconds"] == pytest.approx(days.now().timestamp() - 184, abs=2)

    def test_one_of_a_stranger_is_counted(self, more: More, db: None) -> None:
        Client().post(WEBHOOK, {}, content_type="application/json", headers={"Authorization": "wrong"})

        assert more('zelton_webhooks_total{outcome="webhook_refused"}') == 1


class TestAccuracy:
    def test_another_amount_than_was_asked_for_lowers_it(
        self, scrape: Scrape, tenant: Caller, stranger: Caller, phonepe: PhonePe, days: Days
    ) -> None:
        wrong = stranger.starts_rent()
        phonepe.pays(wrong)
        phonepe.simulator.faults.add(Fault("wrong_amount", "order_status", merchant_order_id=order_id_of(wrong)))
        days.tick_for(30)
        phonepe.pays(tenant.starts_rent())
        days.tick_for(30)

        told = scrape()
        assert (told["zelton_orders_past"], told["zelton_orders_reconciled"]) == (2, 1)
        assert told['zelton_orders{status="mismatch"}'] == 1
        assert told['zelton_alerts_open{kind="mismatch"}'] == 1

    def test_an_order_past_its_end_without_a_final_word_does(
        self, scrape: Scrape, payment: Payment, phonepe: PhonePe, days: Days
    ) -> None:
        assert scrape()["zelton_orders_past"] == 0
        days.pass_by(1200 + 11 * 60)

        told = scrape()
        assert (told["zelton_orders_past"], told["zelton_orders_reconciled"]) == (1, 0)
        assert told["zelton_orders_overdue"] == 1


class TestResponseTime:
    @pytest.mark.parametrize(
        ("path", "view", "status"),
        [
            ("/healthz", "healthz", "2xx"),
            ("/api/payments/", "payment-list", "2xx"),
            ("/api/payments/999/", "payment-detail", "4xx"),
            ("/nowhere/", "none", "4xx"),
            ("/admin/core/payment/", "admin", "3xx"),
        ],
    )
    def test_a_request_is_counted_by_its_view(
        self, scrape: Scrape, tenant: Caller, path: str, view: str, status: str
    ) -> None:
        series = f'zelton_http_request_seconds_count{{status="{status}",view="{view}"}}'
        before = scrape().get(series, 0)

        tenant.get(path)

        assert scrape()[series] == before + 1

    def test_a_webhook_is_too(self, scrape: Scrape, db: None) -> None:
        series = 'zelton_http_request_seconds_count{status="4xx",view="phonepe-webhook"}'
        before = scrape().get(series, 0)

        Client().post(WEBHOOK, {}, content_type="application/json")

        assert scrape()[series] == before + 1


class TestUptime:
    def test_a_database_that_is_gone(self, scrape: Scrape, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
        assert scrape()["zelton_database_up"] == scrape()["zelton_database_writable"] == 1

        def lost() -> None:
            raise OperationalError("gone")

        monkeypatch.setattr(connection, "cursor", lost)
        told = scrape()

        assert told["zelton_database_up"] == told["zelton_database_writable"] == 0
        assert "zelton_webhooks_total" in " ".join(told)  # what was counted is there all the same

    def test_one_that_cannot_be_written(self, scrape: Scrape, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(gauges, "can_write", lambda: False)

        told = scrape()
        assert (told["zelton_database_up"], told["zelton_database_writable"]) == (1, 0)

    def test_a_broker_that_is_gone(self, scrape: Scrape, db: None, settings: Any) -> None:
        settings.REDIS_URL = "redis://127.0.0.1:1/0"

        assert scrape()["zelton_redis_up"] == 0

    def test_a_full_disk(self, scrape: Scrape, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(gauges.shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(100, 99, 1))

        assert scrape()['zelton_disk_free_ratio{place="code"}'] == 0.01


@pytest.mark.usefixtures("own_pace")
class TestAnOutage:
    def test_it_is_seen_in_every_series_that_is_of_phonepe(
        self, scrape: Scrape, more: More, tenant: Caller, payment: Payment, phonepe: PhonePe, days: Days
    ) -> None:
        phonepe.simulator.faults.add(Fault("unavailable"))
        days.tick_for(60)
        assert scrape()["zelton_phonepe_breaker_open"] == 0  # one order alone is too few calls
        phonepe.simulator.faults.clear()
        make_open_orders(20, phonepe)
        asked_at = days.now().timestamp()
        phonepe.simulator.faults.add(Fault("unavailable"))
        days.tick_for(60)

        told = scrape()
        assert told["zelton_phonepe_breaker_open"] == 1
        assert told["zelton_phonepe_last_answer_timestamp_seconds"] <= asked_at
        assert told["zelton_phonepe_last_unanswered_timestamp_seconds"] > asked_at + 10
        assert more(f'{CALL}{{call="order_status",outcome="PhonePeOutcomeUnknown"}}') > 5

        phonepe.simulator.faults.clear()
        days.tick_for(60)
        told = scrape()
        assert told["zelton_phonepe_breaker_open"] == 0
        assert told["zelton_phonepe_last_answer_timestamp_seconds"] > asked_at + 60

    def test_what_is_due_meanwhile_waits(self, scrape: Scrape, payment: Payment, days: Days) -> None:
        days.pass_by(50)

        told = scrape()
        assert told["zelton_checks_due"] == 1
        assert told["zelton_check_lateness_seconds"] == 30

    def test_an_order_of_which_nobody_knows_whether_phonepe_has_it(
        self, scrape: Scrape, tenant: Caller, phonepe: PhonePe
    ) -> None:
        phonepe.simulator.faults.add(Fault("timeout_before", "pay"))
        assert tenant.starts_rent().status_code == 503

        assert scrape()["zelton_orders_unknown"] == 1

    def test_refused_credentials(self, more: More, tenant: Caller, phonepe: PhonePe, settings: Any) -> None:
        settings.PHONEPE_CLIENT_SECRET = "another-secret-than-theirs"
        tenant.starts_rent()

        assert more(f'{CALL}{{call="create_order",outcome="PhonePeUnauthorised"}}') == 1


def test_a_scrape_costs_the_same_however_much_there_is(
    scrape: Scrape, payment: Payment, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(17):
        scrape()
    assert PaymentTransaction.objects.exists()
