"""`python -m benchmarks.posting`: entries a second, by `ledger.post` and by bare INSERTs, each in a commit of its own.

Prints them as JSON. The bare rows go into tables of the same columns, without the ledger's constraints and triggers.
"""

import json
import os
import time

import django

from benchmarks.threads import Post, rate

os.environ["DJANGO_SETTINGS_MODULE"] = "zelton_backend.settings"
BARE = (
    (
        "CREATE TABLE IF NOT EXISTS bare_entry (id bigserial PRIMARY KEY, source varchar(100) UNIQUE, "
        "kind varchar(32), subject varchar(100), description varchar(200), at timestamptz)"
    ),
    (
        "CREATE TABLE IF NOT EXISTS bare_line (id bigserial PRIMARY KEY, entry_id bigint REFERENCES bare_entry, "
        "account varchar(64), amount_paise bigint)"
    ),
)
LINES = {"phonepe_clearing": 15_000_00, "owner:1:payable": -15_000_00}


def main() -> None:
    django.setup()
    from django.db import connection

    with connection.cursor() as cursor:
        for statement in BARE:
            cursor.execute(statement)
    run = f"{time.time_ns():x}"
    print(json.dumps({name: rate(post, f"{run}-{name}") for name, post in _ways().items()}))


def _ways() -> dict[str, Post]:
    from django.db import connection, transaction
    from django.utils import timezone

    from core.models import EntryKind
    from core.services.ledger.posting import post

    def posted(subject: str) -> None:
        with transaction.atomic():
            post(EntryKind.CAPTURE, subject, "Rent", LINES, at=timezone.now())

    def bare(subject: str) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            entry = (f"capture:{subject}", "capture", subject, "Rent", timezone.now())
            cursor.execute(
                "INSERT INTO bare_entry (source, kind, subject, description, at) VALUES (%s, %s, %s, %s, %s) "
                "RETURNING id",
                entry,
            )
            (key,) = cursor.fetchone()
            lines = [value for line in LINES.items() for value in (key, *line)]
            cursor.execute(
                "INSERT INTO bare_line (entry_id, account, amount_paise) VALUES (%s, %s, %s), (%s, %s, %s)", lines
            )

    return {"posted": posted, "bare": bare}


if __name__ == "__main__":
    main()
