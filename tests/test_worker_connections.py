"""A worker's connections to the database outlive its tasks, but not their age or their end."""

from collections.abc import Iterator

import pytest
from celery.signals import task_postrun, task_prerun
from django.db import connection

from core.models import User
from core.tasks import tick
from zelton_backend.celery import app

pytestmark = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite's costs nothing")


@pytest.fixture
def a_worker(transactional_db: None) -> Iterator[None]:
    """What Celery connects to its signals when a worker starts."""
    (fixup,) = app._fixups
    worker = fixup.worker_fixup
    task_prerun.connect(worker.on_task_prerun)
    task_postrun.connect(worker.on_task_postrun)
    connection.close()
    connection.connect()
    yield
    task_prerun.disconnect(worker.on_task_prerun)
    task_postrun.disconnect(worker.on_task_postrun)


def a_task_runs() -> int:
    """Return the process of PostgreSQL that served it."""
    task_prerun.send(sender=tick)
    User.objects.exists()
    served = connection.connection.info.backend_pid
    task_postrun.send(sender=tick)
    return int(served)


def test_it_serves_one_task_after_the_other(a_worker: None) -> None:
    assert a_task_runs() == a_task_runs()


def test_it_is_renewed_when_it_is_old(a_worker: None) -> None:
    before = a_task_runs()
    connection.close_at = 0.0

    assert a_task_runs() != before


def test_it_is_renewed_when_postgresql_ended_it(a_worker: None) -> None:
    before = a_task_runs()
    connection.connection.pgconn.finish()

    assert a_task_runs() != before
