"""Signs of life of a worker and of beat, for whoever restarts them: a file that is touched, and systemd's watchdog.

A worker gives one while its main loop runs and reaches the broker, beat when it has handed a tick to the broker.
"""

import os
import socket
from pathlib import Path
from typing import Any

from celery.signals import after_task_publish, heartbeat_sent
from django.conf import settings

TICK = "core.tasks.tick"


def listen() -> None:
    """Give a sign whenever Celery does what shows that it lives."""
    heartbeat_sent.connect(_give, weak=False)
    after_task_publish.connect(_give, sender=TICK, weak=False)


def _give(**_signal: Any) -> None:
    if settings.HEARTBEAT_FILE:
        Path(settings.HEARTBEAT_FILE).touch()
    if address := os.environ.get("NOTIFY_SOCKET"):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
            # A leading @ means an abstract address, which begins with NUL.
            systemd.connect(f"\0{address[1:]}" if address.startswith("@") else address)
            systemd.send(b"WATCHDOG=1")
