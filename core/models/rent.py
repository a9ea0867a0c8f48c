"""What a tenant owes, month by month."""

from django.db import models
from django.db.models import F, Q

from core.models.property import Tenancy


class RentCharge(models.Model):
    """The rent of one tenancy for one month."""

    tenancy = models.ForeignKey(Tenancy, on_delete=models.PROTECT, related_name="charges")
    month = models.DateField(help_text="The first day of the month.")
    due_on = models.DateField()
    amount_paise = models.BigIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenancy", "month"], name="one_charge_per_tenancy_and_month"),
            models.CheckConstraint(condition=Q(amount_paise__gt=0), name="charge_is_positive"),
            models.CheckConstraint(condition=Q(month__day=1), name="charge_month_is_its_first_day"),
            models.CheckConstraint(condition=Q(due_on__gte=F("month")), name="charge_due_in_its_month_or_later"),
        ]

    def __str__(self) -> str:
        return f"{self.month:%B %Y}, {self.tenancy}"
