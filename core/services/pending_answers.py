"""Note many answers that say "still pending" in one statement: most answers do, and they decide nothing.

If the process dies before they are written, the claims of their rows lapse, and the rows come up again.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

from django.utils import timezone

from core.models.reconciled import ReconciledQuerySet
from core.services.claims import Ticket


@dataclass(slots=True)
class PendingAnswers:
    """Answers about rows of one kind; written when the block ends."""

    _answers: list[tuple[Ticket[Any], datetime, datetime]] = field(default_factory=list)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.write()

    def add(self, ticket: Ticket[Any], *, asked_at: datetime, next_check: datetime) -> None:
        self._answers.append((ticket, asked_at, next_check))

    def write(self) -> None:
        """Count every answer, and schedule the rows that nobody else has minded meanwhile."""
        if self._answers:
            rows = ReconciledQuerySet(type(self._answers[0][0].row))
            rows.note_pending(
                # In one order everywhere, so that no two statements wait for each other.
                sorted((ticket.row.pk, ticket.schedule, *moments) for ticket, *moments in self._answers),
                now=timezone.now(),
            )
            self._answers.clear()
