"""PhonePe orders and their history, and the operator's own reason to ask PhonePe."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.admin.asking import AskingAdmin
from core.admin.history import StateChangeInline
from core.admin.links import link, list_link
from core.errors import NotUnderReview
from core.models import Cause, JournalEntry, Payment, PaymentTransaction, Purpose, Refund, WebhookEvent
from core.money import rupees_for_people
from core.services import mismatches
from core.services.claims import Told
from core.services.orders import ask_now
from core.services.payments import PATIENCE


@admin.register(PaymentTransaction)
class PaymentTransactionAdmin(AskingAdmin[PaymentTransaction]):
    list_display = (
        "merchant_order_id",
        "pays_for",
        "amount",
        "state",
        "reconciliation_status",
        "initiated_at",
        "next_check_at",
        "unanswered_count",
    )
    list_select_related = ("payment", "subscription_payment")
    list_filter = ("state", "reconciliation_status", "channel", "payment_mode", "initiated_at")
    search_fields = ("merchant_order_id", "phonepe_order_id", "utr")
    ordering = ("-pk",)
    inlines = (StateChangeInline,)
    actions = ("ask_phonepe", "keep_what_came", "send_back_what_came")
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
        "payment_modes",
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

    def ask(self, row: PaymentTransaction) -> Told:
        return ask_now(row, cause=Cause.COMMAND, patience=PATIENCE)

    def in_our_books(self, row: PaymentTransaction) -> str:
        return row.purpose.status

    @admin.action(description="Mismatch: keep what came as the payment", permissions=["ask"])
    def keep_what_came(self, request: HttpRequest, queryset: QuerySet[PaymentTransaction]) -> None:
        self._decide(request, queryset, lambda order: mismatches.accept(order.merchant_order_id, now=timezone.now()))

    @admin.action(description="Mismatch: send back what came", permissions=["ask"])
    def send_back_what_came(self, request: HttpRequest, queryset: QuerySet[PaymentTransaction]) -> None:
        def send_back(order: PaymentTransaction) -> Purpose:
            reason, user = "Another amount came than was asked for.", request.user
            return mismatches.send_back(order.merchant_order_id, reason=reason, user=user, now=timezone.now())  # type: ignore[arg-type]

        self._decide(request, queryset, send_back)

    def _decide(self, request: HttpRequest, queryset: QuerySet[Any], decide: Callable[[Any], Purpose]) -> None:
        for order in queryset:
            try:
                purpose = decide(order)
            except NotUnderReview as refusal:
                self.message_user(request, f"{order}: {refusal.detail}", messages.WARNING)
            else:
                self.log_change(request, order, "Decided about a mismatch.")
                self.message_user(request, f"{order}: decided; our books say {purpose.status}.", messages.SUCCESS)

    @admin.display(description="pays for")
    def pays_for(self, order: PaymentTransaction) -> str | SafeString:
        kind = "Rent" if isinstance(order.purpose, Payment) else "Subscription"
        return format_html("{}: {}", kind, link(order.purpose))

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
