"""Move bodies of processed webhooks out of the database into files, so that the database does not grow with them.

A body names a payer's UPI id, masked account and amounts; after its time it belongs into a folder that few may read.
The row stays, with its digest: a repeated delivery is still recognised, brings its body back, and is looked at again.

A batch is claimed, written, verified and emptied in this order, and the rows know their file from the first step on.
Whatever the process dies in, the next run finds the claimed rows and writes the same file anew: a body leaves the
database only in the transaction that has read it back from a file on the disk.
"""

import base64
import gzip
import json
import os
import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from core.india import day_in_india
from core.models import Alert, WebhookEvent

AT_ONCE = 500
TOLD = ("digest", "event", "merchant_order_id", "outcome", "deliveries")
WHEN = ("received_at", "last_received_at", "processed_at")


class ArchiveUnreadable(Exception):
    """A file does not hold what was written into it."""


def old_bodies(*, now: datetime, days: int) -> QuerySet[WebhookEvent]:
    """Return processed deliveries whose time here is over; what an open alert is about stays."""
    about = Q(subject=OuterRef("digest")) | Q(subject=OuterRef("merchant_order_id"))
    processed = WebhookEvent.objects.filter(processed_at__lte=now - timedelta(days=days), archived_at__isnull=True)
    return processed.exclude(Exists(Alert.objects.filter(about, resolved_at__isnull=True)))


def archive_bodies(folder: Path, *, now: datetime, days: int) -> Iterator[tuple[Path, int]]:
    """Move old bodies to new files in a folder; yield every file and how many bodies it holds.

    A file that does not read back keeps no other file from being written.

    :raises OSError, ArchiveUnreadable: when a file cannot be kept; its bodies are still in the database
    """
    unreadable: ArchiveUnreadable | None = None
    for name in _names(now=now, days=days):
        try:
            yield from _move(folder / name, now=now, days=days)
        except ArchiveUnreadable as problem:
            unreadable = problem
    if unreadable is not None:
        raise unreadable


def _names(*, now: datetime, days: int) -> Iterator[str]:
    """Yield the files that an earlier run has claimed bodies for and not written, then new ones."""
    claimed = WebhookEvent.objects.exclude(archive="").filter(
        processed_at__lte=now - timedelta(days=days), archived_at__isnull=True
    )
    yield from list(claimed.values_list("archive", flat=True).distinct().order_by("archive"))
    while name := _claim(now=now, days=days):
        yield name


def archive_if_wanted(*, now: datetime) -> int:
    """Move old bodies as the settings say, and return how many; without a folder they stay.

    :raises OSError, ArchiveUnreadable: when a file cannot be kept
    """
    if not settings.WEBHOOK_ARCHIVE:
        return 0
    moved = archive_bodies(Path(settings.WEBHOOK_ARCHIVE), now=now, days=settings.WEBHOOK_KEPT_DAYS)
    return sum(count for _, count in moved)


def _claim(*, now: datetime, days: int) -> str:
    """Give the oldest bodies, of one day, a file of their own; return its name, empty if there are none."""
    skip = connection.features.has_select_for_update_skip_locked
    with transaction.atomic():
        free = old_bodies(now=now, days=days).filter(archive="").order_by("processed_at")
        rows = free.select_for_update(skip_locked=skip).only("received_at")[:AT_ONCE]
        days_of = {row.pk: day_in_india(row.received_at) for row in rows}
        if not days_of:
            return ""
        first = next(iter(days_of.values()))
        name = f"webhooks-{first}-{secrets.token_hex(6)}.jsonl.gz"
        WebhookEvent.objects.filter(pk__in=[pk for pk, day in days_of.items() if day == first]).update(archive=name)
    return name


def _move(path: Path, *, now: datetime, days: int) -> Iterator[tuple[Path, int]]:
    with transaction.atomic():
        # Found among what is old, along an index: there is none by file, and nearly all that is kept is younger.
        claimed = WebhookEvent.objects.filter(archive=path.name, archived_at__isnull=True)
        old = claimed.filter(processed_at__lte=now - timedelta(days=days))
        # Who runs beside us waits here, and then finds nothing left.
        rows = list(old.select_for_update().order_by("pk"))
        if not rows:
            return
        here = WebhookEvent.objects.filter(pk__in=[row.pk for row in rows])
        if _holds_others(path, rows):
            here.update(archive="")  # to be claimed for another file
            return
        _write(path, rows)
        here.update(body=b"", archived_at=now)
    yield path, len(rows)


def _holds_others(path: Path, rows: list[WebhookEvent]) -> bool:
    """Tell whether a part of what was claimed for a file has left for it before: then it must not be written anew.

    That happens if an interrupted run claimed them all, and the next one was to keep bodies for longer.
    """
    return path.exists() and not {row.digest for row in rows}.issuperset(_digests(path))


def _write(path: Path, rows: list[WebhookEvent]) -> None:
    """Write a file that is there whole or not at all, and read it back from the disk."""
    partial = path.with_name(f".{path.name}")  # what a killed run left of it is overwritten
    with open(partial, "wb", opener=_for_us_alone) as file:
        with gzip.GzipFile(fileobj=file, mode="wb", mtime=0) as packed:
            packed.writelines(f"{json.dumps(_line(row))}\n".encode() for row in rows)
        file.flush()
        os.fsync(file.fileno())
    if list(_digests(partial)) != [row.digest for row in rows]:
        raise ArchiveUnreadable(f"{path.name} does not hold what was written into it.")
    partial.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _for_us_alone(path: str, flags: int) -> int:
    return os.open(path, flags, mode=0o600)


def _line(row: WebhookEvent) -> dict[str, Any]:
    body = bytes(row.body)
    told = {name: getattr(row, name) for name in TOLD} | {name: getattr(row, name).isoformat() for name in WHEN}
    try:
        return {**told, "body": body.decode()}
    except UnicodeDecodeError:
        return {**told, "body_base64": base64.b64encode(body).decode()}


def _digests(path: Path) -> Iterator[str]:
    """Yield the digest of every body in a file, worked out anew."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            told = json.loads(line)
            body = told["body"].encode() if "body" in told else base64.b64decode(told["body_base64"])
            yield sha256(body).hexdigest()
