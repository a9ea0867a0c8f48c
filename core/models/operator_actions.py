"""What operators did: who, when, to what, and why."""

from django.db import models
from django.db.models import Q

from core.models.orders import PaymentTransaction
from core.models.people import User
from core.models.refunds import Refund


class OperatorAction(models.Model):
    """One act of a person, written in the transaction of its effect. The database refuses to change or delete it."""

    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=150, help_text="User name; of a command, that of the machine's user or of --by.")
    action = models.CharField(max_length=32, help_text="What was done, such as refund or resolve_alert.")
    reason = models.CharField(max_length=500, blank=True)
    about = models.CharField(max_length=100, help_text="What it was done to, such as payment:12.")
    order = models.ForeignKey(
        PaymentTransaction, null=True, blank=True, on_delete=models.PROTECT, related_name="operator_actions"
    )
    refund = models.ForeignKey(Refund, null=True, blank=True, on_delete=models.PROTECT, related_name="operator_actions")
    detail = models.JSONField(default=dict, blank=True, help_text="More facts, such as an amount in paise.")
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="operator_action_has_a_name"),
            models.CheckConstraint(condition=~Q(action="") & ~Q(about=""), name="operator_action_says_what"),
        ]
        indexes = [models.Index(fields=["about"], name="operator_action_about")]

    def __str__(self) -> str:
        return f"{self.action} {self.about} by {self.name}"
