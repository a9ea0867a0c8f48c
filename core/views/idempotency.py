"""Give a POST that moves money, or makes something, its Idempotency-Key."""

import json
from collections.abc import Callable
from typing import cast

from django.db import transaction
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from core.errors import DomainError
from core.models import IdempotencyKey, User
from core.services.idempotency import KEPT_ERRORS, Answer, once
from core.views.problems import CONTENT_TYPE, problem_handler

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="Any string up to 255 characters; the same key and body within 24 hours has one effect.",
)


def answer_once(request: Request, work: Callable[[IdempotencyKey | None], Response]) -> Response:
    """Do the work, or give back what it once answered."""

    def answer(key: IdempotencyKey | None) -> Answer:
        try:
            response = work(key)
        except (DomainError, APIException) as error:
            refusal = problem_handler(error, {})
            if refusal is None or refusal.data["code"] != "invalid":
                raise  # what depends on the books, as what is due does, may be answered otherwise next time
            response = refusal
        return response.status_code, response.data

    body = json.dumps(request.data, sort_keys=True, default=str).encode()
    key = request.headers.get("Idempotency-Key", "")
    status, data = once(
        cast("User", request.user), key, request=(request.method or "", request.path, body), answer=answer
    )
    return Response(data, status=status, content_type=CONTENT_TYPE if status in KEPT_ERRORS else None)


def create_once(request: Request, work: Callable[[IdempotencyKey | None], Response]) -> Response:
    """Make something of the database alone, or give back what was once answered.

    What is made and the answer are kept together or not at all, so that a crash in between makes nothing twice.
    """
    with transaction.atomic():
        return answer_once(request, work)
