"""The books, double-entry."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet, Sum
from django.http import HttpRequest
from django.utils.safestring import SafeString

from core.admin.links import NOTHING, link, list_link
from core.admin.read_only import ReadOnlyAdmin, ReadOnlyInline
from core.models import JournalEntry, LedgerLine, PaymentTransaction, Refund
from core.money import rupees_for_people


class Sides:
    """The two columns of a book."""

    @admin.display(ordering="amount_paise")
    def debit(self, line: LedgerLine) -> str:
        return rupees_for_people(line.amount_paise) if line.amount_paise > 0 else ""

    @admin.display(ordering="amount_paise")
    def credit(self, line: LedgerLine) -> str:
        return rupees_for_people(-line.amount_paise) if line.amount_paise < 0 else ""


class LedgerLineInline(Sides, ReadOnlyInline[LedgerLine, JournalEntry]):
    model = LedgerLine
    fields = ("account", "debit", "credit")
    readonly_fields = ("debit", "credit")


ABOUT = {"capture": PaymentTransaction, "placing": PaymentTransaction, "suspense": PaymentTransaction, "refund": Refund}


@admin.register(JournalEntry)
class JournalEntryAdmin(ReadOnlyAdmin[JournalEntry]):
    list_display = ("at", "source", "description", "amount", "order")
    list_filter = ("at",)
    search_fields = ("source", "description")
    ordering = ("-at", "-pk")
    fields = ("at", "source", "description", "amount", "order")
    inlines = (LedgerLineInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[JournalEntry]:
        debits = Sum("lines__amount_paise", filter=Q(lines__amount_paise__gt=0), default=0)
        return super().get_queryset(request).annotate(debits=debits)

    @admin.display(ordering="debits")
    def amount(self, entry: Any) -> str:
        return rupees_for_people(entry.debits)

    @admin.display(description="order or refund")
    def order(self, entry: JournalEntry) -> str | SafeString:
        kind, about, *_ = entry.source.split(":")
        return list_link(ABOUT[kind], about, q=about) if kind in ABOUT else NOTHING


@admin.register(LedgerLine)
class LedgerLineAdmin(Sides, ReadOnlyAdmin[LedgerLine]):
    list_display = ("account", "debit", "credit", "entry_link", "at")
    list_select_related = ("entry",)
    list_filter = ("entry__at",)
    search_fields = ("account", "entry__source")
    ordering = ("-entry__at", "-pk")
    fields = ("entry_link", "account", "debit", "credit")

    @admin.display(description="entry")
    def entry_link(self, line: LedgerLine) -> str | SafeString:
        return link(line.entry)

    @admin.display(ordering="entry__at")
    def at(self, line: LedgerLine) -> object:
        return line.entry.at
