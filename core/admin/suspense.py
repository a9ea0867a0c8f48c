"""Money in suspense: what waits, where it can be placed, and what was made of the rest."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString

from core.admin.acting import Act, ReasonForm, ask_or_do
from core.admin.links import link, list_link
from core.admin.money import RupeesField
from core.admin.read_only import ReadOnlyAdmin
from core.admin.searching import SearchedById
from core.errors import NotFound
from core.models import Destination, JournalEntry, PaymentTransaction, Side, SuspensePlacement, Tenancy, Tenant
from core.money import rupees_for_people
from core.services.ledger.suspense import PERMISSION, Source, open_sources, place_suspense, source_of
from core.services.settlements.in_suspense import parts_of


class PlaceForm(ReasonForm):
    side = forms.ChoiceField(
        label="Which part",
        required=False,
        choices=[("", "What is left over"), (Side.HELD, "What is held"), (Side.MISSING, "What is missing")],
        help_text="Of a settlement that holds some money and lacks other; only then it matters.",
    )
    amount = RupeesField(label="Amount in ₹", least_paise=1)  # a fee of PhonePe's may be off by a paisa
    destination = forms.ChoiceField(label="Where to", choices=[("", "Choose"), *Destination.choices])
    tenancy = forms.IntegerField(
        label="Number of the tenancy",
        required=False,
        min_value=1,
        max_value=2**63 - 1,
        help_text="If it goes to one, or if its tenant has to pay again what is missing.",
    )
    reference = forms.CharField(
        label="UTR", required=False, max_length=64, help_text="Of the bank transfer, if it goes back to the payer."
    )
    field_order = ("side", "amount", "destination", "tenancy", "reference", "reason")

    def clean_reference(self) -> str:
        return str(self.cleaned_data["reference"]).replace("\0", "")

    def clean_tenancy(self) -> Tenancy | None:
        number = self.cleaned_data["tenancy"]
        if number is None:
            return None
        found = Tenancy.objects.filter(pk=number).first()
        if found is None:
            raise forms.ValidationError("There is no such tenancy.")
        return found


def _place(
    source: Source, *, side: str, amount: int, destination: str, tenancy: Tenancy | None, reference: str, reason: str,
    by: Any, now: datetime,
) -> str:  # fmt: skip
    placement = place_suspense(
        source,
        destination=Destination(destination),
        amount_paise=amount,
        side=Side(side) if side else None,
        tenancy=tenancy,
        reference=reference,
        by=by,
        reason=reason,
        now=now,
    )
    if placement.tenancy is not None and placement.amount_paise < 0:
        return f"{rupees_for_people(amount)} is owed again by {placement.tenancy}."
    return f"{rupees_for_people(amount)} {placement.get_destination_display()}."


def _explain(source: Source) -> str:
    made_of = "".join(f" {part}." for part in parts_of(source))
    consists = f" It is made of:{made_of}" if made_of else ""
    return f"{source.what_is_left}, and nobody's yet. All of it or a part goes where you say, once.{consists}"


PLACE = Act(
    name="place_suspense", label="Place", permission=lambda _: PERMISSION, explain=_explain, do=_place, form=PlaceForm
)


@admin.register(SuspensePlacement)
class SuspensePlacementAdmin(SearchedById, ReadOnlyAdmin[SuspensePlacement]):
    """What was placed; above the list, what waits to be."""

    list_before_template = "admin/suspense.html"
    list_display = ("placed_at", "source", "amount", "destination", "tenancy_link", "placed_by")
    list_select_related = ("tenancy__tenant", "tenancy__unit__property", "placed_by")
    list_filter = ("destination", "placed_at")
    texts = ("source_subject", "reference")
    people = {"tenancy__tenant": Tenant}
    ordering = ("-pk",)
    fields = (
        "placed_at", "source", "amount", "destination", "tenancy_link", "reference", "reason", "placed_by", "books",
    )  # fmt: skip

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.place_view)
        return [path("place/<str:kind>/<path:subject>/", view, name="core_place_suspense"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        waiting = [(source, _address(source), parts_of(source)) for source in open_sources()]
        return super().changelist_view(request, {**(extra_context or {}), "waiting": waiting})

    def place_view(self, request: HttpRequest, kind: str, subject: str) -> HttpResponse:
        """Ask how much goes where, and place it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            source = source_of(kind, subject)
        except NotFound:
            raise Http404 from None
        return ask_or_do(request, PLACE, [source], back=reverse("admin:core_suspenseplacement_changelist"))

    @admin.display(ordering="source_subject")
    def source(self, placement: SuspensePlacement) -> str:
        return f"{placement.source_kind} {placement.source_subject}"

    @admin.display(ordering="amount_paise")
    def amount(self, placement: SuspensePlacement) -> str:
        return rupees_for_people(placement.amount_paise)

    @admin.display(description="tenancy")
    def tenancy_link(self, placement: SuspensePlacement) -> str | SafeString:
        return link(placement.tenancy)

    @admin.display
    def books(self, placement: SuspensePlacement) -> str | SafeString:
        return list_link(JournalEntry, "Journal entry", q=f"placement:{placement.pk}")


def _address(source: Source) -> str:
    """Return where it is decided about: what came with an order, on that order's page."""
    if source.waits_for_decision:
        order = PaymentTransaction.objects.filter(merchant_order_id=source.subject).values_list("pk", flat=True).first()
        return reverse("admin:core_paymenttransaction_change", args=[order]) if order else ""
    return reverse("admin:core_place_suspense", args=[source.kind, source.subject])
