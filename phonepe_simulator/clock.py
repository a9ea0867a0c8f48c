"""Where the simulator gets the time: from the machine, or from a clock that a test moves by hand."""

from abc import ABC, abstractmethod
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """Return the current instant, aware and in UTC."""


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class MovableClock(ABC):
    """A clock that jumps forward when it is told to, so that hours pass in no time."""

    @abstractmethod
    def now(self) -> datetime:
        """Return the current instant, aware and in UTC."""

    def advance(self, seconds: float) -> None:
        self.move_to(self.now() + timedelta(seconds=seconds))

    def move_to(self, instant: datetime) -> None:
        """Jump forward to an instant.

        :raises ValueError: if it lies in the past, for nothing that happened could be undone
        """
        target, now = _in_utc(instant), self.now()
        if target < now:
            raise ValueError(f"The clock already shows {now.isoformat()}; it cannot go back.")
        self._jump(target)

    @abstractmethod
    def _jump(self, target: datetime) -> None: ...


class VirtualClock(MovableClock):
    """Stands still between its jumps."""

    def __init__(self, start: datetime) -> None:
        self._now = _in_utc(start)

    def now(self) -> datetime:
        return self._now

    def _jump(self, target: datetime) -> None:
        self._now = target


class RunningClock(MovableClock):
    """Goes on as the machine's clock does, ahead of it by all its jumps."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def _jump(self, target: datetime) -> None:
        self._ahead = target - datetime.now(UTC)


def _in_utc(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError("A clock needs an aware datetime.")
    return instant.astimezone(UTC)


def epoch_seconds(instant: datetime) -> int:
    return int(instant.timestamp())


def epoch_millis(instant: datetime) -> int:
    # In integers: multiplying a float timestamp could be off by one.
    return (instant - _EPOCH) // timedelta(milliseconds=1)


def iso_seconds(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
