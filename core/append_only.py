"""Tables that the database itself keeps append-only: the books and the history.

A later migration that alters one of them on SQLite makes the table anew and loses its triggers: end it with `protect`.
"""

from collections.abc import Iterator

from django.db.backends.base.base import BaseDatabaseWrapper

TABLES = ("core_journalentry", "core_ledgerline", "core_statechange")

REFUSE = """
CREATE OR REPLACE FUNCTION core_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$
"""


def protect(connection: BaseDatabaseWrapper) -> None:
    """Make the database refuse UPDATE, DELETE and, where it exists, TRUNCATE."""
    _run(connection, _protecting(connection.vendor))


def unprotect(connection: BaseDatabaseWrapper) -> None:
    _run(connection, _unprotecting(connection.vendor))


def _protecting(vendor: str) -> Iterator[str]:
    if vendor == "postgresql":
        yield REFUSE
    for table in TABLES:
        if vendor == "postgresql":
            # Row triggers do not see TRUNCATE.
            for name, event, each in (("rows", "UPDATE OR DELETE", "ROW"), ("truncate", "TRUNCATE", "STATEMENT")):
                yield (
                    f"CREATE OR REPLACE TRIGGER {table}_keep_{name} BEFORE {event} ON {table} "
                    f"FOR EACH {each} EXECUTE FUNCTION core_refuse_change()"
                )
        else:
            for event in ("update", "delete"):
                yield (
                    f"CREATE TRIGGER IF NOT EXISTS {table}_keep_{event} BEFORE {event.upper()} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
                )


def _unprotecting(vendor: str) -> Iterator[str]:
    for table in TABLES:
        for name in ("rows", "truncate") if vendor == "postgresql" else ("update", "delete"):
            on_table = f" ON {table}" if vendor == "postgresql" else ""
            yield f"DROP TRIGGER IF EXISTS {table}_keep_{name}{on_table}"
    if vendor == "postgresql":
        yield "DROP FUNCTION IF EXISTS core_refuse_change"


def _run(connection: BaseDatabaseWrapper, statements: Iterator[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
