"""What PhonePe has to be asked about, and when: orders and refunds alike."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Self

from django.db import connection, models
from django.db.models import F, Q

ASK_AT_MOST_EVERY = timedelta(seconds=3)


class Reconciliation(models.TextChoices):
    """How far our books agree with PhonePe's."""

    OPEN = "open", "open: PhonePe has not given its final word"
    SETTLED = "settled", "settled: both books say the same"
    SURPLUS = "surplus", "surplus: more came than was due"
    MISMATCH = "mismatch", "mismatch: another amount came, an operator decides"
    SILENT = "silent", "silent: overdue, still no final word"


UNSETTLED = (Reconciliation.OPEN, Reconciliation.SILENT)


class ReconciledQuerySet(models.QuerySet[Any]):
    def due(self, now: datetime) -> Self:
        # Ordered as the index is: a second key would have every claim sort all that is due at one moment.
        return self.filter(next_check_at__lte=now).order_by("next_check_at")

    def unsettled(self) -> Self:
        return self.filter(reconciliation_status__in=UNSETTLED)

    def rested(self, now: datetime) -> Self:
        """Leave out what PhonePe was asked about just now."""
        return self.filter(Q(asked_at__isnull=True) | Q(asked_at__lte=now - ASK_AT_MOST_EVERY))

    def hasten(self, *, now: datetime) -> int:
        """Make rows due as soon as PhonePe may be asked again; never later than they already are."""
        never, soon = Q(next_check_at__isnull=True), F("asked_at") + ASK_AT_MOST_EVERY
        tired = self.filter(asked_at__gt=now - ASK_AT_MOST_EVERY)
        moved = tired.filter(never | Q(next_check_at__gt=soon)).update(next_check_at=soon)
        return moved + self.rested(now).filter(never | Q(next_check_at__gt=now)).update(next_check_at=now)

    def note_pending(
        self, checked: Sequence[tuple[Any, datetime | None, datetime, datetime]], *, now: datetime
    ) -> None:
        """Note in one statement that PhonePe called these rows pending, and when each is asked about next.

        The ORM needs longer to write a statement with that many cases than the database to do it.

        :param checked: primary key, until when the row was claimed, when PhonePe was asked, and the next check,
            which holds only if the claim still does: otherwise somebody else minds the schedule
        """
        at = connection.ops.adapt_datetimefield_value
        table = connection.ops.quote_name(self.model._meta.db_table)
        rows = ", ".join(["(%s, %s, %s, %s)"] * len(checked))
        with connection.cursor() as cursor:
            cursor.execute(
                f"""
                UPDATE {table}
                SET last_checked_at = %s, check_count = check_count + 1, unanswered_count = 0,
                    asked_at = CASE WHEN asked_at < column3 THEN column3 ELSE asked_at END,
                    next_check_at = CASE WHEN next_check_at = column2 THEN column4 ELSE next_check_at END
                FROM (VALUES {rows}) AS checked
                WHERE id = column1
                """,  # noqa: S608 - the names are the model's own
                [at(now), *(value for pk, *moments in checked for value in (pk, *map(at, moments)))],
            )


class Reconciled(models.Model):
    """A row that PhonePe is asked about on a timetable until there is a final word. Instants in UTC."""

    initiated_at = models.DateTimeField(help_text="When PhonePe was asked to do it; the timetable counts from here.")
    reconciliation_status = models.CharField(max_length=16, choices=Reconciliation.choices, default=Reconciliation.OPEN)
    next_check_at = models.DateTimeField(null=True, blank=True, help_text="When PhonePe is asked next; empty: never.")
    asked_at = models.DateTimeField(null=True, blank=True)
    last_checked_at = models.DateTimeField(null=True, blank=True, help_text="When PhonePe last answered.")
    check_count = models.PositiveIntegerField(default=0)
    unanswered_count = models.PositiveIntegerField(default=0, help_text="Checks without an answer since the last one.")

    class Meta:
        abstract = True

    @property
    def is_settled(self) -> bool:
        return self.reconciliation_status not in UNSETTLED

    def note_answer(self, *, now: datetime) -> None:
        self.last_checked_at, self.unanswered_count = now, 0
        self.check_count += 1
