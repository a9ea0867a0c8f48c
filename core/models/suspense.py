"""What operators made of money in suspense: to whom it went, or what it was written off for."""

from django.db import models
from django.db.models import Q

from core.models.ledger import EntryKind
from core.models.people import User
from core.models.property import Tenancy
from core.models.vocabulary import only_known


class Destination(models.TextChoices):
    """Where money in suspense goes."""

    TENANCY = "tenancy", "to a tenancy: it is rent"
    PAYER = "payer", "back to the payer, by a bank transfer"
    WRITTEN_OFF = "written_off", "written off"


class Side(models.TextChoices):
    """Which parts of what a settlement left in suspense."""

    HELD = "held"
    MISSING = "missing"


# The kinds of entries that put money into suspense; kind and subject name where it came from.
PUT_INTO_SUSPENSE = (EntryKind.SUSPENSE, EntryKind.UNKNOWN_REFUND, EntryKind.SETTLEMENT)


class SuspensePlacement(models.Model):
    """One decision about money in suspense, or a part of it; its journal entry is posted with it."""

    source_kind = models.CharField(max_length=32, help_text="The kind of entry that put it into suspense.")
    source_subject = models.CharField(max_length=100, help_text="The refund or settlement that it came with.")
    destination = models.CharField(max_length=16, choices=Destination.choices)
    tenancy = models.ForeignKey(Tenancy, null=True, blank=True, on_delete=models.PROTECT, related_name="placements")
    amount_paise = models.BigIntegerField(help_text="Negative: money that was missing, charged to the destination.")
    side = models.CharField(
        max_length=8,
        choices=Side.choices,
        blank=True,
        default="",
        db_default="",
        help_text="Of which parts of a settlement; empty: of what is left when they are one.",
    )
    reference = models.CharField(max_length=64, blank=True, help_text="The UTR of the transfer back to the payer.")
    reason = models.CharField(max_length=500)
    placed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    placed_at = models.DateTimeField()

    class Meta:
        verbose_name = "placement of suspense"
        verbose_name_plural = "suspense"
        permissions = [("place_suspense", "Can place money that is in suspense")]
        constraints = [
            models.CheckConstraint(condition=~Q(amount_paise=0), name="placement_places_something"),
            models.CheckConstraint(
                condition=Q(destination=Destination.TENANCY, tenancy__isnull=False)
                | (~Q(destination=Destination.TENANCY) & Q(tenancy__isnull=True)),
                name="placement_names_its_tenancy",
            ),
            models.CheckConstraint(
                condition=~Q(destination=Destination.PAYER) | (Q(amount_paise__gt=0) & ~Q(reference="")),
                name="placement_back_has_a_reference",
            ),
            only_known("destination", Destination, name="placement_destination_known"),
            models.CheckConstraint(condition=Q(side__in=["", *Side.values]), name="placement_side_known"),
            models.CheckConstraint(
                condition=Q(source_kind__in=PUT_INTO_SUSPENSE) & ~Q(source_subject=""), name="placement_has_a_source"
            ),
        ]
        indexes = [models.Index(fields=["source_kind", "source_subject"], name="placement_by_source")]

    def __str__(self) -> str:
        return f"{self.source_kind} {self.source_subject}: {self.get_destination_display()}"
