"""One log line a request, and a short way in for PhonePe."""

import secrets
import time
from collections.abc import Callable
from functools import cached_property

import structlog
from django.http import HttpRequest, HttpResponse
from django.urls import resolve, reverse

logger = structlog.get_logger(__name__)
# Asked all day long, and only worth a line when refused. A webhook that was taken is a row, with its time.
QUIET = ("/healthz", "/readyz", "/metrics", "/static/", "/api/webhooks/")


class RequestLog:
    """Says what was asked and answered, never who or with which secret.

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
        if response.status_code >= 400 or not request.path.startswith(QUIET):
            milliseconds = round((time.monotonic() - start) * 1000)
            logger.info(
                "request", method=request.method, path=request.path, status=response.status_code, ms=milliseconds
            )
        return response


class PhonePeDoor:
    """Takes webhooks past all that is for people and browsers: sessions, CSRF, log-in, messages, static files.

    They come at the rate of all payments together, and are to be answered at once.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info != self._path:
            return self._get_response(request)
        response = self._view(request)
        response["Content-Length"] = str(len(response.content))
        return response

    # Looked up at the first request: while the chain is built, addresses cannot be read yet.

    @cached_property
    def _path(self) -> str:
        return reverse("phonepe-webhook")

    @cached_property
    def _view(self) -> Callable[[HttpRequest], HttpResponse]:
        return resolve(self._path).func
