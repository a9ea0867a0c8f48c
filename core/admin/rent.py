"""What tenants were charged."""

from django.contrib import admin
from django.utils.safestring import SafeString

from core.admin.links import link
from core.admin.read_only import ReadOnlyAdmin
from core.models import RentCharge
from core.money import rupees_for_people


@admin.register(RentCharge)
class RentChargeAdmin(ReadOnlyAdmin[RentCharge]):
    list_display = ("__str__", "tenancy_link", "due_on", "amount")
    list_select_related = ("tenancy__tenant", "tenancy__unit__property")
    list_filter = ("month", "due_on")
    search_fields = ("tenancy__tenant__name", "tenancy__unit__name", "tenancy__unit__property__name")
    fields = ("tenancy_link", "month", "due_on", "amount", "created_at")
    ordering = ("-month", "-pk")

    def lookup_allowed(self, lookup: str, value: str, request: object = None) -> bool:
        return lookup == "tenancy__id__exact" or super().lookup_allowed(lookup, value, request)  # type: ignore[arg-type]

    @admin.display(description="tenancy", ordering="tenancy")
    def tenancy_link(self, charge: RentCharge) -> str | SafeString:
        return link(charge.tenancy)

    @admin.display(ordering="amount_paise")
    def amount(self, charge: RentCharge) -> str:
        return rupees_for_people(charge.amount_paise)
