"""What operators' machines ask: alive, ready, and in numbers."""

from django.conf import settings
from django.db import Error, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST
from redis import Redis
from redis.exceptions import RedisError

from core.services import migrations
from core.services.metrics import exposition
from core.views.problems import CONTENT_TYPE, problem

BROKER_PATIENCE = 0.3  # seconds


@require_safe
def healthz(_request: HttpRequest) -> JsonResponse:
    """Tell that this process answers."""
    return JsonResponse({"status": "ok"})


@require_safe
def readyz(_request: HttpRequest) -> JsonResponse:
    """Tell whether requests can be served. A lost broker only slows things: webhooks must still come in.

    A database that this code's migrations have not reached yet cannot serve them.
    """
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return JsonResponse({"status": "unavailable", "database": "lost"}, status=503)
    if not migrations.are_applied():
        return JsonResponse({"status": "unavailable", "database": "ok", "migrations": "pending"}, status=503)
    broker = _broker()
    status = "degraded" if broker == "lost" else "ok"
    return JsonResponse({"status": status, "database": "ok", "broker": broker})


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Give Prometheus its text; closed without METRICS_TOKEN, and while none is configured."""
    given, expected = request.headers.get("Authorization", ""), f"Bearer {settings.METRICS_TOKEN}"
    if not settings.METRICS_TOKEN or not constant_time_compare(given, expected):
        body = problem(401, "not_authenticated", "Send METRICS_TOKEN as a bearer token.")
        return JsonResponse(body, status=401, content_type=CONTENT_TYPE, headers={"WWW-Authenticate": "Bearer"})
    return HttpResponse(exposition(), content_type=CONTENT_TYPE_LATEST)


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
