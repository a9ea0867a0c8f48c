"""What operators' machines ask: alive, ready, and in numbers."""

import time
from threading import Lock

from django.conf import settings
from django.core.cache import cache
from django.db import Error
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare
from prometheus_client import CONTENT_TYPE_LATEST
from redis import Redis
from redis.exceptions import RedisError

from core.db.connection import can_write, has_room, was_full_lately
from core.services.operations import readiness
from core.services.operations.gauges import Books, Machine
from core.services.operations.metrics import exposition
from core.views.problems import CONTENT_TYPE, SAFE, problem, takes

BROKER_PATIENCE = 0.3  # seconds
SEEN, SEEN_FOR = "readyz", 1.0  # seconds
LOOKING = {"status": "unavailable", "database": "not looked at yet"}, 503
_looking = Lock()


@takes(*SAFE)
def healthz(_request: HttpRequest) -> JsonResponse:
    """Tell that this process answers."""
    return JsonResponse({"status": "ok"})


@takes(*SAFE)
def readyz(_request: HttpRequest) -> JsonResponse:
    """Tell whether requests can be served, as it was seen within the last second.

    However many ask, one at a time looks; while that takes longer, the others get what was seen before.
    """
    at, seen = cache.get(SEEN, (float("-inf"), LOOKING))
    if time.monotonic() - at >= SEEN_FOR and _looking.acquire(blocking=False):
        try:
            seen = _look()
            cache.set(SEEN, (time.monotonic(), seen), None)
        finally:
            _looking.release()
    body, status = seen
    return JsonResponse(body, status=status)


def _look() -> tuple[dict[str, str], int]:
    """Look whether requests can be served. A lost broker only slows things: webhooks must still come in.

    A database that cannot be written, or that this code's migrations have not reached yet, cannot serve them.
    """
    try:
        writable, is_full = can_write(), was_full_lately() and not has_room()
    except Error:
        return {"status": "unavailable", "database": "lost"}, 503
    if not writable:
        return {"status": "unavailable", "database": "read_only"}, 503
    if is_full:
        return {"status": "unavailable", "database": "full"}, 503
    if not readiness.are_applied():
        return {"status": "unavailable", "database": "ok", "migrations": "pending"}, 503
    broker = _broker()
    status = "degraded" if broker == "lost" else "ok"
    return {"status": status, "database": "ok", "broker": broker}, 200


@takes(*SAFE)
def metrics(request: HttpRequest) -> HttpResponse:
    """Give Prometheus its text; closed without METRICS_TOKEN, and while none is configured."""
    given, expected = request.headers.get("Authorization", ""), f"Bearer {settings.METRICS_TOKEN}"
    if not settings.METRICS_TOKEN or not constant_time_compare(given, expected):
        body = problem(401, "not_authenticated", "Send METRICS_TOKEN as a bearer token.")
        return JsonResponse(body, status=401, content_type=CONTENT_TYPE, headers={"WWW-Authenticate": "Bearer"})
    return HttpResponse(exposition(Books(), Machine()), content_type=CONTENT_TYPE_LATEST)


def _broker() -> str:
    if not settings.REDIS_URL:
        return "none"
    try:
        with Redis.from_url(
            settings.REDIS_URL, socket_connect_timeout=BROKER_PATIENCE, socket_timeout=BROKER_PATIENCE
        ) as redis:
            redis.ping()
    except (RedisError, OSError):
        return "lost"
    return "ok"
