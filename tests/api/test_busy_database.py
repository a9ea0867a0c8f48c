"""A lock that does not come in time ends in a sentence, not in a traceback or a request that hangs."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection, transaction

from core.models import IdempotencyKey, Payment, Tenancy
from tests.api.answers import assert_problem
from tests.people import Caller
from tests.phonepe import PhonePe


@pytest.fixture
def impatient(transactional_db: None) -> Iterator[None]:
    """Wait a tenth of a second for a lock, not five as in the product."""
    postgresql = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '100ms'" if postgresql else "PRAGMA busy_timeout = 100")
    yield
    connection.close()


@contextmanager
def stuck(tenancy: Tenancy) -> Iterator[None]:
    """Somebody else holds the lock of a tenancy and does not give it back."""
    taken, done = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            Tenancy.objects.select_for_update().get(pk=tenancy.pk)
            taken.set()
            done.wait(30)
        connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    assert taken.wait(30)
    try:
        yield
    finally:
        done.set()
        holder.join()


def test_a_payment_answers_503_and_is_made_when_tried_again(
    impatient: None, tenant: Caller, tenancy: Tenancy, phonepe: PhonePe
) -> None:
    with stuck(tenancy):
        refused = tenant.starts_rent()
    assert_problem(refused, 503, "busy")
    assert refused.headers["Retry-After"] == "2"
    assert not phonepe.orders_taken()

    assert tenant.starts_rent().status_code == 201
    assert Payment.objects.count() == 1


@pytest.mark.skipif(connection.vendor != "postgresql", reason="on SQLite not even the key can be written")
def test_the_key_of_such_a_request_is_free_again(
    impatient: None, tenant: Caller, tenancy: Tenancy, phonepe: PhonePe
) -> None:
    with stuck(tenancy):
        assert_problem(tenant.starts_rent(key="once"), 503, "busy")

    assert tenant.starts_rent(key="once").status_code == 201
    assert (Payment.objects.count(), IdempotencyKey.objects.count()) == (1, 1)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="settings of PostgreSQL")
@pytest.mark.parametrize(
    ("limit", "value"),
    [
        ("lock_timeout", "5s"),
        ("statement_timeout", "30s"),
        ("idle_in_transaction_session_timeout", "1min"),
        ("max_parallel_workers_per_gather", "0"),
        ("jit", "off"),
    ],
)
def test_every_connection_has_its_limits(db: None, limit: str, value: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SHOW {limit}")
        assert cursor.fetchone() == (value,)
