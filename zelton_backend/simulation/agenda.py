"""What people mean to do, and when."""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count


@dataclass(slots=True)
class Agenda:
    """Plans in the order of their time; those of the same moment in the order in which they were made."""

    _plans: list[tuple[datetime, int, Callable[[], None]]] = field(default_factory=list)
    _turns: "count[int]" = field(default_factory=count)

    def add(self, at: datetime, plan: Callable[[], None]) -> None:
        heapq.heappush(self._plans, (at, next(self._turns), plan))

    def next_at(self) -> datetime | None:
        return self._plans[0][0] if self._plans else None

    def take(self) -> Callable[[], None]:
        return heapq.heappop(self._plans)[2]
