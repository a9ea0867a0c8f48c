"""Attempts of tenants to pay rent."""

from django.contrib import admin
from django.utils.safestring import SafeString

from core.admin.links import link, moment
from core.admin.paid_with import PayableAdmin
from core.admin.searching import SearchedById
from core.admin.stories import TellsStory
from core.models import Payment, Tenant
from core.money import rupees_for_people


@admin.register(Payment)
class PaymentAdmin(TellsStory, SearchedById, PayableAdmin[Payment]):
    links_here = ("tenancy__id__exact", "tenancy__tenant__id__exact", "owner__id__exact")
    list_display = ("merchant_order_id", "tenancy_link", "amount", "status", "created_at", "utr")
    list_select_related = ("transaction", "tenancy__tenant", "tenancy__unit__property")
    list_filter = ("status", "transaction__reconciliation_status", "created_at")
    sortable_by = ("created_at",)
    date_hierarchy = "created_at"
    ids = (
        "merchant_order_id",
        "transaction__phonepe_order_id",
        "transaction__utr",
        "transaction__attempts__transaction_id",
        "transaction__attempts__utr",
        "transaction__attempts__upi_transaction_id",
        "transaction__refunds__merchant_refund_id",
        "transaction__refunds__refund_id",
    )
    beginnings = ("merchant_order_id",)
    people = {"tenancy__tenant": Tenant}
    fields = (
        ("status", "utr"),
        ("amount", "captured"),
        ("surplus", "refunding"),
        ("tenancy_link", "owner"),
        ("created_at", "paid_at"),
        ("order", "updated_at"),
    )

    @admin.display(description="tenancy", ordering="tenancy")
    def tenancy_link(self, payment: Payment) -> str | SafeString:
        return link(payment.tenancy)

    @admin.display(description="PhonePe order and history")
    def order(self, payment: Payment) -> str | SafeString:
        return link(payment.transaction)

    @admin.display(ordering="transaction__amount_paise")
    def amount(self, payment: Payment) -> str:
        return rupees_for_people(payment.transaction.amount_paise)

    @admin.display
    def captured(self, payment: Payment) -> str:
        return rupees_for_people(payment.transaction.captured_paise)

    @admin.display
    def surplus(self, payment: Payment) -> str:
        return rupees_for_people(payment.transaction.surplus_paise)

    @admin.display(description="refunded or being refunded")
    def refunding(self, payment: Payment) -> str:
        return rupees_for_people(payment.transaction.refunding_paise)

    @admin.display
    def paid_at(self, payment: Payment) -> str:
        return moment(payment.transaction.paid_at)

    @admin.display(description="UTR", ordering="transaction__utr")
    def utr(self, payment: Payment) -> str:
        return payment.transaction.utr
