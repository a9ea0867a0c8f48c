"""A tenant's attempt to pay rent."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q

from core.models.accounts import RENT_BILLED, payable, receivable
from core.models.orders import PaymentTransaction
from core.models.people import User
from core.models.property import Tenancy, keys_visible_to
from core.models.purposes import Purpose, Status
from core.models.vocabulary import only_known
from core.prepared import Param, Prepared

_TENANCY_LOCK = Prepared(
    lambda: Tenancy.objects.select_for_update().filter(pk=Param("pk", models.BigIntegerField())).values_list("pk")
)


class PaymentQuerySet(models.QuerySet["Payment"]):
    def visible_to(self, user: User) -> Self:
        return self if user.is_staff else self.concerning(user.pk)

    def concerning(self, user: int | Param) -> Self:
        return self.filter(tenancy__in=keys_visible_to(user))

    def refundable_by(self, user: User) -> Self:
        """Leave out what somebody sees as its payer alone: nobody takes their own rent back."""
        return self if user.is_staff else self.filter(tenancy__unit__property__owner__user=user)


class Payment(Purpose):
    """One attempt of a tenant to pay rent for a tenancy."""

    posted_for = ("tenancy__unit__property",)
    tenancy = models.ForeignKey(Tenancy, on_delete=models.PROTECT, related_name="payments")
    transaction = models.OneToOneField(PaymentTransaction, on_delete=models.PROTECT, related_name="payment")

    objects = PaymentQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["tenancy"], condition=Q(status=Status.PENDING), name="one_current_payment_per_tenancy"
            ),
            only_known("status", Status, name="payment_status_known"),
        ]
        indexes = [models.Index(fields=["tenancy", "-created_at"], name="payment_by_tenancy")]

    def lock_root(self) -> None:
        _TENANCY_LOCK.one(pk=self.tenancy_id)

    def surplus_of(self, amount_paise: int) -> int:
        return max(0, amount_paise - max(0, self.tenancy.outstanding_paise()))

    def deliver(self, *, now: datetime) -> None:
        """Rent needs nothing more: what is outstanding is computed from what was captured."""

    def capture_lines(self, amount_paise: int) -> dict[str, int]:
        return {
            receivable(self.tenancy_id): -amount_paise,
            RENT_BILLED: amount_paise,
            payable(self.tenancy.unit.property.owner_id): -amount_paise,
        }

    def payer_sentence(self) -> str:
        return f"Rent for {self.tenancy.unit}"
