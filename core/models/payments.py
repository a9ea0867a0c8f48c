"""A tenant's attempt to pay rent."""

from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any, Self

from django.db import models
from django.db.models import OuterRef, Q, Subquery

from core.db.prepared import Param, Prepared
from core.models.ledger_accounts import RENT_BILLED, owner_payable, tenancy_receivable
from core.models.orders import PaymentTransaction
from core.models.payables import Payable, PaymentStatus
from core.models.people import Owner, User
from core.models.property import Tenancy
from core.models.rent import RentCharge, months_paid
from core.models.vocabulary import only_known

_CHARGES = Prepared(
    lambda: (
        RentCharge.objects.standing()
        .filter(tenancy=Param("tenancy", models.BigIntegerField()))
        .order_by("month")
        .values_list("month", "amount_paise")
    )
)


def ways_to(user: int | Param) -> tuple[Q, Q, Q]:
    """Return what makes somebody see a payment: as its tenant, as whom it was paid to, or as who would get it now."""
    return (
        Q(tenancy__tenant__user=user),
        Q(owner__user=user),
        Q(owner__isnull=True, tenancy__unit__property__owner__user=user),
    )


class PaymentQuerySet(models.QuerySet["Payment"]):
    def visible_to(self, user: User) -> Self:
        """Leave out what concerns others. Each way to a row goes along an index, which one condition would not."""
        if user.may("core.view_payment"):
            return self
        ways = [Payment.objects.filter(way).order_by().values("pk") for way in ways_to(user.pk)]
        return self.filter(pk__in=ways[0].union(*ways[1:]))

    def concerning(self, user: int | Param) -> Self:
        """Do the same among few rows, of which each is looked at."""
        return self.filter(reduce(or_, ways_to(user)))

    def refundable_by(self, user: User) -> Self:
        """Leave out what somebody sees only as its payer: nobody takes their own rent back."""
        if user.may("core.refund_payment"):
            return self
        _, *as_owner = ways_to(user.pk)
        return self.filter(reduce(or_, as_owner))


class Payment(Payable):
    """One attempt of a tenant to pay rent for a tenancy."""

    kind_for_people = "Rent"
    payer, way_to_payer = "tenancy", "tenancy__tenant__user"
    captured_fields = ("receipt", "owner")
    ledger_relations = ("tenancy__unit__property__owner", "tenancy__tenant")
    display_relations = ("tenancy__unit__property", "tenancy__tenant")
    tenancy = models.ForeignKey(Tenancy, on_delete=models.PROTECT, related_name="payments")
    transaction = models.OneToOneField(PaymentTransaction, on_delete=models.PROTECT, related_name="payment")
    owner = models.ForeignKey(
        Owner,
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="payments",
        db_index=False,
        help_text="To whom it was paid; empty until the money is captured.",
    )

    objects = PaymentQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["tenancy"], condition=Q(status=PaymentStatus.PENDING), name="one_current_payment_per_tenancy"
            ),
            only_known("status", PaymentStatus, name="payment_status_known"),
        ]
        indexes = [
            models.Index(fields=["tenancy", "-created_at"], name="payment_by_tenancy"),
            models.Index(fields=["owner", "-created_at"], name="payment_by_owner"),
        ]
        permissions = [("refund_payment", "Can refund a rent payment of any owner")]

    @classmethod
    def with_something_due(cls, attempts: models.QuerySet[Any]) -> models.QuerySet[Any]:
        tenancies = Tenancy.objects.with_outstanding().filter(pk=OuterRef("tenancy"))
        due: Any = Subquery(tenancies.values("outstanding"))  # type: ignore[misc]
        something_due: models.QuerySet[Any] = attempts.alias(due=due).filter(due__gt=0)
        return something_due

    def may_be_refunded_by(self, user: User) -> bool:
        if user.pk == self.payer_user_id:
            return False
        owner = getattr(user, "owner", None)
        paid_to = self.owner_id or self.tenancy.unit.property.owner_id
        return (owner is not None and owner.pk == paid_to) or user.may("core.refund_payment")

    def may_show_pan_to(self, user: User) -> bool:
        """Tell whether who sees it may read its owner's PAN: its parties may, and staff who keep owners' details."""
        paid_to = self.owner.user_id if self.owner else None
        return user.pk in (self.payer_user_id, paid_to) or user.may("core.change_owner")

    @property
    def months(self) -> list[str]:
        """Return the months that were paid for, as "2026-04"; none before the money has come."""
        return [each["month"] for each in (self.receipt or {}).get("months", [])]

    @property
    def payer_user_id(self) -> int:
        return self.tenancy.tenant.user_id

    @property
    def payer_name(self) -> str:
        return self.tenancy.tenant.name

    def note_capture(self, amount_paise: int) -> int:
        outstanding = self.tenancy.outstanding_paise()
        charges = _CHARGES.rows(tenancy=self.tenancy_id)
        paid_before = sum(paise for _, paise in charges) - outstanding
        months = months_paid(charges, paid_before=paid_before, paise=amount_paise)
        self.owner = self.tenancy.unit.property.owner
        # The landlord's PAN is for the receipt alone: a tenant's employer asks for it.
        pan = {"payee_pan": self.owner.pan} if self.owner.pan else {}
        self.receipt = {**self.names(), **pan, "months": months}
        return max(0, amount_paise - max(0, outstanding))

    def names(self) -> dict[str, str]:
        """Return who pays whom for what, as they are called now."""
        unit = self.tenancy.unit
        return {
            "payer": self.tenancy.tenant.name,
            "payee": unit.property.owner.name,
            "unit": str(unit),
            "address": unit.property.address,
        }

    def deliver(self, *, now: datetime) -> None:
        """Rent needs nothing more: what is outstanding is computed from what was captured."""

    def capture_lines(self, amount_paise: int) -> dict[str, int]:
        return {
            tenancy_receivable(self.tenancy_id): -amount_paise,
            RENT_BILLED: amount_paise,
            owner_payable(self.tenancy.unit.property.owner_id): -amount_paise,
        }

    def payer_sentence(self) -> str:
        return f"Rent for {self.tenancy.unit}"
