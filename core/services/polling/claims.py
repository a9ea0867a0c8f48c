"""The right to ask PhonePe about a row, an order or a refund: claimed by one at a time, lapsing by itself.

Any number of beats, workers and commands may tick at once: one of them claims a due row by moving its `next_check_at`
past the longest that a call can take, and a call begins only while its claim outlasts it. The claim of a worker that
died lapses by itself; one that ends later than that has lapsed, because a machine whose clock is ahead made it.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from functools import cache
from typing import Generic, TypeVar

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.models import BigIntegerField, DateTimeField, F, Q
from django.utils import timezone

from core.db.prepared import Param, PreparedUpdate
from core.models.history import ChangeCause
from core.models.reconciled import ASK_AT_MOST_EVERY, Reconciled, ReconciledQuerySet
from core.services.phonepe.rate_limit import rate_limit
from core.services.polling.schedule import FURTHEST_AHEAD, LAST_STEP, check_after_silence, next_check

logger = structlog.get_logger(__name__)

CLAIM_BEYOND_CALL = timedelta(seconds=5)
AT_MOST_RECOVERED = 1000  # rows in one statement; the next tick goes on
# A claimed row is asked about so soon that its claim may count as asking; with the answer the moment itself is noted.
AS_GOOD_AS_ASKED = timedelta(seconds=1)
Row = TypeVar("Row", bound=Reconciled)


class CheckResult(Enum):
    """What came of asking."""

    FINAL = "final"
    PENDING = "pending"
    NOT_FOUND = "not_found"
    UNANSWERED = "unanswered"
    NOT_ASKED = "not_asked"  # because another asked within the last seconds


@dataclass(frozen=True, slots=True)
class Claim(Generic[Row]):
    """The right to ask about a row once.

    A later change of `next_check_at` (by a webhook, or by another worker's claim) ends it: an answer that comes then
    may still change the state, but leaves the schedule alone.

    :ivar row: as it was before it was claimed
    :ivar next_check_at: what the row's `next_check_at` was set to; while it has this value, the claim is held
    :ivar is_scheduled_check: the clock's own check, after which the next one is scheduled
    """

    row: Row
    cause: ChangeCause
    next_check_at: datetime | None
    claimed_at: datetime
    is_scheduled_check: bool

    def interrupts_another(self, now: datetime) -> bool:
        """Tell whether another worker may be asking about this row: `--all` does not wait for claims to lapse."""
        return seconds_asked_about(self.row, now=now) > 0

    def outlasts_a_call(self, now: datetime) -> bool:
        """Tell whether a call that begins now ends before the claim does, after which others may ask."""
        ends = now + timedelta(seconds=settings.PHONEPE_TIMEOUT)
        return self.next_check_at is None or ends <= self.next_check_at

    def still_held(self, row: Row) -> bool:
        """Tell whether nobody has claimed or rescheduled the row since, which is given as it is now."""
        return row.next_check_at == self.next_check_at

    def held_row(self) -> ReconciledQuerySet:
        """Return the row, or nothing once the claim is no longer held."""
        return self.any_row().filter(next_check_at=self.next_check_at)

    def any_row(self) -> ReconciledQuerySet:
        """Return the row, whoever holds it now."""
        return ReconciledQuerySet(type(self.row)).filter(pk=self.row.pk)


def claim_lapses_at(now: datetime) -> datetime:
    return now + _lease()


def _lease() -> timedelta:
    return timedelta(seconds=settings.PHONEPE_TIMEOUT) + CLAIM_BEYOND_CALL


def seconds_asked_about(row: Reconciled, *, now: datetime) -> int:
    """Return how many seconds at most some worker may go on asking PhonePe about a row; 0 if none does."""
    asked_at, until = row.asked_at, row.next_check_at
    if asked_at is None or until is None or until > min(asked_at, now) + _lease():
        return 0
    return max(0, math.ceil((until - now).total_seconds()))


def claim_rows(lock: Callable[[], Iterable[Row]], cause: ChangeCause) -> list[Claim[Row]]:
    """Claim rows.

    :param lock: locks those that are wanted, see `lockable`, and returns them
    """
    now = timezone.now()
    lapses_at = claim_lapses_at(now)
    with transaction.atomic():
        claimed = list(lock())
        if claimed:
            ReconciledQuerySet(type(claimed[0])).note_claimed(claimed, at=now, until=lapses_at)
    return [Claim(row, cause, lapses_at, now, is_scheduled_check=True) for row in claimed]


def lockable(rows: ReconciledQuerySet) -> ReconciledQuerySet:
    """Have these rows locked where they are read, without those that another worker is claiming at this moment."""
    return rows.select_for_update(skip_locked=connection.features.has_select_for_update_skip_locked)


def put_off(rows: ReconciledQuerySet, now: datetime) -> ReconciledQuerySet:
    """Return the rows that a machine whose clock is ahead has claimed, scheduled or made, so that they wait too long.

    Looked for only beyond the longest step of an order that can be paid: few rows wait for longer than that.
    """
    waiting = rows.filter(next_check_at__gt=now + timedelta(seconds=LAST_STEP) + _lease())
    never_asked = Q(initiated_at__gt=now, asked_at__isnull=True)
    return waiting.filter(Q(asked_at__gt=now) | never_asked | Q(next_check_at__gt=now + FURTHEST_AHEAD))


def recover_put_off(rows: ReconciledQuerySet) -> None:
    """Make due what a machine whose clock is ahead has put off."""
    now = timezone.now()
    keys = list(put_off(rows, now).values_list("pk", flat=True)[:AT_MOST_RECOVERED])
    if keys:
        logger.error("clock_ahead", rows=len(keys), kind=rows.model.__name__)
        ReconciledQuerySet(rows.model).filter(pk__in=keys).make_due(now=now)


def give_back(claims: Sequence[Claim[Row]]) -> None:
    """Undo claims under which nothing was asked: the rows are due as they were before."""
    for claim in claims:
        claim.held_row().update(next_check_at=claim.row.next_check_at, asked_at=claim.row.asked_at)


def may_still_ask(claim: Claim[Row], *, now: datetime) -> bool:
    """Note when PhonePe is really asked: later than the claim, if others of its batch came first or we were held up.

    False if the row has been claimed or asked about since; it is due again as soon as PhonePe may be asked again.
    """
    if now <= claim.claimed_at + AS_GOOD_AS_ASKED:
        return True
    untouched = Q(asked_at__lte=claim.claimed_at) | Q(asked_at__lte=now - ASK_AT_MOST_EVERY)
    if claim.held_row().filter(untouched).update(asked_at=now):
        return True
    if claim.next_check_at is not None:  # a row off the schedule needs no check
        claim.held_row().make_due(now=now)
    return False


def claim_now(row: Row, *, cause: ChangeCause) -> Claim[Row] | None:
    """Return the right to ask beside the schedule, or None if PhonePe was asked just now.

    The schedule is not shifted, but a check that is due, or will be within three seconds, is served by this one.
    """
    now, due_next = timezone.now(), row.next_check_at
    asked_ahead = row.asked_at is not None and row.asked_at > now  # by a machine whose clock is ahead
    if due_next is not None and (asked_ahead or due_next < now + ASK_AT_MOST_EVERY):
        due_next = next_check(row, after=now + ASK_AT_MOST_EVERY - timedelta(microseconds=1))
    if row.next_check_at is not None and not asked_ahead:
        found = _claim_of(type(row)).run(
            pk=row.pk, was=row.next_check_at, asked_before=now - ASK_AT_MOST_EVERY, now=now, due_next=due_next
        )
    else:
        rows = ReconciledQuerySet(type(row)).filter(pk=row.pk, next_check_at=row.next_check_at)
        mine = rows.filter(asked_at=row.asked_at) if asked_ahead else rows.not_asked_recently(now)
        found = mine.update(asked_at=now, next_check_at=due_next)
    if not found:
        return None
    claim = Claim(row, cause, due_next, now, is_scheduled_check=False)
    if not may_still_ask(claim, now=timezone.now()):
        return None
    rate_limit().spend()
    return claim


@cache
def _claim_of(model: type[Reconciled]) -> PreparedUpdate:
    """Return the claim of a row on its schedule: what an app that asks does most."""
    at = {name: Param(name, DateTimeField()) for name in ("was", "asked_before", "now", "due_next")}
    row = ReconciledQuerySet(model).filter(pk=Param("pk", BigIntegerField()), next_check_at=at["was"])
    return PreparedUpdate(
        lambda: row.filter(Q(asked_at__isnull=True) | Q(asked_at__lte=at["asked_before"])),
        asked_at=at["now"],
        next_check_at=at["due_next"],
    )


def note_unanswered(claim: Claim[Row], *, now: datetime) -> None:
    """Schedule another question: ever more slowly while PhonePe is silent, but without end."""
    claim.any_row().update(unanswered_count=F("unanswered_count") + 1)
    if claim.is_scheduled_check:
        again = check_after_silence(claim.row, now=now)
    elif claim.next_check_at != claim.row.next_check_at:
        again = now + ASK_AT_MOST_EVERY  # this was to serve a scheduled check, and did not
    else:
        return
    claim.held_row().update(next_check_at=again)
