"""Attempts of payers, calls to PhonePe, and what operators did: a list of each, beside every payment's story."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from core.admin.links import link, list_link
from core.admin.read_only import ReadOnlyAdmin
from core.admin.searching import SearchedById
from core.models import OperatorAction, PaymentAttempt, PaymentTransaction, PhonePeCall, Refund
from core.money import rupees_for_people
from core.services.timeline.told import CALLS


@admin.register(PaymentAttempt)
class PaymentAttemptAdmin(SearchedById, ReadOnlyAdmin[PaymentAttempt]):
    list_display = ("transaction_id", "order_link", "amount", "state", "payment_mode", "error_code", "seen_at")
    list_select_related = ("order",)
    list_filter = ("state", "reported_by")
    ids = ("transaction_id", "utr", "upi_transaction_id", "order__merchant_order_id", "order__phonepe_order_id")
    beginnings = ("transaction_id",)
    ordering = ("-pk",)
    fields = (
        "transaction_id", "order_link", "amount", "state", "payment_mode", "instrument", "utr", "upi_transaction_id",
        "error_code", "detailed_error_code", "reported_by", "at", "seen_at", "changed_at",
    )  # fmt: skip

    @admin.display(description="PhonePe order")
    def order_link(self, attempt: PaymentAttempt) -> str | SafeString:
        return link(attempt.order)

    @admin.display
    def amount(self, attempt: PaymentAttempt) -> str:
        return "" if attempt.amount_paise is None else rupees_for_people(attempt.amount_paise)


class WhichCallFilter(admin.SimpleListFilter):
    """The kinds of call that there are; asking the table for them would read all of it."""

    title = parameter_name = "call"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002 - Django's
        return [(call, call.replace("_", " ")) for call in CALLS]

    def queryset(self, request: HttpRequest, queryset: QuerySet[PhonePeCall]) -> QuerySet[PhonePeCall]:  # noqa: ARG002
        return queryset.filter(call=self.value()) if self.value() else queryset


class AnsweredFilter(admin.SimpleListFilter):
    title = parameter_name = "answered"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002 - Django's
        return [("yes", "Yes"), ("no", "No")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[PhonePeCall]) -> QuerySet[PhonePeCall]:  # noqa: ARG002
        chosen = {"yes": Q(outcome="answered"), "no": ~Q(outcome="answered")}.get(self.value() or "")
        return queryset if chosen is None else queryset.filter(chosen)


@admin.register(PhonePeCall)
class PhonePeCallAdmin(SearchedById, ReadOnlyAdmin[PhonePeCall]):
    list_display = ("at", "call", "order", "refund", "outcome", "said", "milliseconds")
    list_filter = (WhichCallFilter, AnsweredFilter)
    date_hierarchy = "at"
    ids = beginnings = ("merchant_order_id", "merchant_refund_id")
    ordering = ("-pk",)
    fields = ("at", "call", "order", "refund", "outcome", "said", "milliseconds")

    @admin.display(description="PhonePe order")
    def order(self, call: PhonePeCall) -> str | SafeString:
        return list_link(PaymentTransaction, call.merchant_order_id, q=call.merchant_order_id)

    @admin.display
    def refund(self, call: PhonePeCall) -> str | SafeString:
        return list_link(Refund, call.merchant_refund_id, q=call.merchant_refund_id)


@admin.register(OperatorAction)
class OperatorActionAdmin(SearchedById, ReadOnlyAdmin[OperatorAction]):
    """Who did what, when and why; the newest first."""

    list_display = ("at", "name", "what", "about", "reason", "order_link", "refund_link")
    list_select_related = ("order", "refund")
    ids = ("about", "order__merchant_order_id", "refund__merchant_refund_id")
    texts = ("name", "action", "reason")
    ordering = ("-pk",)
    fields = ("at", "name", "what", "about", "reason", "order_link", "refund_link", "details")

    @admin.display(description="act")
    def what(self, action: OperatorAction) -> str:
        return action.action.replace("_", " ")

    @admin.display(description="PhonePe order")
    def order_link(self, action: OperatorAction) -> str | SafeString:
        return link(action.order)

    @admin.display(description="refund")
    def refund_link(self, action: OperatorAction) -> str | SafeString:
        return link(action.refund)

    @admin.display
    def details(self, action: OperatorAction) -> str:
        return ", ".join(_facts(action.detail)) or "-"


def _facts(detail: dict[str, Any]) -> Iterator[str]:
    for name, value in detail.items():
        if name.endswith("_paise") and isinstance(value, int):
            yield f"{name.removesuffix('_paise').replace('_', ' ')}: {rupees_for_people(value)}"
        else:
            yield f"{name.replace('_', ' ')}: {value}"
