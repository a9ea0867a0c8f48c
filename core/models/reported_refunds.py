"""Refunds that were not requested here, of which a webhook or a settlement has told."""

from django.db import models
from django.db.models import Q

from core.models.reconciled import NOT_CLOSED, Reconciled, ReconciledQuerySet, Reconciliation
from core.models.vocabulary import only_known


class ReportOutcome(models.TextChoices):
    """What PhonePe's answer made of it."""

    WAITING = "waiting", "waiting for PhonePe's answer, or for its final word"
    BOOKED = "booked", "booked on its payment, as a refund of its own"
    IN_SUSPENSE = "in_suspense", "in suspense: it fits no payment of ours"
    FAILED = "failed", "failed: no money moved"
    UNKNOWN = "unknown", "unknown to PhonePe: nothing was posted"


class ReportedRefund(Reconciled):
    """A refund that PhonePe is asked about because somebody told of it. PhonePe's answer alone is booked."""

    merchant_refund_id = models.CharField(max_length=63, unique=True, editable=False)
    outcome = models.CharField(max_length=16, choices=ReportOutcome.choices, default=ReportOutcome.WAITING)
    reported_by = models.CharField(max_length=100, help_text="What told of it first.")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ReconciledQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(merchant_refund_id=""), name="reported_refund_has_an_id"),
            models.CheckConstraint(
                condition=Q(outcome=ReportOutcome.WAITING, reconciliation_status__in=NOT_CLOSED)
                | (~Q(outcome=ReportOutcome.WAITING) & Q(reconciliation_status=Reconciliation.SETTLED)),
                name="reported_refund_closed_if_decided",
            ),
            only_known("outcome", ReportOutcome, name="reported_refund_outcome_known"),
        ]
        indexes = [
            models.Index(
                fields=["next_check_at"], condition=Q(next_check_at__isnull=False), name="reported_refund_due"
            ),
        ]

    def __str__(self) -> str:
        return self.merchant_refund_id

    @property
    def state(self) -> str:
        """Return what came of it, for whoever asks PhonePe about any kind of row."""
        return self.outcome
