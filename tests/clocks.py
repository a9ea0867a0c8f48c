"""When stories begin, and a clock that stands still until a test moves it."""

from datetime import UTC, datetime

START = datetime(2026, 4, 10, 6, 30, tzinfo=UTC)


class Clock:
    """Seconds, as `time.monotonic` counts them."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now
