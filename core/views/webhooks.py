"""PhonePe's door: a plain view with as few statements as durable storing needs."""

import structlog
from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.utils import timezone

from core.errors import WebhookRefused
from core.services.operations import metrics
from core.services.webhooks import inbox
from core.views.addresses import caller_address
from core.views.problems import CONTENT_TYPE, problem, takes

logger = structlog.get_logger(__name__)
LARGEST_BODY = 256 * 1024
FROM_ELSEWHERE = (
    "PHONEPE_WEBHOOK_ADDRESSES does not name it. Is it a proxy of yours? Then DJANGO_TRUSTED_PROXIES is too small."
)


@takes("POST")
def phonepe_webhook(request: HttpRequest) -> JsonResponse:
    """Answer 2xx only for what is durably stored, so that PhonePe sends everything else again."""
    if not _may_come_from_there(request):
        return _refusal(403, "permission_denied", "You may not do this.", counted="address_refused")
    try:
        inbox.verify(request.META.get("HTTP_AUTHORIZATION", ""))
    except WebhookRefused:
        return _refusal(401, "webhook_refused", "The Authorization header is not PhonePe's.")
    body = _read(request)
    if len(body) > LARGEST_BODY:
        return _refusal(413, "too_large", f"The body may have at most {LARGEST_BODY} bytes.")
    deliveries = inbox.receive(body, now=timezone.now())
    try:
        inbox.read_body(body)
    except ValueError:
        return _refusal(400, "not_json", "The body is not JSON. It is kept for an operator.")
    metrics.WEBHOOKS.labels("stored" if deliveries == 1 else "repeated").inc()
    return JsonResponse({"success": True, "deliveries": deliveries})


def _read(request: HttpRequest) -> bytes:
    """Return at most one byte more than is allowed; Django itself would read a chunked body as empty."""
    is_chunked = request.META.get("HTTP_TRANSFER_ENCODING", "").lower() == "chunked"
    stream = request.META["wsgi.input"] if is_chunked else request
    body: bytes = stream.read(LARGEST_BODY + 1)
    return body


def _may_come_from_there(request: HttpRequest) -> bool:
    """Tell before anything else is looked at, so that the answer says nothing about what else was right or wrong."""
    if not (allowed := settings.PHONEPE_WEBHOOK_ADDRESSES):
        return True
    address = caller_address(request.META)
    if address is not None and any(address in network for network in allowed):
        return True
    logger.warning("webhook_from_elsewhere", address=str(address or "unknown"), sentence=FROM_ELSEWHERE)
    return False


def _refusal(status: int, code: str, sentence: str, *, counted: str = "") -> JsonResponse:
    metrics.WEBHOOKS.labels(counted or code).inc()
    logger.warning("webhook_not_taken", code=counted or code)
    headers = {"WWW-Authenticate": "SHA256"} if status == 401 else {}
    return JsonResponse(problem(status, code, sentence), status=status, content_type=CONTENT_TYPE, headers=headers)
