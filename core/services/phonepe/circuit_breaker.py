"""Whether PhonePe is down, as this process sees it; then the clock only probes, and a person's question is a probe too.

After Michael Nygard's circuit breaker ("Release It!"): closed while PhonePe answers; open after it has been silent
for a while; a call that is answered, whoever makes it, closes it.
"""

import random
import threading
import time
from collections.abc import Callable

SILENT_CALLS = 10  # in a row
SILENT_SECONDS = 5.0
PROBE_EVERY = (2.0, 4.0)  # seconds, at random in between, so that processes do not probe together


class CircuitBreaker:
    """Counts silence. Any answer counts as life, also a refusal.

    :param clock: returns seconds
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._silent_calls = 0
        self._silent_since = 0.0
        self._next_probe: float | None = None  # not None: open

    @property
    def is_open(self) -> bool:
        return self._next_probe is not None

    def may_probe(self) -> bool:
        """Take the right to make one call, if it is time for one."""
        with self._lock:
            if self._next_probe is None or self._clock() < self._next_probe:
                return False
            self._next_probe = self._soon()
            return True

    def give_back(self) -> None:
        """Leave a probe to somebody else: there was nothing to ask."""
        with self._lock:
            if self._next_probe is not None:
                self._next_probe = self._clock()

    def answered(self) -> bool:
        """Note an answer; tell whether PhonePe was thought to be down until now."""
        with self._lock:
            was_open, self._next_probe, self._silent_calls = self.is_open, None, 0
            return was_open

    def unanswered(self) -> bool:
        """Note a call without an answer; tell whether PhonePe is thought to be down from now on."""
        with self._lock:
            now = self._clock()
            if not self._silent_calls:
                self._silent_since = now
            self._silent_calls += 1
            has_lasted = self._silent_calls >= SILENT_CALLS and now - self._silent_since >= SILENT_SECONDS
            if self.is_open or not has_lasted:
                return False
            self._next_probe = self._soon()
            return True

    def silence(self) -> tuple[int, float]:
        """Return how many calls in a row stayed without an answer, and when the first of them did; 0, if none has."""
        with self._lock:
            return self._silent_calls, self._silent_since

    def _soon(self) -> float:
        return self._clock() + random.uniform(*PROBE_EVERY)  # noqa: S311 - spreads load, guards nothing
