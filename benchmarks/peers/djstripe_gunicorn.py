"""gunicorn for dj-stripe: as ours in all that concerns speed, with nothing of our application."""

import gc

worker_class = "gthread"
workers, threads = 2, 16
keepalive = 75
worker_tmp_dir = "/dev/shm"  # noqa: S108 - as ours
control_socket_disable = True


def post_worker_init(_worker: object) -> None:
    """Import every view before the first request, and leave alone what is loaded."""
    from django.urls import get_resolver

    get_resolver().url_patterns  # noqa: B018 - reading it imports them
    gc.collect()
    gc.freeze()
    gc.set_threshold(5_000, 5, 5)
