"""Processes that run seeds, forked from the one that was started, and gone with it."""

import signal
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from types import FrameType
from typing import NoReturn

from zelton_backend.simulation.run import Result

SIGNALS = (signal.SIGINT, signal.SIGTERM)
FORK = get_context("fork")  # so that what was imported and migrated is there; no connection and no thread is open


class Stopped(BaseException):
    """Somebody wants the whole run to end now. `exit_code` is that of a process that ended by this signal."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.exit_code = 128 + number


@contextmanager
def stoppable() -> Iterator[None]:
    """Raise Stopped here, in the process that was started, once: a second signal does not disturb the tidying up."""

    def stop(number: int, _: FrameType | None) -> NoReturn:
        for each in SIGNALS:
            signal.signal(each, signal.SIG_IGN)
        raise Stopped(number)

    before = {number: signal.signal(number, stop) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class Worker:
    """A process that runs one seed at a time."""

    def __init__(self, work: Callable[[int], Result]) -> None:
        self.results, theirs = FORK.Pipe()
        self._process = FORK.Process(target=_serve, args=(theirs, work), daemon=True)
        self._process.start()
        theirs.close()

    def run(self, seed: int) -> None:
        self.results.send(seed)

    def result(self) -> Result:
        """:raises RuntimeError: if the process has ended without one"""
        try:
            result: Result = self.results.recv()
        except EOFError:
            self._process.join()
            raise RuntimeError(f"A process that simulates ended with {self._process.exitcode}.") from None
        return result

    def end(self) -> None:
        """Kill it: whatever it is at is thrown away."""
        self._process.kill()
        self._process.join()
        self.results.close()


def those_done(workers: list[Worker]) -> list[Worker]:
    """Wait until some have something to tell, and return them."""
    ready = wait([worker.results for worker in workers])
    return [worker for worker in workers if worker.results in ready]


def _serve(pipe: "Connection[Result, int]", work: Callable[[int], Result]) -> None:
    # Ctrl-C goes to the whole group: the process that was started hears it, and ends this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        while True:
            pipe.send(work(pipe.recv()))
    except (EOFError, BrokenPipeError):
        return  # who started us is gone
    except BaseException:
        traceback.print_exc()
        raise
