"""The states of an owner's subscription, what moves it from one to another, and what it did when."""

from django.db import models

from core.models.vocabulary import only_known


class SubscriptionStatus(models.TextChoices):
    """How a subscription stands; none yet until the first payment has come."""

    NONE = "", "none yet"
    ACTIVE = "active"
    PAST_DUE = "past_due"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class SubscriptionEvent(models.TextChoices):
    """What moves a subscription."""

    PAID = "paid", "a period is paid"
    ENDED = "ended", "the paid time ends and a renewal is owed"
    GRACE_OVER = "grace_over", "the grace days end without a payment"
    CANCELLED = "cancelled", "the paid time ends and the owner has cancelled"
    REFUNDED = "refunded", "what was paid for the period goes back whole"


_S, _E = SubscriptionStatus, SubscriptionEvent
SUBSCRIPTION_MOVES: dict[SubscriptionStatus, dict[SubscriptionEvent, SubscriptionStatus]] = {
    _S.NONE: {_E.PAID: _S.ACTIVE},
    _S.ACTIVE: {_E.ENDED: _S.PAST_DUE, _E.CANCELLED: _S.CANCELLED, _E.REFUNDED: _S.EXPIRED},
    _S.PAST_DUE: {
        _E.PAID: _S.ACTIVE,
        _E.GRACE_OVER: _S.EXPIRED,
        _E.CANCELLED: _S.CANCELLED,
        _E.REFUNDED: _S.EXPIRED,
    },
    _S.CANCELLED: {_E.PAID: _S.ACTIVE},
    _S.EXPIRED: {_E.PAID: _S.ACTIVE},
}


class SubscriptionChange(models.Model):
    """One move of one subscription. Instants in UTC: when it was due, however late it was made."""

    subscription = models.ForeignKey("core.OwnerSubscription", on_delete=models.PROTECT, related_name="changes")
    old = models.CharField(max_length=16, choices=SubscriptionStatus.choices, blank=True)
    new = models.CharField(max_length=16, choices=SubscriptionStatus.choices)
    event = models.CharField(max_length=16, choices=SubscriptionEvent.choices)
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [only_known("event", SubscriptionEvent, name="subscription_event_known")]

    def __str__(self) -> str:
        return f"{self.old or 'none yet'} → {self.new}: {self.get_event_display()}"
