"""Connections to the database: what may have happened to one since it was used last, and what passes by itself."""

import time
from collections.abc import Callable
from typing import Any, TypeVar

from django.db import DatabaseError, InterfaceError, NotSupportedError, OperationalError, connection, transaction
from django.dispatch import Signal

Answer = TypeVar("Answer")

READ_ONLY = "25006"
DISK_FULL = "53100"
REMEMBERED_FOR = 600.0  # seconds
# Random enough that it is not compressed away.
A_MEGABYTE = "SELECT md5(number::text) AS filling FROM generate_series(1, 16000) AS number"
IN_ONE_ROW = (
    "INSERT INTO django_session (session_key, session_data, expire_date) "  # noqa: S608 - of constants alone
    f"SELECT 'zelton-room-' || txid_current(), string_agg(filling, ''), now() FROM ({A_MEGABYTE}) AS fillings"
)
NOT_PERMITTED = "42501"
OUTDATED_PLAN = "0A000"  # "cached plan must not change result type": a migration changed a column since
# What DB-API's classes take for a defect of ours, but passes by itself: a transaction that stood idle for too long or
# took too long, and statements that were prepared over another connection of a pooler.
PASSES = {READ_ONLY, "25P03", "25P04", OUTDATED_PLAN, "26000", "42P05"}


full = Signal()  # the database had no room for what was to be saved
_refused_for_room_at = float("-inf")


def passes(error: BaseException | None) -> bool:
    """Tell whether an error is the database's trouble, and the same may go well in a moment.

    A lock that did not come in time, a deadlock, a lost connection, a server that starts, stops, is full or was
    demoted. What was begun was rolled back.
    """
    if isinstance(error, NotSupportedError):
        return _code_of(error) == OUTDATED_PLAN
    if isinstance(error, OperationalError | InterfaceError):
        return True
    return isinstance(error, DatabaseError) and _code_of(error) in PASSES


def is_read_only(error: BaseException | None) -> bool:
    """Tell whether the database refuses to write: the server was demoted, or the file of SQLite cannot be written."""
    return isinstance(error, DatabaseError) and _code_of(error) in (READ_ONLY, "SQLITE_READONLY")


def is_full(error: BaseException | None) -> bool:
    """Tell whether the database had no room left on its disk for what was to be saved."""
    return isinstance(error, DatabaseError) and _code_of(error) == DISK_FULL


def has_room() -> bool:
    """Ask PostgreSQL to save more than a page, which is taken back.

    A row alone tells nothing: it fits into a page that the table has already. It goes into a table of its own, which
    leaves nothing behind; a role without the privilege TEMPORARY puts it into one row of the log-ins of the admin.

    :raises Error: if the database cannot be asked
    """
    global _refused_for_room_at
    if connection.vendor != "postgresql":
        return True  # its file is on this machine, whose disks are looked at
    try:
        try:
            _saves("CREATE TEMPORARY TABLE zelton_room ON COMMIT DROP AS " + A_MEGABYTE)
        except DatabaseError as error:
            if _code_of(error) != NOT_PERMITTED:
                raise
            _saves(IN_ONE_ROW)
    except DatabaseError as error:
        if is_full(error):
            return False
        raise
    _refused_for_room_at = float("-inf")
    return True


def _saves(statement: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
        transaction.set_rollback(True)


def was_full_lately() -> bool:
    """Tell whether the database has refused this process something within the last minutes because it was full."""
    return time.monotonic() - _refused_for_room_at < REMEMBERED_FOR


def can_write() -> bool:
    """Ask the database whether it can be written. A connection to one that cannot be is dropped.

    :raises Error: if the database cannot be asked
    """
    writable = _can_write_sqlite() if connection.vendor == "sqlite" else _can_write_postgresql()
    if not writable and not connection.in_atomic_block:
        connection.close()
    return writable


def _can_write_postgresql() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('transaction_read_only')")  # on in a standby, too
        return bool(cursor.fetchone()[0] == "off")


def _can_write_sqlite() -> bool:
    with connection.cursor() as cursor:
        file = connection.connection
        (patience,) = file.execute("PRAGMA busy_timeout").fetchone()
        file.execute("PRAGMA busy_timeout = 0")
        try:
            cursor.execute("UPDATE django_migrations SET id = id WHERE id = 0")
        except OperationalError as error:
            if _code_of(error) not in ("SQLITE_READONLY", "SQLITE_BUSY"):
                raise
            return _code_of(error) == "SQLITE_BUSY"  # somebody is writing at this moment
        finally:
            file.execute(f"PRAGMA busy_timeout = {patience}")
    return True


def unasked(statement: Callable[[], Answer]) -> Answer:
    """Run a request's first statement without asking first whether the connection lives, which costs as much.

    :param statement: harmless to repeat: over a connection that is dead, or leads to a server that was demoted, it is
        run again on a new one
    """
    connection.health_check_done = True  # type: ignore[attr-defined]  # of PostgreSQL and SQLite alike
    try:
        return statement()
    except DatabaseError as error:
        if connection.in_atomic_block or not passes(error):
            raise
        if is_read_only(error):
            connection.close()
        connection.close_if_unusable_or_obsolete()
        if connection.connection is not None:  # it lives: something else is wrong
            raise
        return statement()


def drop_what_is_outdated(connection: Any, **_signal: Any) -> None:
    """Let a new connection be closed soon, once PostgreSQL has refused a statement over it that another would take.

    It does so after a migration has changed the type of a column that a prepared statement reads, and psycopg would go
    on with the old plan for as long as the connection lives; and where its server is read-only, because it was demoted,
    while the address leads to another by now.
    """
    if connection.vendor == "postgresql" and _close_after_refusal not in connection.execute_wrappers:
        connection.execute_wrappers.append(_close_after_refusal)


def _close_after_refusal(execute: Callable[..., Any], sql: Any, params: Any, many: Any, context: Any) -> Any:
    try:
        return execute(sql, params, many, context)
    except DatabaseError as error:
        if is_full(error):
            _note_full()
        if isinstance(error, NotSupportedError) or is_read_only(error):
            context["connection"].close_at = time.monotonic()  # Django looks at it after each request and task
        raise


def _note_full() -> None:
    global _refused_for_room_at
    _refused_for_room_at = time.monotonic()
    full.send(sender=None)


def _code_of(error: BaseException) -> str:
    """Return PostgreSQL's SQLSTATE or the name of SQLite's error; empty if Django raised it by itself."""
    cause = error.__cause__
    return str(getattr(cause, "sqlstate", None) or getattr(cause, "sqlite_errorname", None) or "")
