"""Note that PhonePe calls an order or a refund still pending: it was asked, it answered, and when it is asked next.

Most answers say so and decide nothing. A worker gathers those of its batch and writes them in one statement; if it
dies before that, the claims of their rows lapse and the rows come up again.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

import structlog
from django.db import DatabaseError
from django.utils import timezone

from core.models.reconciled import Pending, Reconciled, ReconciledQuerySet
from core.services.polling.claims import Claim
from core.services.polling.schedule import check_after_answer

logger = structlog.get_logger(__name__)
NotePending = Callable[[Claim[Any], datetime], None]


def note_pending(claim: Claim[Any], now: datetime) -> None:
    """Note one such answer, to a question asked now."""
    note_row_pending(claim.row, claim, now=now)


def note_row_pending(row: Reconciled, claim: Claim[Any] | None, *, now: datetime) -> None:
    """Note one such answer about a row that was read again since it was claimed, or that nobody has claimed."""
    ReconciledQuerySet(type(row)).note_pending([_pending(row, claim, now)], now=timezone.now())


@dataclass(slots=True)
class PendingAnswers:
    """Such answers about rows of one kind; written when the block ends."""

    _answers: list[tuple[Claim[Any], datetime]] = field(default_factory=list)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._write(self._answers)

    def add(self, claim: Claim[Any], now: datetime) -> None:
        self._answers.append((claim, now))

    def _write(self, answers: list[tuple[Claim[Any], datetime]]) -> None:
        """Write them together, or one by one if that fails: a row that another transaction holds keeps no other back.

        The claim of a row that could not be written lapses, and the row comes up again.
        """
        if not answers:
            return
        # In one order everywhere, so that no two statements wait for each other.
        rows = sorted(_pending(claim.row, claim, asked_at) for claim, asked_at in answers)
        try:
            ReconciledQuerySet(type(answers[0][0].row)).note_pending(rows, now=timezone.now())
        except DatabaseError:
            if len(answers) == 1:
                logger.exception("answer_not_noted", row=str(answers[0][0].row))
                return
            for answer in answers:
                self._write([answer])


def _pending(row: Reconciled, claim: Claim[Any] | None, asked_at: datetime) -> Pending:
    held = claim.next_check_at if claim is not None else None
    if claim is None or held is None:
        return Pending(row.pk, asked_at, asked_at, asked_at)  # off the schedule, and stays so
    again = check_after_answer(row, now=asked_at) if claim.is_scheduled_check else held
    return Pending(row.pk, held, asked_at, again)
