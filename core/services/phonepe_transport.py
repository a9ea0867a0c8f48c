"""Send a request to PhonePe within a deadline that holds for the whole call, however slowly it drips.

A read timeout is per read, so an answer of one byte a second never ends. Here a timer shuts the socket
when the caller's time is up.
"""

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
        timer = threading.Timer(left, limit.cut)
        timer.daemon = True
        timer.start()
        try:
            kwargs.update(stream=True, timeout=(min(CONNECT_SECONDS, left), left))
            response = super().send(request, **kwargs)
            _read_body(response)
        except requests.RequestException:
            if limit.passed:
                raise requests.ReadTimeout("The deadline passed", request=request) from None
            raise
        finally:
            timer.cancel()
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
