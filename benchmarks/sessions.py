"""What a process and all its children use, as Linux tells it. Each of our processes has a session of its own."""

import os
from collections.abc import Iterator
from pathlib import Path

from zelton_backend.local_stack.processes import Child

TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


def cpu_seconds(child: Child) -> float:
    """Return how long processors have worked for a process and its living children."""
    return sum(int(fields[11]) + int(fields[12]) for _, fields in _stats(child)) / TICKS


def resident_mib(child: Child) -> list[float]:
    """Return the resident memory of each process of a session, the oldest first: a master before its workers."""
    return [int(fields[21]) * PAGE / 2**20 for _, fields in sorted(_stats(child))]


def _stats(child: Child) -> Iterator[tuple[int, list[str]]]:
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()  # from the third on: a name may hold anything
        except OSError:
            continue  # it has just ended
        if int(fields[3]) == child.process.pid:
            yield int(path.parent.name), fields
