"""Run many seeds, in several processes if wanted, until one finds something or the time is over."""

import time
from collections import Counter
from collections.abc import Generator, Iterable, Iterator
from functools import partial
from hashlib import sha256
from itertools import islice

from zelton_backend.simulation.database import Databases
from zelton_backend.simulation.run import Result, Wanted, run
from zelton_backend.simulation.workers import Worker, those_done

Seeds = Iterable[int]


def run_many(
    seeds: Seeds,
    wanted: Wanted,
    databases: Databases,
    *,
    jobs: int = 1,
    keep: bool = False,
    seconds: float | None = None,
) -> Generator[Result, None, None]:
    """Yield what came of every seed, as they end; nothing is begun after the first violation.

    A single job has a process of its own too: what is running can then be ended at any moment.

    :param seconds: begin no seed after so long
    :raises RuntimeError: if a process ends without a result
    """
    to_come = _until(None if seconds is None else time.monotonic() + seconds, seeds)
    workers: list[Worker] = []
    try:
        for first in islice(to_come, jobs):
            workers.append(Worker(partial(run, wanted=wanted, databases=databases, keep=keep)))
            workers[-1].run(first)
        running = list(workers)
        while running:
            for worker in those_done(running):
                result = worker.result()
                if result.violation:
                    to_come = iter(())
                if (seed := next(to_come, None)) is None:
                    running.remove(worker)
                else:
                    worker.run(seed)
                yield result
    finally:
        for worker in workers:
            worker.end()


def _until(ends: float | None, seeds: Seeds) -> Iterator[int]:
    for seed in seeds:
        if ends is not None and time.monotonic() >= ends:
            return
        yield seed


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
