"""PhonePe's mandatory schedule, worked out from its checklist and from nothing of ours, and the comparison with it.

"Reconciliation" in the checklist: the first check 20 to 25 s after the order was initiated; then every 3 s for 30 s,
every 6 s for 60 s, every 10 s for 60 s, every 30 s for 60 s, then every 60 s until it is final or expires.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

FIRST = (20, 25)  # seconds, at the earliest and at the latest
WINDOWS = (
    ("every 3 s for 30 s", 3, 30),
    ("every 6 s for 60 s", 6, 60),
    ("every 10 s for 60 s", 10, 60),
    ("every 30 s for 60 s", 30, 60),
)
LAST = ("every 60 s until expiry", 60)
TOLERANCE = 1.0  # seconds; one tick of a scheduler
COUNTS = {300: 30, 480: 33, 600: 35, 720: 37, 1200: 45, 3600: 85}  # as the checklist's table counts them


@dataclass(frozen=True, slots=True)
class Poll:
    window: str
    offset: int  # seconds after the pay call, if the first check is at the earliest moment


def mandatory_polls(expire_after: int) -> list[Poll]:
    """Return every poll of an order that lives so many seconds."""
    polls, offset = [Poll("first check", FIRST[0])], FIRST[0]
    for window, step, length in WINDOWS:
        for _ in range(length // step):
            offset += step
            polls.append(Poll(window, offset))
    name, step = LAST
    while offset + step < expire_after:
        offset += step
        polls.append(Poll(name, offset))
    return [poll for poll in polls if poll.offset < expire_after]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What was asked, beside what should have been asked."""

    expire_after: int
    rows: list[dict[str, Any]]
    extra: list[float]
    after_expiry: list[float]

    @property
    def missed(self) -> list[float]:
        return [row["due"] for row in self.rows if row["asked"] is None]

    @property
    def first_is_in_time(self) -> bool:
        first = self.rows[0]["asked"]
        return first is not None and FIRST[0] - TOLERANCE <= first <= FIRST[1] + TOLERANCE

    @property
    def fits(self) -> bool:
        return self.first_is_in_time and not self.missed and not self.extra

    def sentence(self) -> str:
        """Say what does not fit."""
        missed = f"no poll at {', '.join(f'{each:g} s' for each in self.missed)}" if self.missed else ""
        extra = f"polls beside the schedule at {', '.join(f'{each:g} s' for each in self.extra)}" if self.extra else ""
        late = "" if self.first_is_in_time or self.missed else "the first poll is not 20 to 25 s after initiation"
        return f"Of {len(self.rows)} mandatory polls: {'; '.join(filter(None, (missed, extra, late)))}."

    def entry(self) -> dict[str, Any]:
        """Return it as evidence."""
        return {
            "kind": "polls",
            "expire_after": self.expire_after,
            "tolerance_seconds": TOLERANCE,
            "rows": self.rows,
            "beside_the_schedule": self.extra,
            "after_expiry": self.after_expiry,
        }


def compare(asked: Sequence[float], expire_after: int, *, until: float | None = None) -> Comparison:
    """Lay the seconds at which PhonePe was asked beside those at which it must be.

    The first check may come 20 to 25 s after initiation; all others move with it.

    :param until: only the schedule up to there; left out: all of it
    """
    ends = expire_after if until is None else min(until, expire_after)
    shift = min(max(asked[0] - FIRST[0], 0), FIRST[1] - FIRST[0]) if asked else 0
    left = [offset for offset in asked if offset <= ends + TOLERANCE and offset < expire_after]
    rows: list[dict[str, Any]] = []
    for number, poll in enumerate(mandatory_polls(expire_after), 1):
        due = poll.offset + shift
        if due > ends or due >= expire_after:
            break
        found = next((offset for offset in left if abs(offset - due) <= TOLERANCE), None)
        if found is not None:
            left.remove(found)
        rows.append({"poll": number, "window": poll.window, "due": round(due, 3), "asked": found})
    return Comparison(expire_after, rows, left, [offset for offset in asked if offset >= expire_after])
