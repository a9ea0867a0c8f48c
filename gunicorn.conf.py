"""How gunicorn serves Zelton: `gunicorn zelton_backend.wsgi` in this folder reads it by itself."""

import gc
import os
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from gunicorn.glogging import Logger

from zelton_backend.environment import Environment
from zelton_backend.logs import logging_config

env = Environment.load(Path(os.environ.get("ZELTON_ENV_FILE") or Path(__file__).with_name(".env")))

worker_class = "gthread"
workers = env.number("WEB_WORKERS", 2, least=1, most=64)
threads = env.number("WEB_THREADS", 16, least=2, most=256)
if threads <= env.number("PHONEPE_MAX_CALLS", 10, least=1, most=1000):
    raise ImproperlyConfigured(
        "WEB_THREADS must be more than PHONEPE_MAX_CALLS, or a slow PhonePe keeps its own webhooks out."
    )

preload_app = False  # PhonePe's SDK must not be forked
keepalive = 75  # seconds; longer than a proxy in front keeps an idle connection (60)
timeout = 60
graceful_timeout = 30  # a request that waits for PhonePe ends before that
accesslog = None  # the application logs requests, without what could move money


class WithoutAccessLog(Logger):
    """gunicorn's own logger, which prepares a line for each request where logging is configured, wanted or not."""

    def access(self, *_request: Any) -> None:
        """Do nothing: it was a twentieth of the work for a webhook."""


logger_class = WithoutAccessLog
# What gunicorn itself has to say may hold a request's whole address: it goes through the same mask.
logconfig_dict = {
    **logging_config("INFO", None),
    "loggers": {"gunicorn.error": {"level": "INFO", "handlers": [], "propagate": True}},
}
control_socket_disable = True  # it would be a file below the home directory
# A heartbeat must not wait for a disk; gunicorn makes a file there that nobody else can open.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 # nosec B108


def post_worker_init(worker: Any) -> None:  # noqa: ARG001 - gunicorn's signature
    """Import every view before the first request, which would wait a second for them."""
    from django.urls import get_resolver

    get_resolver().url_patterns  # noqa: B018 - reading it imports them
    from core.services.operations import metrics

    metrics.is_a("web")
    # What is loaded stays: no collection looks at it again, which took up to a tenth of a request. The rest is
    # collected after some requests: they leave cycles behind, which came to 30 MiB where it was done more rarely.
    gc.collect()
    gc.freeze()
    gc.set_threshold(5_000, 5, 5)
