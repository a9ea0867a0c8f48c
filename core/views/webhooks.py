"""PhonePe's door: a plain view with as few statements as durable storing needs."""

from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from core.errors import WebhookRefused
from core.services import metrics, webhooks
from core.views.problems import CONTENT_TYPE, problem

LARGEST_BODY = 256 * 1024


@csrf_exempt  # PhonePe has no session; its header is its proof
@require_POST
def phonepe_webhook(request: HttpRequest) -> JsonResponse:
    """Answer 2xx only for what is durably stored, so that PhonePe sends everything else again."""
    try:
        webhooks.verify(request.META.get("HTTP_AUTHORIZATION", ""))
    except WebhookRefused:
        return _refusal(401, "webhook_refused", "The Authorization header is not PhonePe's.")
    body = _read(request)
    if len(body) > LARGEST_BODY:
        return _refusal(413, "too_large", f"The body may have at most {LARGEST_BODY} bytes.")
    deliveries = webhooks.receive(body, now=timezone.now())
    try:
        webhooks.read_body(body)
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


def _refusal(status: int, code: str, sentence: str) -> JsonResponse:
    metrics.WEBHOOKS.labels(code).inc()
    headers = {"WWW-Authenticate": "SHA256"} if status == 401 else {}
    return JsonResponse(problem(status, code, sentence), status=status, content_type=CONTENT_TYPE, headers=headers)
