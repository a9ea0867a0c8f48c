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
    """Answers about rows that were claimed together; written when the block ends."""

    _next_checks: dict[Any, datetime] = field(default_factory=dict)
    _ticket: Ticket[Any] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.write()

    def add(self, ticket: Ticket[Any], *, next_check: datetime) -> None:
        self._ticket = ticket  # they have one claim, and so one schedule
        self._next_checks[ticket.row.pk] = next_check

    def write(self) -> None:
        """Count every answer, and schedule the rows that nobody else has minded meanwhile."""
        if self._ticket is not None:
            rows = ReconciledQuerySet(type(self._ticket.row))
            rows.note_pending(self._next_checks, claimed_until=self._ticket.schedule, now=timezone.now())
            self._ticket = None
