"""Where an alert leads: to what it is about, and to the paragraph of the runbook that says what to do."""

from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.admin.links import list_link
from core.models import (
    Alert,
    AlertKind,
    Mandate,
    PaymentTransaction,
    Refund,
    ReportedRefund,
    Settlement,
    SettlementLine,
    Tenancy,
    WebhookEvent,
)

# What these are about stands in a webhook's body and in no row of ours; they are raised when it is read.
DISPUTES = (AlertKind.DISPUTE, AlertKind.DISPUTE_LOST)  # of an order of ours they tell by its id
ONLY_IN_WEBHOOKS = (AlertKind.UNKNOWN_WEBHOOK, *DISPUTES)
FROM_WEBHOOKS = ("The webhook ", "Dispute ")
ABOUT_LINES = (AlertKind.SETTLEMENT, AlertKind.CHARGEBACK)


def subject_of(told: Alert) -> str | SafeString:
    """Return a link to what an alert is about."""
    subject = told.subject
    if told.kind == AlertKind.UNREADABLE_WEBHOOK:
        return list_link(WebhookEvent, subject, q=subject)
    is_about_order = told.kind in DISPUTES and subject.startswith("ZLT-")
    if told.kind in ONLY_IN_WEBHOOKS and told.sentence.startswith(FROM_WEBHOOKS) and not is_about_order:
        read_then = {f"processed_at__{end}": told.raised_at.isoformat() for end in ("gte", "lte")}
        return list_link(WebhookEvent, subject, **read_then)
    if told.kind == AlertKind.BOOKS:
        return format_html('<a href="{}">{}</a>', reverse("admin:trial_balance"), subject)
    if told.kind == AlertKind.RENT:
        return list_link(Tenancy, subject, id__exact=subject.removeprefix("tenancy:"))
    if told.kind == AlertKind.DEBIT_WITHHELD:
        return list_link(Mandate, subject, q=subject)
    if told.kind == AlertKind.SETTLEMENT_FAILED:
        return list_link(Settlement, subject, q=subject)
    if told.kind in ABOUT_LINES:
        return list_link(SettlementLine, subject, q=subject)
    if told.kind in (AlertKind.DASHBOARD_REFUND, AlertKind.UNKNOWN_WEBHOOK):
        return list_link(ReportedRefund, subject, q=subject)
    model: Any = Refund if subject.startswith("ZLR-") else PaymentTransaction
    return list_link(model, subject, q=subject)


def runbook_of(kind: str) -> str:
    """Return the address of the paragraph that says what to do."""
    return AlertKind(kind).runbook
