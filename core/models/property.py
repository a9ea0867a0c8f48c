"""What is let, to whom, and what is outstanding."""

from datetime import date
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery, Sum, Value
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Coalesce

from core.db.prepared import Param, Prepared
from core.models.people import Owner, Tenant, User


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


def _total(amount: F | CombinedExpression, *, only: Q | None = None) -> Coalesce:
    """Return the sum of an amount over the rows that belong to a tenancy, 0 if there is none.

    :param only: the rows that count
    """
    own = Tenancy.objects.filter(pk=OuterRef("pk")).order_by()
    return Coalesce(
        Subquery(own.annotate(total=Sum(amount, filter=only)).values("total")),
        Value(0),
        output_field=models.BigIntegerField(),
    )


def keys_visible_to(user: int | Param) -> models.QuerySet[Any, Any]:
    """Return the keys of the tenancies that somebody sees as tenant or as owner.

    Each way goes along an index; one condition with OR over the joins of both would read every tenancy there is.
    """
    as_tenant = Tenancy.objects.filter(tenant__user=user).values("pk")
    return as_tenant.union(Tenancy.objects.filter(unit__property__owner__user=user).values("pk"))


class TenancyQuerySet(models.QuerySet["Tenancy"]):
    def visible_to(self, user: User) -> Self:
        return self if user.may("core.view_tenancy") else self.concerning(user.pk)

    def concerning(self, user: int) -> Self:
        """Leave those that somebody is the tenant of, or owns the property of."""
        return self.filter(pk__in=keys_visible_to(user))

    def with_outstanding(self) -> Self:
        """Add `charged_paise` (less what was reversed), `paid_paise` (captured less refunds that have not failed, and
        what was placed from suspense) and `outstanding`.
        """
        return self.annotate(
            charged_paise=_total(F("charges__amount_paise"), only=Q(charges__reversed_at__isnull=True)),
            paid_paise=_total(F("payments__transaction__captured_paise") - F("payments__transaction__refunding_paise"))
            + _total(F("placements__amount_paise")),
        ).annotate(outstanding=F("charged_paise") - F("paid_paise"))


class Tenancy(models.Model):
    """A tenant in a unit from a date, for a monthly rent due on a day of the month."""

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="tenancies")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="tenancies")
    starts_on = models.DateField(help_text="The first day.")
    start_is_confirmed = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Tick if it did start more than 24 months back, so that every month since then is charged.",
    )
    ends_on = models.DateField(null=True, blank=True, help_text="The last day, inclusive.")
    monthly_rent_paise = models.BigIntegerField()
    prorate = models.BooleanField(
        default=True, db_default=False, help_text="Charge the first and the last month by day, not whole."
    )
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
        """Return rent charged and not reversed, less captured or placed money, plus refunds that have not failed.

        Negative: paid ahead.
        """
        return _OUTSTANDING.one(pk=self.pk)


_OUTSTANDING: Prepared[int] = Prepared(
    lambda: (
        Tenancy.objects.with_outstanding()  # type: ignore[misc]
        .filter(pk=Param("pk", models.BigIntegerField()))
        .values_list("outstanding", flat=True)
    )
)
