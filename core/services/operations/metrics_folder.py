"""The folder in which all processes of a machine count together, so that one scrape tells of all of them.

prometheus_client lets every process count in files of its own. Here a process's name among them is random, and it holds
the lock of a file of that name for as long as it lives: so others know who is dead, whatever the process ids are, in
whichever container. What the dead have counted is added up in one file: a counter never falls, and the folder stays
small.
"""

import fcntl
import json
import os
import secrets
import struct
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from prometheus_client import Metric
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import MultiProcessCollector

DEAD = "dead"  # the name under which the dead are added up
Values = dict[str, tuple[float, float]]  # what was counted under a key, and when, if that matters


class MetricsFolder:
    """What this process does in the folder: count under a name of its own, and read what all have counted.

    :param path: made if it is not there; must be ours alone, because it may stand where anybody may write
    :raises OSError: if it cannot be used
    """

    def __init__(self, path: Path) -> None:
        self.path, self._kind = path, "command"
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        if path.is_symlink() or path.stat().st_uid != os.getuid():
            raise PermissionError(f"{path} is somebody else's")
        self._pid = self._lease = -1
        self.name()

    def name(self) -> str:
        """Return this process's name; a fork gets another one."""
        if self._pid != os.getpid():
            with self._locked(fcntl.LOCK_EX):
                self._pid = os.getpid()
                self._add_up_the_dead()
                self._take_lease()
        return self._name

    def is_a(self, kind: str) -> None:
        """Say what this process is: web, worker, beat; otherwise it is a command."""
        self._kind = kind
        self._note_kind()

    def living(self) -> Counter[str]:
        """Return how many processes of each kind live."""
        with self._locked(fcntl.LOCK_SH):
            return Counter(lease.read_text().strip() for lease in self.path.glob("*.alive") if not _is_dead(lease))

    def counted(self) -> list[Metric]:
        """Return what all processes have counted, the dead ones, too."""
        with self._locked(fcntl.LOCK_SH):
            files = [str(file) for file in self.path.glob("*.db") if file.stat().st_size]
            return list(MultiProcessCollector.merge(files))  # type: ignore[no-untyped-call]

    def _take_lease(self) -> None:
        if self._lease >= 0:
            os.close(self._lease)  # of the process that this one was forked from
        self._name = secrets.token_hex(8)
        self._lease = os.open(
            self.path / f"{self._name}.alive", os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600
        )
        fcntl.flock(self._lease, fcntl.LOCK_EX)
        self._note_kind()

    def _note_kind(self) -> None:
        os.pwrite(self._lease, f"{self._kind:16}".encode(), 0)

    def _add_up_the_dead(self) -> None:
        living = {lease.stem for lease in self.path.glob("*.alive") if not _is_dead(lease)}
        for file in sorted(self.path.glob("*.db")):
            kind, _, name = file.stem.rpartition("_")
            if name in living or name == DEAD:
                continue
            if not kind.startswith("gauge_live"):
                self._add(kind, file)
            file.unlink()
        for lease in self.path.glob("*.alive"):
            if lease.stem not in living:
                lease.unlink()

    def _add(self, kind: str, file: Path) -> None:
        together = self.path / f"{kind}_{DEAD}.db"
        total, more = _read(together), _read(file)
        for key, (value, at) in more.items():
            before, before_at = total.get(key, (0.0, -1.0))
            if kind == "gauge_max":
                total[key] = max(before, value), 0.0
            elif kind.startswith("gauge"):
                # Said while the clock was ahead: it must not stay the most recent until the clock is there again.
                at = min(at, time.time())
                total[key] = (value, at) if at >= before_at else (before, before_at)
            else:
                total[key] = before + value, 0.0
        new = self.path / f"{kind}.new"
        new.unlink(missing_ok=True)
        written = MmapedDict(str(new))  # type: ignore[no-untyped-call]
        for key, (value, at) in total.items():
            written.write_value(key, value, at)  # type: ignore[no-untyped-call]
        written.close()  # type: ignore[no-untyped-call]
        new.replace(together)

    @contextmanager
    def _locked(self, how: int) -> Iterator[None]:
        """Hold the folder's lock, for milliseconds; nobody holds it while a request is served."""
        lock = os.open(self.path / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, how)
            yield
        finally:
            os.close(lock)


def _is_dead(lease: Path) -> bool:
    """Tell whether nobody holds a lease. Called under the folder's lock, so that none is just being taken."""
    file = os.open(lease, os.O_RDWR | os.O_CLOEXEC)
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(file)
    return True


def _read(file: Path) -> Values:
    """Return what is in a file; nothing, if it was never finished."""
    found: Values = {}
    with suppress(FileNotFoundError, struct.error, RuntimeError, UnicodeDecodeError, json.JSONDecodeError):
        for key, value, at, _ in MmapedDict.read_all_values_from_file(str(file)):  # type: ignore[no-untyped-call]
            json.loads(key)
            found[key] = value, at
    return found
