"""What PhonePe has to be asked about, and when: orders and refunds alike."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple, Self

from django.db import connection, models
from django.db.models import Case, F, Q, Value, When
from django.utils import timezone

from core.db.prepared import Param, Prepared, PreparedUpdate, as_table

ASK_AT_MOST_EVERY = timedelta(seconds=3)
A_LITTLE = timedelta(microseconds=1)


class Reconciliation(models.TextChoices):
    """How far our books agree with PhonePe's."""

    OPEN = "open", "open: PhonePe has not given its final word"
    SETTLED = "settled", "settled: both books say the same"
    SURPLUS = "surplus", "surplus: more came than was due"
    MISMATCH = "mismatch", "mismatch: another amount came, an operator decides"
    SILENT = "silent", "silent: overdue, still no final word"


NOT_CLOSED = (Reconciliation.OPEN, Reconciliation.SILENT)


class Pending(NamedTuple):
    """That PhonePe called a row pending.

    :ivar claimed_until: its `next_check_at` while the claim under which it was asked about is held
    :ivar next_check_at: when it is asked about next, if that claim is still held
    """

    pk: int
    claimed_until: datetime
    asked_at: datetime
    next_check_at: datetime


class ReconciledQuerySet(models.QuerySet[Any]):
    def due(self, now: datetime | Value) -> Self:
        # Ordered as the index is: a second key would have every claim sort all that is due at one moment.
        return self.filter(next_check_at__lte=now).order_by("next_check_at")

    def not_closed(self) -> Self:
        return self.filter(reconciliation_status__in=NOT_CLOSED)

    def not_asked_recently(self, now: datetime) -> Self:
        """Leave out what PhonePe was asked about just now. See also `forget_questions_to_come`."""
        return self.filter(Q(asked_at__isnull=True) | Q(asked_at__lte=now - ASK_AT_MOST_EVERY))

    def make_due(self, *, now: datetime) -> int:
        """Make rows due as soon as PhonePe may be asked again; never later than they already are.

        Whoever asks about one at this moment loses their claim, which is told by `next_check_at`: their answer may be
        older than what we know. By the clock of a machine that is ahead a claim has lapsed, and its row is due already.
        """
        self.forget_questions_to_come()
        return self.update(next_check_at=_soon(Value(now), Value(now - ASK_AT_MOST_EVERY)))

    def forget_questions_to_come(self) -> None:
        """Forget when PhonePe was asked where that is yet to come: a machine whose clock is ahead wrote it."""
        ahead = self.filter(asked_at__gt=timezone.now()).values_list("pk", "asked_at")
        _forget_still_ahead(self.model, list(ahead))

    def note_claimed(self, rows: "Sequence[Reconciled]", *, at: datetime, until: datetime) -> None:
        """Note that somebody may ask about these rows, until then."""
        as_value = connection.ops.adapt_datetimefield_value
        keys, values = as_table(["bigint"], [[row.pk] for row in rows])
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE {self._table} SET next_check_at = %s, asked_at = %s WHERE id IN {keys}",  # noqa: S608 - our names
                [as_value(until), as_value(at), *values],
            )

    def note_pending(self, answers: Sequence[Pending], *, now: datetime) -> None:
        """Count these answers and schedule the rows whose claim is still held, all in one statement.

        The ORM needs longer to write a statement with that many cases than the database to do it.
        """
        at = connection.ops.adapt_datetimefield_value
        rows = [(pk, *map(at, moments)) for pk, *moments in answers]
        table, values = as_table(["bigint", *["timestamptz"] * 3], rows)
        with connection.cursor() as cursor:
            cursor.execute(
                f"""
                UPDATE {self._table}
                SET last_checked_at = %s, check_count = check_count + 1, unanswered_count = 0,
                    asked_at = CASE WHEN asked_at < column3 THEN column3 ELSE asked_at END,
                    next_check_at = CASE WHEN next_check_at = column2 THEN column4 ELSE next_check_at END
                FROM {table} AS answers
                WHERE id = column1
                """,  # noqa: S608 - the names are the model's own
                [at(now), *values],
            )

    @property
    def _table(self) -> str:
        return connection.ops.quote_name(self.model._meta.db_table)


def _soon(now: Value, recently: Value) -> Case:
    """Return when a row is due that is made due now: at once, or as soon as PhonePe may be asked again."""
    asked_recently = When(asked_at__gt=recently, then=F("asked_at") + ASK_AT_MOST_EVERY)
    soon = Case(asked_recently, default=now, output_field=models.DateTimeField())
    later = When(Q(next_check_at__isnull=True) | Q(next_check_at__gt=soon), then=soon)
    return Case(later, default=F("next_check_at") - A_LITTLE)


def _forget_still_ahead(model: type[models.Model], asked: Sequence[tuple[int, datetime]]) -> None:
    """Forget these moments where they are still to come: a second look at the clock tells them from one of just now."""
    now = timezone.now()
    for pk, asked_at in asked:
        if asked_at > now:
            model._default_manager.filter(pk=pk, asked_at=asked_at).update(asked_at=None)


_PK, _NOW = Param("pk", models.BigIntegerField()), Param("now", models.DateTimeField())


@cache
def _made_due(model: type[models.Model]) -> PreparedUpdate:
    soon = _soon(_NOW, Param("recently", models.DateTimeField()))
    return PreparedUpdate(lambda: model._default_manager.filter(pk=_PK), next_check_at=soon)


@cache
def _asked_ahead(model: type[models.Model]) -> Prepared[tuple[int, datetime]]:
    rows = model._default_manager
    return Prepared(lambda: rows.filter(pk=_PK, asked_at__gt=_NOW).values_list("pk", "asked_at"))


class Reconciled(models.Model):
    """A row that PhonePe is asked about on a schedule until there is a final word. Instants in UTC."""

    initiated_at = models.DateTimeField(help_text="When PhonePe was asked to do it; the schedule counts from here.")
    reconciliation_status = models.CharField(max_length=16, choices=Reconciliation.choices, default=Reconciliation.OPEN)
    next_check_at = models.DateTimeField(null=True, blank=True, help_text="When PhonePe is asked next; empty: never.")
    asked_at = models.DateTimeField(null=True, blank=True)
    last_checked_at = models.DateTimeField(null=True, blank=True, help_text="When PhonePe last answered.")
    check_count = models.PositiveIntegerField(default=0)
    unanswered_count = models.PositiveIntegerField(default=0, help_text="Checks without an answer since the last one.")

    class Meta:
        abstract = True

    @property
    def is_closed(self) -> bool:
        return self.reconciliation_status not in NOT_CLOSED

    def was_asked_recently(self, now: datetime) -> bool:
        """Tell whether PhonePe was asked about it so short a time ago that it is not asked again."""
        return self.asked_at is not None and timedelta(0) <= now - self.asked_at < ASK_AT_MOST_EVERY

    @classmethod
    def make_due(cls, pk: int, *, now: datetime) -> None:
        """Make one row due, see `ReconciledQuerySet.make_due`."""
        _forget_still_ahead(cls, _asked_ahead(cls).rows(pk=pk, now=timezone.now()))
        _made_due(cls).run(pk=pk, now=now, recently=now - ASK_AT_MOST_EVERY)

    def note_answer(self, *, now: datetime) -> None:
        self.last_checked_at, self.unanswered_count = now, 0
        self.check_count += 1
