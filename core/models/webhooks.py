"""What PhonePe delivered, kept as it came."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Self

from django.db import connection, models
from django.db.models import F, Q, Value

from core.db.connection import unasked
from core.india import in_india


class WebhookOutcome(models.TextChoices):
    """What became of a delivery."""

    WAITING = "waiting"
    ASKED = "asked", "asked: PhonePe is asked about its order"
    SETTLED = "settled", "settled: our books already said so"
    CONTRADICTS = "contradicts", "contradicts: it says otherwise than our books"
    UNKNOWN = "unknown", "unknown: about nothing we know"
    NOTED = "noted", "noted: about a settlement or a dispute, moves nothing"
    IGNORED = "ignored", "ignored: not about an order or a refund"
    UNREADABLE = "unreadable", "unreadable: not JSON"


# Whether an order or a refund of ours is named is asked in the same statement: the door has one alone.
KEEP = """
    INSERT INTO core_webhookevent
        (digest, body, deliveries, received_at, last_received_at, outcome, event, merchant_order_id, names_ours)
    VALUES (%s, %s, 1, %s, %s, 'waiting', '', '',
        EXISTS (SELECT 1 FROM core_paymenttransaction WHERE merchant_order_id IN (%s, %s))
        OR EXISTS (SELECT 1 FROM core_refund WHERE merchant_refund_id = %s)
        OR EXISTS (SELECT 1 FROM core_paymenttransaction WHERE phonepe_order_id = %s)
        OR EXISTS (SELECT 1 FROM core_refund WHERE refund_id = %s))
    ON CONFLICT (digest) DO UPDATE
    SET deliveries = core_webhookevent.deliveries + 1,
        last_received_at = excluded.last_received_at, processed_at = NULL, next_try_at = NULL, tries = 0,
        body = excluded.body, archive = '', archived_at = NULL, names_ours = excluded.names_ours
    RETURNING deliveries
"""
ASKED_OF = ("merchantOrderId", "originalMerchantOrderId", "merchantRefundId", "orderId", "refundId")  # as KEEP has them
NAMED = re.compile(rb'"(%s)"\s*:\s*"([A-Za-z0-9_-]{1,64})"' % "|".join(ASKED_OF).encode())


NEWEST_FIRST = (F("next_try_at").desc(nulls_first=True), F("received_at").desc())  # as `webhook_unread` is ordered


class WebhookEventQuerySet(models.QuerySet["WebhookEvent"]):
    def unread(self) -> Self:
        return self.filter(processed_at__isnull=True)

    def never_tried(self) -> Self:
        """Keep what nobody has read, the newest first: behind a flood of old ones nobody has to wait."""
        return self.unread().filter(next_try_at__isnull=True).order_by(*NEWEST_FIRST)

    def about_ours(self, now: datetime | Value) -> Self:
        """Keep what may be read and names an order or a refund of ours: nothing else stands before it."""
        may_be_read = Q(next_try_at__isnull=True) | Q(next_try_at__lte=now)
        return self.unread().filter(may_be_read, names_ours=True).order_by(*NEWEST_FIRST)

    def note_read(self, events: Sequence["WebhookEvent"], *, now: datetime) -> None:
        """Note in one statement what was read in these deliveries, and what became of them.

        The ORM needs longer to write a statement with that many cases than the database to do it.
        """
        if not events:
            return
        rows = ", ".join(["(%s, %s, %s, %s)"] * len(events))
        values: list[Any] = [connection.ops.adapt_datetimefield_value(now)]
        for event in events:
            values += (event.pk, event.event, event.merchant_order_id, str(event.outcome))
        with connection.cursor() as cursor:
            cursor.execute(
                f"""
                UPDATE core_webhookevent
                SET event = column2, merchant_order_id = column3, outcome = column4, processed_at = %s
                FROM (VALUES {rows}) AS read
                WHERE id = column1
                """,  # noqa: S608 - placeholders alone
                values,
            )

    def to_try_again(self, now: datetime | Value) -> Self:
        """Keep what could not be read before and is due again, and what could wait."""
        return self.unread().filter(next_try_at__lte=now).order_by(*NEWEST_FIRST)


_Manager = models.Manager.from_queryset(WebhookEventQuerySet)


class WebhookEventManager(_Manager["WebhookEvent"]):
    def keep(self, *, digest: str, body: bytes, now: datetime) -> int:
        """Store a delivery in one statement; a repeated one counts up and is looked at again.

        Returns how often it has been delivered, this time included.
        """
        return unasked(lambda: _keep(digest, body, now))


def _keep(digest: str, body: bytes, now: datetime) -> int:
    at = connection.ops.adapt_datetimefield_value(now)
    # Looked for, not parsed: the delivery is read when it is stored. What this misses is read a little later.
    named = {key.decode(): name.decode() for key, name in reversed(NAMED.findall(body))}
    with connection.cursor() as cursor:
        cursor.execute(KEEP, [digest, body, at, at, *map(named.get, ASKED_OF)])
        return int(cursor.fetchone()[0])


class WebhookEvent(models.Model):
    """One delivery from PhonePe; the same body twice is one row."""

    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the body, in hex.")
    body = models.BinaryField()
    deliveries = models.PositiveIntegerField(default=1)
    received_at = models.DateTimeField()
    last_received_at = models.DateTimeField()
    processed_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=16, choices=WebhookOutcome.choices, default=WebhookOutcome.WAITING)
    event = models.CharField(max_length=64, blank=True)
    merchant_order_id = models.CharField(max_length=63, blank=True, db_index=True)
    tries = models.PositiveIntegerField(default=0, db_default=0, help_text="How often reading it has failed.")
    names_ours = models.BooleanField(
        default=False, db_default=False, help_text="Its body seems to name an order or a refund of ours: read first."
    )
    next_try_at = models.DateTimeField(null=True, blank=True, help_text="When it is read at the earliest; empty: now.")
    archive = models.CharField(max_length=64, blank=True, db_default="", help_text="The file that its body goes to.")
    archived_at = models.DateTimeField(
        null=True, blank=True, help_text="When its body was in that file, and left here."
    )

    objects = WebhookEventManager()

    class Meta:
        permissions = [("replay_webhook", "Can have a stored webhook read again")]
        constraints = [
            models.CheckConstraint(condition=Q(deliveries__gte=1), name="delivered_at_least_once"),
            models.CheckConstraint(
                condition=Q(processed_at__isnull=True) | ~Q(outcome=WebhookOutcome.WAITING),
                name="processed_has_an_outcome",
            ),
            models.CheckConstraint(
                condition=Q(archived_at__isnull=True) | Q(~Q(archive=""), processed_at__isnull=False),
                name="archived_is_in_a_file",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_try_at", "received_at"], condition=Q(processed_at__isnull=True), name="webhook_unread"
            ),
            models.Index(
                fields=["next_try_at", "received_at"],
                condition=Q(processed_at__isnull=True, names_ours=True),
                name="webhook_unread_ours",
            ),
            models.Index(
                fields=["processed_at"],
                condition=Q(archived_at__isnull=True, processed_at__isnull=False),
                name="webhook_not_archived",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event or 'unread'} {in_india(self.received_at):%Y-%m-%d %H:%M:%S} IST"
