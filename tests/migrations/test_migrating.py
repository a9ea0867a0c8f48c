"""Migrations go forwards, backwards and forwards again; the triggers of the books survive."""

from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from core.models import Payment, PaymentTransaction, StateChange
from tests.people import Caller
from tests.phonepe import PhonePe

FIRST_ON_LIVE_TABLES = "0003"


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

    call_command("migrate", "core", verbosity=0)

    assert constraints("core_refund") == before
    assert is_protected() or not StateChange.objects.exists()


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer")
def test_no_constraint_was_left_unread(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT conname FROM pg_constraint WHERE NOT convalidated")
        assert not cursor.fetchall()
        cursor.execute("SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid")
        assert not cursor.fetchall()
