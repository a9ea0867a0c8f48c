"""Attempts of tenants to pay rent."""

from django.contrib import admin
from django.utils.safestring import SafeString

from core.admin.links import link
from core.admin.read_only import ReadOnlyAdmin
from core.models import Payment
from core.money import rupees_for_people


@admin.register(Payment)
class PaymentAdmin(ReadOnlyAdmin[Payment]):
    list_display = ("merchant_order_id", "tenancy_link", "amount", "status", "paid_at", "utr", "order")
    list_select_related = ("transaction", "tenancy__tenant", "tenancy__unit__property")
    list_filter = ("status", "transaction__state", "transaction__reconciliation_status", "created_at")
    search_fields = (
        "merchant_order_id",
        "transaction__phonepe_order_id",
        "transaction__utr",
        "tenancy__tenant__name",
        "tenancy__tenant__user__username",
    )
    fields = (
        "merchant_order_id",
        "tenancy_link",
        "order",
        "status",
        "amount",
        "captured",
        "surplus",
        "refunding",
        "paid_at",
        "utr",
        "created_at",
        "updated_at",
    )

    def lookup_allowed(self, lookup: str, value: str, request: object = None) -> bool:
        return lookup == "tenancy__id__exact" or super().lookup_allowed(lookup, value, request)  # type: ignore[arg-type]

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

    @admin.display(ordering="transaction__paid_at")
    def paid_at(self, payment: Payment) -> object:
        return payment.transaction.paid_at

    @admin.display(description="UTR", ordering="transaction__utr")
    def utr(self, payment: Payment) -> str:
        return payment.transaction.utr
