"""One log line a request, answers that nobody keeps, the admin's time, and a short way in for PhonePe."""

import secrets
import time
from collections.abc import Callable
from functools import cached_property

import structlog
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.urls import ResolverMatch, resolve, reverse
from django.utils import timezone

from core.india import INDIA
from core.services.operations import metrics

logger = structlog.get_logger(__name__)
# Asked all day long, and only worth a line when refused. A webhook that was taken is a row, with its time.
QUIET = ("/healthz", "/readyz", "/metrics", "/static/", "/api/webhooks/")


class RequestLog:
    """Says and counts what was asked and answered, never who or with which secret.

    Logs method, path without its query, status and milliseconds, under a request id the answer carries too.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        structlog.contextvars.clear_contextvars()
        request_id = secrets.token_hex(8)
        structlog.contextvars.bind_contextvars(request_id=request_id)
        start = time.monotonic()
        response = self._get_response(request)
        response["X-Request-Id"] = request_id
        seconds = time.monotonic() - start
        metrics.HTTP.labels(_view(request), f"{response.status_code // 100}xx").observe(seconds)
        if response.status_code >= 400 or not request.path.startswith(QUIET):
            logger.info(
                "request",
                method=request.method,
                path=request.path,
                status=response.status_code,
                ms=round(seconds * 1000),
            )
        return response


def _view(request: HttpRequest) -> str:
    """Return the name of the view that answered, of which there are few: the admin's pages are one."""
    found = request.resolver_match
    if found is None:
        return "none"
    return "admin" if "admin" in found.app_names else found.view_name.rpartition(".")[2]


class NothingIsKept:
    """Lets no browser or proxy keep an answer, unless it says otherwise: nearly all of them name people or money."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        return response


class NoNul:
    """Refuses a NUL in an address's query outside the API: PostgreSQL cannot be asked for one, and nobody means it.

    The API names the parameter itself.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "%00" in request.META.get("QUERY_STRING", "") and not request.path.startswith("/api/"):
            raise SuspiciousOperation("NUL in a query")
        return self._get_response(request)


class AdminInIndia:
    """Shows people in the admin India's time; everything else counts in UTC."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(self._admin):
            return self._get_response(request)
        with timezone.override(INDIA):
            return self._get_response(request)

    @cached_property
    def _admin(self) -> str:
        return reverse("admin:index")


class PhonePeDoor:
    """Takes webhooks past all that is for people and browsers: sessions, CSRF, log-in, messages, static files.

    They come at the rate of all payments together, and are to be answered at once.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info != self._path:
            return self._get_response(request)
        request.resolver_match = self._match
        response: HttpResponse = self._match.func(request)
        response["Content-Length"] = str(len(response.content))
        return response

    # Looked up at the first request: while the chain is built, addresses cannot be read yet.

    @cached_property
    def _path(self) -> str:
        return reverse("phonepe-webhook")

    @cached_property
    def _match(self) -> ResolverMatch:
        return resolve(self._path)
