"""Throw-away databases: migrated once, copied for every seed, gone afterwards. The configured one is never opened.

On SQLite a file in /dev/shm, or in the temp folder; on PostgreSQL a database of its own on the configured server.
"""

import os
import secrets
import shutil
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

MEMORY = Path("/dev/shm")  # noqa: S108 # nosec B108 # a folder of our own, with a name that nobody guesses
ROOM = 1 << 30  # bytes; a container's /dev/shm may be tiny
# One machine, one life: nothing here has to outlive a crash of the machine.
SQLITE = {
    "transaction_mode": "IMMEDIATE",
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; PRAGMA foreign_keys=ON",
}
POSTGRESQL = "-c lock_timeout={milliseconds}ms -c statement_timeout=60s -c synchronous_commit=off"
SHORTEST_LOCK_TIMEOUT = 50  # milliseconds; none at all would mean for ever to PostgreSQL


class Databases(ABC):
    """A migrated template, and its copies.

    :param lock_seconds: how long a connection waits for a lock that another holds
    """

    def __init__(self, lock_seconds: float) -> None:
        self._lock_seconds = lock_seconds
        self._configured: dict[str, Any] = dict(connections.settings["default"])

    @abstractmethod
    def prepare(self) -> None:
        """Make the template."""

    @abstractmethod
    def copy(self) -> str:
        """Make a fresh database and return its name."""

    @abstractmethod
    def drop(self, name: str) -> None:
        """Throw a database away."""

    @abstractmethod
    def keep(self, name: str) -> str:
        """Take a copy out of what is thrown away; return a DATABASE_URL that opens it, without the password."""

    @abstractmethod
    def close(self) -> None:
        """Throw away all that is left: also the copies of processes that were killed."""

    @abstractmethod
    def options(self) -> dict[str, Any]:
        """Return Django's OPTIONS for a copy."""

    @contextmanager
    def opened(self, name: str) -> Iterator[None]:
        """Let every connection of this process go to a copy, meanwhile."""
        settings = connections.settings["default"]
        before = dict(settings)
        connections.close_all()
        settings.update(NAME=name, OPTIONS=self.options(), CONN_MAX_AGE=None, CONN_HEALTH_CHECKS=False)
        settings.update(DISABLE_SERVER_SIDE_CURSORS=True)  # a killed process would leave one open
        try:
            yield
        finally:
            connections.close_all()
            settings.update(before)

    def migrate(self, name: str) -> None:
        with self.opened(name):
            call_command("migrate", verbosity=0, interactive=False)


class SqliteDatabases(Databases):
    def __init__(self, lock_seconds: float) -> None:
        super().__init__(lock_seconds)
        roomy = MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM
        self._folder = Path(tempfile.mkdtemp(prefix="zelton-simulation-", dir=MEMORY if roomy else None))
        self._template = self._folder / "template.sqlite3"

    def prepare(self) -> None:
        self.migrate(str(self._template))

    def copy(self) -> str:
        name = self._folder / f"{secrets.token_hex(8)}.sqlite3"
        shutil.copyfile(self._template, name)
        return str(name)

    def drop(self, name: str) -> None:
        for suffix in ("", "-wal", "-shm"):
            Path(name + suffix).unlink(missing_ok=True)

    def keep(self, name: str) -> str:
        kept = Path(tempfile.mkdtemp(prefix="zelton-kept-", dir=self._folder.parent)) / "story.sqlite3"
        Path(name).rename(kept)
        return f"sqlite:///{kept}"

    def close(self) -> None:
        shutil.rmtree(self._folder)

    def options(self) -> dict[str, Any]:
        return {**SQLITE, "timeout": self._lock_seconds}


class PostgresDatabases(Databases):
    def __init__(self, lock_seconds: float) -> None:
        super().__init__(lock_seconds)
        self._template = f"zelton_simulation_{secrets.token_hex(6)}"

    def prepare(self) -> None:
        self._on_server(f'CREATE DATABASE "{self._template}"')
        self.migrate(self._template)

    def copy(self) -> str:
        name = f"{self._template}_{secrets.token_hex(4)}"
        self._on_server(f'CREATE DATABASE "{name}" TEMPLATE "{self._template}"')
        return name

    def drop(self, name: str) -> None:
        self._on_server(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def keep(self, name: str) -> str:
        kept = f"zelton_kept_{secrets.token_hex(6)}"
        self._on_server(f'ALTER DATABASE "{name}" RENAME TO "{kept}"')
        host, port = self._configured.get("HOST") or "localhost", self._configured.get("PORT") or 5432
        return f"postgresql://{self._configured.get('USER')}@{host}:{port}/{kept}"

    def close(self) -> None:
        # Our own name, given by nobody.
        ours = f"SELECT datname FROM pg_database WHERE starts_with(datname, '{self._template}')"  # noqa: S608
        for (name,) in self._on_server(ours):
            self.drop(name)

    def options(self) -> dict[str, Any]:
        milliseconds = max(SHORTEST_LOCK_TIMEOUT, round(self._lock_seconds * 1000))
        return {**self._configured.get("OPTIONS", {}), "options": POSTGRESQL.format(milliseconds=milliseconds)}

    def _on_server(self, statement: str) -> list[tuple[Any, ...]]:
        maker = _maintenance(self._configured)
        try:
            with maker.cursor() as cursor:
                cursor.execute(statement)
                return cursor.fetchall() if cursor.description else []
        finally:
            maker.close()


def _maintenance(configured: dict[str, Any]) -> BaseDatabaseWrapper:
    """Return a connection of its own to the server's own database, where databases are made."""
    wrapper = connections["default"].__class__({**configured, "NAME": "postgres"}, "simulation_maintenance")
    wrapper.inc_thread_sharing()
    return wrapper


@contextmanager
def throw_away_databases(*, lock_seconds: float = 0) -> Iterator[Databases]:
    """Make a template on the kind of database that is configured, and throw it away at the end.

    :param lock_seconds: how long a connection waits for a lock; 0 for one that must never wait
    """
    is_sqlite = connections["default"].vendor == "sqlite"
    databases = SqliteDatabases(lock_seconds) if is_sqlite else PostgresDatabases(lock_seconds)
    try:
        databases.prepare()
        yield databases
    finally:
        databases.close()
