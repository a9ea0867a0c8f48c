"""What happens by itself when its time has come."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from heapq import heappop, heappush
from itertools import count

Action = Callable[[datetime], None]


@dataclass(slots=True)
class Agenda:
    _entries: list[tuple[datetime, int, Action]] = field(default_factory=list)
    _turns: Iterator[int] = field(default_factory=count)

    def add(self, due_at: datetime, action: Action) -> None:
        """Plan an action; it will be told the instant it was due, not the one it ran at."""
        heappush(self._entries, (due_at, next(self._turns), action))

    def run(self, now: datetime) -> None:
        while self._entries and self._entries[0][0] <= now:
            due_at, _, action = heappop(self._entries)
            action(due_at)

    def next_due(self) -> datetime | None:
        return self._entries[0][0] if self._entries else None
