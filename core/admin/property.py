"""What is let and to whom: properties with their units, and tenancies with what is outstanding."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString

from core.admin.generic import ModelAdmin, ModelForm, TabularInline
from core.admin.links import NOTHING, list_link
from core.admin.money import RupeesField
from core.india import day_in_india
from core.models import Payment, Property, RentCharge, Tenancy, Unit
from core.money import rupees_for_people
from core.services.rent import raise_charges

FIXED_ONCE_CHARGED = ("tenant", "unit", "starts_on")


class UnitInline(TabularInline[Unit, Property]):
    model = Unit
    extra = 1


@admin.register(Property)
class PropertyAdmin(ModelAdmin[Property]):
    inlines = (UnitInline,)
    list_display = ("name", "owner", "address")
    list_select_related = ("owner",)
    search_fields = ("name", "owner__name", "address")
    autocomplete_fields = ("owner",)


@admin.register(Unit)
class UnitAdmin(ModelAdmin[Unit]):
    list_display = ("name", "property")
    list_select_related = ("property",)
    search_fields = ("name", "property__name")
    autocomplete_fields = ("property",)


class TenancyForm(ModelForm[Tenancy]):
    monthly_rent_paise = RupeesField(label="Monthly rent in ₹", help_text="A change counts from the next charge on.")
    due_day = forms.IntegerField(min_value=1, max_value=31, initial=5, help_text="31: a shorter month's last day.")

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        starts_on, ends_on = given.get("starts_on", self.instance.starts_on), given.get("ends_on")
        if starts_on and ends_on and ends_on < starts_on:
            self.add_error("ends_on", "A tenancy cannot end before it starts.")
        return given


@admin.register(Tenancy)
class TenancyAdmin(ModelAdmin[Tenancy]):
    form = TenancyForm
    list_display = ("tenant", "unit", "starts_on", "ends_on", "monthly_rent", "outstanding")
    list_select_related = ("tenant", "unit__property")
    list_filter = (("ends_on", admin.EmptyFieldListFilter), "due_day", "starts_on")
    search_fields = ("tenant__name", "tenant__user__username", "unit__name", "unit__property__name")
    autocomplete_fields = ("tenant", "unit")
    fields = (
        "tenant",
        "unit",
        "starts_on",
        "ends_on",
        "monthly_rent_paise",
        "due_day",
        "outstanding",
        "charges",
        "payments",
    )
    actions = ("raise_rent_charges",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Tenancy]:
        # The annotation is gone from the row's type, not from the row.
        return super().get_queryset(request).with_outstanding()  # type: ignore[attr-defined, no-any-return]

    def get_readonly_fields(self, request: HttpRequest, obj: Tenancy | None = None) -> tuple[str, ...]:  # noqa: ARG002
        shown = ("outstanding", "charges", "payments")
        return shown + FIXED_ONCE_CHARGED if obj is not None and obj.charges.exists() else shown

    @admin.display(description="monthly rent", ordering="monthly_rent_paise")
    def monthly_rent(self, tenancy: Tenancy) -> str:
        return rupees_for_people(tenancy.monthly_rent_paise)

    @admin.display(ordering="outstanding")
    def outstanding(self, tenancy: Any) -> str:
        return rupees_for_people(tenancy.outstanding) if tenancy.pk else NOTHING

    @admin.display(description="rent charges")
    def charges(self, tenancy: Tenancy) -> str | SafeString:
        return list_link(RentCharge, "Rent charges", tenancy__id__exact=tenancy.pk) if tenancy.pk else NOTHING

    @admin.display(description="payments")
    def payments(self, tenancy: Tenancy) -> str | SafeString:
        return list_link(Payment, "Payments", tenancy__id__exact=tenancy.pk) if tenancy.pk else NOTHING

    @admin.action(description="Raise rent charges up to this month", permissions=["change"])
    def raise_rent_charges(self, request: HttpRequest, queryset: QuerySet[Tenancy]) -> None:
        among = Tenancy.objects.filter(pk__in=queryset.values("pk"))
        new = raise_charges(through=day_in_india(timezone.now()), among=among)
        self.message_user(request, f"Charged {new} months of rent to the {among.count()} chosen tenancies.")
