"""What PhonePe paid out, and how every line of it compares with the books."""

from django.contrib import admin
from django.utils.safestring import SafeString

from core.admin.links import link, list_link
from core.admin.read_only import ReadOnlyAdmin
from core.admin.searching import SearchedById
from core.admin.stories import TellsStory
from core.models import JournalEntry, PaymentTransaction, Settlement, SettlementLine
from core.money import rupees_for_people


@admin.register(Settlement)
class SettlementAdmin(TellsStory, SearchedById, ReadOnlyAdmin[Settlement]):
    list_display = ("settlement_id", "state", "utr", "settled_at", "payout", "lines")
    date_hierarchy = "settled_at"
    list_filter = ("state", "has_report", "settled_at")
    ids = ("settlement_id", "utr")
    beginnings = ("settlement_id",)
    ordering = ("-settled_at", "-pk")
    fields = (
        "settlement_id",
        "state",
        "state_is_assumed",
        "utr",
        "settled_at",
        "payout",
        "has_report",
        "lines",
        "books",
        "imported_at",
        "updated_at",
    )

    @admin.display(description="payout", ordering="amount_paise")
    def payout(self, settlement: Settlement) -> str:
        told = settlement.amount_paise
        return "as its lines" if told is None else rupees_for_people(told)

    @admin.display
    def lines(self, settlement: Settlement) -> str | SafeString:
        return list_link(SettlementLine, "lines", settlement__id__exact=settlement.pk)

    @admin.display
    def books(self, settlement: Settlement) -> str | SafeString:
        count = settlement.entries
        entries = f"{count} {'entry' if count == 1 else 'entries'}" if count else ""
        return list_link(JournalEntry, entries, q=f"settlement:{settlement.settlement_id}")


@admin.register(SettlementLine)
class SettlementLineAdmin(SearchedById, ReadOnlyAdmin[SettlementLine]):
    links_here = ("settlement__id__exact",)
    list_display = ("__str__", "outcome", "amount", "net", "remark", "settled_in")
    list_select_related = ("settlement",)
    list_filter = ("outcome", "type", "settlement__settled_at")
    ids = ("merchant_order_id", "merchant_refund_id", "phonepe_id", "settlement__settlement_id", "settlement__utr")
    ordering = ("-pk",)
    fields = (
        "settled_in",
        "type",
        "order",
        "merchant_refund_id",
        "phonepe_id",
        "amount",
        "fee",
        "tax",
        "net",
        "outcome",
        "remark",
        "clearing",
    )

    @admin.display(description="settlement")
    def settled_in(self, line: SettlementLine) -> str | SafeString:
        return link(line.settlement)

    @admin.display
    def order(self, line: SettlementLine) -> str | SafeString:
        return list_link(PaymentTransaction, line.merchant_order_id, q=line.merchant_order_id)

    @admin.display(ordering="amount_paise")
    def amount(self, line: SettlementLine) -> str:
        return rupees_for_people(line.amount_paise)

    @admin.display(ordering="fee_paise")
    def fee(self, line: SettlementLine) -> str:
        return rupees_for_people(line.fee_paise)

    @admin.display(ordering="tax_paise")
    def tax(self, line: SettlementLine) -> str:
        return rupees_for_people(line.tax_paise)

    @admin.display(ordering="net_paise")
    def net(self, line: SettlementLine) -> str:
        return rupees_for_people(line.net_paise)

    @admin.display(description="out of phonepe_clearing", ordering="clearing_paise")
    def clearing(self, line: SettlementLine) -> str:
        return rupees_for_people(line.clearing_paise)
