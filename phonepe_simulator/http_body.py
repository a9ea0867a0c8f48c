"""Reads the body of a request, of known length or in chunks."""

from email.message import Message
from typing import Protocol

from phonepe_simulator.errors import bad_request, body_too_large


class Source(Protocol):
    def read(self, size: int, /) -> bytes: ...

    def readline(self, size: int, /) -> bytes: ...


def read_body(headers: Message, source: Source, *, limit: int) -> bytes:
    """Return the complete body.

    :raises ApiError: if it is longer than the limit, or its length cannot be read
    :raises ConnectionError: if the client disconnected in the middle of it
    """
    coding = headers.get("Transfer-Encoding")
    if coding is not None:
        if coding.strip().lower() != "chunked" or "Content-Length" in headers:
            raise bad_request("Transfer-Encoding: only chunked, and not together with Content-Length")
        return _read_chunks(source, limit)
    length = headers.get("Content-Length", "0").strip()
    if not (length.isascii() and length.isdigit()):
        raise bad_request("Content-Length: a number of bytes")
    if len(length) > 18 or int(length) > limit:
        raise body_too_large(limit)
    return _exactly(source, int(length))


def _read_chunks(source: Source, limit: int) -> bytes:
    body = b""
    while size := _chunk_size(source):
        if len(body) + size > limit:
            raise body_too_large(limit)
        body += _exactly(source, size)
        source.readline(3)
    # Trailers are not used.
    while source.readline(1024).strip():
        continue
    return body


def _chunk_size(source: Source) -> int:
    line = source.readline(1024).partition(b";")[0].strip()
    try:
        size = int(line, 16)
    except ValueError as error:
        raise bad_request("a chunk's size: a hexadecimal number") from error
    if size < 0:
        raise bad_request("a chunk's size: not negative")
    return size


def _exactly(source: Source, size: int) -> bytes:
    read = source.read(size)
    if len(read) < size:
        raise ConnectionError("The client disconnected in the middle of its request.")
    return read
