"""What an operator must look at."""

from django.db import models
from django.db.models import Q


class AlertKind(models.TextChoices):
    MISMATCH = "mismatch", "another amount or order came than was asked for"
    SURPLUS = "surplus", "more money came than was due"
    SILENT = "silent", "an expired order without a final word"
    LOST_BY_PHONEPE = "lost_by_phonepe", "PhonePe does not know an order it once took"
    REFUND_FAILED = "refund_failed", "a refund failed and waits for a person"
    BOOKS = "books", "the books do not agree with themselves"
    CONTRADICTION = "contradiction", "PhonePe says otherwise than before"
    UNKNOWN_WEBHOOK = "unknown_webhook", "a webhook about nothing we know"
    SETTLEMENT = "settlement", "PhonePe's settlement says otherwise than our books"
    SETTLEMENT_FAILED = "settlement_failed", "PhonePe could not pay a settlement out"
    CHARGEBACK = "chargeback", "a payment was charged back"
    DISPUTE = "dispute", "a payer disputes a payment"
    DISPUTE_LOST = "dispute_lost", "a dispute was lost"
    UNREADABLE_WEBHOOK = "unreadable_webhook", "a webhook that is not JSON"


class Alert(models.Model):
    """One thing for an operator. The same thing is raised once until it is resolved."""

    kind = models.CharField(max_length=32, choices=AlertKind.choices)
    subject = models.CharField(max_length=64, help_text="The order, refund or delivery it is about.")
    sentence = models.CharField(max_length=500)
    raised_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject"], condition=Q(resolved_at__isnull=True), name="one_open_alert_per_subject"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.subject}"
