"""What waits for an operator."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString

from core.admin.links import list_link
from core.admin.read_only import ReadOnlyAdmin
from core.models import Alert, AlertKind, PaymentTransaction, Refund, SettlementLine, WebhookEvent

ABOUT_SETTLEMENTS = (AlertKind.SETTLEMENT, AlertKind.SETTLEMENT_FAILED, AlertKind.CHARGEBACK)


@admin.register(Alert)
class AlertAdmin(ReadOnlyAdmin[Alert]):
    list_display = ("raised_at", "kind", "about", "sentence", "resolved_at")
    list_filter = (("resolved_at", admin.EmptyFieldListFilter), "kind", "raised_at")
    search_fields = ("subject", "sentence")
    ordering = ("-raised_at", "-pk")
    fields = ("kind", "about", "sentence", "raised_at", "resolved_at")
    actions = ("resolve",)

    def has_resolve_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("core.change_alert")

    @admin.action(description="Resolve", permissions=["resolve"])
    def resolve(self, request: HttpRequest, queryset: QuerySet[Alert]) -> None:
        resolved = list(queryset.filter(resolved_at=None))
        for alert in resolved:
            alert.resolved_at = timezone.now()
            alert.save(update_fields=["resolved_at"])
            self.log_change(request, alert, "Resolved.")
        self.message_user(request, f"Resolved {len(resolved)} alerts.")

    @admin.display(ordering="subject")
    def about(self, alert: Alert) -> str | SafeString:
        if alert.kind == AlertKind.UNREADABLE_WEBHOOK:
            return list_link(WebhookEvent, alert.subject, q=alert.subject)
        if alert.kind in ABOUT_SETTLEMENTS:
            return list_link(SettlementLine, alert.subject, q=alert.subject)
        model = Refund if alert.subject.startswith("ZLR-") else PaymentTransaction
        return list_link(model, alert.subject, q=alert.subject)
