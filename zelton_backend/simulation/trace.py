"""What happened, line by line, and a digest of all of it: the same seed must give the same one."""

from collections import deque
from hashlib import sha256

from zelton_backend.simulation.virtual_time import VirtualClock

SHOWN = 40  # lines before a violation


class Trace:
    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self._digest = sha256()
        self._last: deque[str] = deque(maxlen=SHOWN)
        self.steps = 0

    def step(self, what: str) -> None:
        """Note the next step of the story."""
        self.steps += 1
        self.note(f"{self.steps:6} {self._clock.now():%d %b %H:%M:%S.%f} {what}")

    def note(self, line: str) -> None:
        """Note something that belongs to the step that is being done."""
        self._digest.update(line.encode() + b"\n")
        self._last.append(line)

    @property
    def last(self) -> list[str]:
        return list(self._last)

    def digest(self) -> str:
        return self._digest.hexdigest()
