"""What is let, to whom, and what is outstanding."""

from datetime import date
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery, Sum, Value
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Coalesce

from core.models.people import Owner, Tenant, User
from core.prepared import Param, Prepared


class Property(models.Model):
    owner = models.ForeignKey(Owner, on_delete=models.PROTECT, related_name="properties")
    name = models.CharField(max_length=200)
    address = models.TextField(blank=True)

    class Meta:
        verbose_name_plural = "properties"

    def __str__(self) -> str:
        return self.name


class Unit(models.Model):
    property = models.ForeignKey(Property, on_delete=models.PROTECT, related_name="units")
    name = models.CharField(max_length=100)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["property", "name"], name="unit_name_once_per_property")]

    def __str__(self) -> str:
        return f"{self.property}, {self.name}"


def _total(model: str, amount: F | CombinedExpression) -> Coalesce:
    """Return the sum of an amount of another model over a tenancy, 0 if there is no row."""
    from django.apps import apps  # the models that point here are loaded after this one

    rows = apps.get_model("core", model).objects.filter(tenancy=OuterRef("pk")).order_by()
    sums = rows.values("tenancy").annotate(total=Sum(amount)).values("total")
    return Coalesce(Subquery(sums), Value(0), output_field=models.BigIntegerField())


def keys_visible_to(user: int | Param) -> models.QuerySet[Any, Any]:
    """Return the keys of the tenancies that somebody sees as tenant or as owner.

    Each way goes along an index; one condition with OR over the joins of both would read every tenancy there is.
    """
    as_tenant = Tenancy.objects.filter(tenant__user=user).values("pk")
    return as_tenant.union(Tenancy.objects.filter(unit__property__owner__user=user).values("pk"))


class TenancyQuerySet(models.QuerySet["Tenancy"]):
    def visible_to(self, user: User) -> Self:
        return self if user.is_staff else self.filter(pk__in=keys_visible_to(user.pk))

    def with_outstanding(self) -> Self:
        """Add `charged_paise`, `paid_paise` (captured less refunds that have not failed) and `outstanding`."""
        return self.annotate(
            charged_paise=_total("RentCharge", F("amount_paise")),
            paid_paise=_total("Payment", F("transaction__captured_paise") - F("transaction__refunding_paise")),
        ).annotate(outstanding=F("charged_paise") - F("paid_paise"))


class Tenancy(models.Model):
    """A tenant in a unit from a date, for a monthly rent due on a day of the month."""

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="tenancies")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="tenancies")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    monthly_rent_paise = models.BigIntegerField()
    due_day = models.PositiveSmallIntegerField(default=5, help_text="31 means the last day of a shorter month.")

    objects = TenancyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "tenancies"
        constraints = [
            models.CheckConstraint(condition=Q(monthly_rent_paise__gte=100), name="rent_at_least_one_rupee"),
            models.CheckConstraint(condition=Q(due_day__gte=1, due_day__lte=31), name="due_day_is_a_day"),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")), name="tenancy_ends_after_it_starts"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.tenant} in {self.unit}"

    def clean(self) -> None:
        if self.starts_on is None:  # the form says so itself
            return
        others = Tenancy.objects.filter(unit=self.unit_id).exclude(pk=self.pk)
        if others.filter(
            Q(ends_on__isnull=True) | Q(ends_on__gte=self.starts_on), starts_on__lte=self.ends_on or date.max
        ).exists():
            raise ValidationError("This unit is already let in that time.")

    def outstanding_paise(self) -> int:
        """Return rent charged less captured money, plus refunds that have not failed. Negative: paid ahead."""
        return _OUTSTANDING.one(pk=self.pk)


_OUTSTANDING: Prepared[int] = Prepared(
    lambda: (
        Tenancy.objects.with_outstanding()  # type: ignore[misc]
        .filter(pk=Param("pk", models.BigIntegerField()))
        .values_list("outstanding", flat=True)
    )
)
