"""Which calls came in, and how they were answered."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from phonepe_simulator.messages import Fate

# Enough for any test; a simulator that serves for weeks must not grow without limit.
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
