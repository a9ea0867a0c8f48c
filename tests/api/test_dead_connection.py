"""Requests over a database connection that has died meanwhile."""

from contextlib import closing

import pytest
from django.db import connection, connections
from django.test import Client

from core.models import WebhookEvent
from tests.deliveries import BODY, OURS, delivers
from tests.people import Caller, make_tenant
from tests.phonepe import WEBHOOK


def cut() -> None:
    """End this thread's connection from the server's side, as a failover of PostgreSQL does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (mine,) = cursor.fetchone()
    other = connections.create_connection("default")
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [mine])
    other.close()


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no connections to lose")
class TestDeadConnection:
    def test_it_is_replaced_and_the_delivery_is_stored_once(self, transactional_db: None) -> None:
        delivers(b'{"event": "an earlier one"}')
        cut()

        answer = delivers(BODY)

        assert answer.status_code == 200
        assert WebhookEvent.objects.get(body=BODY).deliveries == 1

    def test_a_person_does_not_notice(self, transactional_db: None) -> None:
        caller = Caller(make_tenant("ravi").user)
        caller.get("/api/tenancies/")
        cut()

        assert caller.get("/api/tenancies/").status_code == 200

    def test_a_plan_made_before_a_migration_is_made_anew(self, transactional_db: None) -> None:
        caller = Caller(make_tenant("ravi").user)
        for _ in range(8):
            caller.get("/api/tenancies/")
        with closing(connections.create_connection("default")) as other, other.cursor() as elsewhere:
            elsewhere.execute("ALTER TABLE core_user ALTER COLUMN username TYPE varchar(200)")
        try:
            # The first finds out, and whoever comes next has a new connection.
            assert [caller.get("/api/tenancies/").status_code for _ in range(3)] == [200, 200, 200]
        finally:
            with connection.cursor() as cursor:
                cursor.execute("ALTER TABLE core_user ALTER COLUMN username TYPE varchar(150)")
            connection.close()

    def test_a_table_that_stays_locked_is_a_503_so_that_phonepe_sends_again(self, transactional_db: None) -> None:
        other = connections.create_connection("default")
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute("LOCK TABLE core_webhookevent")
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '50ms'")
        client = Client(raise_request_exception=False)

        answer = client.post(WEBHOOK, BODY, content_type="application/json", headers={"Authorization": OURS})

        other.rollback()
        other.close()
        connection.close()
        assert answer.status_code == 503
        assert not WebhookEvent.objects.exists()
