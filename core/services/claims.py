"""The right to ask PhonePe about a row: claimed by one at a time, lapsing by itself. Orders and refunds alike.

Any number of beats, workers and commands may tick at once: a due row is claimed by one of them, by moving its
`next_check_at` behind the longest a call can take; a call begins only while its claim outlasts it. A claim whose worker
died lapses by itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Generic, TypeVar

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from core.models.history import Cause
from core.models.reconciled import ASK_AT_MOST_EVERY, Reconciled, ReconciledQuerySet
from core.services import timetable
from core.services.pace import pace

CLAIM_BEYOND_CALL = timedelta(seconds=5)
# A claimed row is asked about so soon that its claim may count as asking; with the answer the moment itself is noted.
AS_GOOD_AS_ASKED = timedelta(seconds=1)
Row = TypeVar("Row", bound=Reconciled)


class Told(Enum):
    """What came of asking."""

    FINAL = "final"
    PENDING = "pending"
    NOT_FOUND = "not_found"
    UNANSWERED = "unanswered"
    NOT_ASKED = "not_asked"  # somebody asked within the last seconds


@dataclass(frozen=True, slots=True)
class Ticket(Generic[Row]):
    """The right to ask about a row once, and what the schedule was when it was given; `row` is as it was before.

    A later change of `next_check_at` (a webhook, another worker's claim) means that somebody else minds the
    schedule now: an answer under this ticket may still move the state, but leaves the schedule alone.
    """

    row: Row
    cause: Cause
    schedule: datetime | None
    claimed_at: datetime
    keeps_time: bool  # the clock's own check, which says when the next one is

    def interrupts_another(self, now: datetime) -> bool:
        """Tell whether somebody else may be at this row: an operator's `--all` does not wait for leases to lapse."""
        before = self.row
        if before.asked_at is None or before.next_check_at is None or before.next_check_at <= now:
            return False
        return before.next_check_at <= before.asked_at + _lease()

    def outlasts_a_call(self, now: datetime) -> bool:
        """Tell whether a call that begins now ends before the claim does, after which others may ask."""
        ends = now + timedelta(seconds=settings.PHONEPE_TIMEOUT)
        return not self.keeps_time or self.schedule is None or ends <= self.schedule

    def may_schedule(self, row: Row) -> bool:
        return row.next_check_at == self.schedule

    def rows(self) -> ReconciledQuerySet:
        return ReconciledQuerySet(type(self.row)).filter(pk=self.row.pk)


def claim_lapses_at(now: datetime) -> datetime:
    return now + _lease()


def _lease() -> timedelta:
    return timedelta(seconds=settings.PHONEPE_TIMEOUT) + CLAIM_BEYOND_CALL


def claim(rows: ReconciledQuerySet, limit: int, cause: Cause) -> "list[Ticket[Row]]":
    """Claim the first rows of a queryset that nobody else is claiming at this moment."""
    now = timezone.now()
    lapses_at = claim_lapses_at(now)
    skip = connection.features.has_select_for_update_skip_locked
    with transaction.atomic():
        claimed = list(rows.select_for_update(skip_locked=skip)[:limit])
        keys = [row.pk for row in claimed]
        ReconciledQuerySet(rows.model).filter(pk__in=keys).update(next_check_at=lapses_at, asked_at=now)
    return [Ticket(row, cause, lapses_at, now, keeps_time=True) for row in claimed]


def give_back(tickets: Sequence[Ticket[Row]]) -> None:
    """Undo claims under which nothing was asked: the rows are as due as they were."""
    for ticket in tickets:
        ours = ticket.rows().filter(next_check_at=ticket.schedule)
        ours.update(next_check_at=ticket.row.next_check_at, asked_at=ticket.row.asked_at)


def may_still_ask(ticket: Ticket[Row], *, now: datetime) -> bool:
    """Note when PhonePe is really asked: later than the claim, if others of its batch came first or we stood still.

    False if somebody else has minded the row since the claim; it is due again as soon as it has rested.
    """
    if now <= ticket.claimed_at + AS_GOOD_AS_ASKED:
        return True
    ours = ticket.rows().filter(next_check_at=ticket.schedule)
    untouched = Q(asked_at__lte=ticket.claimed_at) | Q(asked_at__lte=now - ASK_AT_MOST_EVERY)
    if ours.filter(untouched).update(asked_at=now):
        return True
    if ticket.schedule is not None:  # what is settled needs no check
        ours.hasten(now=now)
    return False


def take_ticket(row: Row, *, cause: Cause) -> Ticket[Row] | None:
    """Return the right to ask beside the timetable, or None if somebody asked just now.

    The timetable is not shifted; a check of it that is due, or will be within three seconds, is served by this one.
    """
    now, schedule = timezone.now(), row.next_check_at
    if schedule is not None and schedule < now + ASK_AT_MOST_EVERY:
        schedule = timetable.next_check(row, after=now + ASK_AT_MOST_EVERY - timedelta(microseconds=1))
    mine = ReconciledQuerySet(type(row)).filter(pk=row.pk, next_check_at=row.next_check_at).rested(now)
    if not mine.update(asked_at=now, next_check_at=schedule):
        return None
    ticket = Ticket(row, cause, schedule, now, keeps_time=False)
    if not may_still_ask(ticket, now=timezone.now()):
        return None
    pace().spend()
    return ticket


def note_unanswered(ticket: Ticket[Row], *, now: datetime) -> None:
    """Ask again later: ever more slowly while PhonePe is silent, but never never."""
    ticket.rows().update(unanswered_count=F("unanswered_count") + 1)
    if ticket.keeps_time:
        again = timetable.check_after_silence(ticket.row, now=now)
    elif ticket.schedule != ticket.row.next_check_at:
        again = now + ASK_AT_MOST_EVERY  # this was to serve a check of the timetable, and did not
    else:
        return
    ticket.rows().filter(next_check_at=ticket.schedule).update(next_check_at=again)
