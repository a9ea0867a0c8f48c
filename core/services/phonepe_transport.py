"""Carry the SDK's requests to PhonePe: one connection, one request, one answer, within the deadline of the operation.

What the SDK would use, a `requests.Session`, takes two thirds of the processor time of a call for what PhonePe's API
has no use for: cookies, redirects, proxies, netrc, hooks, decompression. None of it is here, so none can go wrong.
"""

import socket
import ssl
import time
import weakref
from collections import defaultdict
from collections.abc import Mapping
from concurrent.futures import Future
from contextlib import ExitStack, suppress
from functools import cache
from http.client import CONTINUE, OK, HTTPConnection, HTTPException, HTTPResponse
from threading import Thread
from typing import Any
from urllib.parse import SplitResult, urlencode, urlsplit

import certifi
import requests
from requests.adapters import BaseAdapter
from urllib3.util.wait import wait_for_read

from core.services.phonepe_deadline import Deadline, current_deadline, watched

CONNECT_SECONDS = 3.0
LARGEST_ANSWER = 1024 * 1024


class NeverSentError(requests.ConnectionError):
    """There was no connection, so the request cannot have had an effect."""


class Session:
    """Takes the place of the SDK's session: what it is asked to send, it sends once, and as it is."""

    def mount(self, _prefix: str, transport: BaseAdapter) -> None:
        self._transport = transport

    def get(self, url: str, **request: Any) -> requests.Response:
        return self._send("GET", url, **request)

    def post(self, url: str, **request: Any) -> requests.Response:
        return self._send("POST", url, **request)

    def _send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        params: Mapping[str, str] | None,
        timeout: tuple[float, float],
        data: str | Mapping[str, Any] | None = None,
    ) -> requests.Response:
        request = requests.PreparedRequest()
        request.method, request.url = method, f"{url}?{urlencode(params)}" if params else url
        request.headers = requests.structures.CaseInsensitiveDict(headers)
        if data is not None:
            request.body = (data if isinstance(data, str) else urlencode(data)).encode()
        return self._transport.send(request, timeout=timeout)

    def close(self) -> None:
        self._transport.close()


class Transport(BaseAdapter):
    """Connections to PhonePe, kept for the next request until they are old. A redirect is an answer like any other.

    :param pool_maxsize: how many connections may wait
    :param keep_alive_seconds: the age at which one is renewed, before PhonePe drops it and a request with it
    """

    def __init__(self, *, pool_maxsize: int, keep_alive_seconds: float, **_of_the_sdk: object) -> None:
        super().__init__()
        self._most, self._oldest = pool_maxsize, keep_alive_seconds
        self._waiting: dict[tuple[str, str], list[_Connection]] = defaultdict(list)  # appended and popped by any thread
        weakref.finalize(self, _close_all, self._waiting)

    def send(self, request: requests.PreparedRequest, **_of_the_sdk: Any) -> requests.Response:  # type: ignore[override]
        """Send a request and read the whole answer.

        :raises NeverSentError: if it was not sent
        :raises requests.RequestException: if it may have been, but there is no answer
        """
        limit, url = current_deadline(CONNECT_SECONDS), urlsplit(str(request.url))
        waiting = self._waiting[url.scheme, url.netloc]
        try:
            with watched(limit):
                connection = self._usable(waiting, limit) or _Connection(url, limit)
                try:
                    answer = connection.exchange(request, url, limit)
                except BaseException:
                    connection.close()
                    raise
        finally:
            limit.watch(None)
        if connection.sock is not None and not limit.passed and len(waiting) < self._most:
            waiting.append(connection)
        else:
            connection.close()
        return answer

    def close(self) -> None:
        _close_all(self._waiting)

    def _usable(self, waiting: "list[_Connection]", limit: Deadline) -> "_Connection | None":
        with suppress(IndexError):  # another thread was faster
            while waiting:
                connection = waiting.pop()
                if connection.is_usable(self._oldest):
                    limit.watch(connection.sock)
                    return connection
                connection.close()
        return None


def _close_all(waiting: "dict[tuple[str, str], list[_Connection]]") -> None:
    for connections in waiting.values():
        while connections:
            connections.pop().close()


class _FinalAnswer(HTTPResponse):
    """The answer after all interim ones (RFC 9110, 15.2), of which http.client skips 100 alone.

    One that was taken for the answer would leave that to whoever uses the connection next.
    """

    def _read_status(self) -> tuple[str, int, str]:
        version, status, reason = super()._read_status()  # type: ignore[misc]
        return version, CONTINUE if CONTINUE < status < OK else status, reason


class _Connection(HTTPConnection):
    """One open connection, with TLS if the address says so.

    :raises NeverSentError: if there is none in time, or not with whom the address names
    """

    auto_open = 0  # what was closed stays closed
    response_class = _FinalAnswer

    def __init__(self, url: SplitResult, limit: Deadline) -> None:
        is_plain = url.scheme == "http"
        self.default_port = 80 if is_plain else 443
        super().__init__(url.hostname or "", url.port or self.default_port)
        self._opened_at = time.monotonic()
        try:
            self.sock = _connected(self.host, self.port, limit)
            self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if not is_plain:
                self.sock = _tls().wrap_socket(self.sock, server_hostname=self.host, do_handshake_on_connect=False)
            limit.watch(self.sock)
            if isinstance(self.sock, ssl.SSLSocket):
                self.sock.do_handshake()
        except OSError as error:
            self.close()
            raise NeverSentError(f"{self.host}:{self.port}, {type(error).__name__}") from None

    def is_usable(self, oldest: float) -> bool:
        """Tell whether it is younger than so many seconds and still open: one that was closed has its end to read."""
        return time.monotonic() - self._opened_at < oldest and not wait_for_read(self.sock, timeout=0)

    def exchange(self, request: requests.PreparedRequest, url: SplitResult, limit: Deadline) -> requests.Response:
        """:raises requests.RequestException: if there is no whole answer in time"""
        target = f"{url.path or '/'}?{url.query}" if url.query else url.path or "/"
        made = requests.Response()
        try:
            self.sock.settimeout(limit.left_to_wait())
            self.request(str(request.method), target, request.body, dict(request.headers))
            with self.getresponse() as answer:
                made.status_code, made.reason, made.encoding = answer.status, answer.reason, "utf-8"
                made._content = _body(answer)  # noqa: SLF001 - what `Response.content` itself does
        except (OSError, HTTPException) as error:
            if not limit.passed and not isinstance(error, TimeoutError):
                raise requests.ConnectionError(type(error).__name__) from None
            limit.passed = True
        if limit.passed:  # where an answer ends with its connection, one that was cut looks whole
            raise requests.ReadTimeout("No answer in time")
        return made


def _connected(host: str, port: int, limit: Deadline) -> socket.socket:
    """Connect to the first of a host's addresses that can be reached, all within the deadline.

    :raises OSError: if there is none in time
    """
    problem = OSError("The host has no address")
    for *family, _, address in _addresses(host, port, limit):
        if limit.left() <= 0:
            break
        with ExitStack() as unless_connected:
            try:
                connecting = unless_connected.enter_context(socket.socket(*family))
                connecting.settimeout(min(CONNECT_SECONDS, limit.left_to_wait()))
                connecting.connect(address)
            except OSError as error:
                problem = error
            else:
                unless_connected.pop_all()
                return connecting
    raise problem


def _addresses(host: str, port: int, limit: Deadline) -> list[Any]:
    """Return what getaddrinfo does. It knows no deadline, so a thread waits for it that we can leave behind.

    :raises OSError: if the host is not known, or nobody tells in time
    """
    told: Future[list[Any]] = Future()

    def ask() -> None:
        try:
            told.set_result(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except Exception as error:  # noqa: BLE001 - whatever it is, it is for who waits
            told.set_exception(error)

    try:
        Thread(target=ask, name="phonepe-addresses", daemon=True).start()
    except RuntimeError as error:  # there can be no more threads
        raise OSError(str(error)) from None
    return told.result(min(CONNECT_SECONDS, limit.left_to_wait()))  # TimeoutError is an OSError


def _body(answer: HTTPResponse) -> bytes:
    """Return the whole body; an answer beyond any size of PhonePe's is not one."""
    body = answer.read(LARGEST_ANSWER + 1)
    if len(body) > LARGEST_ANSWER or answer.length:
        raise HTTPException("The answer is too large to be PhonePe's, or ends too early")
    return body


@cache
def _tls() -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=certifi.where())
    context.set_alpn_protocols(["http/1.1"])
    return context
