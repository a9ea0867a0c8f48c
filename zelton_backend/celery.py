"""Celery: beat says when to look, workers look. What to look at is in the database."""

import os
import sys
import threading
import time
from functools import cached_property, partial
from typing import Any

import structlog
from celery import Celery
from celery.fixups.django import DjangoFixup, DjangoWorkerFixup
from celery.signals import after_task_publish, beat_init, celeryd_init, setup_logging, task_postrun, task_prerun

from zelton_backend import heartbeat

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zelton_backend.settings")


class KeptConnections(DjangoWorkerFixup):  # type: ignore[misc]
    """Celery closes the database's connection around every task; a new one costs PostgreSQL more than most tasks."""

    def close_database(self, **_signal: Any) -> None:
        """Close what is broken or older than CONN_MAX_AGE, as Django does around every request."""
        from django.db import close_old_connections  # needs settings, and these are in this package

        close_old_connections()


class KeepingFixup(DjangoFixup):  # type: ignore[misc]
    """What Celery does for Django, but for the connections."""

    @cached_property
    def worker_fixup(self) -> KeptConnections:
        return KeptConnections(self.app)


app = Celery("zelton_backend", fixups=[lambda app: KeepingFixup(app).install()])
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.set_default()  # for every thread: Celery knows its app by thread, and makes up one where there is none
heartbeat.listen()


def leave_logging_alone(**_signal: Any) -> None:
    """Keep Celery from raising the root logger's level to its own, WARNING: then a worker's log says nothing of money.

    That somebody listens is enough; Django has set logging up.
    """


def begin_task(task_id: str, **_signal: Any) -> None:
    """Let every log line say which task it is of, and note when it began."""
    structlog.contextvars.bind_contextvars(task_id=task_id)
    _of_this_thread.began = time.monotonic()


def end_task(task: Any, state: str | None = None, **_signal: Any) -> None:
    """Count a task that has ended."""
    from core.services.operations import metrics

    seconds = time.monotonic() - _of_this_thread.began
    metrics.TASKS.labels(task.name.rpartition(".")[2], (state or "unknown").lower()).observe(seconds)
    structlog.contextvars.clear_contextvars()


def count_tick(**_signal: Any) -> None:
    """Count a tick that beat has handed to the broker."""
    from core.services.operations import metrics

    metrics.TICKS_SENT.inc()


_of_this_thread = threading.local()
setup_logging.connect(leave_logging_alone, weak=False)
task_prerun.connect(begin_task, weak=False)
task_postrun.connect(end_task, weak=False)
after_task_publish.connect(count_tick, sender=heartbeat.TICK, weak=False)


def begin_process(kind: str, **_signal: Any) -> None:
    """Stop a worker or beat that nobody would ever hear, and let metrics say that this one lives."""
    refuse_without_broker()
    from core.services.operations import metrics  # needs settings, and these are in this package

    metrics.is_a(kind)


def refuse_without_broker() -> None:
    """Stop a worker or beat that nobody would ever hear."""
    from django.conf import settings

    if not settings.REDIS_URL:
        sys.exit(
            "Cannot start: REDIS_URL is not set, so worker and beat cannot meet. "
            "Without Redis, run `manage.py reconcile_pending_payments --loop` in their place."
        )


celeryd_init.connect(partial(begin_process, "worker"), weak=False)
beat_init.connect(partial(begin_process, "beat"), weak=False)
