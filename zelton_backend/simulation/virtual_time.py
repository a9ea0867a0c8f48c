"""A clock that the simulation moves: for `datetime`, for `time`, and for whoever waits or measures."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from unittest import mock

import time_machine


class VirtualClock:
    """The time of a simulated world; the simulator and the product read the same."""

    def __init__(self, traveller: time_machine.Traveller) -> None:
        self._traveller = traveller
        self._ahead = timedelta(0)
        self.began = self.now()

    def now(self) -> datetime:
        """Return the true time, which is PhonePe's; a machine of ours may be ahead of it, or behind."""
        return datetime.now(UTC) - self._ahead

    @contextmanager
    def ahead(self, by: timedelta) -> Iterator[None]:
        """Let the clock of whoever acts meanwhile be wrong by so much."""
        before = self._ahead
        self._set_ahead(by)
        try:
            yield
        finally:
            self._set_ahead(before)

    def _set_ahead(self, by: timedelta) -> None:
        if by != self._ahead:
            self._traveller.shift(by - self._ahead)
            self._ahead = by

    def shift(self, seconds: float) -> None:
        self._traveller.shift(timedelta(seconds=seconds))

    def move_to(self, moment: datetime) -> None:
        """Go forward to a moment; one that is past changes nothing."""
        if moment > self.now():
            self._traveller.move_to(moment, tick=False)

    def seconds(self) -> float:
        """Return the seconds since the beginning, in place of `time.monotonic`."""
        return (self.now() - self.began).total_seconds()


@contextmanager
def virtual_time(start: datetime) -> Iterator[VirtualClock]:
    """Stop the clocks of this process at a moment; a sleep moves them and is over at once."""
    with time_machine.travel(start, tick=False) as traveller:
        clock = VirtualClock(traveller)
        with mock.patch.object(time, "monotonic", clock.seconds), mock.patch.object(time, "sleep", clock.shift):
            yield clock


@contextmanager
def virtual_wall_clock(start: datetime) -> Iterator[VirtualClock]:
    """Stop the wall clock of this process at a moment. Whoever waits or measures goes on in real time.

    For code that talks over real sockets: their time limits run on `time.monotonic`.
    """
    with time_machine.travel(start, tick=False) as traveller:
        yield VirtualClock(traveller)
