"""Send a request to PhonePe within a deadline that holds for the whole call, however slowly it drips.

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
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection

CONNECT_SECONDS = 3.0
LARGEST_ANSWER = 1024 * 1024


class Deadline:
    """The moment until which one operation at PhonePe may take, on the monotonic clock."""

    def __init__(self, seconds: float) -> None:
        self.ends = time.monotonic() + seconds
        self.passed = False
        self.is_running = False
        self._socket: socket.socket | None = None

    def left(self) -> float:
        return self.ends - time.monotonic()

    def watch(self, connected: socket.socket | None) -> None:
        self._socket = connected

    def cut(self) -> None:
        self.passed = True
        if self._socket is not None:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)


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


def _watch_anew() -> None:
    global _watchdog
    _watchdog = Watchdog()


os.register_at_fork(after_in_child=_watch_anew)

_current: ContextVar[Deadline | None] = ContextVar("phonepe_deadline", default=None)


@contextmanager
def deadline(seconds: float) -> Iterator[Deadline]:
    """Give everything sent inside this long in all."""
    limit = Deadline(seconds)
    token = _current.set(limit)
    try:
        yield limit
    finally:
        _current.reset(token)


def seconds_left(default: float) -> float:
    limit = _current.get()
    return default if limit is None else limit.left()


class _Watched:
    """Tells the deadline which socket it would have to shut."""

    sock: socket.socket | None

    def connect(self) -> None:
        super().connect()  # type: ignore[misc]
        self._watch()

    def request(self, *args: Any, **kwargs: Any) -> None:
        self._watch()  # a connection from the pool connects no more
        super().request(*args, **kwargs)  # type: ignore[misc]

    def _watch(self) -> None:
        if (limit := _current.get()) is not None:
            limit.watch(self.sock)


class _WatchedHTTPConnection(_Watched, HTTPConnection):
    pass


class _WatchedHTTPSConnection(_Watched, HTTPSConnection):
    pass


class DeadlineAdapter(HTTPAdapter):
    """A transport that ends with the current deadline, and reads the body before it returns."""

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        pool: Any = super().get_connection_with_tls_context(*args, **kwargs)
        pool.ConnectionCls = _WatchedHTTPSConnection if pool.scheme == "https" else _WatchedHTTPConnection
        return pool

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:  # type: ignore[override]
        limit = _current.get() or Deadline(CONNECT_SECONDS)
        left = limit.left()
        if left <= 0:
            raise requests.ConnectTimeout("No time left for this call", request=request)
        kwargs.update(stream=True, timeout=(min(CONNECT_SECONDS, left), left))
        try:
            with _watchdog.over(limit):
                response = super().send(request, **kwargs)
                _read_body(response)
        except requests.RequestException:
            if limit.passed:
                raise requests.ReadTimeout("The deadline passed", request=request) from None
            raise
        finally:
            limit.watch(None)
        return response


def _read_body(response: requests.Response) -> None:
    """Read the whole body now; an answer beyond any size of PhonePe's is not one."""
    chunks, size = [], 0
    for chunk in response.iter_content(64 * 1024):
        chunks.append(chunk)
        size += len(chunk)
        if size > LARGEST_ANSWER:
            response.close()
            raise requests.exceptions.ContentDecodingError("The answer is too large to be PhonePe's")
    response._content = b"".join(chunks)  # noqa: SLF001 - what `Response.content` itself does
