"""One `make run` at a time: two would serve one database with two simulators, each knowing half of its orders."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from zelton_backend.local_stack.processes import StackError

NAME = "run.lock"


class RunsAlreadyError(StackError):
    """Somebody else holds the lock."""


@contextmanager
def alone(folder: Path, address: str) -> Iterator[None]:
    """Hold the lock of a folder for logs, and tell others who holds it. It goes with this process, however that ends.

    :param address: where this run serves
    :raises RunsAlreadyError: if another process holds it
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / NAME).open("a+") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            held.seek(0)
            holder = held.read() or "just starting"
            raise RunsAlreadyError(
                f"`make run` is already running here ({holder}). Stop it with Ctrl-C first."
            ) from None
        held.truncate(0)
        held.write(f"process {os.getpid()}, {address}")
        held.flush()
        yield
