"""manage.py doctor: one line for each thing that Zelton needs, what was seen, and what to do."""

import json
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection

from core import tasks
from core.models import AlertKind, Payment, PaymentTransaction
from core.services.operations.alerts import alert
from phonepe_simulator import Fault
from tests.deliveries import delivers
from tests.people import Caller
from tests.phonepe import Days, PhonePe
from tests.redis import Redis, running_redis

NAMES = [
    "settings", "database", "database_writable", "migrations", "clock", "broker", "worker", "beat", "phonepe_reachable",
    "phonepe_credentials", "webhook_credentials", "last_webhook", "lateness", "alerts", "books", "logs", "disk",
    "notifications",
]  # fmt: skip


def examined() -> dict[str, dict[str, str]]:
    """Return what it says of each thing, and check that its exit agrees."""
    out = StringIO()
    try:
        call_command("doctor", "--json", stdout=out)
        exit_code = 0
    except CommandError:
        exit_code = 1
    said = json.loads(out.getvalue())
    checks = {check["name"]: check for check in said["checks"]}
    assert list(checks) == NAMES
    assert said["ok"] == (exit_code == 0) == all(check["status"] != "fail" for check in checks.values())
    assert all(check["detail"] for check in checks.values())
    assert all(check["remedy"] for check in checks.values() if check["status"] != "ok")
    return checks


@pytest.fixture
def paid(tenant: Caller, payment: Payment, phonepe: PhonePe) -> Payment:
    phonepe.pays(payment)
    tenant.verifies(payment.merchant_order_id)
    return payment


@pytest.fixture(scope="module")
def redis(tmp_path_factory: Any) -> Iterator[Redis]:
    with running_redis(Path(tmp_path_factory.mktemp("redis"))) as server:
        yield server


def test_a_well_system_is_well(db: None, phonepe: PhonePe) -> None:
    delivers()

    checks = examined()

    # Tests run without a broker, against the simulator, at a time of their own, while webhook passwords are changed,
    # and nobody is told of alerts.
    unwell = {name: check["status"] for name, check in checks.items() if check["status"] != "ok"}
    assert unwell == dict.fromkeys(unwell, "warn")
    assert set(unwell) <= {"broker", "worker", "beat", "settings", "webhook_credentials", "clock", "notifications"}


def test_people_get_a_line_for_each(db: None, phonepe: PhonePe) -> None:
    out = StringIO()

    call_command("doctor", stdout=out, no_color=True)

    lines = out.getvalue().splitlines()
    assert [line.split()[1] for line in lines if not line.startswith(" ")] == NAMES
    assert any("→" in line for line in lines)


def test_a_database_that_has_stopped_is_told_of_as_what_it_is(
    db: None, phonepe: PhonePe, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped() -> None:
        raise OperationalError("connection refused\nIs the server running?")

    with monkeypatch.context() as patched:
        patched.setattr(connection, "cursor", stopped)
        said = examined()["database"]

    assert said["detail"] == "The database does not answer: connection refused."
    assert "full disk" in said["remedy"]


class TestPhonePe:
    def test_it_does_not_answer(self, db: None, phonepe: PhonePe) -> None:
        phonepe.simulator.faults.add(Fault("unavailable", "oauth", times=9))

        checks = examined()

        assert checks["phonepe_reachable"]["status"] == "fail"
        assert checks["phonepe_credentials"]["status"] == "warn"

    def test_it_does_not_know_us(self, db: None, phonepe: PhonePe, settings: Any) -> None:
        settings.PHONEPE_CLIENT_SECRET = "another-secret-than-theirs"

        checks = examined()

        assert checks["phonepe_reachable"]["status"] == "ok"
        assert checks["phonepe_credentials"]["status"] == "fail"
        assert "another-secret" not in json.dumps(checks)


class TestWebhooks:
    def test_none_has_ever_come(self, db: None, phonepe: PhonePe) -> None:
        assert examined()["last_webhook"]["status"] == "warn"

    def test_none_has_come_though_payments_completed(
        self, tenant: Caller, payment: Payment, phonepe: PhonePe, days: Days
    ) -> None:
        delivers()
        days.pass_by(600)
        phonepe.pays(payment)
        tenant.verifies(payment.merchant_order_id)

        said = examined()["last_webhook"]

        assert (said["status"], "Payments have completed since" in said["detail"]) == ("warn", True)

    def test_no_password_is_configured(self, db: None, phonepe: PhonePe, settings: Any) -> None:
        settings.PHONEPE_WEBHOOK_CREDENTIALS = []

        assert examined()["webhook_credentials"]["status"] == "fail"


class TestSettings:
    def test_invoices_would_lack_who_issues_them(self, db: None, phonepe: PhonePe, settings: Any) -> None:
        settings.INVOICE_SELLER_STATE = ""

        said = examined()["settings"]

        assert (said["status"], "INVOICE_SELLER_STATE" in said["detail"]) == ("fail", True)


class TestWork:
    @pytest.mark.parametrize(("seconds", "status"), [(5, "ok"), (30, "warn"), (90, "fail")])
    def test_what_is_due_waits(self, payment: Payment, phonepe: PhonePe, days: Days, seconds: int, status: str) -> None:
        PaymentTransaction.objects.update(next_check_at=days.now())
        days.pass_by(seconds)

        assert examined()["lateness"]["status"] == status

    def test_an_alert_is_open(self, db: None, phonepe: PhonePe, days: Days) -> None:
        alert(AlertKind.MISMATCH, "ZLT-1", "Another amount came", now=days.now())

        said = examined()["alerts"]

        assert (said["status"], said["detail"]) == ("warn", "1 open: mismatch.")

    def test_the_books_differ(self, paid: Payment, phonepe: PhonePe) -> None:
        PaymentTransaction.objects.update(captured_paise=1)

        assert examined()["books"]["status"] == "fail"

    @pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL has its own limit")
    def test_books_that_take_too_long_are_left_to_their_command(
        self, paid: Payment, phonepe: PhonePe, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        slow = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"

        def forever(**_: object) -> list[str]:
            with connection.cursor() as cursor:
                cursor.execute(slow)
            return []

        monkeypatch.setattr("core.services.doctor.TIMEOUT", 0.2)
        monkeypatch.setattr("core.services.audit.differences", forever)

        said = examined()["books"]

        assert (said["status"], "too much to look at" in said["detail"]) == ("ok", True)


class TestTheBroker:
    def test_it_is_gone(self, db: None, phonepe: PhonePe, settings: Any) -> None:
        settings.REDIS_URL = "redis://127.0.0.1:1/0"

        checks = examined()

        assert (checks["broker"]["status"], checks["beat"]["status"]) == ("fail", "fail")

    def test_a_tick_leaves_a_trace(
        self, db: None, phonepe: PhonePe, redis: Redis, settings: Any, days: Days, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        settings.REDIS_URL = redis.url
        monkeypatch.setattr(tasks, "WATCH_FOR", 0.0)
        assert examined()["beat"]["status"] == "fail"

        tasks.tick()

        assert examined()["beat"]["status"] == "ok"
        days.pass_by(60)
        assert examined()["beat"]["status"] == "fail"


class TestLogs:
    def test_a_folder_that_can_be_written_is_well(
        self, db: None, phonepe: PhonePe, settings: Any, tmp_path: Path
    ) -> None:
        settings.LOG_DIR = tmp_path / "logs"

        assert examined()["logs"]["status"] == "ok"

    def test_one_that_cannot_be_is_a_warning(self, db: None, phonepe: PhonePe, settings: Any, tmp_path: Path) -> None:
        (tmp_path / "logs").touch()
        settings.LOG_DIR = tmp_path / "logs"

        found = examined()["logs"]
        assert found["status"] == "warn"
        assert "cannot be written" in found["detail"]
