"""PgBouncer in transaction mode: payments, refunds, ticks, webhooks and their races go through it as without it."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import OperationalError, connection, connections

from core.models import User
from tests.environment import POOLER_PORT
from tests.people import Caller
from tests.pgbouncer import PROGRAM
from tests.phonepe import PhonePe
from zelton_backend.database import read_database

ROOT = Path(__file__).parent.parent
STORIES = [
    "tests/test_pooler.py",
    "tests/services/test_races.py",
    "tests/services/test_wrong_clocks.py",
    "tests/api/test_refund.py",
    "tests/api/test_phonepe_webhook.py",
    "tests/commands/test_reconcile_pending_payments.py",
    "tests/commands/test_raise_rent.py",
]
NOT_THESE = "not his_turn"  # it sets a limit for its session, which here would be another's

pooled = pytest.mark.skipif(POOLER_PORT not in os.environ, reason="ZELTON_TEST_DATABASE=pgbouncer runs it")


@pytest.mark.processes
@pytest.mark.skipif(PROGRAM is None, reason="there is no PgBouncer here: apt-get install pgbouncer")
@pytest.mark.skipif(connection.vendor != "sqlite", reason="runs once, and brings its own database")
def test_the_stories_go_through_it() -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    environment |= {"ZELTON_TEST_DATABASE": "pgbouncer"}
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-k", NOT_THESE, *STORIES]

    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
    assert " passed" in done.stdout or done.stdout.rstrip().endswith("[100%]")


@pooled
class TestThroughIt:
    @pytest.mark.django_db(transaction=True)
    def test_two_connections_of_ours_share_one_of_the_servers(self, tenant: Caller, phonepe: PhonePe) -> None:
        def server() -> int:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                return int(cursor.fetchone()[0])

        assert str(connection.settings_dict["PORT"]) == os.environ[POOLER_PORT]
        first = server()
        connection.close()
        assert server() == first  # which a connection of its own would not be

    @pytest.mark.django_db(transaction=True)
    def test_rows_are_read_on_when_another_has_the_servers_connection(self) -> None:
        User.objects.bulk_create(User(username=str(number)) for number in range(30))
        users = User.objects.order_by("pk").iterator(5)
        next(users)

        other = connections.create_connection("default")
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute("SELECT 1")
            assert len(list(users)) == 29
        other.rollback()
        other.close()

    @pytest.mark.django_db(transaction=True)
    def test_without_the_setting_it_refuses_us(self) -> None:
        past = dict(connection.settings_dict)
        connection.close()
        connection.settings_dict.update(
            read_database(f"postgresql://zelton@127.0.0.1:{os.environ[POOLER_PORT]}/{past['NAME']}")
        )
        try:
            with pytest.raises(OperationalError, match="unsupported startup parameter"):
                connection.ensure_connection()
        finally:
            connection.settings_dict.update(past)


def test_migrations_do_not_go_through_it(db: None, settings: Any) -> None:
    settings.DATABASE_POOLER = True

    with pytest.raises(SystemCheckError, match="cannot go through a pooler"):
        call_command("migrate", plan=True, skip_checks=False, verbosity=0)
