"""Every try of a payer to pay an order, as PhonePe reports it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection, models
from django.db.models import Q

from core.models.orders import OrderState, PaymentTransaction
from core.models.vocabulary import only_known


class ReportedBy(models.TextChoices):
    """Which of PhonePe's words an attempt is known from: its answer counts, a webhook's is taken until that comes."""

    WEBHOOK = "webhook"
    STATUS = "status", "order status"


class Attempt(NamedTuple):
    """One attempt, ready to be stored.

    :ivar at: when PhonePe says that it began, in UTC
    :ivar instrument: what was paid with, masked
    """

    transaction_id: str
    state: str
    payment_mode: str
    amount_paise: int | None
    at: datetime | None
    utr: str
    upi_transaction_id: str
    instrument: str
    error_code: str
    detailed_error_code: str


AT_ONCE = 500  # in one statement
# PhonePe's answer is never overwritten by a webhook, and nothing is written where nothing is new.
NOTE = """
    INSERT INTO core_paymentattempt (order_id, reported_by, seen_at, changed_at, {columns})
    VALUES {rows}
    ON CONFLICT (order_id, transaction_id) DO UPDATE
    SET reported_by = excluded.reported_by, changed_at = excluded.changed_at, {changes}
    WHERE (core_paymentattempt.reported_by = 'webhook' OR excluded.reported_by = 'status') AND ({news})
"""


class PaymentAttemptManager(models.Manager["PaymentAttempt"]):
    def note(self, attempts: Iterable[tuple[int, Attempt]], *, reported_by: ReportedBy, now: datetime) -> None:
        """Keep what PhonePe says of attempts, each once.

        :param attempts: each with the key of its order; of two reports of one attempt, the last counts
        """
        rows = {(order, attempt.transaction_id): attempt for order, attempt in attempts if attempt.transaction_id}
        # In one order everywhere, so that no two statements wait for each other.
        names = sorted(rows)
        for first in range(0, len(names), AT_ONCE):
            self._note([(name, rows[name]) for name in names[first : first + AT_ONCE]], reported_by, now)

    def _note(self, rows: list[tuple[tuple[int, str], Attempt]], reported_by: ReportedBy, now: datetime) -> None:
        at = connection.ops.adapt_datetimefield_value
        values: list[Any] = []
        for (order, _), attempt in rows:
            said = [at(value) if isinstance(value, datetime) else value for value in attempt]
            values += [order, reported_by.value, at(now), at(now), *said]
        quoted = [connection.ops.quote_name(column) for column in Attempt._fields]
        row = f"({', '.join(['%s'] * (4 + len(Attempt._fields)))})"
        new = [f"{column} = excluded.{column}" for column in quoted[1:]]
        differs = " OR ".join(_differs(column) for column in quoted[1:])
        statement = NOTE.format(
            columns=", ".join(quoted), rows=", ".join([row] * len(rows)), changes=", ".join(new), news=differs
        )
        with connection.cursor() as cursor:
            cursor.execute(statement, values)


def _differs(column: str) -> str:
    distinct = "IS DISTINCT FROM" if connection.vendor == "postgresql" else "IS NOT"
    return f"core_paymentattempt.{column} {distinct} excluded.{column}"


class PaymentAttempt(models.Model):
    """One attempt to pay an order. Holds no full UPI id, phone or card number."""

    # No constraint in the database: its check would wait for whoever holds the order. Orders are never deleted.
    order = models.ForeignKey(
        PaymentTransaction, on_delete=models.PROTECT, related_name="attempts", db_constraint=False
    )
    transaction_id = models.CharField(max_length=64, help_text="PhonePe's transactionId.")
    state = models.CharField(max_length=16, choices=OrderState.choices)
    payment_mode = models.CharField(max_length=32, blank=True)
    amount_paise = models.BigIntegerField(null=True, blank=True)
    at = models.DateTimeField(null=True, blank=True, help_text="When it began, as PhonePe says.")
    utr = models.CharField("UTR", max_length=64, blank=True)
    upi_transaction_id = models.CharField("UPI transaction id", max_length=64, blank=True)
    instrument = models.CharField(max_length=200, blank=True, help_text="What was paid with, masked.")
    error_code = models.CharField(max_length=64, blank=True)
    detailed_error_code = models.CharField(max_length=64, blank=True)
    reported_by = models.CharField(max_length=16, choices=ReportedBy.choices)
    seen_at = models.DateTimeField(help_text="When it was first reported.")
    changed_at = models.DateTimeField(help_text="When a report last said something new of it.")

    objects = PaymentAttemptManager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["order", "transaction_id"], name="one_row_per_attempt_of_an_order"),
            models.CheckConstraint(condition=~Q(transaction_id=""), name="attempt_has_an_id"),
            only_known("state", OrderState, name="attempt_state_known"),
            only_known("reported_by", ReportedBy, name="attempt_reported_by_known"),
        ]
        indexes = [
            models.Index(fields=["transaction_id"], name="attempt_by_transaction"),
            models.Index(fields=["utr"], condition=~Q(utr=""), name="attempt_by_utr"),
            models.Index(
                fields=["upi_transaction_id"], condition=~Q(upi_transaction_id=""), name="attempt_by_upi_transaction"
            ),
        ]

    def __str__(self) -> str:
        return self.transaction_id
