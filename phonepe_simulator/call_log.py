"""Which calls came in and what became of them."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from phonepe_simulator.messages import Fate

# Enough for any test; a simulator that serves for weeks must not grow without end.
KEPT_CALLS = 50_000


@dataclass(frozen=True, slots=True)
class Call:
    """One call; `status` is None if its answer never reached the caller."""

    at: datetime
    name: str
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any
    status: int | None
    fate: Fate
    merchant_order_id: str | None = None
    reason: str = ""
    faults: tuple[str, ...] = ()


@dataclass(slots=True)
class CallLog:
    _calls: deque[Call] = field(default_factory=lambda: deque(maxlen=KEPT_CALLS))

    def add(self, call: Call) -> None:
        self._calls.append(call)

    def all(self) -> list[Call]:
        return list(self._calls)

    def to(self, name: str, merchant_order_id: str | None = None) -> list[Call]:
        return [
            call for call in self._calls if call.name == name and merchant_order_id in (None, call.merchant_order_id)
        ]
