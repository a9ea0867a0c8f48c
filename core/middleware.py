"""One log line a request: what was asked and answered, never who or with which secret."""

import secrets
import time
from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse

logger = structlog.get_logger(__name__)
QUIET = ("/healthz", "/readyz", "/metrics", "/static/")


class RequestLog:
    """Logs method, path without its query, status and milliseconds, under a request id the answer carries too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        structlog.contextvars.clear_contextvars()
        request_id = secrets.token_hex(8)
        structlog.contextvars.bind_contextvars(request_id=request_id)
        start = time.monotonic()
        response = self._get_response(request)
        response["X-Request-Id"] = request_id
        if not request.path.startswith(QUIET):
            milliseconds = round((time.monotonic() - start) * 1000)
            logger.info(
                "request", method=request.method, path=request.path, status=response.status_code, ms=milliseconds
            )
        return response
