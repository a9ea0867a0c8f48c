"""What tenants were charged, and what they were let off."""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.utils.safestring import SafeString

from core.admin.acting import Act, ActingAdmin
from core.admin.links import link
from core.admin.searching import SearchedById
from core.models import RentCharge, Tenant
from core.money import rupees_for_people
from core.services.rent.corrections import PERMISSION, reverse_charge


def _reverse(charge: RentCharge, *, reason: str, by: Any, now: datetime) -> str:
    reverse_charge(charge, reason=reason, by=by, now=now)
    return f"reversed, {rupees_for_people(charge.amount_paise)}."


@admin.register(RentCharge)
class RentChargeAdmin(SearchedById, ActingAdmin[RentCharge]):
    links_here = ("tenancy__id__exact", "tenancy__tenant__id__exact")
    list_display = ("what", "tenancy_link", "due_on", "amount", "reversed_at", "reversal_reason")
    list_select_related = ("tenancy__tenant", "tenancy__unit__property")
    list_filter = (("reversed_at", admin.EmptyFieldListFilter), "month", "due_on")
    people = {"tenancy__tenant": Tenant}
    texts = ("tenancy__unit__name", "tenancy__unit__property__name")
    fields = (
        "tenancy_link",
        "month",
        "days",
        "due_on",
        "amount",
        "monthly_rent",
        "created_at",
        "reversed_at",
        "reversed_by",
        "reversal_cause",
        "reversal_reason",
    )
    ordering = ("-pk",)
    acts = (
        Act(
            name="reverse",
            label="Reverse",
            permission=lambda _: PERMISSION,
            explain=lambda charge: f"the tenant does not owe these {rupees_for_people(charge.amount_paise)}.",
            do=_reverse,
            fits=lambda charge: charge.stands,
            concerns=lambda charge: (charge.tenancy.tenant.user_id,),
            at_once=100,
        ),
    )

    @admin.display(description="charge", ordering="month")
    def what(self, charge: RentCharge) -> str:
        return charge.for_which_days

    @admin.display(description="tenancy", ordering="tenancy")
    def tenancy_link(self, charge: RentCharge) -> str | SafeString:
        return link(charge.tenancy)

    @admin.display(ordering="amount_paise")
    def amount(self, charge: RentCharge) -> str:
        return rupees_for_people(charge.amount_paise)

    @admin.display(description="rent of the whole month")
    def monthly_rent(self, charge: RentCharge) -> str:
        return rupees_for_people(charge.whole_month_paise)
