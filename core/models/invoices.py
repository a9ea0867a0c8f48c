"""Tax papers: invoices of what owners paid, and credit notes of what went back. What they say never changes."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q

from core.db.prepared import update
from core.models.people import User
from core.models.refunds import Refund
from core.models.subscriptions import OwnerSubscriptionPayment
from core.models.vocabulary import only_known


class InvoiceKind(models.TextChoices):
    TAX_INVOICE = "tax_invoice", "tax invoice"
    CREDIT_NOTE = "credit_note", "credit note"


class InvoiceSeries(models.Model):
    """The numbers of one kind of paper in one financial year: consecutive, because its lock is held to the commit."""

    prefix = models.CharField(max_length=4)
    financial_year = models.CharField(max_length=5, help_text="26-27 is April 2026 to March 2027.")
    last_number = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name_plural = "invoice series"
        constraints = [
            models.UniqueConstraint(fields=["prefix", "financial_year"], name="one_series_per_prefix_and_year")
        ]

    def __str__(self) -> str:
        return f"{self.prefix}/{self.financial_year}"

    def take(self) -> int:
        """Return the next number. Called under its lock, in the transaction that issues the paper."""
        self.last_number += 1
        update(self, "last_number")
        return self.last_number


class InvoiceQuerySet(models.QuerySet["Invoice"]):
    def visible_to(self, user: User) -> Self:
        if user.may("core.view_ownersubscriptionpayment"):
            return self
        return self.filter(payment__subscription__owner__user=user)


class Invoice(models.Model):
    """One numbered paper. Amounts in paise; `said` is what it says of both parties and of what was sold."""

    kind = models.CharField(max_length=16, choices=InvoiceKind.choices)
    series = models.ForeignKey(InvoiceSeries, on_delete=models.PROTECT, related_name="papers")
    sequence = models.PositiveIntegerField()
    number = models.CharField(max_length=16, unique=True)
    issued_at = models.DateTimeField()
    payment = models.ForeignKey(OwnerSubscriptionPayment, on_delete=models.PROTECT, related_name="papers")
    refund = models.OneToOneField(
        Refund, null=True, blank=True, on_delete=models.PROTECT, related_name="credit_note", help_text="What went back."
    )
    credits = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="credit_notes", help_text="The invoice."
    )
    taxable_paise = models.BigIntegerField()
    cgst_paise = models.BigIntegerField()
    sgst_paise = models.BigIntegerField()
    igst_paise = models.BigIntegerField()
    total_paise = models.BigIntegerField()
    said = models.JSONField()

    objects = InvoiceQuerySet.as_manager()

    class Meta:
        verbose_name = "tax paper"
        ordering = ["-issued_at", "-pk"]
        constraints = [
            only_known("kind", InvoiceKind, name="invoice_kind_known"),
            models.UniqueConstraint(fields=["series", "sequence"], name="invoice_number_once"),
            models.UniqueConstraint(
                fields=["payment"], condition=Q(kind=InvoiceKind.TAX_INVOICE), name="one_invoice_per_payment"
            ),
            models.CheckConstraint(
                condition=Q(kind=InvoiceKind.TAX_INVOICE, refund__isnull=True, credits__isnull=True)
                | Q(kind=InvoiceKind.CREDIT_NOTE, refund__isnull=False, credits__isnull=False),
                name="credit_note_credits_an_invoice",
            ),
            models.CheckConstraint(
                condition=Q(
                    total_paise=F("taxable_paise") + F("cgst_paise") + F("sgst_paise") + F("igst_paise"),
                    total_paise__gt=0,
                ),
                name="invoice_adds_up",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class CreditNotes(models.Manager["CreditNote"]):
    def get_queryset(self) -> models.QuerySet["CreditNote"]:
        return super().get_queryset().filter(kind=InvoiceKind.CREDIT_NOTE)


class CreditNote(Invoice):
    """A paper about money that went back."""

    objects: ClassVar[CreditNotes] = CreditNotes()  # type: ignore[assignment]

    class Meta:
        proxy = True
