"""What PhonePe delivered, as it came."""

import json
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.admin.acting import Act, ActingAdmin
from core.admin.links import list_link
from core.admin.searching import SearchedById
from core.admin.stories import TellsStory
from core.models import PaymentTransaction, WebhookEvent
from core.services.webhooks.readers import READERS
from core.services.webhooks.replaying import replay_webhook


def _replay(event: WebhookEvent, *, reason: str, by: Any, now: datetime) -> str:
    return f"read again: {replay_webhook(event, by=by, reason=reason, now=now).get_outcome_display()}."


class EventFilter(admin.SimpleListFilter):
    """The kinds of event that there are; asking the table for them would read all of it."""

    title = parameter_name = "event"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002 - Django's
        return [(prefix, prefix) for prefix in READERS if prefix] + [("checkout.order.", "checkout.order.")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[WebhookEvent]) -> QuerySet[WebhookEvent]:  # noqa: ARG002
        prefix = self.value()
        return queryset.filter(event__startswith=prefix) if prefix else queryset


@admin.register(WebhookEvent)
class WebhookEventAdmin(TellsStory, SearchedById, ActingAdmin[WebhookEvent]):
    list_display = ("received_at", "event", "outcome", "order", "deliveries")
    list_filter = ("outcome", EventFilter, ("processed_at", admin.EmptyFieldListFilter))
    ids = ("merchant_order_id", "digest")
    beginnings = ("digest",)
    ordering = ("-pk",)
    acts = (
        Act(
            name="replay_webhook",
            label="Read again",
            permission=lambda _: "core.replay_webhook",
            explain=lambda event: f"it is read as if it had just come. So far: {event.get_outcome_display()}.",
            do=_replay,
        ),
    )
    fields = (
        "event",
        "outcome",
        "order",
        "deliveries",
        "received_at",
        "last_received_at",
        "processed_at",
        "tries",
        "next_try_at",
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
        return format_html('<pre class="as-it-came">{}</pre>', pretty(bytes(event.body)))


def pretty(body: bytes) -> str:
    """Return JSON with its lines indented, anything else as text."""
    try:
        return json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return body.decode(errors="replace")
