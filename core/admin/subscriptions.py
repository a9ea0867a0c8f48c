"""Plans on offer, and what owners paid for them."""

from typing import Any

from django import forms
from django.contrib import admin
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from unfold.widgets import UnfoldAdminTextareaWidget

from core.admin.changes import TellsChanges
from core.admin.generic import ModelAdmin, ModelForm
from core.admin.links import NOTHING, link, list_link
from core.admin.money import RupeesField
from core.admin.paid_with import PayableAdmin
from core.admin.read_only import ReadOnlyAdmin, ReadOnlyInline
from core.admin.searching import SearchedById
from core.admin.stories import TellsStory
from core.models import Mandate, Owner, OwnerSubscription, OwnerSubscriptionPayment, PricingPlan, SubscriptionPeriod
from core.money import rupees_for_people


class LinesField(forms.CharField):
    """One text a line outside, a list inside."""

    widget = UnfoldAdminTextareaWidget(attrs={"rows": 5})

    def to_python(self, value: Any) -> Any:
        return [line.strip() for line in str(value or "").splitlines() if line.strip()]

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value


class PlanForm(ModelForm[PricingPlan]):
    monthly_price_paise = RupeesField(label="Monthly price in ₹")
    yearly_price_paise = RupeesField(label="Yearly price in ₹")
    features = LinesField(required=False, help_text="One on each line.")


@admin.register(PricingPlan)
class PricingPlanAdmin(TellsChanges, ModelAdmin[PricingPlan]):
    form = PlanForm
    told_fields = ("name", "monthly_price_paise", "yearly_price_paise", "max_units", "is_offered")
    list_display = ("name", "monthly_price", "yearly_price", "max_units", "is_offered")
    list_filter = ("is_offered",)
    search_fields = ("name",)

    @admin.display(ordering="monthly_price_paise")
    def monthly_price(self, plan: PricingPlan) -> str:
        return rupees_for_people(plan.monthly_price_paise)

    @admin.display(ordering="yearly_price_paise")
    def yearly_price(self, plan: PricingPlan) -> str:
        return rupees_for_people(plan.yearly_price_paise)


class PeriodInline(ReadOnlyInline[SubscriptionPeriod, OwnerSubscription]):
    model = SubscriptionPeriod
    fields = ("plan", "starts_at", "ends_at", "full_ends_at", "paid_with")
    readonly_fields = ("paid_with",)

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).select_related("plan", "payment").order_by("-starts_at")

    @admin.display(description="paid with")
    def paid_with(self, period: SubscriptionPeriod) -> str | SafeString:
        return link(period.payment)


@admin.register(OwnerSubscription)
class OwnerSubscriptionAdmin(SearchedById, ReadOnlyAdmin[OwnerSubscription]):
    list_display = ("owner", "status", "plan", "period", "paid_until", "cancel_at_period_end")
    list_filter = ("status", "period", "plan")
    list_select_related = ("owner", "plan")
    people = {"owner": Owner}
    fields = (
        "owner",
        "status",
        "plan",
        "period",
        "anchor",
        "current_period_start",
        "current_period_end",
        "paid_until",
        "cancel_at_period_end",
        "next_plan",
        "next_period",
        "autopay",
        "debit_until",
        "due_at",
        "created_at",
    )
    inlines = (PeriodInline,)

    @admin.display(description="AutoPay")
    def autopay(self, subscription: OwnerSubscription) -> str | SafeString:
        """Return the mandate that is in use, or a way to those that were."""
        in_use = subscription.mandates.filter(is_in_use=True).first()
        if in_use is not None:
            return link(in_use)
        many = subscription.mandates.count()
        return list_link(Mandate, f"{many} not in use" if many else "", owner_subscription__id__exact=subscription.pk)


@admin.register(OwnerSubscriptionPayment)
class OwnerSubscriptionPaymentAdmin(TellsStory, SearchedById, PayableAdmin[OwnerSubscriptionPayment]):
    links_here = ("subscription__owner__id__exact",)
    list_display = ("merchant_order_id", "subscription_link", "plan", "amount", "status", "created_at")
    date_hierarchy = "created_at"
    sortable_by = ("created_at",)
    list_select_related = ("transaction", "plan", "subscription__owner")
    list_filter = ("status", "period", "plan", "transaction__reconciliation_status", "created_at")
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
    people = {"subscription__owner": Owner}
    fields = (
        "merchant_order_id",
        "subscription_link",
        "order",
        "plan",
        "period",
        "status",
        "purpose",
        "amount",
        "mandate_link",
        "papers",
        "created_at",
        "updated_at",
    )

    @admin.display(description="subscription")
    def subscription_link(self, payment: OwnerSubscriptionPayment) -> str | SafeString:
        return link(payment.subscription)

    @admin.display(description="PhonePe order and history")
    def order(self, payment: OwnerSubscriptionPayment) -> str | SafeString:
        return link(payment.transaction)

    @admin.display(description="invoice and credit notes")
    def papers(self, payment: OwnerSubscriptionPayment) -> str | SafeString:
        return format_html_join(", ", "{}", ((link(paper),) for paper in payment.papers.order_by("pk"))) or NOTHING

    @admin.display(description="AutoPay")
    def mandate_link(self, payment: OwnerSubscriptionPayment) -> str | SafeString:
        return link(payment.mandate)

    @admin.display(ordering="transaction__amount_paise")
    def amount(self, payment: OwnerSubscriptionPayment) -> str:
        return rupees_for_people(payment.transaction.amount_paise)
