"""Money on its way back to payers."""

from django.contrib import admin
from django.utils.safestring import SafeString

from core.admin.acting import ActingAdmin
from core.admin.history import StateChangeInline
from core.admin.links import link, list_link
from core.admin.read_only import ReadOnlyAdmin
from core.admin.refund_acts import REFUND_ACTS
from core.admin.searching import SearchedById
from core.admin.stories import TellsStory
from core.models import Owner, Refund, ReportedRefund, ReportOutcome, Tenant
from core.money import rupees_for_people


@admin.register(Refund)
class RefundAdmin(TellsStory, SearchedById, ActingAdmin[Refund]):
    list_display = ("merchant_refund_id", "order", "amount", "state", "kind", "created_at")
    list_select_related = ("transaction",)
    list_filter = ("state", "kind", "reconciliation_status", "created_at")
    ids = (
        "merchant_refund_id",
        "refund_id",
        "transaction__merchant_order_id",
        "transaction__phonepe_order_id",
        "transaction__utr",
        "transaction__attempts__transaction_id",
        "transaction__attempts__utr",
    )
    beginnings = ("merchant_refund_id",)
    people = {
        "transaction__payment__tenancy__tenant": Tenant,
        "transaction__subscription_payment__subscription__owner": Owner,
    }
    ordering = ("-pk",)
    acts = REFUND_ACTS
    inlines = (StateChangeInline,)
    fields = (
        "merchant_refund_id",
        "refund_id",
        "order",
        "amount",
        "state",
        "kind",
        "reason",
        "requested_by",
        "approved_by",
        "retry_of_link",
        "reconciliation_status",
        "error_code",
        "initiated_at",
        "sent_at",
        "finished_at",
        "next_check_at",
        "asked_at",
        "last_checked_at",
        "check_count",
        "unanswered_count",
    )

    @admin.display(description="PhonePe order and history")
    def order(self, refund: Refund) -> str | SafeString:
        return link(refund.transaction)

    @admin.display(description="second try of")
    def retry_of_link(self, refund: Refund) -> str | SafeString:
        return link(refund.retry_of)

    @admin.display(ordering="amount_paise")
    def amount(self, refund: Refund) -> str:
        return rupees_for_people(refund.amount_paise)


@admin.register(ReportedRefund)
class ReportedRefundAdmin(TellsStory, SearchedById, ReadOnlyAdmin[ReportedRefund]):
    """Refunds that were made at PhonePe and not here, and what became of each."""

    list_display = ("merchant_refund_id", "outcome", "reported_by", "created_at", "booked_as", "next_check_at")
    list_filter = ("outcome", "created_at")
    ids = beginnings = ("merchant_refund_id",)
    ordering = ("-pk",)
    fields = (
        "merchant_refund_id",
        "outcome",
        "booked_as",
        "reported_by",
        "reconciliation_status",
        "created_at",
        "next_check_at",
        "asked_at",
        "last_checked_at",
        "check_count",
        "unanswered_count",
    )

    @admin.display(description="refund in our books")
    def booked_as(self, reported: ReportedRefund) -> str | SafeString:
        booked = reported.outcome == ReportOutcome.BOOKED
        return list_link(Refund, reported.merchant_refund_id, q=reported.merchant_refund_id) if booked else ""
