"""How gunicorn serves Zelton: `gunicorn zelton_backend.wsgi` in this folder reads it by itself."""

import gc
import os
import shutil
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from zelton_backend.environment import Environment

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
control_socket_disable = True  # it would be a file below the home directory
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - a heartbeat must not wait for a disk

# The counters of all workers, in files; read when prometheus_client is first imported, in the workers.
# The folder's name says whose it is: SIGHUP reads this file again, and SIGUSR2 hands the environment on.
made_here = f"zelton-metrics-{os.getpid()}-"
metrics_dir = Path(os.environ.get("PROMETHEUS_MULTIPROC_DIR", ""))
if not metrics_dir.name or (
    metrics_dir.name.startswith("zelton-metrics-") and not metrics_dir.name.startswith(made_here)
):
    metrics_dir = Path(mkdtemp(prefix=made_here))
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(metrics_dir)


def post_worker_init(worker: Any) -> None:  # noqa: ARG001 - gunicorn's signature
    """Import every view before the first request, which would wait a second for them."""
    from django.urls import get_resolver

    get_resolver().url_patterns  # noqa: B018 - reading it imports them
    # What is loaded stays: no collection looks at it again, which took up to a tenth of a request. The rest is
    # collected after some requests: they leave cycles behind, which came to 30 MiB where it was done more rarely.
    gc.collect()
    gc.freeze()
    gc.set_threshold(5_000, 5, 5)


def child_exit(server: Any, worker: Any) -> None:  # noqa: ARG001 - gunicorn's signature
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(worker.pid)


def on_exit(server: Any) -> None:  # noqa: ARG001 - gunicorn's signature
    if metrics_dir.name.startswith(made_here):
        shutil.rmtree(metrics_dir, ignore_errors=True)
