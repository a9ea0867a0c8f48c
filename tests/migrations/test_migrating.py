"""Migrations go forwards, backwards and forwards again; the triggers of the books survive."""

import time
from collections.abc import Iterator
from threading import Thread
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, OperationalError, connection, connections, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.models import Q, UniqueConstraint

from core.db.online_migrations import AddUnique
from core.models import Payment, PaymentTransaction, StateChange, WebhookEvent
from tests.people import Caller
from tests.phonepe import PhonePe

FIRST_ON_LIVE_TABLES = "0003"
INSERT_DELIVERY = """
    INSERT INTO core_webhookevent
        (digest, body, deliveries, received_at, last_received_at, outcome, event, merchant_order_id)
    VALUES (%s, '', 1, now(), now(), 'waiting', '', '')
"""
IS_WAITING = """
    SELECT 1 FROM pg_stat_activity WHERE query LIKE 'CREATE INDEX CONCURRENTLY%' AND wait_event = 'virtualxid'
"""


@pytest.fixture
def newest(transactional_db: None) -> Iterator[None]:
    yield
    call_command("migrate", verbosity=0)


def is_protected() -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("UPDATE core_statechange SET what = 'nothing'")
    except DatabaseError as refusal:
        return "append-only" in str(refusal)
    return False


def constraints(table: str) -> set[str]:
    with connection.cursor() as cursor:
        return set(connection.introspection.get_constraints(cursor, table))


def test_back_and_forth_with_rows_in_the_tables(newest: None, tenant: Caller, phonepe: PhonePe) -> None:
    tenant.starts_rent()
    payment = Payment.objects.get()
    payment.move_to("cancelled", cause="replaced", at=payment.created_at)
    before = constraints("core_paymenttransaction")
    assert is_protected()

    call_command("migrate", "core", FIRST_ON_LIVE_TABLES, verbosity=0)
    assert "completed_is_paid" not in constraints("core_paymenttransaction")
    assert is_protected()

    call_command("migrate", "core", verbosity=0)
    assert constraints("core_paymenttransaction") == before
    assert is_protected()
    assert (PaymentTransaction.objects.count(), StateChange.objects.count()) == (1, 1)
    executor = MigrationExecutor(connection)
    assert not executor.migration_plan(executor.loader.graph.leaf_nodes("core"))


def test_a_migration_that_was_stopped_is_run_again(newest: None) -> None:
    """Every operation of its own commits: what was done before the stop is found done."""
    call_command("migrate", "core", "0003", verbosity=0)
    call_command("migrate", "core", "0004", verbosity=0)
    before = constraints("core_refund")
    call_command("migrate", "core", "0003", fake=True, verbosity=0)

    call_command("migrate", "core", "0007", verbosity=0)

    assert constraints("core_refund") == before
    assert is_protected() or not StateChange.objects.exists()


@pytest.mark.skipif(connection.vendor != "postgresql", reason="only PostgreSQL has them")
def test_what_is_written_most_has_no_indexes_for_patterns(newest: None) -> None:
    much_written = {"core_paymenttransaction", "core_payment", "core_refund", "core_webhookevent", "core_ledgerline"}
    assert not (much_written | {"core_journalentry"}) & for_patterns()

    call_command("migrate", "core", "0007", verbosity=0)
    assert much_written < for_patterns()
    call_command("migrate", "core", verbosity=0)
    assert not much_written & for_patterns()

    call_command("migrate", "core", "0008", verbosity=0)
    call_command("migrate", "core", "0007", fake=True, verbosity=0)  # as if it was stopped at its end
    call_command("migrate", "core", "0008", verbosity=0)


def for_patterns() -> set[str]:
    """Return the tables that have an index for `LIKE 'this%'`."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tablename FROM pg_indexes WHERE indexdef LIKE '%pattern_ops%' AND tablename LIKE 'core%'"
        )
        return {table for (table,) in cursor.fetchall()}


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer")
def test_no_constraint_was_left_unread(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT conname FROM pg_constraint WHERE NOT convalidated")
        assert not cursor.fetchall()
        cursor.execute("SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid")
        assert not cursor.fetchall()


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer")
def test_a_migration_that_would_wait_for_a_lock_gives_up_and_works_later(newest: None) -> None:
    """While it waited, everybody else would queue up behind it."""
    call_command("migrate", "core", "0003", verbosity=0)
    reader = connections.create_connection("default")
    reader.set_autocommit(False)
    with reader.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM core_refund")  # a long report, say
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '100ms'")

    with pytest.raises(OperationalError, match="lock timeout"):
        call_command("migrate", "core", verbosity=0)
    reader.rollback()
    reader.close()
    call_command("migrate", "core", verbosity=0)

    assert "refund_state_known" in constraints("core_refund")
    connection.close()


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer")
def test_an_index_is_built_while_somebody_writes(newest: None) -> None:
    """It waits for who began before it, without a lock that others would wait for."""
    call_command("migrate", "core", "0006", verbosity=0)
    writer = connections.create_connection("default")
    writer.set_autocommit(False)
    with writer.cursor() as cursor:
        cursor.execute(INSERT_DELIVERY, ["begun before"])
    migration = Thread(target=migrate_to_newest)
    migration.start()
    with connection.cursor() as cursor:
        while not is_waiting(cursor):
            assert migration.is_alive()
            time.sleep(0.02)
        cursor.execute("SET lock_timeout = '2s'")
        cursor.execute(INSERT_DELIVERY, ["meanwhile"])
    writer.commit()
    writer.close()
    migration.join(60)

    assert "webhook_not_archived" in constraints("core_webhookevent")
    assert WebhookEvent.objects.count() == 2
    connection.close()


def migrate_to_newest() -> None:
    try:
        call_command("migrate", "core", verbosity=0)
    finally:
        connection.close()


def is_waiting(cursor: Any) -> bool:
    cursor.execute(IS_WAITING)
    return bool(cursor.fetchall())


def test_a_unique_constraint_is_built_online_and_again_after_a_stop(transactional_db: None) -> None:
    one = UniqueConstraint(fields=["refund_id"], condition=~Q(refund_id=""), name="one_refund_id")
    operation, before = AddUnique("refund", one), MigrationLoader(None).project_state()
    after = before.clone()
    operation.state_forwards("core", after)

    with connection.schema_editor(atomic=False) as editor:
        for _ in range(2):
            operation.database_forwards("core", editor, before, after)
    assert "one_refund_id" in constraints("core_refund")
    with connection.schema_editor(atomic=False) as editor:
        operation.database_backwards("core", editor, after, before)
    assert "one_refund_id" not in constraints("core_refund")
