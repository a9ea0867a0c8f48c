"""Celery: beat says when to look, workers look. What to look at is in the database."""

import os
import sys
from functools import cached_property
from typing import Any

from celery import Celery
from celery.fixups.django import DjangoFixup, DjangoWorkerFixup
from celery.signals import beat_init, celeryd_init

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
heartbeat.listen()


def refuse_without_broker(**_signal: Any) -> None:
    """Stop a worker or beat that nobody would ever hear."""
    from django.conf import settings

    if not settings.REDIS_URL:
        sys.exit(
            "Cannot start: REDIS_URL is not set, so worker and beat cannot meet. "
            "Without Redis, run `manage.py reconcile_pending_payments --loop` in their place."
        )


celeryd_init.connect(refuse_without_broker)
beat_init.connect(refuse_without_broker)
