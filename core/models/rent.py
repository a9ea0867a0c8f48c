"""What a tenant owes, month by month."""

import calendar
from collections.abc import Iterable
from datetime import date
from typing import Any, Self, TypedDict

from django.db import models
from django.db.models import Case, ExpressionWrapper, F, OuterRef, Q, Subquery, Sum, Value, When

from core.models.people import User
from core.models.property import Tenancy, keys_visible_to


class PaidMonth(TypedDict):
    """A month of rent and the part of it that a payment was for."""

    month: str  # "2026-04"
    paise: int
    of_paise: int  # what was charged for the month


def months_paid(charges: Iterable[tuple[date, int]], *, paid_before: int, paise: int) -> list[PaidMonth]:
    """Return for which months a payment is: the oldest that are due.

    :param charges: month and paise, the oldest first
    :param paid_before: paise that were paid before, less what went back
    """
    months: list[PaidMonth] = []
    for month, charged in charges:
        due = charged - min(charged, max(0, paid_before))
        paid_before -= charged
        if part := min(due, paise):
            months.append({"month": f"{month:%Y-%m}", "paise": part, "of_paise": charged})
            paise -= part
    return months


class ReversalCause(models.TextChoices):
    """Why a charge is owed no more."""

    PERSON = "person", "a person let the tenant off it"
    DAYS = "days", "the tenancy's first or last day changed"


class RentChargeQuerySet(models.QuerySet["RentCharge"]):
    def visible_to(self, user: User) -> Self:
        return self if user.may("core.view_rentcharge") else self.filter(tenancy__in=keys_visible_to(user.pk))

    def with_outstanding(self) -> Self:
        """Add `outstanding`: what is left of a standing charge, if what was paid goes to the oldest month first."""
        tenancies: Any = Tenancy.objects.with_outstanding().filter(pk=OuterRef("tenancy"))
        earlier = RentCharge.objects.standing().filter(tenancy=OuterRef("tenancy"), month__lte=OuterRef("month"))
        through = earlier.order_by().values("tenancy").annotate(sum=Sum("amount_paise")).values("sum")
        unpaid = Subquery(through) - Subquery(tenancies.values("paid_paise"))
        owed = ExpressionWrapper(unpaid, output_field=models.BigIntegerField())
        zero = Value(0, output_field=models.BigIntegerField())
        return self.annotate(unpaid=owed).annotate(
            outstanding=Case(
                When(unpaid__lte=0, then=zero),
                When(unpaid__gte=F("amount_paise"), then=F("amount_paise")),
                default=F("unpaid"),
                output_field=models.BigIntegerField(),
            )
        )

    def standing(self) -> Self:
        """Leave out what was reversed."""
        return self.filter(reversed_at__isnull=True)


class RentCharge(models.Model):
    """The rent of one tenancy for one month, or for some days of it; owed until it is reversed."""

    tenancy = models.ForeignKey(Tenancy, on_delete=models.PROTECT, related_name="charges")
    month = models.DateField(help_text="The first day of the month.")
    days = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="How many days of the month it is for; empty: all of them."
    )
    due_on = models.DateField()
    amount_paise = models.BigIntegerField()
    monthly_rent_paise = models.BigIntegerField(
        null=True, blank=True, help_text="The whole month's rent at that time; empty: the amount."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    reversed_at = models.DateTimeField(null=True, blank=True)
    reversed_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    reversal_cause = models.CharField(max_length=16, choices=ReversalCause.choices, blank=True, db_default="")
    reversal_reason = models.CharField(max_length=200, blank=True, db_default="")

    objects = RentChargeQuerySet.as_manager()

    class Meta:
        permissions = [("reverse_rentcharge", "Can reverse rent charges")]
        constraints = [
            models.UniqueConstraint(
                fields=["tenancy", "month"],
                condition=Q(reversed_at__isnull=True),
                name="one_standing_charge_per_tenancy_and_month",
            ),
            models.CheckConstraint(condition=Q(amount_paise__gt=0), name="charge_is_positive"),
            models.CheckConstraint(condition=Q(month__day=1), name="charge_month_is_its_first_day"),
            models.CheckConstraint(condition=Q(due_on__gte=F("month")), name="charge_due_in_its_month_or_later"),
            models.CheckConstraint(
                condition=Q(days__isnull=True) | Q(days__gte=1, days__lte=30, monthly_rent_paise__isnull=False),
                name="charge_by_day_knows_the_whole_rent",
            ),
            models.CheckConstraint(
                condition=Q(reversed_at__isnull=True, reversed_by__isnull=True, reversal_cause="", reversal_reason="")
                | Q(
                    ~Q(reversal_reason=""),
                    reversed_at__isnull=False,
                    reversed_by__isnull=False,
                    reversal_cause__in=ReversalCause.values,
                ),
                name="reversal_says_who_and_why",
            ),
        ]
        indexes = [
            models.Index(fields=["reversed_at"], condition=Q(reversed_at__isnull=False), name="charge_by_reversal"),
        ]

    def __str__(self) -> str:
        return f"{self.for_which_days}, {self.tenancy}"

    @property
    def for_which_days(self) -> str:
        """Return "November 2026", or "November 2026 (11 of 30 days)"."""
        of = calendar.monthrange(self.month.year, self.month.month)[1]
        return f"{self.month:%B %Y}" + (f" ({self.days} of {of} days)" if self.days else "")

    @property
    def stands(self) -> bool:
        return self.reversed_at is None

    @property
    def whole_month_paise(self) -> int:
        return self.monthly_rent_paise or self.amount_paise
