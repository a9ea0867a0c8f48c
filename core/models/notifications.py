"""The outbox: what people must be told, written in the transaction of its cause and sent afterwards."""

import uuid

from django.db import models
from django.db.models import Q

from core.models.people import User


class NotificationKind(models.TextChoices):
    ALERT = "alert", "an alert for operators"
    PASSWORD = "password", "a token to choose a password"
    RENT_DUE = "rent_due", "rent is due in three days"
    RENT_OVERDUE = "rent_overdue", "rent is overdue"
    PAYMENT_RECEIVED = "payment_received", "a payment was received"
    PAYMENT_FAILED = "payment_failed", "a payment failed"
    REFUND_DONE = "refund_done", "a refund was paid"
    REFUND_FAILED = "refund_failed", "a refund failed"
    SUBSCRIPTION_RENEWS = "subscription_renews", "the subscription renews in three days"
    SUBSCRIPTION_PAST_DUE = "subscription_past_due", "the subscription is past due"
    SUBSCRIPTION_EXPIRED = "subscription_expired", "the subscription has expired"
    DEBIT_ANNOUNCED = "debit_announced", "a debit by UPI AutoPay is announced"
    DEBIT_FAILED = "debit_failed", "a debit by UPI AutoPay failed"
    MANDATE_PAUSED = "mandate_paused", "the UPI AutoPay mandate is paused"
    MANDATE_REVOKED = "mandate_revoked", "the UPI AutoPay mandate is revoked"


NOT_SWITCHED = (
    NotificationKind.ALERT,
    NotificationKind.PASSWORD,
    NotificationKind.DEBIT_ANNOUNCED,  # the Reserve Bank wants it told before each debit
)
SWITCHED = tuple(kind for kind in NotificationKind if kind not in NOT_SWITCHED)


class NotificationChannel(models.TextChoices):
    EMAIL = "email", "e-mail"
    WEBHOOK = "webhook", "JSON to ALERT_WEBHOOK_URL"
    LOG = "log", "a line in the log, where there is no address"


class Notification(models.Model):
    """One message to one place. The same cause is told there once; it is tried again until it is taken.

    Whoever is told may get it twice, when we die before we have noted that it was sent: `message_id` is the same then.
    """

    kind = models.CharField(max_length=32, choices=NotificationKind.choices)
    about = models.CharField(max_length=64, help_text="Its cause, alert:12 for example.")
    channel = models.CharField(max_length=16, choices=NotificationChannel.choices)
    recipient = models.CharField(max_length=254, blank=True, help_text="Empty: operators, wherever settings say.")
    message_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    subject = models.CharField(max_length=200)
    text = models.TextField()
    html = models.TextField(blank=True)
    data = models.JSONField(default=dict, blank=True, help_text="The same for programs.")
    created_at = models.DateTimeField()
    next_try_at = models.DateTimeField(null=True, blank=True, help_text="Empty: it was sent, or given up.")
    tries = models.PositiveIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    problem = models.CharField(max_length=300, blank=True, help_text="Why the last try failed.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "about", "channel", "recipient"], name="told_once"),
            models.CheckConstraint(condition=Q(sent_at=None) | Q(next_try_at=None), name="sent_is_not_sent_again"),
        ]
        indexes = [
            models.Index(
                fields=["next_try_at"], condition=Q(next_try_at__isnull=False), name="notification_to_be_sent"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.about} by {self.channel}"


class NotificationSwitch(models.Model):
    """That somebody does not want to be told of a kind of thing."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="switched_off", db_index=False)
    kind = models.CharField(max_length=32, choices=[(kind.value, kind.label) for kind in SWITCHED])

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "kind"], name="switched_off_once"),
            models.CheckConstraint(
                condition=Q(kind__in=[kind.value for kind in SWITCHED]), name="notification_can_be_switched_off"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} is not told: {self.get_kind_display()}"
