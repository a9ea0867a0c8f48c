"""A broker that is worse than gone: it takes connections, and says nothing."""

import socket
from collections.abc import Iterator
from threading import Thread

import pytest
from celery import Celery
from django.conf import settings
from kombu.exceptions import OperationalError

GIVES_UP_WITHIN = 20  # seconds


@pytest.fixture
def mute_broker() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"redis://127.0.0.1:{listener.getsockname()[1]}/0"


def test_a_beat_does_not_wait_for_ever(mute_broker: str) -> None:
    problems: list[OperationalError] = []

    def beat() -> None:
        with Celery(broker=mute_broker, set_as_current=False) as celery:
            celery.conf.broker_transport_options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
            try:
                celery.send_task("core.tasks.tick", retry=False)
            except OperationalError as problem:
                problems.append(problem)

    beating = Thread(target=beat, daemon=True)
    beating.start()
    beating.join(GIVES_UP_WITHIN)

    assert "imeout" in str(problems)
