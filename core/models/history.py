"""Append-only history: every move of a row, why it moved, and what PhonePe said."""

from django.db import models
from django.db.models import F, Q

from core.models.orders import PaymentTransaction
from core.models.refunds import Refund


class ChangeCause(models.TextChoices):
    """Why PhonePe was asked, or why a row moved."""

    INITIATE = "initiate"
    WEBHOOK = "webhook"
    REFUND = "refund"
    RETURN = "return"
    CALLBACK = "callback"
    VERIFY = "verify"
    CLOCK = "clock"
    COMMAND = "command"
    OPERATOR = "operator", "a person decided about it"
    REPLACED = "replaced", "another order took its place"
    REJECTED = "rejected_by_phonepe"
    NEVER_REACHED = "never_reached_phonepe"


class StateChange(models.Model):
    """One move of one row."""

    transaction = models.ForeignKey(PaymentTransaction, on_delete=models.PROTECT, related_name="changes")
    refund = models.ForeignKey(Refund, null=True, blank=True, on_delete=models.PROTECT, related_name="changes")
    what = models.CharField(max_length=32, help_text="Which of its words changed.")
    old = models.CharField(max_length=32, blank=True)
    new = models.CharField(max_length=32)
    cause = models.CharField(max_length=32, choices=ChangeCause.choices)
    answer = models.JSONField(default=dict, blank=True, help_text="PhonePe's answer, as it came.")
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [models.CheckConstraint(condition=~Q(old=F("new")), name="change_changes_something")]

    def __str__(self) -> str:
        return f"{self.transaction}: {self.what} {self.old} → {self.new}"
