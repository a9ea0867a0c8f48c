"""Let go of what was kept long enough: webhook bodies into files, Idempotency-Keys and expired log-ins for good."""

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from core.services import idempotency, log_ins
from core.services.retention import ArchiveUnreadable, archive_bodies, old_bodies


class Command(BaseCommand):
    help = "Move old webhook bodies to compressed files, forget old Idempotency-Keys and expired log-ins. Safe to stop."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--to", metavar="FOLDER", help="where the files go (WEBHOOK_ARCHIVE)")
        parser.add_argument("--days", type=int, metavar="N", help="how old bodies must be (WEBHOOK_KEPT_DAYS)")
        parser.add_argument("--dry-run", action="store_true", help="count, and change nothing")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        days = settings.WEBHOOK_KEPT_DAYS if options["days"] is None else options["days"]
        if days < 1:
            raise CommandError("--days must be 1 or more: PhonePe may still repeat what is younger.")
        where = options["to"] or settings.WEBHOOK_ARCHIVE
        said = self._count(days) if options["dry_run"] else self._apply(where, days)
        if options["json"]:
            self.stdout.write(json.dumps({"dry_run": options["dry_run"], **said}))
            return
        would = "Would have " if options["dry_run"] else ""
        self.stdout.write(
            f"{would}moved {said['bodies']} webhook bodies to {len(said['files'])} files, "
            f"forgotten {said['keys']} Idempotency-Keys "
            f"and {said['log_ins']} log-ins."
        )
        if not where:
            self.stdout.write("No folder is set (WEBHOOK_ARCHIVE or --to): bodies stay in the database.")

    def _count(self, days: int) -> dict[str, Any]:
        now = timezone.now()
        return {
            "bodies": old_bodies(now=now, days=days).count(),
            "files": [],
            "keys": idempotency.old_keys(now=now).count(),
            "log_ins": sum(rows.count() for rows in log_ins.expired_log_ins(now=now)),
        }

    def _apply(self, where: str, days: int) -> dict[str, Any]:
        now, moved = timezone.now(), []
        gone = {"keys": idempotency.forget_old(now=now), "log_ins": log_ins.forget_expired(now=now)}
        if where and not Path(where).is_dir():
            raise CommandError(f"{where} is not a folder. Bodies stay in the database.")
        try:
            moved = list(archive_bodies(Path(where), now=now, days=days)) if where else []
        except (OSError, ArchiveUnreadable) as problem:
            raise CommandError(f"The archive cannot be written, bodies stay in the database: {problem}") from None
        return {"bodies": sum(count for _, count in moved), "files": [path.name for path, _ in moved], **gone}
