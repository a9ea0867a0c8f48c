"""What an operator must look at."""

from django.db import models
from django.db.models import Q


class AlertKind(models.TextChoices):
    MISMATCH = "mismatch", "another amount or order came than was asked for"
    SILENT = "silent", "an expired order without a final word"
    LOST_BY_PHONEPE = "lost_by_phonepe", "PhonePe does not know an order it once took"
    REFUND_FAILED = "refund_failed", "a refund failed and waits for a person"
    REFUND_APPROVAL = "refund_approval", "a refund waits for a second person's approval"
    DASHBOARD_REFUND = "dashboard_refund", "a refund was made at PhonePe, not here"
    BOOKS = "books", "the books do not agree with themselves"
    CONTRADICTION = "contradiction", "PhonePe says otherwise than before"
    UNKNOWN_WEBHOOK = "unknown_webhook", "a webhook about nothing we know"
    SETTLEMENT = "settlement", "PhonePe's settlement says otherwise than our books"
    SETTLEMENT_FAILED = "settlement_failed", "PhonePe could not pay a settlement out"
    CHARGEBACK = "chargeback", "a payment was charged back"
    DISPUTE = "dispute", "a payer disputes a payment"
    DISPUTE_LOST = "dispute_lost", "a dispute was lost"
    RENT = "rent", "rent that is not charged before somebody confirms it"
    UNREADABLE_WEBHOOK = "unreadable_webhook", "a webhook that is not JSON"
    PHONEPE_DOWN = "phonepe_down", "PhonePe does not answer"
    CREDENTIALS_REFUSED = "credentials_refused", "PhonePe does not accept our client id and secret"
    WEBHOOKS_SILENT = "webhooks_silent", "payments end and no webhook comes"
    WEBHOOKS_REFUSED = "webhooks_refused", "webhooks come with a password that is not ours"
    DEBIT_WITHHELD = "debit_withheld", "AutoPay debits nothing, because its owner's account is deactivated"

    @property
    def runbook(self) -> str:
        """Return the address in the admin of the paragraph that says what to type."""
        return f"/admin/runbook/#{RUNBOOK[self]}"


# The paragraph of docs/runbook.md for each kind.
RUNBOOK = {
    AlertKind.MISMATCH: "wrong-amount",
    AlertKind.SILENT: "payment-stuck",
    AlertKind.LOST_BY_PHONEPE: "payment-stuck",
    AlertKind.REFUND_FAILED: "refund-stuck",
    AlertKind.REFUND_APPROVAL: "refund-stuck",
    AlertKind.DASHBOARD_REFUND: "secret-leaked",
    AlertKind.BOOKS: "books-out-of-balance",
    AlertKind.CONTRADICTION: "wrong-amount",
    AlertKind.UNKNOWN_WEBHOOK: "secret-leaked",
    AlertKind.UNREADABLE_WEBHOOK: "webhook-silent",
    AlertKind.WEBHOOKS_SILENT: "webhook-silent",
    AlertKind.WEBHOOKS_REFUSED: "webhook-silent",
    AlertKind.SETTLEMENT: "settlement-differs",
    AlertKind.SETTLEMENT_FAILED: "settlement-differs",
    AlertKind.CHARGEBACK: "chargeback-or-dispute",
    AlertKind.DISPUTE: "chargeback-or-dispute",
    AlertKind.DISPUTE_LOST: "chargeback-or-dispute",
    AlertKind.RENT: "rent-not-charged",
    AlertKind.PHONEPE_DOWN: "phonepe-down",
    AlertKind.DEBIT_WITHHELD: "autopay-debit-failed-or-missing",
    AlertKind.CREDENTIALS_REFUSED: "credentials-refused",
}


class Alert(models.Model):
    """One thing for an operator. The same thing is raised once until it is resolved."""

    kind = models.CharField(max_length=32, choices=AlertKind.choices)
    subject = models.CharField(max_length=64, help_text="The order, refund, delivery or tenancy it is about.")
    sentence = models.CharField(max_length=500)
    raised_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        permissions = [("resolve_alert", "Can resolve an alert")]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject"], condition=Q(resolved_at__isnull=True), name="one_open_alert_per_subject"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.subject}"
