"""Read from a replica (DATABASE_REPLICA_URL) what may be read there, and never less than the primary would tell.

A replica is behind by milliseconds, or by minutes when it is in trouble. Before it is read it must have everything that
the primary had when the request came; otherwise the primary is read. So nobody misses what they have just done, or
what they were told of a moment ago, whichever machine answered them.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import structlog
from django.db import DEFAULT_DB_ALIAS, Error, InterfaceError, OperationalError, connection, connections

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")

logger = structlog.get_logger(__name__)

REPLICA = "replica"
PATIENCE = 0.05  # seconds in which a replica may catch up
LOOK_EVERY = 0.005  # seconds
REST = 5.0  # seconds in which one that did not answer is not asked again

_is_read: ContextVar[bool] = ContextVar("_is_read", default=False)
_rests_until = 0.0


class Router:
    """Django's database router: everything goes to the primary, except what is read inside `from_replica`."""

    def db_for_read(self, model: Any, **hints: Any) -> str:  # noqa: ARG002 - Django's signature
        return REPLICA if _is_read.get() else DEFAULT_DB_ALIAS

    def db_for_write(self, model: Any, **hints: Any) -> str:  # noqa: ARG002 - Django's signature
        return DEFAULT_DB_ALIAS

    def allow_relation(self, one: Any, other: Any, **hints: Any) -> bool:  # noqa: ARG002 - Django's signature
        return True

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool | None:  # noqa: ARG002 - Django's signature
        return False if db == REPLICA else None


def from_replica(read: Callable[Asked, Answer]) -> Callable[Asked, Answer]:
    """Let what this function reads come from the replica, if there is one that is up to date.

    :param read: writes nothing, and is harmless to repeat: it is called again, on the primary, if the replica is lost
        or cancels a query meanwhile
    """

    @wraps(read)
    def answer(*args: Asked.args, **kwargs: Asked.kwargs) -> Answer:
        if _is_usable():
            try:
                with _reading():
                    return read(*args, **kwargs)
            except (OperationalError, InterfaceError) as problem:
                _let_rest(problem)
        return read(*args, **kwargs)

    return answer


def seconds_behind() -> float | None:
    """Return how long ago the last transaction that the replica has was committed; None if it has all of them.

    :raises Error: if the replica, or the primary, cannot be asked
    """
    with connections[REPLICA].cursor() as cursor:
        if _has_all(cursor, _written()):
            return None
        cursor.execute("SELECT extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp())")
        return float(cursor.fetchone()[0] or 0)


def _is_usable() -> bool:
    if REPLICA not in connections.settings or connection.in_atomic_block or time.monotonic() < _rests_until:
        return False
    written = _written()
    try:
        # The question whether it is up to date also tells whether the connection lives.
        connections[REPLICA].health_check_done = True  # type: ignore[attr-defined]
        with connections[REPLICA].cursor() as cursor:
            ends = time.monotonic() + PATIENCE
            while not (has_all := _has_all(cursor, written)) and time.monotonic() < ends:
                time.sleep(LOOK_EVERY)
            return has_all
    except Error as problem:
        _let_rest(problem)
        return False


def _written() -> str:
    """Return up to where the primary has written its log: what has not been committed by then nobody has been told."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_wal_insert_lsn()::text")
        return str(cursor.fetchone()[0])


def _has_all(cursor: Any, written: str) -> bool:
    # One that was promoted follows nobody any more, and has a history of its own.
    cursor.execute("SELECT pg_is_in_recovery() AND pg_last_wal_replay_lsn() >= %s::pg_lsn", [written])
    return bool(cursor.fetchone()[0])


@contextmanager
def _reading() -> Iterator[None]:
    before = _is_read.set(True)
    try:
        yield
    finally:
        _is_read.reset(before)


def _let_rest(problem: Error) -> None:
    global _rests_until
    _rests_until = time.monotonic() + REST
    connections[REPLICA].close()
    logger.warning("replica_left_alone", seconds=REST, problem=str(problem))
