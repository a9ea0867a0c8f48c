"""What PhonePe delivered, kept as it came."""

from datetime import datetime

from django.db import connection, models
from django.db.models import Q

from core.connection import unasked


class Outcome(models.TextChoices):
    """What became of a delivery."""

    WAITING = "waiting"
    ASKED = "asked", "asked: PhonePe is asked about its order"
    SETTLED = "settled", "settled: our books already said so"
    CONTRADICTS = "contradicts", "contradicts: it says otherwise than our books"
    UNKNOWN = "unknown", "unknown: about nothing we know"
    NOTED = "noted", "noted: about a settlement or a dispute, moves nothing"
    IGNORED = "ignored", "ignored: not about an order or a refund"
    UNREADABLE = "unreadable", "unreadable: not JSON"


KEEP = """
    INSERT INTO core_webhookevent
        (digest, body, deliveries, received_at, last_received_at, outcome, event, merchant_order_id)
    VALUES (%s, %s, 1, %s, %s, 'waiting', '', '')
    ON CONFLICT (digest) DO UPDATE
    SET deliveries = core_webhookevent.deliveries + 1,
        last_received_at = excluded.last_received_at, processed_at = NULL,
        body = excluded.body, archive = '', archived_at = NULL
    RETURNING deliveries
"""


class WebhookEventManager(models.Manager["WebhookEvent"]):
    def keep(self, *, digest: str, body: bytes, now: datetime) -> int:
        """Store a delivery in one statement; a repeated one counts up and is looked at again.

        Returns how often it has been delivered, this time included.
        """
        return unasked(lambda: _keep(digest, body, now))


def _keep(digest: str, body: bytes, now: datetime) -> int:
    at = connection.ops.adapt_datetimefield_value(now)
    with connection.cursor() as cursor:
        cursor.execute(KEEP, [digest, body, at, at])
        return int(cursor.fetchone()[0])


class WebhookEvent(models.Model):
    """One delivery from PhonePe; the same body twice is one row."""

    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the body, in hex.")
    body = models.BinaryField()
    deliveries = models.PositiveIntegerField(default=1)
    received_at = models.DateTimeField()
    last_received_at = models.DateTimeField()
    processed_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=16, choices=Outcome.choices, default=Outcome.WAITING)
    event = models.CharField(max_length=64, blank=True)
    merchant_order_id = models.CharField(max_length=63, blank=True, db_index=True)
    archive = models.CharField(max_length=64, blank=True, db_default="", help_text="The file that its body goes to.")
    archived_at = models.DateTimeField(
        null=True, blank=True, help_text="When its body was in that file, and left here."
    )

    objects = WebhookEventManager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(deliveries__gte=1), name="delivered_at_least_once"),
            models.CheckConstraint(
                condition=Q(processed_at__isnull=True) | ~Q(outcome=Outcome.WAITING), name="processed_has_an_outcome"
            ),
            models.CheckConstraint(
                condition=Q(archived_at__isnull=True) | Q(~Q(archive=""), processed_at__isnull=False),
                name="archived_is_in_a_file",
            ),
        ]
        indexes = [
            models.Index(fields=["received_at"], condition=Q(processed_at__isnull=True), name="webhook_waiting"),
            models.Index(
                fields=["processed_at"],
                condition=Q(archived_at__isnull=True, processed_at__isnull=False),
                name="webhook_not_archived",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event or 'unread'} {self.received_at:%Y-%m-%d %H:%M:%S}"
