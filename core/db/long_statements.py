"""Statements of a transaction that read much, or all, of a large table."""

from django.db import connection

PROCESSES = 2  # beside the one that was asked


def let_take_long() -> None:
    """Let the statements of this transaction take more than the half minute that a connection gives them."""
    _set("statement_timeout = 0")


def let_read_all() -> None:
    """Let them take long, and let PostgreSQL start processes for them, which `zelton_backend.database` forbids."""
    let_take_long()
    _set(f"max_parallel_workers_per_gather = {PROCESSES}")
    _set("jit = on")


def _set(what: str) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL {what}")
