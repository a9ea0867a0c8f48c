"""Render every refusal as RFC 9457 `application/problem+json`, with a sentence for a person."""

import sys
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

import structlog
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from core.db.connection import is_read_only, passes
from core.errors import DomainError
from core.views.error_texts import about_field, about_request

logger = structlog.get_logger(__name__)
CONTENT_TYPE = "application/problem+json"
RETRY_AFTER_BUSY = "2"  # seconds


def problem(status: int, code: str, detail: str, **extra: Any) -> dict[str, Any]:
    """Return a problem's body; `success` and `error` are what an app reads."""
    return {
        "type": f"urn:zelton:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
        **extra,
        "success": False,
        "error": detail,
    }


def problem_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: ours, DRF's and Django's refusals; anything else is a defect and a 500."""
    headers: dict[str, str] = {}
    if isinstance(error, DomainError):
        body = problem(error.status_code, error.code, error.detail, **error.extra)
        if error.retry_after is not None:
            headers["Retry-After"] = str(error.retry_after)
    elif passes(error):
        logger.error("database_busy", exc_info=error)
        body, headers = _busy(error), {"Retry-After": RETRY_AFTER_BUSY}
    else:
        if isinstance(error, Http404):
            error = exceptions.NotFound("There is no such thing here.")
        elif isinstance(error, PermissionDenied):
            error = exceptions.PermissionDenied()
        if not isinstance(error, exceptions.APIException):
            return None
        body = _api_problem(error, context.get("view"))
        if header := getattr(error, "auth_header", None):
            headers["WWW-Authenticate"] = header
        if wait := getattr(error, "wait", None):
            body["params"] = {"seconds": int(wait) + 1}
            headers["Retry-After"] = str(int(wait) + 1)
    set_rollback()
    return Response(body, status=body["status"], headers=headers, content_type=CONTENT_TYPE)


def _api_problem(error: exceptions.APIException, view: Any) -> dict[str, Any]:
    if isinstance(error, exceptions.ValidationError):
        detail = error.detail if isinstance(error.detail, dict) else {"non_field_errors": error.detail}
        errors = {name: [_written(item, name) for item in _flat(items)] for name, items in detail.items()}
        return problem(error.status_code, "invalid", next(iter(errors.values()))[0], errors=errors)
    code = error.get_codes()
    sentence = about_request(error, view=view)
    return problem(error.status_code, code if isinstance(code, str) else "refused", sentence)


def _written(item: Any, field: str) -> str:
    # PostgreSQL keeps no NUL, and an Idempotency-Key keeps this answer.
    return about_field(item, field).replace("\0", "")


def _flat(items: Any) -> list[Any]:
    if isinstance(items, dict):
        return [item for value in items.values() for item in _flat(value)]
    return [item for value in items for item in _flat(value)] if isinstance(items, list) else [items]


def _busy(error: BaseException | None) -> dict[str, Any]:
    trouble = "Nothing can be saved just now." if is_read_only(error) else "We could not get to your data in time."
    return problem(503, "busy", f"{trouble} No payment is lost or made twice; try again in a moment.")


SAFE = ("GET", "HEAD")


def takes(*methods: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Let a plain Django view take these methods alone, and refuse others as the API does: Django says nothing."""

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @csrf_exempt  # what may change something has a proof of its own; Django would answer others with a page
        @wraps(view)
        def only(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method in methods:
                return view(request, *args, **kwargs)
            shown = " and ".join(method for method in methods if method != "HEAD")
            refusal = _page(405, "method_not_allowed", f"This address takes {shown}, and not {request.method}.")
            refusal["Allow"] = ", ".join(methods)
            return refusal

        return only

    return decorate


def _page(status: int, code: str, detail: str) -> JsonResponse:
    return JsonResponse(problem(status, code, detail), status=status, content_type=CONTENT_TYPE)


def bad_request(_request: HttpRequest, exception: Exception) -> JsonResponse:  # noqa: ARG001 - Django's signature
    return _page(400, "bad_request", "The request cannot be understood.")


def permission_denied(_request: HttpRequest, exception: Exception) -> JsonResponse:  # noqa: ARG001
    return _page(403, "permission_denied", "You may not do this.")


def page_not_found(request: HttpRequest, exception: Exception) -> JsonResponse:  # noqa: ARG001
    hint = "/api/docs/ lists what there is." if request.path.endswith("/") else "Paths end in a slash."
    return _page(404, "not_found", f"There is nothing at this address. {hint}")


def server_error(_request: HttpRequest) -> JsonResponse:
    """Answer for a defect, or for a database that was busy; called while the exception is being handled."""
    if passes(error := sys.exc_info()[1]):
        return JsonResponse(
            _busy(error), status=503, content_type=CONTENT_TYPE, headers={"Retry-After": RETRY_AFTER_BUSY}
        )
    return _page(500, "server_error", "Something went wrong on our side. No payment is lost; try again in a moment.")
