"""Work out an entry's kind and subject from its source, for entries of releases that wrote the source alone.

PostgreSQL does so for every entry that comes without them, so that such a release may still run beside this one.
"""

from django.db.backends.base.base import BaseDatabaseWrapper

from core.db.append_only import protect

AT_ONCE = 10_000

DERIVE = """
CREATE OR REPLACE FUNCTION core_derive_entry_kind() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.kind := {kind};
    NEW.subject := {subject};
    RETURN NEW;
END $$
"""
# A refund's source is refund:ID:EVENT, a settlement's settlement:ID or settlement:ID:NUMBER, all others are KIND:ID.
# Only the last of these may hold a colon in its id.
ON_POSTGRESQL = {
    "kind": "CASE split_part({source}, ':', 1) WHEN 'refund' THEN 'refund_' || split_part({source}, ':', 3) "
    "ELSE split_part({source}, ':', 1) END",
    "subject": "CASE WHEN split_part({source}, ':', 1) IN ('refund', 'settlement') THEN split_part({source}, ':', 2) "
    "ELSE substr({source}, strpos({source}, ':') + 1) END",
}
REST = "substr(source, instr(source, ':') + 1)"
ON_SQLITE = {
    "kind": f"CASE WHEN source LIKE 'refund:%' THEN 'refund_' || substr({REST}, instr({REST}, ':') + 1) "
    "ELSE substr(source, 1, instr(source, ':') - 1) END",
    "subject": "CASE WHEN source LIKE 'refund:%' OR source LIKE 'settlement:%:%' "
    f"THEN substr({REST}, 1, instr({REST}, ':') - 1) ELSE {REST} END",
}


def derive(connection: BaseDatabaseWrapper) -> None:
    """Fill in what is missing, a batch at a time, and on PostgreSQL what older releases will still write."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            expressions = {name: sql.format(source="NEW.source") for name, sql in ON_POSTGRESQL.items()}
            cursor.execute(DERIVE.format(**expressions))
            cursor.execute(
                "CREATE OR REPLACE TRIGGER core_journalentry_derive BEFORE INSERT ON core_journalentry "
                "FOR EACH ROW WHEN (NEW.kind = '') EXECUTE FUNCTION core_derive_entry_kind()"
            )
            # Until all are filled, this one change of an entry is let through; every other is refused as ever.
            cursor.execute(
                "CREATE OR REPLACE TRIGGER core_journalentry_keep_rows BEFORE UPDATE OR DELETE ON core_journalentry "
                "FOR EACH ROW WHEN (OLD.kind <> '') EXECUTE FUNCTION core_refuse_change()"
            )
        else:
            cursor.execute("DROP TRIGGER IF EXISTS core_journalentry_keep_update")
        expressions = ON_SQLITE
        if connection.vendor == "postgresql":
            expressions = {name: sql.format(source="source") for name, sql in ON_POSTGRESQL.items()}
        cursor.execute("SELECT max(id) FROM core_journalentry")
        last = cursor.fetchone()[0] or 0
        for first in range(0, last + 1, AT_ONCE):
            cursor.execute(
                f"UPDATE core_journalentry SET kind = {expressions['kind']}, subject = {expressions['subject']} "  # noqa: S608
                "WHERE kind = '' AND id >= %s AND id < %s",
                [first, first + AT_ONCE],
            )
    protect(connection)


def derive_no_more(connection: BaseDatabaseWrapper) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("DROP TRIGGER IF EXISTS core_journalentry_derive ON core_journalentry")
            cursor.execute("DROP FUNCTION IF EXISTS core_derive_entry_kind")
