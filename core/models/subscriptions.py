"""An owner's subscription: plans, attempts to pay for one, and the periods that were paid."""

from datetime import datetime
from typing import Self

from dateutil.relativedelta import relativedelta
from django.db import models
from django.db.models import Q

from core.india import in_india
from core.models.accounts import GST, SUBSCRIPTION_INCOME
from core.models.orders import PaymentTransaction
from core.models.people import Owner, User
from core.models.purposes import Purpose, Status
from core.models.vocabulary import only_known
from core.prepared import Param, Prepared


class Period(models.TextChoices):
    MONTHLY = "monthly"
    YEARLY = "yearly"


GST_PERCENT = 18  # within the price, which is what an owner pays
LENGTH = {Period.MONTHLY: relativedelta(months=1), Period.YEARLY: relativedelta(years=1)}


def gst_within(amount_paise: int) -> int:
    """Return the tax within a gross amount, rounded half up to the paisa."""
    return (2 * amount_paise * GST_PERCENT + 100 + GST_PERCENT) // (2 * (100 + GST_PERCENT))


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
        return self.monthly_price_paise if period == Period.MONTHLY else self.yearly_price_paise


class OwnerSubscription(models.Model):
    """The one subscription of an owner; its periods say when it runs."""

    owner = models.OneToOneField(Owner, on_delete=models.PROTECT, related_name="subscription")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"Subscription of {self.owner}"

    def paid_until(self, now: datetime) -> datetime:
        """Return the end of the last paid period, or now if that is past."""
        last = self.periods.order_by("-ends_at").first()
        return max(now, last.ends_at) if last else now


_SUBSCRIPTION_LOCK = Prepared(
    lambda: (
        OwnerSubscription.objects.select_for_update().filter(pk=Param("pk", models.BigIntegerField())).values_list("pk")
    )
)


class SubscriptionPaymentQuerySet(models.QuerySet["OwnerSubscriptionPayment"]):
    def visible_to(self, user: User) -> Self:
        return self if user.is_staff else self.concerning(user.pk)

    def concerning(self, user: int | Param) -> Self:
        return self.filter(subscription__owner__user=user)


class OwnerSubscriptionPayment(Purpose):
    """One attempt of an owner to pay for a period of a plan."""

    posted_for = ("subscription", "plan")
    shown_with = ("plan",)
    subscription = models.ForeignKey(OwnerSubscription, on_delete=models.PROTECT, related_name="payments")
    transaction = models.OneToOneField(
        PaymentTransaction, on_delete=models.PROTECT, related_name="subscription_payment"
    )
    plan = models.ForeignKey(PricingPlan, on_delete=models.PROTECT, related_name="payments")
    period = models.CharField(max_length=10, choices=Period.choices)

    objects = SubscriptionPaymentQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["subscription"],
                condition=Q(status=Status.PENDING),
                name="one_current_payment_per_subscription",
            ),
            only_known("status", Status, name="subscription_payment_status_known"),
            only_known("period", Period, name="subscription_payment_period_known"),
        ]

    def lock_root(self) -> None:
        _SUBSCRIPTION_LOCK.one(pk=self.subscription_id)

    def surplus_of(self, amount_paise: int) -> int:
        return amount_paise if self.was_replaced() else 0

    def deliver(self, *, now: datetime) -> None:
        """Open the paid period after the last one; an order that was replaced opens none."""
        if self.was_replaced():
            return
        starts_at = self.subscription.paid_until(now)
        # Months are counted on the Indian calendar, so that a period ends at the hour it began.
        ends_at = in_india(starts_at) + LENGTH[Period(self.period)]
        SubscriptionPeriod.objects.create(
            subscription=self.subscription, payment=self, plan=self.plan, starts_at=starts_at, ends_at=ends_at
        )

    def capture_lines(self, amount_paise: int) -> dict[str, int]:
        tax = gst_within(amount_paise)
        return {SUBSCRIPTION_INCOME: -(amount_paise - tax), GST: -tax}

    def after_refunds(self, refunded_paise: int, *, now: datetime) -> None:
        """Shorten the opened period by the refunded share of it; what has passed stays, all refunded ends it now."""
        period = SubscriptionPeriod.objects.filter(payment=self).first()
        if period is None:
            return
        whole = in_india(period.starts_at) + LENGTH[Period(self.period)] - period.starts_at
        left = whole * (self.transaction.captured_paise - refunded_paise) / self.transaction.captured_paise
        period.ends_at = max(period.starts_at, min(period.ends_at, max(now, period.starts_at + left)))
        period.save(update_fields=["ends_at"])

    def payer_sentence(self) -> str:
        return f"{self.plan} plan, {self.get_period_display().lower()}"


class SubscriptionPeriod(models.Model):
    """One paid period of a plan."""

    subscription = models.ForeignKey(OwnerSubscription, on_delete=models.PROTECT, related_name="periods")
    payment = models.OneToOneField(OwnerSubscriptionPayment, on_delete=models.PROTECT, related_name="opened_period")
    plan = models.ForeignKey(PricingPlan, on_delete=models.PROTECT, related_name="periods")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gte=models.F("starts_at")), name="period_ends_after_it_starts")
        ]
        indexes = [models.Index(fields=["subscription", "-ends_at"], name="period_by_subscription")]

    def __str__(self) -> str:
        return f"{self.plan} from {self.starts_at:%Y-%m-%d} to {self.ends_at:%Y-%m-%d}"
