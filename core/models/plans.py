"""Plans that owners subscribe to, and the months they pay for."""

from django.db import models
from django.db.models import Q


class BillingPeriod(models.TextChoices):
    MONTHLY = "monthly"
    YEARLY = "yearly"


MONTHS = {BillingPeriod.MONTHLY: 1, BillingPeriod.YEARLY: 12}


class PricingPlan(models.Model):
    """What an owner can subscribe to."""

    name = models.CharField(max_length=100, unique=True)
    monthly_price_paise = models.BigIntegerField()
    yearly_price_paise = models.BigIntegerField()
    max_units = models.PositiveIntegerField()
    features = models.JSONField(default=list, blank=True)
    is_offered = models.BooleanField(default=True)

    class Meta:
        ordering = ["monthly_price_paise", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(monthly_price_paise__gte=100, yearly_price_paise__gte=100),
                name="plan_prices_at_least_one_rupee",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def price_paise(self, period: str) -> int:
        return self.monthly_price_paise if period == BillingPeriod.MONTHLY else self.yearly_price_paise

    def is_above(self, other: "PricingPlan", period: str) -> bool:
        """Tell whether it costs more than another plan for the same time."""
        return self.price_paise(period) > other.price_paise(period)
