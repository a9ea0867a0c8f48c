"""The database connection of a request's first statement."""

from collections.abc import Callable
from typing import TypeVar

from django.db import OperationalError, connection

Answer = TypeVar("Answer")


def unasked(statement: Callable[[], Answer]) -> Answer:
    """Run a request's first statement without asking first whether the connection lives, which costs as much.

    :param statement: harmless to repeat: over a dead connection it is run again, on a new one
    """
    connection.health_check_done = True  # type: ignore[attr-defined]  # of PostgreSQL and SQLite alike
    try:
        return statement()
    except OperationalError:
        connection.close_if_unusable_or_obsolete()
        if connection.connection is not None:  # it lives: something else is wrong
            raise
        return statement()
