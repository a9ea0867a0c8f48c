"""PhonePe orders and their history, and the operator's own reason to ask PhonePe."""

import json

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.admin.links import NOTHING, link, list_link
from core.admin.read_only import ReadOnlyAdmin, ReadOnlyInline
from core.models import Cause, JournalEntry, Payment, PaymentTransaction, StateChange, WebhookEvent
from core.money import rupees_for_people
from core.services.claims import Told
from core.services.orders import ask_now
from core.services.payments import PATIENCE

ASK_AT_ONCE = 10  # one after the other inside one request

SENTENCES = {
    Told.FINAL: "{order}: PhonePe gave its final word, {state}; our books say {status}.",
    Told.PENDING: "{order}: PhonePe says it is still pending.",
    Told.NOT_FOUND: "{order}: PhonePe does not know this order.",
    Told.UNANSWERED: "{order}: PhonePe did not answer. It is asked again by the clock.",
    Told.NOT_ASKED: "{order}: PhonePe was asked within the last three seconds; our books say {status}.",
}
LEVELS = {Told.FINAL: messages.SUCCESS, Told.NOT_FOUND: messages.WARNING, Told.UNANSWERED: messages.WARNING}


class StateChangeInline(ReadOnlyInline[StateChange, PaymentTransaction]):
    model = StateChange
    verbose_name_plural = "history"
    fields = ("at", "what", "old", "new", "cause", "phonepe_said")
    readonly_fields = ("phonepe_said",)

    @admin.display(description="PhonePe's answer")
    def phonepe_said(self, change: StateChange) -> str | SafeString:
        written = json.dumps(change.answer, indent=2, ensure_ascii=False)
        return format_html("<details><summary>show</summary><pre>{}</pre></details>", written) if change.answer else ""


@admin.register(PaymentTransaction)
class PaymentTransactionAdmin(ReadOnlyAdmin[PaymentTransaction]):
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
    actions = ("ask_phonepe",)
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
        "webhooks",
        "books",
    )

    def has_ask_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("core.change_paymenttransaction")

    @admin.action(description="Ask PhonePe now", permissions=["ask"])
    def ask_phonepe(self, request: HttpRequest, queryset: QuerySet[PaymentTransaction]) -> None:
        orders = list(queryset[: ASK_AT_ONCE + 1])
        if len(orders) > ASK_AT_ONCE:
            self.message_user(request, f"Choose at most {ASK_AT_ONCE} orders at once.", messages.ERROR)
            return
        for order in orders:
            told = ask_now(order, cause=Cause.COMMAND, now=timezone.now(), patience=PATIENCE)
            order.refresh_from_db()
            sentence = SENTENCES[told].format(order=order, state=order.state, status=order.purpose.status)
            self.message_user(request, sentence, LEVELS.get(told, messages.INFO))

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
    def webhooks(self, order: PaymentTransaction) -> str | SafeString:
        return list_link(WebhookEvent, "Webhooks about it", q=order.merchant_order_id)

    @admin.display
    def books(self, order: PaymentTransaction) -> str | SafeString:
        return list_link(JournalEntry, "Journal entries", q=order.merchant_order_id) if order.pk else NOTHING
