"""Idempotency keys: the same request twice has one effect and one answer."""

from django.db import models
from django.db.models import Q

from core.models.orders import PaymentTransaction
from core.models.people import User
from core.models.refunds import Refund


class IdempotencyKey(models.Model):
    """One key of one user, the request it stands for, and the answer once there is one to keep."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of method, path and body.")
    created_at = models.DateTimeField(db_index=True)
    running_until = models.DateTimeField(help_text="Lease of the request that runs now.")
    order = models.ForeignKey(PaymentTransaction, null=True, on_delete=models.PROTECT, related_name="+")
    refund = models.ForeignKey(Refund, null=True, on_delete=models.PROTECT, related_name="+")
    status_code = models.PositiveSmallIntegerField(null=True)
    answer = models.JSONField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="key_once_per_user"),
            models.CheckConstraint(
                condition=Q(status_code__isnull=True)
                | Q(status_code__range=(200, 299))
                | Q(status_code__in=(400, 422)),
                name="kept_answer_stays_true",
            ),
        ]

    def __str__(self) -> str:
        return self.key
