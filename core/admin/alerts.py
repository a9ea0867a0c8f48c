"""What waits for an operator."""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.admin.acting import Act, ActingAdmin
from core.admin.alert_links import runbook_of, subject_of
from core.models import Alert
from core.services.operations.alerts import resolve_alert
from core.services.overview import open_alerts


def _resolve(told: Alert, *, reason: str, by: Any, now: datetime) -> str:
    resolve_alert(told, by=by, reason=reason, now=now)
    return "resolved."


@admin.register(Alert)
class AlertAdmin(ActingAdmin[Alert]):
    list_before_template = "admin/alert_groups.html"
    list_display = ("raised_at", "sentence", "about", "runbook", "resolved_at")
    list_filter = (("resolved_at", admin.EmptyFieldListFilter), "kind", "raised_at")
    search_fields = ("subject", "sentence")
    ordering = ("-raised_at", "-pk")
    fields = ("kind", "about", "sentence", "runbook", "raised_at", "resolved_at")
    acts = (
        Act(
            name="resolve",
            label="Resolve",
            permission=lambda _: "core.resolve_alert",
            explain=lambda told: f"it is looked after: {told.sentence}",
            do=_resolve,
            fits=lambda told: told.resolved_at is None,
            at_once=100,
        ),
    )

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Put the open ones, grouped by what they are, before the list of all."""
        groups = [(group, runbook_of(group.kind)) for group in open_alerts() if group.count > 1]
        return super().changelist_view(request, {"groups": groups, **(extra_context or {})})

    @admin.display
    def about(self, alert: Alert) -> str | SafeString:
        return subject_of(alert)

    @admin.display(description="what to do")
    def runbook(self, alert: Alert) -> SafeString:
        return format_html('<a href="{}">runbook</a>', runbook_of(alert.kind))
