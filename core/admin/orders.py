"""PhonePe orders, their history, and what can be done about them."""

from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.admin.acting import ActingAdmin
from core.admin.history import StateChangeInline
from core.admin.links import link, list_link
from core.admin.order_acts import ORDER_ACTS
from core.admin.searching import SearchedById
from core.admin.stories import TellsStory
from core.models import JournalEntry, Owner, Payable, PaymentTransaction, Refund, Tenant, WebhookEvent
from core.models.payables import payable_of, payable_relations
from core.money import rupees_for_people


@admin.register(PaymentTransaction)
class PaymentTransactionAdmin(TellsStory, SearchedById, ActingAdmin[PaymentTransaction]):
    list_display = (
        "merchant_order_id",
        "pays_for",
        "amount",
        "state",
        "reconciliation_status",
        "initiated_at",
    )
    list_select_related = payable_relations()
    list_filter = ("state", "reconciliation_status", "channel")
    ids = (
        "merchant_order_id",
        "phonepe_order_id",
        "utr",
        "attempts__transaction_id",
        "attempts__utr",
        "attempts__upi_transaction_id",
        "refunds__merchant_refund_id",
        "refunds__refund_id",
    )
    beginnings = ("merchant_order_id",)
    people = {"payment__tenancy__tenant": Tenant, "subscription_payment__subscription__owner": Owner}
    ordering = ("-pk",)
    inlines = (StateChangeInline,)
    acts = ORDER_ACTS
    # The pay page and the token stay unseen: whoever holds them can act for the payer.
    fields = (
        "merchant_order_id",
        "phonepe_order_id",
        "pays_for",
        "amount",
        "captured",
        "surplus",
        "refunding",
        "state",
        "reconciliation_status",
        "channel",
        "offered_modes",
        "payment_mode",
        "utr",
        "initiated_at",
        "expire_at",
        "paid_at",
        "next_check_at",
        "asked_at",
        "last_checked_at",
        "check_count",
        "unanswered_count",
        "refunds",
        "webhooks",
        "books",
    )

    @admin.display(description="pays for")
    def pays_for(self, order: PaymentTransaction) -> str | SafeString:
        payable = payable_of(order)
        return format_html("{}: {}", payable.kind_for_people, link(payable))

    def told_by(self, row: PaymentTransaction) -> Payable:
        return payable_of(row)

    @admin.display(description="payment modes")
    def offered_modes(self, order: PaymentTransaction) -> str:
        return ", ".join(order.payment_modes) or "those that PhonePe offers by itself"

    @admin.display(ordering="amount_paise")
    def amount(self, order: PaymentTransaction) -> str:
        return rupees_for_people(order.amount_paise)

    @admin.display
    def captured(self, order: PaymentTransaction) -> str:
        return rupees_for_people(order.captured_paise)

    @admin.display
    def surplus(self, order: PaymentTransaction) -> str:
        return rupees_for_people(order.surplus_paise)

    @admin.display(description="refunded or being refunded")
    def refunding(self, order: PaymentTransaction) -> str:
        return rupees_for_people(order.refunding_paise)

    @admin.display
    def refunds(self, order: PaymentTransaction) -> str | SafeString:
        return list_link(Refund, "Refunds", q=order.merchant_order_id)

    @admin.display
    def webhooks(self, order: PaymentTransaction) -> str | SafeString:
        return list_link(WebhookEvent, "Webhooks about it", q=order.merchant_order_id)

    @admin.display
    def books(self, order: PaymentTransaction) -> str | SafeString:
        return list_link(JournalEntry, "Journal entries", q=order.merchant_order_id)
