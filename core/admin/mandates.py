"""UPI AutoPay as operators see it: each mandate, how it stands, and every debit under it."""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.utils.safestring import SafeString

from core.admin.acting import Act, ActingAdmin
from core.admin.links import NOTHING, link, moment
from core.admin.read_only import ReadOnlyInline
from core.admin.searching import SearchedById
from core.admin.stories import TellsStory
from core.models import Mandate, MandateDebit, MandateState, Owner, OwnerSubscriptionPayment
from core.money import rupees_for_people
from core.services.mandates.cancelling import PERMISSION, can_be_cancelled, cancel_mandate


class DebitInline(ReadOnlyInline[MandateDebit, Mandate]):
    model = MandateDebit
    verbose_name_plural = "debits"
    fields = ("paid_with", "amount", "status", "renews_from", "valid_after", "executed_at", "tries", "strategy")
    readonly_fields = ("paid_with", "amount", "status", "renews_from")

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).select_related("payment__transaction").order_by("-pk")

    @admin.display(description="payment")
    def paid_with(self, debit: MandateDebit) -> str | SafeString:
        return link(debit.payment)

    @admin.display
    def amount(self, debit: MandateDebit) -> str:
        return rupees_for_people(debit.order.amount_paise)

    @admin.display
    def status(self, debit: MandateDebit) -> str:
        return str(debit.payment.status)

    @admin.display(description="for the time from")
    def renews_from(self, debit: MandateDebit) -> str:
        return moment(debit.payment.renews_from)


def _cancel(mandate: Mandate, *, reason: str, by: Any, now: datetime) -> str:
    state = cancel_mandate(mandate, by=by, reason=reason, now=now).shown_state
    if state == MandateState.CANCEL_IN_PROGRESS:
        return "nothing is debited any more; PhonePe is asked until it has cancelled it."
    return f"nothing is debited any more; PhonePe says {state}."


def _explain(mandate: Mandate) -> str:
    subscription, debit = mandate.owner_subscription, mandate.debit()
    paid = f"what is paid lasts until {moment(subscription.paid_until)}" if subscription.paid_until else ""
    comes = ""
    if debit is not None and debit.executed_at is not None:
        comes = f" {rupees_for_people(debit.order.amount_paise)} may still come: debit {debit} has begun."
    return (
        f"AutoPay of {subscription.owner} ends and is cancelled at PhonePe; {paid or 'nothing is paid'}, and the owner "
        f"pays in the app from then on.{comes}"
    )


@admin.register(Mandate)
class MandateAdmin(TellsStory, SearchedById, ActingAdmin[Mandate]):
    links_here = ("owner_subscription__id__exact", "owner_subscription__owner__id__exact")
    list_display = ("merchant_subscription_id", "owner", "state", "is_in_use", "maximum", "period", "next_check_at")
    list_filter = ("state", "is_in_use", "workflow", "period")
    list_select_related = ("owner_subscription__owner",)
    ordering = ("-pk",)
    ids = ("merchant_subscription_id", "subscription_id", "payments__merchant_order_id")
    beginnings = ("merchant_subscription_id",)
    people = {"owner_subscription__owner": Owner}
    inlines = (DebitInline,)
    acts = (
        Act(
            name="cancel_mandate",
            label="Cancel AutoPay",
            permission=lambda _: PERMISSION,
            explain=_explain,
            do=_cancel,
            fits=can_be_cancelled,
            at_once=0,
        ),
    )
    fields = (
        ("standing", "is_in_use"),
        ("owner", "subscription_link"),
        ("merchant_subscription_id", "subscription_id"),
        ("plan", "period"),
        ("maximum", "workflow"),
        ("setup_with", "umn"),
        ("device", "target_app"),
        ("created_at", "cancel_at"),
        ("next_check_at", "last_checked_at"),
        ("check_count", "unanswered_count"),
    )

    def told_by(self, row: Mandate) -> OwnerSubscriptionPayment:
        """The story of a mandate is that of its setup, whose order keeps every change of its state."""
        return row.setup()

    @admin.display(description="owner")
    def owner(self, mandate: Mandate) -> str | SafeString:
        return link(mandate.owner_subscription.owner)

    @admin.display(description="subscription")
    def subscription_link(self, mandate: Mandate) -> str | SafeString:
        return link(mandate.owner_subscription)

    @admin.display(description="state")
    def standing(self, mandate: Mandate) -> str:
        return mandate.shown_state

    @admin.display(description="UMN, its name at the banks")
    def umn(self, mandate: Mandate) -> str:
        return mandate.umn_masked or NOTHING

    @admin.display(description="set up on")
    def device(self, mandate: Mandate) -> str:
        return mandate.device_os

    @admin.display(description="most of one debit")
    def maximum(self, mandate: Mandate) -> str:
        return rupees_for_people(mandate.max_amount_paise)

    @admin.display(description="set up with")
    def setup_with(self, mandate: Mandate) -> str | SafeString:
        return link(mandate.setup()) if mandate.pk else NOTHING
