"""The migration that gives journal entries their kind and subject, on books that older releases wrote."""

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from core.models import EntryKind, JournalEntry

BEFORE = "0011"
ENTRIES = {
    "charge:17": (EntryKind.CHARGE, "17"),
    "capture:ZLT-a_b-c": (EntryKind.CAPTURE, "ZLT-a_b-c"),
    "suspense:ZLT-d": (EntryKind.SUSPENSE, "ZLT-d"),
    "placing:ZLT-d": (EntryKind.PLACING, "ZLT-d"),
    "refund:ZLR-e:started": (EntryKind.REFUND_STARTED, "ZLR-e"),
    "refund:ZLR-e:done": (EntryKind.REFUND_DONE, "ZLR-e"),
    "refund:ZLR-f:failed": (EntryKind.REFUND_FAILED, "ZLR-f"),
    "unknown_refund:OMR:with:colons": (EntryKind.UNKNOWN_REFUND, "OMR:with:colons"),
    "settlement:STL1": (EntryKind.SETTLEMENT, "STL1"),
    "settlement:STL1:2": (EntryKind.SETTLEMENT, "STL1"),
}


def write(source: str) -> None:
    """Post an entry as a release did that knew the source alone."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_journalentry (source, description, at) VALUES (%s, 'Old', '2026-11-01T00:00:00Z') "
            "RETURNING id",
            [source],
        )
        (entry,) = cursor.fetchone()
        for amount in (100, -100):
            cursor.execute(
                "INSERT INTO core_ledgerline (entry_id, account, amount_paise) VALUES (%s, 'bank', %s)", [entry, amount]
            )


def kinds() -> dict[str, tuple[str, str]]:
    rows = JournalEntry.objects.values_list("source", "kind", "subject")
    return {source: (EntryKind(kind), subject) for source, kind, subject in rows}


def is_append_only() -> bool:
    for change in ("UPDATE core_journalentry SET kind = 'charge'", "DELETE FROM core_journalentry"):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(change)
    return True


@pytest.mark.django_db(transaction=True)
def test_what_is_in_the_books_gets_its_kind_and_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.db.entry_kinds.AT_ONCE", 3)
    call_command("migrate", "core", BEFORE, verbosity=0)
    try:
        for source in ENTRIES:
            write(source)
    finally:
        call_command("migrate", "core", verbosity=0)

    assert kinds() == ENTRIES
    assert is_append_only()


@pytest.mark.skipif(connection.vendor != "postgresql", reason="only there may an older release run beside this one")
@pytest.mark.django_db(transaction=True)
def test_an_older_release_beside_this_one_writes_entries_with_kinds() -> None:
    for source in ENTRIES:
        write(source)

    assert kinds() == ENTRIES
    assert is_append_only()
