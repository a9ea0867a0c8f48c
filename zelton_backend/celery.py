"""Celery: beat says when to look, workers look. What to look at is in the database."""

import os
import sys
from typing import Any

from celery import Celery
from celery.signals import beat_init, celeryd_init

from zelton_backend import heartbeat

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zelton_backend.settings")

app = Celery("zelton_backend")
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
