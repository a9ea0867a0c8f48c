"""Every call to PhonePe, so that the story of a payment can be told."""

from django.db import models
from django.db.models import Q


class PhonePeCall(models.Model):
    """One call to PhonePe about an order or a refund: which, how long it took, and what came. No secret, no body."""

    call = models.CharField(max_length=32, help_text="create_order, order_status, refund or refund_status.")
    merchant_order_id = models.CharField(max_length=63, blank=True)
    merchant_refund_id = models.CharField(max_length=63, blank=True)
    at = models.DateTimeField(help_text="When it began.")
    milliseconds = models.PositiveIntegerField()
    outcome = models.CharField(max_length=64, help_text="`answered`, or the name of the error.")
    said = models.CharField(max_length=200, blank=True, help_text="The state in the answer, or the error's sentence.")

    class Meta:
        verbose_name = "call to PhonePe"
        verbose_name_plural = "calls to PhonePe"
        indexes = [
            models.Index(fields=["merchant_order_id", "at"], condition=~Q(merchant_order_id=""), name="call_by_order"),
            models.Index(
                fields=["merchant_refund_id", "at"], condition=~Q(merchant_refund_id=""), name="call_by_refund"
            ),
            models.Index(fields=["at"], name="call_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.call} {self.merchant_refund_id or self.merchant_order_id}"
