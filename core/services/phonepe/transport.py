"""Carry the SDK's requests to PhonePe: one connection, one request, one answer, within the deadline of the operation.

urllib3 keeps the connections, agrees on TLS and speaks HTTP. Ours is what it has not: a deadline for all of a call,
with the search for the host's name and the handshake; and that only a whole final answer is one. Nothing tries again
or follows a redirect. Why, and what it costs: docs/decisions/0013-urllib3-under-the-sdk.md.
"""

import socket
import ssl
import time
from collections.abc import Mapping
from concurrent.futures import Future
from functools import cache, partial
from http import client
from http.client import CONTINUE, OK, HTTPException, HTTPResponse
from threading import Thread
from typing import Any, cast
from urllib.parse import SplitResult, urlencode, urlsplit

import certifi
import requests
from requests.adapters import BaseAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from core.services.phonepe.deadline import Deadline, current_deadline, watched

CONNECT_SECONDS = 3.0
RENEW_AFTER = 60.0  # seconds; before PhonePe drops a connection, and a request with it
LARGEST_ANSWER = 1024 * 1024
Fields = Mapping[str, str]


class NeverSentError(Exception):
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
        self, method: str, url: str, *, headers: Fields, params: Fields | None, timeout: Any, data: str | Fields = ""
    ) -> requests.Response:
        request = requests.PreparedRequest()
        request.method, request.url = method, f"{url}?{urlencode(params)}" if params else url
        request.headers = requests.structures.CaseInsensitiveDict(headers)
        request.body = (data if isinstance(data, str) else urlencode(data)).encode() or None
        return self._transport.send(request, timeout=timeout)

    def close(self) -> None:
        self._transport.close()


class Transport(BaseAdapter):
    """Sends within the deadline of the operation. A redirect is an answer like any other.

    :param pool_maxsize: how many connections to a host are kept
    """

    def __init__(self, *, pool_maxsize: int, **_of_the_sdk: object) -> None:
        super().__init__()
        self._maxsize = pool_maxsize
        self._pools: dict[tuple[str, str], HTTPConnectionPool] = {}

    def send(self, request: requests.PreparedRequest, **_of_the_sdk: Any) -> requests.Response:  # type: ignore[override]
        """Send a request and read the whole answer.

        :raises NeverSentError: if it was not sent
        :raises requests.RequestException: if it may have been, but there is no answer
        """
        limit, url, made = current_deadline(), urlsplit(str(request.url)), requests.Response()
        pool = self._pool(url)
        connection = cast("_Connection", pool._get_conn())  # noqa: SLF001 - `urlopen` is this, with retries and redirects
        try:
            with watched(limit):
                answer, body = connection.exchange(request, f"{url.path or '/'}{url.query and '?'}{url.query}", limit)
        except BaseException as error:
            connection.close()
            if not isinstance(error, OSError | HTTPException | HTTPError):
                raise
            kind = requests.ReadTimeout if limit.left() <= 0 else requests.ConnectionError
            raise kind(type(error).__name__) from None
        pool._put_conn(connection)  # noqa: SLF001
        made.status_code, made.reason, made.encoding = answer.status, answer.reason or "", "utf-8"
        made._content = body  # noqa: SLF001 - what `Response.content` itself does
        return made

    def _pool(self, url: SplitResult) -> HTTPConnectionPool:
        """Return the connections to a host, as PoolManager would for a good part of the cost of a call."""
        host = url.scheme, url.netloc
        if host not in self._pools:
            new = _Pool if url.scheme == "http" else partial(_TlsPool, ssl_context=_tls())
            self._pools.setdefault(host, new(str(url.hostname), url.port, maxsize=self._maxsize))
        return self._pools[host]

    def close(self) -> None:
        self._pools.clear()  # each closes its connections when it goes


class _FinalAnswer(HTTPResponse):
    """The answer after all interim ones (RFC 9110, 15.2), of which http.client skips 100 alone.

    One that was taken for the answer would leave that to whoever uses the connection next.
    """

    def _read_status(self) -> tuple[str, int, str]:
        version, status, reason = super()._read_status()  # type: ignore[misc]
        return version, CONTINUE if CONTINUE < status < OK else status, reason

    def read(self, _amount: int | None = None) -> bytes:
        """Return the whole body; an answer beyond any size of PhonePe's is not one."""
        with self:
            body = super().read(LARGEST_ANSWER + 1)
            if len(body) > LARGEST_ANSWER or self.length:
                raise HTTPException("The answer is too large to be PhonePe's, or ends too early")
        return body


class _Connection(HTTPConnection):
    """A connection under the deadline of whoever uses it."""

    response_class = _FinalAnswer
    _opened_at = 0.0

    @property
    def is_connected(self) -> bool:
        """Tell whether it may be used again: one that was closed has its end to read."""
        return super().is_connected and time.monotonic() - self._opened_at < RENEW_AFTER

    def connect(self) -> None:
        """:raises NeverSentError: if there is no connection in time, or not with whom the address names"""
        try:
            super().connect()
        except Exception as error:  # noqa: BLE001 - whatever it was, nothing has been sent
            raise NeverSentError(f"{self.host}:{self.port}, {type(error.__cause__ or error).__name__}") from None
        self._opened_at = time.monotonic()

    def _new_conn(self) -> socket.socket:
        """Find the host and connect in a thread that can be left behind: nobody tells getaddrinfo of a deadline."""
        limit, connecting = current_deadline(), Future[socket.socket]()

        def connect() -> None:
            try:
                connecting.set_result(HTTPConnection._new_conn(self))  # noqa: SLF001
            except Exception as error:  # noqa: BLE001 - whatever it is, it is for who waits
                connecting.set_exception(error)

        Thread(target=connect, name="phonepe-connecting", daemon=True).start()
        try:
            connected = connecting.result(limit.left_to_wait())
        except TimeoutError:
            connecting.add_done_callback(_close)
            raise
        connected.settimeout(limit.left_to_wait())  # a handshake, too, has to end by then
        limit.watch(connected)
        return connected

    def exchange(self, request: requests.PreparedRequest, target: str, limit: Deadline) -> tuple[HTTPResponse, bytes]:
        """Send a request and read the whole answer; then the deadline has let go of this connection."""
        try:
            limit.watch(self.sock)
            self.timeout = min(CONNECT_SECONDS, limit.left_to_wait())
            self.request(str(request.method), target, request.body, dict(request.headers), decode_content=False)
            self.sock.settimeout(limit.left_to_wait())
            answer = client.HTTPConnection.getresponse(self)  # without urllib3's own object around it
            body = answer.read()
        finally:
            limit.watch(None)
        if limit.passed:  # where an answer ends with its connection, one that was cut looks whole
            raise TimeoutError
        return answer, body


def _close(connected: Future[socket.socket]) -> None:
    if connected.exception() is None:
        connected.result().close()


class _TlsConnection(_Connection, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context(cafile=certifi.where())
