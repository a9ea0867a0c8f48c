"""Django's settings for a database URL, with what makes each engine safe for money."""

from typing import Any

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

LIMITS = "-c lock_timeout=5s -c statement_timeout=30s -c idle_in_transaction_session_timeout=60s"
# Nearly every statement reads a few rows. Of tables of millions PostgreSQL guesses that they are many, and starts
# processes, which took a statement of account from 1 to 50 ms. `core.db.long_statements` is for what does read all.
FEW_ROWS = "-c max_parallel_workers_per_gather=0 -c jit=off"
KEEPALIVES = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}
# Seconds. Over a new connection every statement is planned again, the first nine times that it is used: with a life of
# a minute that was up to half of what PostgreSQL did for a payment.
CONNECTION_LIVES = 600
NEVER_PREPARE = (0, "0", "none", "None", "off")


def read_database(url: str, *, pooler: bool = False) -> dict[str, Any]:
    """Return Django's settings for a database URL.

    :param pooler: the URL leads to a pooler that gives a connection for a transaction, as PgBouncer does in
        transaction mode: nothing may then be expected to last for longer
    :raises ImproperlyConfigured: if the URL asks for what such a pooler does not have
    """
    database: dict[str, Any] = dict(dj_database_url.parse(url, conn_max_age=CONNECTION_LIVES, conn_health_checks=True))
    options = database.setdefault("OPTIONS", {})
    postgresql = database["ENGINE"] == "django.db.backends.postgresql"
    if pooler and not postgresql:
        raise ImproperlyConfigured("DATABASE_POOLER is true, but DATABASE_URL does not lead to PostgreSQL.")
    if database["ENGINE"] == "django.db.backends.sqlite3":
        # select_for_update does nothing on SQLite: one writer at a time takes the row lock's place.
        options.update(
            transaction_mode="IMMEDIATE",
            timeout=20,
            init_command="PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON",
        )
    elif postgresql:
        options.setdefault("connect_timeout", 5)
        # A machine that vanished without a word is noticed: in seconds, and the last one in milliseconds.
        for name, value in KEEPALIVES.items():
            options.setdefault(name, value)
        options.setdefault("tcp_user_timeout", 30_000)
        options.setdefault("server_side_binding", True)
        if pooler:
            _live_with_a_pooler(database)
        else:
            # What the URL says comes last and wins. A stuck lock or a forgotten transaction ends by itself.
            options["options"] = f"{LIMITS} {FEW_ROWS} {options.get('options', '')}".strip()
            # A statement is planned once for a connection and not each time: planning took half of PostgreSQL's time.
            options.setdefault("prepare_threshold", 3)
            if options["prepare_threshold"] in NEVER_PREPARE:
                options["prepare_threshold"] = None  # psycopg takes 0 for "at the first use"
    return database


def _live_with_a_pooler(database: dict[str, Any]) -> None:
    """The next statement may go to another server process: nothing is prepared there, set there or left open there."""
    options = database["OPTIONS"]
    if "options" in options:
        raise ImproperlyConfigured(
            "DATABASE_URL gives options, which a pooler refuses. Unset DATABASE_POOLER, "
            "or set them for the role: ALTER ROLE … SET …."
        )
    if options.get("prepare_threshold", 0) not in NEVER_PREPARE:
        raise ImproperlyConfigured(
            "DATABASE_URL gives a prepare_threshold, but behind a pooler nothing is prepared. Take it out of the URL."
        )
    options["prepare_threshold"] = None
    database["DISABLE_SERVER_SIDE_CURSORS"] = True
