"""Actions that run when they are due."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from heapq import heappop, heappush
from itertools import count

Action = Callable[[datetime], None]


@dataclass(slots=True)
class Scheduler:
    _entries: list[tuple[datetime, int, Action]] = field(default_factory=list)
    _sequence: Iterator[int] = field(default_factory=count)

    def add(self, due_at: datetime, action: Action) -> None:
        """Schedule an action. It is called with the instant at which it was due, not the one at which it runs."""
        heappush(self._entries, (due_at, next(self._sequence), action))

    def run_due(self, now: datetime) -> None:
        while self._entries and self._entries[0][0] <= now:
            due_at, _, action = heappop(self._entries)
            action(due_at)

    def next_due(self) -> datetime | None:
        return self._entries[0][0] if self._entries else None
