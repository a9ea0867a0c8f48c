"""Money on its way back to payers."""

from django.contrib import admin
from django.utils.safestring import SafeString

from core.admin.asking import AskingAdmin
from core.admin.history import StateChangeInline
from core.admin.links import link
from core.models import Cause, Refund
from core.money import rupees_for_people
from core.services.claims import Told
from core.services.payments import PATIENCE
from core.services.refunds import ask_now


@admin.register(Refund)
class RefundAdmin(AskingAdmin[Refund]):
    list_display = ("merchant_refund_id", "order", "amount", "state", "kind", "created_at", "next_check_at")
    list_select_related = ("transaction",)
    list_filter = ("state", "kind", "reconciliation_status", "created_at")
    search_fields = (
        "merchant_refund_id",
        "refund_id",
        "transaction__merchant_order_id",
        "transaction__phonepe_order_id",
        "transaction__utr",
    )
    ordering = ("-pk",)
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

    def ask(self, row: Refund) -> Told:
        return ask_now(row, cause=Cause.COMMAND, patience=PATIENCE)

    @admin.display(description="PhonePe order and history")
    def order(self, refund: Refund) -> str | SafeString:
        return link(refund.transaction)

    @admin.display(description="second try of")
    def retry_of_link(self, refund: Refund) -> str | SafeString:
        return link(refund.retry_of)

    @admin.display(ordering="amount_paise")
    def amount(self, refund: Refund) -> str:
        return rupees_for_people(refund.amount_paise)
