"""Tables that the database itself keeps append-only: the books and the history.

A later migration that alters one of them on SQLite makes the table anew and loses its triggers: end it with `protect`.
"""

from collections.abc import Iterator

from django.db.backends.base.base import BaseDatabaseWrapper

TABLES = (
    "core_journalentry",
    "core_ledgerline",
    "core_statechange",
    "core_operatoraction",
    "core_subscriptionchange",
    "core_invoice",
)

REFUSE = """
CREATE OR REPLACE FUNCTION core_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$
"""


def protect(connection: BaseDatabaseWrapper) -> None:
    """Make the database refuse UPDATE, DELETE and, where it exists, TRUNCATE, of those tables that are there."""
    _run(connection, _protecting(connection.vendor, _there(connection)))


def unprotect(connection: BaseDatabaseWrapper) -> None:
    _run(connection, _unprotecting(connection.vendor, _there(connection)))


def _there(connection: BaseDatabaseWrapper) -> list[str]:
    """Return the tables that migrations have made so far."""
    made = set(connection.introspection.table_names())
    return [table for table in TABLES if table in made]


def _protecting(vendor: str, tables: list[str]) -> Iterator[str]:
    if vendor == "postgresql":
        yield REFUSE
    for table in tables:
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


def _unprotecting(vendor: str, tables: list[str]) -> Iterator[str]:
    for table in tables:
        for name in ("rows", "truncate") if vendor == "postgresql" else ("update", "delete"):
            on_table = f" ON {table}" if vendor == "postgresql" else ""
            yield f"DROP TRIGGER IF EXISTS {table}_keep_{name}{on_table}"
    if vendor == "postgresql":
        yield "DROP FUNCTION IF EXISTS core_refuse_change"


def _run(connection: BaseDatabaseWrapper, statements: Iterator[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
