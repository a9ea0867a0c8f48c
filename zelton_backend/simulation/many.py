"""Run many seeds, in several processes if wanted, until one finds something or the time is over."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from hashlib import sha256
from multiprocessing import get_context

from zelton_backend.simulation.database import Databases
from zelton_backend.simulation.run import Result, run

Seeds = Iterable[int]


def run_many(
    seeds: Seeds, orders: int, databases: Databases, *, jobs: int = 1, keep: bool = False, seconds: float | None = None
) -> Iterator[Result]:
    """Yield what came of every seed, as they end; nothing is begun after the first violation.

    :param seconds: begin no seed after so long
    """
    ends = None if seconds is None else time.monotonic() + seconds
    wanted = _until(ends, seeds)
    if jobs == 1:
        yield from _one_after_the_other(wanted, lambda seed: run(seed, orders, databases, keep=keep))
        return
    # Forked, so that the template is there: no connection and no thread is open at this moment.
    with ProcessPoolExecutor(jobs, mp_context=get_context("fork")) as pool:
        running: set[Future[Result]] = set()
        found = False
        while not found:
            while len(running) < jobs and (seed := next(wanted, None)) is not None:
                running.add(pool.submit(run, seed, orders, databases, keep=keep))
            if not running:
                return
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                found = found or bool(future.result().violation)
                yield future.result()
        for future in running:
            yield future.result()


def _until(ends: float | None, seeds: Seeds) -> Iterator[int]:
    for seed in seeds:
        if ends is not None and time.monotonic() >= ends:
            return
        yield seed


def _one_after_the_other(seeds: Iterator[int], work: Callable[[int], Result]) -> Iterator[Result]:
    for seed in seeds:
        result = work(seed)
        yield result
        if result.violation:
            return


class Total:
    """What came of many seeds."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self.seeds = 0
        self.counts: Counter[str] = Counter()
        self.virtual_days = 0.0
        self.busy = 0.0
        self.failed: list[Result] = []
        self._digests: dict[int, str] = {}

    def add(self, result: Result) -> None:
        self.seeds += 1
        self._digests[result.seed] = result.digest
        self.counts.update(result.counts)
        self.virtual_days += result.virtual_days
        self.busy += result.seconds
        if result.violation:
            self.failed.append(result)

    @property
    def digest(self) -> str:
        """Return the digest of the one trace, or of all in the order of their seeds."""
        if len(self._digests) == 1:
            return next(iter(self._digests.values()))
        return sha256("".join(self._digests[seed] for seed in sorted(self._digests)).encode()).hexdigest()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._began
