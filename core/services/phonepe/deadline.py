"""A deadline that holds for a whole operation at PhonePe, however slowly its answer drips.

A read timeout is per read, so an answer of one byte a second never ends. Here a thread of this process watches all
calls, and shuts the socket of one whose time is up.
"""

import heapq
import itertools
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from contextvars import ContextVar

LEAST_WAIT = 0.001  # seconds


class Deadline:
    """The moment until which one operation at PhonePe may take, on the monotonic clock."""

    def __init__(self, seconds: float) -> None:
        self.ends = time.monotonic() + seconds
        self.passed = False
        self.is_running = False
        self._socket: socket.socket | None = None

    def left(self) -> float:
        return self.ends - time.monotonic()

    def left_to_wait(self) -> float:
        """Return the seconds that a socket may still wait; none at all would mean another thing to it."""
        return max(LEAST_WAIT, self.left())

    def watch(self, connected: socket.socket | None) -> None:
        self._socket = connected
        if self.passed:  # too late to be seen by who cut us
            self.cut()

    def cut(self) -> None:
        """Make whatever waits for the socket fail or end."""
        self.passed = True
        connected = self._socket  # read once: the call may let go of it meanwhile
        if connected is not None:
            with suppress(OSError):
                # Not the method of a TLS socket, which would take the encryption off under who uses it.
                socket.socket.shutdown(connected, socket.SHUT_RDWR)


class Watchdog:
    """One thread that cuts every call at its deadline; a thread for each call would cost more than the call."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: list[tuple[float, int, Deadline]] = []
        self._numbers = itertools.count()
        self._thread: threading.Thread | None = None
        self._wakes_at = float("inf")

    @contextmanager
    def over(self, limit: Deadline) -> Iterator[None]:
        """Cut what runs inside when its time is up."""
        limit.is_running = True
        with self._changed:
            heapq.heappush(self._waiting, (limit.ends, next(self._numbers), limit))
            self._start()
            if limit.ends < self._wakes_at:
                self._changed.notify()
        try:
            yield
        finally:
            limit.is_running = False

    def _start(self) -> None:
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._watch, name="phonepe-deadlines", daemon=True)
            self._thread.start()

    def _watch(self) -> None:
        with self._changed:
            while True:
                now = time.monotonic()
                while self._waiting and (self._waiting[0][0] <= now or not self._waiting[0][2].is_running):
                    _, _, limit = heapq.heappop(self._waiting)
                    if limit.is_running:
                        limit.cut()
                self._wakes_at = self._waiting[0][0] if self._waiting else float("inf")
                self._changed.wait(self._wakes_at - now if self._waiting else None)


_watchdog = Watchdog()


def watched(limit: Deadline) -> AbstractContextManager[None]:
    """Cut what runs inside at its deadline."""
    return _watchdog.over(limit)


def _watch_anew() -> None:
    global _watchdog
    _watchdog = Watchdog()


os.register_at_fork(after_in_child=_watch_anew)

_current: ContextVar[Deadline] = ContextVar("phonepe_deadline")


@contextmanager
def deadline(seconds: float) -> Iterator[Deadline]:
    """Give everything sent inside this long in all."""
    limit = Deadline(seconds)
    token = _current.set(limit)
    try:
        yield limit
    finally:
        _current.reset(token)


def current_deadline() -> Deadline:
    """:raises LookupError: if what runs here has none"""
    return _current.get()


def seconds_left(default: float) -> float:
    limit = _current.get(None)
    return default if limit is None else limit.left()
