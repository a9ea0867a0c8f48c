"""Ports of this machine's loopback interface."""

import socket
from collections.abc import Iterable
from contextlib import ExitStack

HOST = "127.0.0.1"


def choose(wanted: Iterable[int]) -> list[int]:
    """Return these ports, each one that is taken (or 0) replaced by a free one."""
    with ExitStack() as held:  # all are held until all are chosen, so that no free one is chosen twice
        return [_hold(port, held) for port in wanted]


def _hold(port: int, held: ExitStack) -> int:
    sock = held.enter_context(socket.socket())
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((HOST, port))
    except OSError:
        sock.bind((HOST, 0))
    chosen: int = sock.getsockname()[1]
    return chosen
