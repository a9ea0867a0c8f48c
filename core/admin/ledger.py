"""The books, double-entry."""

from typing import Any

from django.contrib import admin
from django.db.models import BigIntegerField, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Abs, Coalesce
from django.http import HttpRequest
from django.utils.safestring import SafeString

from core.admin.links import NOTHING, link, list_link, moment
from core.admin.read_only import ReadOnlyAdmin, ReadOnlyInline
from core.admin.searching import MOST_ROWS, SearchedById
from core.models import EntryKind, JournalEntry, LedgerLine, PaymentTransaction, Refund
from core.models.ledger import REFUND_KINDS
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


ABOUT: dict[str, Any] = {
    **dict.fromkeys((EntryKind.CAPTURE, EntryKind.PLACING, EntryKind.SUSPENSE), PaymentTransaction),
    **dict.fromkeys(REFUND_KINDS, Refund),
}


@admin.register(JournalEntry)
class JournalEntryAdmin(SearchedById, ReadOnlyAdmin[JournalEntry]):
    list_display = ("at", "kind", "description", "amount", "about")
    list_display_links = ("at",)
    list_filter = ("kind",)
    date_hierarchy = "at"
    ids = beginnings = ("source",)
    ordering = ("-pk",)
    fields = ("at", "kind", "description", "amount", "about", "source")
    inlines = (LedgerLineInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[JournalEntry]:
        # For each row that is shown; grouped, it would be of all rows before the first is shown.
        # The largest line is what moved: a capture posts its rupees on more than one pair of accounts.
        lines = LedgerLine.objects.filter(entry=OuterRef("pk")).values("entry").order_by()
        largest = Subquery(lines.annotate(largest=Max(Abs("amount_paise"))).values("largest"))
        return super().get_queryset(request).annotate(moved=Coalesce(largest, 0, output_field=BigIntegerField()))

    def exactly(self, text: str) -> list[Q]:
        return [*super().exactly(text), Q(kind__in=EntryKind.values, subject=text)]

    @admin.display
    def amount(self, entry: Any) -> str:
        return rupees_for_people(entry.moved)

    @admin.display(description="about")
    def about(self, entry: JournalEntry) -> str | SafeString:
        about = entry.subject
        return list_link(ABOUT[entry.kind], about, q=about) if entry.kind in ABOUT else NOTHING


@admin.register(LedgerLine)
class LedgerLineAdmin(SearchedById, Sides, ReadOnlyAdmin[LedgerLine]):
    list_display = ("account", "debit", "credit", "entry_link", "at")
    list_select_related = ("entry",)
    ids = ("account", "entry__source")
    ordering = ("-pk",)
    fields = ("entry_link", "account", "debit", "credit")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[LedgerLine], search_term: str
    ) -> tuple[QuerySet[LedgerLine], bool]:
        """Find the newest lines of an account, the others in the journal by their day."""
        account = search_term.strip().replace("\0", "")
        newest = LedgerLine.objects.filter(account=account).order_by("-pk").values_list("pk", flat=True)[:MOST_ROWS]
        # Looked up first: in one statement PostgreSQL would read the lines of other accounts, too.
        if account and (keys := list(newest)):
            return queryset.filter(pk__in=keys), False
        return super().get_search_results(request, queryset, search_term)

    @admin.display(description="entry")
    def entry_link(self, line: LedgerLine) -> str | SafeString:
        return link(line.entry)

    @admin.display(ordering="entry__at")
    def at(self, line: LedgerLine) -> str:
        return moment(line.entry.at)
