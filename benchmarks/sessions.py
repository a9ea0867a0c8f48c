"""What a process and all its children use, as Linux tells it. Each of our processes has a session of its own."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from zelton_backend.local_stack.processes import Child

TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


def cpu_seconds(child: Child) -> float:
    """Return how long processors have worked for a process and its living children."""
    return sum(int(fields[11]) + int(fields[12]) for _, fields in _stats(child)) / TICKS


def postgres_cpu_seconds(backend: int) -> float:
    """Return how long processors have worked for a whole PostgreSQL, found by one of its backends."""
    postmaster = next(fields for pid, fields in _all() if pid == backend)[1]
    ended = living = 0
    for pid, fields in _all():
        if pid == int(postmaster):
            ended = sum(int(field) for field in fields[11:15])  # its own, and those of backends that are gone
        elif fields[1] == postmaster:
            living += int(fields[11]) + int(fields[12])
    return (ended + living) / TICKS


def resident_mib(child: Child) -> list[float]:
    """Return the resident memory of each process of a session, the oldest first: a master before its workers."""
    return [int(fields[21]) * PAGE / 2**20 for _, fields in sorted(_stats(child))]


def pids(child: Child) -> list[int]:
    """Return the processes of a session, the oldest first."""
    return sorted(pid for pid, _ in _stats(child))


def _stats(child: Child) -> Iterator[tuple[int, list[str]]]:
    return ((pid, fields) for pid, fields in _all() if int(fields[3]) == child.process.pid)


def _all() -> Iterator[tuple[int, list[str]]]:
    """Yield each process's id, and what Linux tells of it from its state on."""
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has just ended
            yield int(path.parent.name), path.read_text().rpartition(")")[2].split()  # a name may hold anything
