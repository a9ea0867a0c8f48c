"""Entries that the database itself keeps balanced: at COMMIT, every entry's lines sum to zero, and there are some.

On PostgreSQL alone: SQLite has no deferred triggers, and an entry's first line can never balance by itself. There
`ledger.post` and, every night, `check_books` are what holds it.
"""

from django.db.backends.base.base import BaseDatabaseWrapper

FUNCTION = "core_entry_is_balanced"
TABLES = {"core_journalentry": "id", "core_ledgerline": "entry_id"}  # where a row may come, and the entry it is of

REFUSE = """
CREATE OR REPLACE FUNCTION core_entry_is_balanced() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    entry bigint := (to_jsonb(NEW) ->> TG_ARGV[0])::bigint;
    total numeric;
BEGIN
    SELECT sum(amount_paise) INTO total FROM core_ledgerline WHERE entry_id = entry;
    IF total IS NULL THEN
        RAISE EXCEPTION 'journal entry % has no lines', entry
            USING ERRCODE = 'check_violation', CONSTRAINT = 'core_entry_is_balanced';
    ELSIF total <> 0 THEN
        RAISE EXCEPTION 'journal entry % is off by % paise', entry, total
            USING ERRCODE = 'check_violation', CONSTRAINT = 'core_entry_is_balanced';
    END IF;
    RETURN NULL;
END $$
"""


def require_balance(connection: BaseDatabaseWrapper) -> None:
    """Make PostgreSQL refuse to commit an entry that does not sum to zero. Lines are append-only, so INSERT is all."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute(REFUSE)
        for table, column in TABLES.items():
            cursor.execute(f"DROP TRIGGER IF EXISTS {table}_balanced ON {table}")
            cursor.execute(
                f"CREATE CONSTRAINT TRIGGER {table}_balanced AFTER INSERT ON {table} "
                f"DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION {FUNCTION}('{column}')"
            )


def allow_imbalance(connection: BaseDatabaseWrapper) -> None:
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"DROP TRIGGER IF EXISTS {table}_balanced ON {table}")
        cursor.execute(f"DROP FUNCTION IF EXISTS {FUNCTION}")
