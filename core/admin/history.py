"""The history of an order or a refund, with PhonePe's answers."""

import json

from django.contrib import admin
from django.db.models import Model
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.admin.read_only import ReadOnlyInline
from core.models import StateChange


class StateChangeInline(ReadOnlyInline[StateChange, Model]):
    model = StateChange
    verbose_name_plural = "history"
    fields = ("at", "what", "old", "new", "cause", "phonepe_said")
    readonly_fields = ("phonepe_said",)

    @admin.display(description="PhonePe's answer")
    def phonepe_said(self, change: StateChange) -> str | SafeString:
        written = json.dumps(change.answer, indent=2, ensure_ascii=False)
        return format_html("<details><summary>show</summary><pre>{}</pre></details>", written) if change.answer else ""
