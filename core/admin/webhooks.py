"""What PhonePe delivered, as it came."""

import json

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.admin.links import list_link
from core.admin.read_only import ReadOnlyAdmin
from core.models import PaymentTransaction, WebhookEvent


@admin.register(WebhookEvent)
class WebhookEventAdmin(ReadOnlyAdmin[WebhookEvent]):
    list_display = ("received_at", "event", "outcome", "order", "deliveries", "processed_at")
    list_filter = ("outcome", "event", "received_at", ("processed_at", admin.EmptyFieldListFilter))
    search_fields = ("merchant_order_id", "digest")
    ordering = ("-received_at", "-pk")
    fields = (
        "event",
        "outcome",
        "order",
        "deliveries",
        "received_at",
        "last_received_at",
        "processed_at",
        "digest",
        "archive",
        "written",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[WebhookEvent]:
        return super().get_queryset(request).defer("body")  # up to 256 KiB each, and not in the list

    @admin.display(description="order", ordering="merchant_order_id")
    def order(self, event: WebhookEvent) -> str | SafeString:
        return list_link(PaymentTransaction, event.merchant_order_id, q=event.merchant_order_id)

    @admin.display(description="body")
    def written(self, event: WebhookEvent) -> SafeString:
        return format_html('<pre style="white-space: pre-wrap">{}</pre>', pretty(bytes(event.body)))


def pretty(body: bytes) -> str:
    """Return JSON with its lines indented, anything else as text."""
    try:
        return json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return body.decode(errors="replace")
