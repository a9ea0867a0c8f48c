"""Database connections that are kept: what may have happened to one since it was used last."""

import time
from collections.abc import Callable
from typing import Any, TypeVar

from django.db import NotSupportedError, OperationalError, connection

Answer = TypeVar("Answer")


def unasked(statement: Callable[[], Answer]) -> Answer:
    """Run a request's first statement without asking first whether the connection lives, which costs as much.

    :param statement: harmless to repeat: over a dead connection it is run again, on a new one
    """
    connection.health_check_done = True  # type: ignore[attr-defined]  # of PostgreSQL and SQLite alike
    try:
        return statement()
    except (OperationalError, NotSupportedError):
        connection.close_if_unusable_or_obsolete()
        if connection.connection is not None:  # it lives: something else is wrong
            raise
        return statement()


def keep_no_outdated_plans(connection: Any, **_signal: Any) -> None:
    """Let a new connection be closed soon, once PostgreSQL has refused a statement that it had prepared.

    It does so ("cached plan must not change result type") after a migration has changed a column's type, and psycopg
    would go on with the old plan for as long as the connection lives.
    """
    if connection.vendor == "postgresql" and _close_after_refusal not in connection.execute_wrappers:
        connection.execute_wrappers.append(_close_after_refusal)


def _close_after_refusal(execute: Callable[..., Any], sql: Any, params: Any, many: Any, context: Any) -> Any:
    try:
        return execute(sql, params, many, context)
    except NotSupportedError:
        context["connection"].close_at = time.monotonic()  # Django looks at it after each request and task
        raise
