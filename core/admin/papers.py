"""Tax invoices and credit notes as they were issued, for operators."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from core.admin.links import NOTHING, link
from core.admin.read_only import ReadOnlyAdmin
from core.admin.searching import SearchedById
from core.admin.stories import TellsStory
from core.models import Invoice, Owner, OwnerSubscriptionPayment
from core.money import rupees_for_people
from core.services.documents.invoices import invoice_pdf


@admin.register(Invoice)
class InvoiceAdmin(TellsStory, SearchedById, ReadOnlyAdmin[Invoice]):
    list_display = ("number", "kind", "owner", "issued_at", "total", "payment_link")
    list_filter = ("kind", "series")
    list_select_related = ("payment__subscription__owner",)
    ordering = ("-pk",)
    ids = (
        "number",
        "payment__merchant_order_id",
        "payment__transaction__phonepe_order_id",
        "payment__transaction__utr",
        "refund__merchant_refund_id",
        "refund__refund_id",
    )
    beginnings = ("number",)
    people = {"payment__subscription__owner": Owner}
    fields = (
        ("number", "kind"),
        ("issued_at", "pdf_link"),
        ("owner", "billed_to"),
        ("payment_link", "refund_link"),
        ("credits_link", "credit_notes"),
        ("taxable", "total"),
        ("cgst", "sgst"),
        ("igst", "place_of_supply"),
    )

    def told_by(self, row: Invoice) -> OwnerSubscriptionPayment:
        return row.payment

    def get_urls(self) -> list[URLPattern]:
        own = path("<int:key>/pdf/", self.admin_site.admin_view(self.pdf), name="core_invoice_pdf")
        return [own, *super().get_urls()]

    def pdf(self, request: HttpRequest, key: int) -> HttpResponse:
        """Answer with the paper itself, as its owner gets it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        paper = Invoice.objects.select_related("credits").filter(pk=key).first()
        if paper is None:
            raise Http404
        name = f"{paper.number.replace('/', '-')}.pdf"
        headers = {"Content-Disposition": f'inline; filename="{name}"'}
        return HttpResponse(invoice_pdf(paper), content_type="application/pdf", headers=headers)

    @admin.display(description="the paper")
    def pdf_link(self, paper: Invoice) -> str | SafeString:
        return format_html('<a href="{}">PDF</a>', reverse("admin:core_invoice_pdf", args=[paper.pk]))

    @admin.display
    def owner(self, paper: Invoice) -> str | SafeString:
        return link(paper.payment.subscription.owner)

    @admin.display(description="billed to, as it says")
    def billed_to(self, paper: Invoice) -> str:
        buyer: dict[str, Any] = paper.said.get("buyer", {})
        return ", ".join(filter(None, (buyer.get("name", ""), buyer.get("gstin", "")))) or NOTHING

    @admin.display
    def place_of_supply(self, paper: Invoice) -> str:
        said = paper.said
        return f"{said['place_of_supply_name']} ({said['place_of_supply']})" if said.get("place_of_supply") else NOTHING

    @admin.display(description="payment")
    def payment_link(self, paper: Invoice) -> str | SafeString:
        return link(paper.payment)

    @admin.display(description="refund")
    def refund_link(self, paper: Invoice) -> str | SafeString:
        return link(paper.refund)

    @admin.display(description="credits the invoice")
    def credits_link(self, paper: Invoice) -> str | SafeString:
        return link(paper.credits)

    @admin.display(description="credit notes")
    def credit_notes(self, paper: Invoice) -> str | SafeString:
        return format_html_join(", ", "{}", ((link(note),) for note in paper.credit_notes.order_by("pk"))) or NOTHING

    @admin.display(description="taxable value")
    def taxable(self, paper: Invoice) -> str:
        return rupees_for_people(paper.taxable_paise)

    @admin.display(description="CGST")
    def cgst(self, paper: Invoice) -> str:
        return rupees_for_people(paper.cgst_paise)

    @admin.display(description="SGST")
    def sgst(self, paper: Invoice) -> str:
        return rupees_for_people(paper.sgst_paise)

    @admin.display(description="IGST")
    def igst(self, paper: Invoice) -> str:
        return rupees_for_people(paper.igst_paise)

    @admin.display
    def total(self, paper: Invoice) -> str:
        return rupees_for_people(paper.total_paise)
