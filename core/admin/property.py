"""What is let and to whom: properties with their units, and tenancies with what is outstanding."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString

from core.admin.acting import LONGEST_REASON
from core.admin.changes import TellsChanges
from core.admin.generic import BaseInlineFormSet, ModelAdmin, ModelForm, TabularInline
from core.admin.links import NOTHING, list_link
from core.admin.money import RupeesField
from core.admin.searching import SearchedById
from core.errors import DomainError, OwnRent
from core.india import day_in_india
from core.models import Owner, Payment, Property, RentCharge, Tenancy, Tenant, Unit, User
from core.money import rupees_for_people
from core.services.lettings.property import refuse_too_many
from core.services.rent.charges import raise_charges, starts_long_ago
from core.services.rent.corrections import Corrected, change_dates, charges_to_reverse, refuse_unless_allowed
from core.services.rent.days import Term

FIXED_ONCE_CHARGED = ("tenant", "unit")

CONFIRM_START = (
    "The first day is more than 24 months back, and every month since then is charged. "
    "Tick this if it is right, or correct the day."
)


class UnitsWithinPlan(BaseInlineFormSet[Unit, Property, Any]):
    """Refuses units beyond those of the owner's plan."""

    def clean(self) -> None:
        super().clean()
        house = self.instance
        added = [form for form in self.extra_forms if form.has_changed() and not form.cleaned_data.get("DELETE")]
        if added and house.owner_id is not None:
            _refuse_too_many(house.owner, more=len(added))


class UnitInline(TabularInline[Unit, Property]):
    model = Unit
    formset = UnitsWithinPlan
    extra = 1


def _refuse_too_many(owner: Owner, *, more: int) -> None:
    try:
        refuse_too_many(owner, more=more, now=timezone.now())
    except DomainError as refusal:
        raise forms.ValidationError(refusal.detail) from None


class UnitForm(ModelForm[Unit]):
    def clean(self) -> dict[str, Any]:
        house = self.cleaned_data.get("property")
        if house is not None and (self.instance.pk is None or "property" in self.changed_data):
            _refuse_too_many(house.owner, more=1)
        return self.cleaned_data


@admin.register(Property)
class PropertyAdmin(SearchedById, ModelAdmin[Property]):
    links_here = ("owner__id__exact",)
    inlines = (UnitInline,)
    list_display = ("name", "owner", "address")
    list_select_related = ("owner",)
    people = {"owner": Owner}
    texts = ("name", "address")
    ordering = ("name", "pk")
    autocomplete_fields = ("owner",)


@admin.register(Unit)
class UnitAdmin(SearchedById, ModelAdmin[Unit]):
    form = UnitForm
    list_display = ("name", "property")
    list_select_related = ("property",)
    texts = ("name", "property__name")
    ordering = ("property__name", "name", "pk")
    autocomplete_fields = ("property",)


class TenancyForm(ModelForm[Tenancy]):
    monthly_rent_paise = RupeesField(label="Monthly rent in ₹", help_text="A change counts from the next charge on.")
    due_day = forms.IntegerField(min_value=1, max_value=31, initial=5, help_text="31: a shorter month's last day.")
    reason = forms.CharField(
        required=False,
        max_length=LONGEST_REASON,
        help_text="Why the first or last day changes, if that reverses charges.",
    )
    asker: User  # set by the admin

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        tenant = given.get("tenant") or (self.instance.tenant if self.instance.pk else None)
        if tenant is not None and tenant.user_id == self.asker.pk and self.has_changed():
            raise forms.ValidationError(OwnRent().detail)
        starts_on, ends_on = given.get("starts_on"), given.get("ends_on")
        if starts_on is None or "ends_on" not in given:  # the form says so itself
            return given
        if ends_on and ends_on < starts_on:
            self.add_error("ends_on", "A tenancy cannot end before it starts.")
            return given
        is_news = starts_on != self.initial.get("starts_on")
        if is_news and starts_long_ago(starts_on, now=timezone.now()) and not given["start_is_confirmed"]:
            self.add_error("start_is_confirmed", CONFIRM_START)
        if self.instance.pk:
            self._explain_reversals(Term(starts_on, ends_on, given["prorate"]))
        return given

    def _explain_reversals(self, after: Term) -> None:
        before = Term(self.initial["starts_on"], self.initial["ends_on"], after.prorate)
        charges = charges_to_reverse(self.instance, before, after)
        if not charges:
            return
        paise = sum(charge.amount_paise for charge in charges)
        reverses = f"This reverses {len(charges)} charges, {rupees_for_people(paise)} in all."
        try:
            refuse_unless_allowed(self.instance, self.asker)
        except DomainError as refusal:
            self.add_error("reason", f"{reverses} {refusal.detail}")
            return
        if not self.cleaned_data.get("reason"):
            self.add_error("reason", f"{reverses} Say why.")


@admin.register(Tenancy)
class TenancyAdmin(TellsChanges, SearchedById, ModelAdmin[Tenancy]):
    links_here = ("tenant__id__exact",)
    form = TenancyForm
    told_fields = ("monthly_rent_paise", "starts_on", "ends_on", "prorate", "due_day", "reason")
    list_display = ("tenant", "unit", "starts_on", "ends_on", "monthly_rent", "outstanding")
    list_select_related = ("tenant", "unit__property")
    list_filter = (("ends_on", admin.EmptyFieldListFilter), "due_day", "starts_on")
    people = {"tenant": Tenant, "unit__property__owner": Owner}
    texts = ("unit__name", "unit__property__name")
    autocomplete_fields = ("tenant", "unit")
    fields = (
        "tenant",
        "unit",
        "starts_on",
        "start_is_confirmed",
        "ends_on",
        "reason",
        "monthly_rent_paise",
        "prorate",
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

    def get_fields(self, request: HttpRequest, obj: Tenancy | None = None) -> Any:
        asks_why = obj is not None and self.has_change_permission(request, obj)
        return [name for name in super().get_fields(request, obj) if name != "reason" or asks_why]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002 - Django's signature
        form: Any = super().get_form(request, obj, change, **kwargs)
        form.asker = request.user
        return form

    def save_model(self, request: HttpRequest, obj: Tenancy, form: Any, change: bool) -> None:  # noqa: FBT001
        """Save the dates apart: they correct what was charged."""
        starts_on, ends_on = obj.starts_on, obj.ends_on
        if change:
            obj.starts_on, obj.ends_on = form.initial["starts_on"], form.initial["ends_on"]
        super().save_model(request, obj, form, change)
        if change and {"starts_on", "ends_on"} & set(form.changed_data):
            reason = form.cleaned_data["reason"]
            who: Any = request.user
            corrected = change_dates(
                obj, starts_on=starts_on, ends_on=ends_on, reason=reason, by=who, now=timezone.now()
            )
            if corrected.reversed:
                self.log_change(request, obj, f"Reversed {len(corrected.reversed)} charges: {reason}")
            self.message_user(request, _told(corrected))

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

    def has_raise_rent_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("core.add_rentcharge")

    @admin.action(description="Raise rent charges up to this month", permissions=["raise_rent"])
    def raise_rent_charges(self, request: HttpRequest, queryset: QuerySet[Tenancy]) -> None:
        among = Tenancy.objects.filter(pk__in=queryset.values("pk"))
        raised = raise_charges(through=day_in_india(timezone.now()), among=among)
        self.message_user(request, f"Charged {raised.new} months of rent to the {among.count()} chosen tenancies.")
        for sentence in raised.sentences():
            self.message_user(request, sentence, messages.WARNING)


def _told(corrected: Corrected) -> str:
    before = rupees_for_people(sum(charge.amount_paise for charge in corrected.reversed))
    after = rupees_for_people(sum(charge.amount_paise for charge in corrected.charged))
    return f"Reversed {len(corrected.reversed)} charges ({before}), made {len(corrected.charged)} anew ({after})."
