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

MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it, with a name that nobody guesses
ROOM = 1 << 30  # bytes; a container's /dev/shm may be tiny
# One machine, one life: nothing here has to outlive a crash of the machine, and nobody may wait for a lock.
SQLITE = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 0,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; PRAGMA foreign_keys=ON",
}
POSTGRESQL = "-c lock_timeout=50ms -c statement_timeout=60s -c synchronous_commit=off"


class Databases(ABC):
    """A migrated template, and its copies."""

    def __init__(self) -> None:
        self._configured: dict[str, Any] = dict(connections.settings["default"])

    @abstractmethod
    def copy(self) -> str:
        """Make a fresh database and return its name."""

    @abstractmethod
    def drop(self, name: str) -> None:
        """Throw a database away."""

    @abstractmethod
    def close(self) -> None:
        """Throw away all that is left."""

    @abstractmethod
    def options(self) -> dict[str, Any]:
        """Return Django's OPTIONS for a copy."""

    @abstractmethod
    def where(self, name: str) -> str:
        """Return a DATABASE_URL by which a person opens a copy; without the password."""

    @contextmanager
    def opened(self, name: str) -> Iterator[None]:
        """Let every connection of this process go to a copy, meanwhile."""
        settings = connections.settings["default"]
        before = dict(settings)
        connections.close_all()
        settings.update(NAME=name, OPTIONS=self.options(), CONN_MAX_AGE=None, CONN_HEALTH_CHECKS=False)
        try:
            yield
        finally:
            connections.close_all()
            settings.update(before)

    def migrate(self, name: str) -> None:
        with self.opened(name):
            call_command("migrate", verbosity=0, interactive=False)


class SqliteDatabases(Databases):
    def __init__(self) -> None:
        super().__init__()
        roomy = MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM
        self._folder = Path(tempfile.mkdtemp(prefix="zelton-simulation-", dir=MEMORY if roomy else None))
        self._template = self._folder / "template.sqlite3"
        self._kept = False
        self.migrate(str(self._template))

    def copy(self) -> str:
        name = self._folder / f"{secrets.token_hex(8)}.sqlite3"
        shutil.copyfile(self._template, name)
        return str(name)

    def drop(self, name: str) -> None:
        for suffix in ("", "-wal", "-shm"):
            Path(name + suffix).unlink(missing_ok=True)

    def close(self) -> None:
        self.drop(str(self._template))
        if not any(self._folder.iterdir()):
            self._folder.rmdir()

    def options(self) -> dict[str, Any]:
        return dict(SQLITE)

    def where(self, name: str) -> str:
        return f"sqlite:///{name}"


class PostgresDatabases(Databases):
    def __init__(self) -> None:
        super().__init__()
        self._template = f"zelton_simulation_{secrets.token_hex(6)}"
        self._on_server(f'CREATE DATABASE "{self._template}"')
        try:
            self.migrate(self._template)
        except BaseException:
            self.close()
            raise

    def copy(self) -> str:
        name = f"{self._template}_{secrets.token_hex(4)}"
        self._on_server(f'CREATE DATABASE "{name}" TEMPLATE "{self._template}"')
        return name

    def drop(self, name: str) -> None:
        self._on_server(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def close(self) -> None:
        self.drop(self._template)

    def options(self) -> dict[str, Any]:
        return {**self._configured.get("OPTIONS", {}), "options": POSTGRESQL}

    def where(self, name: str) -> str:
        host, port = self._configured.get("HOST") or "localhost", self._configured.get("PORT") or 5432
        return f"postgresql://{self._configured.get('USER')}@{host}:{port}/{name}"

    def _on_server(self, statement: str) -> None:
        maker = _maintenance(self._configured)
        try:
            with maker.cursor() as cursor:
                cursor.execute(statement)
        finally:
            maker.close()


def _maintenance(configured: dict[str, Any]) -> BaseDatabaseWrapper:
    """Return a connection of its own to the server's own database, where databases are made."""
    wrapper = connections["default"].__class__({**configured, "NAME": "postgres"}, "simulation_maintenance")
    wrapper.inc_thread_sharing()
    return wrapper


@contextmanager
def throw_away_databases() -> Iterator[Databases]:
    """Make a template on the kind of database that is configured, and throw it away at the end."""
    is_sqlite = connections["default"].vendor == "sqlite"
    databases = SqliteDatabases() if is_sqlite else PostgresDatabases()
    try:
        yield databases
    finally:
        databases.close()
