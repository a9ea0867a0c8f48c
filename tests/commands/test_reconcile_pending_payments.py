"""manage.py reconcile_pending_payments"""

import json
import os
import subprocess
import sys
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from core.management import reconciling
from core.models import AlertKind, Payment, PaymentTransaction, PricingPlan, StateChange, WebhookEvent
from core.services import worker
from core.services.operations.alerts import alert
from core.services.phonepe import rate_limit
from core.services.phonepe.rate_limit import RateLimit
from core.services.webhooks import inbox, processing, readers
from phonepe_simulator import Fault
from tests.bars import bars_of
from tests.people import Caller
from tests.phonepe import Days, PhonePe, order_id_of

ROOT = Path(__file__).parent.parent.parent


def runs(*flags: str) -> str:
    out = StringIO()
    call_command("reconcile_pending_payments", *flags, stdout=out)
    return out.getvalue()


def told(*flags: str) -> dict[str, Any]:
    [line] = runs("--json", *flags).splitlines()
    return dict(json.loads(line))


def books() -> list[Any]:
    return [
        list(model._default_manager.order_by("pk").values()) for model in (Payment, PaymentTransaction, StateChange)
    ]


class TestReconcile:
    def test_it_asks_about_what_is_due(self, payment: Payment, phonepe: PhonePe, days: Days) -> None:
        phonepe.pays(payment)
        days.pass_by(25)

        summary = told()

        assert (summary["asked"], summary["final"], summary["unanswered"]) == (1, 1, 0)
        payment.refresh_from_db()
        assert payment.status == "completed"
        assert payment.transaction.changes.get(new="completed").cause == "command"

    @pytest.mark.parametrize("names", [True, False])
    def test_it_counts_the_alerts_that_one_payment_raises(
        self, payment: Payment, phonepe: PhonePe, days: Days, *, names: bool
    ) -> None:
        phonepe.pays(payment)
        alert(AlertKind.DISPUTE, "an older one", "It was raised before.", now=days.now())
        days.pass_by(25)
        phonepe.simulator.faults.add(Fault("wrong_amount", "order_status"))

        assert told(*[payment.merchant_order_id] if names else [])["alerts"] == 1

    def test_operators_are_told_of_what_it_finds(
        self, payment: Payment, phonepe: PhonePe, days: Days, settings: Any, mailoutbox: list[Any]
    ) -> None:
        settings.ALERT_EMAIL_TO = ["ops@zelton.example"]
        phonepe.pays(payment)
        days.pass_by(25)
        phonepe.simulator.faults.add(Fault("wrong_amount", "order_status"))

        told()

        [letter] = [letter for letter in mailoutbox if letter.to == ["ops@zelton.example"]]
        assert letter.subject == "Zelton SANDBOX: another amount or order came than was asked for"

    @pytest.mark.parametrize(("way", "left"), [("", 10), ("--all", 9), ("its id", 9)])
    def test_a_question_counts_once_against_the_rate_and_none_does_not(
        self, payment: Payment, phonepe: PhonePe, settings: Any, way: str, left: int
    ) -> None:
        settings.PHONEPE_CALLS_PER_SECOND = 10
        rate_limit.use(RateLimit(lambda: timezone.now().timestamp()))

        told(*{"": [], "--all": ["--all"], "its id": [payment.merchant_order_id]}[way])

        assert rate_limit.rate_limit().permits(10) == left

    def test_a_person_sees_how_far_it_has_come(
        self, payment: Payment, phonepe: PhonePe, days: Days, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        bars = bars_of(reconciling, monkeypatch)
        days.pass_by(25)

        told()

        [bar] = bars
        assert (bar.n, bar.total, bar.unit) == (1, 1, "orders")

    def test_what_is_not_due_is_left(self, payment: Payment, phonepe: PhonePe, days: Days) -> None:
        days.pass_by(10)

        assert told()["asked"] == 0
        assert not phonepe.was_asked()

    def test_it_reads_stored_webhooks_first(self, payment: Payment, phonepe: PhonePe, days: Days) -> None:
        phonepe.pays(payment)
        days.pass_by(5)
        phonepe.delivers()

        summary = told()

        assert (summary["webhooks"], summary["final"]) == (1, 1)
        payment.refresh_from_db()
        assert payment.status == "completed"

    def test_rent_and_subscriptions_alike(
        self, payment: Payment, owner: Caller, plan: PricingPlan, phonepe: PhonePe, days: Days
    ) -> None:
        owner.post("/api/owner-subscriptions/initiate-payment/", {"pricing_plan_id": plan.pk, "period": "monthly"})
        days.pass_by(25)

        assert told()["asked"] == 2

    def test_again_it_finds_nothing(self, payment: Payment, phonepe: PhonePe, days: Days) -> None:
        phonepe.pays(payment)
        days.pass_by(25)
        told()
        before = books()

        assert told()["asked"] == 0
        assert books() == before

    def test_for_people_it_is_a_sentence(self, payment: Payment, phonepe: PhonePe, days: Days) -> None:
        days.pass_by(25)
        phonepe.simulator.faults.add(Fault("server_error", "order_status"))

        said = runs()

        assert "1 unanswered" in said
        assert payment.merchant_order_id in said

    def test_an_empty_database_is_fine(self, db: None) -> None:
        summary = told()

        assert {name: number for name, number in summary.items() if not name.endswith("_ids")} == dict.fromkeys(
            ["webhooks", "asked", "final", "pending", "not_found", "unanswered", "failed", "alerts", "left"], 0
        )


class TestAll:
    def test_it_asks_about_what_is_not_settled_due_or_not(
        self, payment: Payment, stranger: Caller, phonepe: PhonePe, days: Days
    ) -> None:
        phonepe.pays(stranger.starts_rent())
        days.pass_by(4)

        summary = told("--all")

        assert (summary["asked"], summary["final"], summary["pending"]) == (2, 1, 1)

    def test_it_leaves_what_is_settled(self, payment: Payment, phonepe: PhonePe, days: Days) -> None:
        phonepe.pays(payment)
        days.pass_by(25)
        told()
        asked = len(phonepe.was_asked())
        days.pass_by(4)

        told("--all")

        assert len(phonepe.was_asked()) == asked

    def test_it_keeps_the_three_seconds_and_waits_for_them(
        self, payment: Payment, phonepe: PhonePe, days: Days, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(worker.time, "sleep", days.pass_by)
        told("--all")
        days.pass_by(0.5)
        told("--all")

        first, second = (call.at for call in phonepe.was_asked())
        assert (second - first).total_seconds() == pytest.approx(3.0, abs=0.1)

    def test_it_does_not_shift_the_timetable(self, payment: Payment, phonepe: PhonePe, days: Days) -> None:
        days.pass_by(10)
        told("--all")
        days.tick_for(11)

        assert len(phonepe.was_asked()) == 2


class TestDryRun:
    @pytest.mark.parametrize("flags", [[], ["--all"], ["--strict"]])
    def test_it_changes_nothing_and_asks_nobody(
        self, payment: Payment, phonepe: PhonePe, days: Days, flags: list[str]
    ) -> None:
        phonepe.pays(payment)
        days.pass_by(25)
        inbox.receive(b"{}", now=days.now())
        before, calls = books(), len(phonepe.simulator.calls)

        summary = told("--dry-run", *flags)

        assert summary["would_ask"] == [payment.merchant_order_id]
        assert summary["webhooks"] == 1
        assert books() == before
        assert len(phonepe.simulator.calls) == calls
        assert WebhookEvent.objects.get().processed_at is None
        assert payment.merchant_order_id in runs("--dry-run", *flags)

    def test_it_names_what_webhooks_that_nobody_has_read_tell_of(
        self,
        payment: Payment,
        stranger: Caller,
        owner: Caller,
        plan: PricingPlan,
        days: Days,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        def arrives(told: dict[str, Any]) -> None:
            inbox.receive(json.dumps(told).encode(), now=days.now())

        def has_a_defect(*_: Any) -> Any:
            raise ZeroDivisionError

        monkeypatch.setattr(processing, "AT_ONCE", 2)
        monkeypatch.setitem(readers.READERS, "pg.refund.", has_a_defect)
        theirs = order_id_of(stranger.starts_rent())
        body = {"pricing_plan_id": plan.pk, "period": "monthly"}
        subscription = owner.post("/api/owner-subscriptions/initiate-payment/", body)
        arrives({"payload": {"merchantOrderId": order_id_of(subscription)}})
        worker.process_webhooks()
        PaymentTransaction.objects.update(next_check_at=days.now() + timedelta(seconds=60))
        arrives({"event": "pg.refund.failed"})
        arrives({"payload": {"merchantOrderId": payment.merchant_order_id}})
        inbox.receive(b"not JSON", now=days.now())
        arrives({"payload": {"merchantOrderId": "NOBODYS"}})
        arrives({"payload": {"merchantOrderId": theirs}})

        summary = told("--dry-run")

        assert summary["webhooks"] == 5
        assert sorted(summary["would_ask"]) == sorted([payment.merchant_order_id, theirs])
        assert caplog.text.count("webhook_not_processed") == 1
        assert not PaymentTransaction.objects.filter(next_check_at__lte=days.now()).exists()

    def test_all_names_what_is_not_due_too(self, payment: Payment) -> None:
        assert told("--dry-run")["would_ask"] == []
        assert told("--dry-run", "--all")["would_ask"] == [payment.merchant_order_id]


class TestExit:
    @pytest.fixture
    def silent(self, payment: Payment, phonepe: PhonePe, days: Days) -> None:
        days.pass_by(25)
        phonepe.simulator.faults.add(Fault("timeout_before", "order_status"))

    def test_the_unanswered_are_told_but_fail_nothing(self, silent: None, payment: Payment) -> None:
        summary = told()

        assert summary["unanswered"] == 1
        assert payment.merchant_order_id in str(summary)

    def test_strict_fails_on_them(self, silent: None) -> None:
        with pytest.raises(CommandError, match="1 question"):
            runs("--strict")

    def test_strict_is_content_when_all_answered(self, payment: Payment, phonepe: PhonePe, days: Days) -> None:
        days.pass_by(25)

        assert "1 pending" in runs("--strict")


@pytest.mark.processes
@pytest.mark.skipif(connection.vendor != "sqlite", reason="runs once, on a file that a process can share")
@pytest.mark.usefixtures("django_db_setup")
@pytest.mark.parametrize(("has_tables", "exit_code"), [(True, 0), (False, 1)])
def test_a_process_fails_only_if_the_run_itself_does(tmp_path: Path, has_tables: bool, exit_code: int) -> None:
    database = settings.DATABASES["default"]["NAME"] if has_tables else tmp_path / "empty.sqlite3"
    surroundings = {**os.environ, "DATABASE_URL": f"sqlite:///{database}"}
    command = [sys.executable, "manage.py", "reconcile_pending_payments", "--json"]

    done = subprocess.run(command, cwd=ROOT, env=surroundings, capture_output=True, text=True, check=False)

    assert done.returncode == exit_code, done.stderr
    if has_tables:
        assert json.loads(done.stdout)["asked"] == 0
