"""Let go of what was kept long enough: webhook bodies into files; keys, log-ins, messages and calls for good."""

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from core.management.arguments import number
from core.management.progress import progress
from core.services import idempotency
from core.services.operations import guessing, log_ins, outbox
from core.services.phonepe import call_record
from core.services.webhooks.archive import ArchiveUnreadable, archive_bodies, old_bodies


class Command(BaseCommand):
    help = (
        "Move old webhook bodies to compressed files, and forget old Idempotency-Keys, expired log-ins, old messages "
        "and old rows of calls to PhonePe. Safe to stop. "
        "Example: manage.py apply_retention --to /var/backups/webhooks --dry-run"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--to", metavar="FOLDER", help="where the files go (WEBHOOK_ARCHIVE)")
        parser.add_argument(
            "--days", type=number(1, 36_500), metavar="N", help="how old bodies must be (WEBHOOK_KEPT_DAYS)"
        )
        parser.add_argument("--dry-run", action="store_true", help="count, and change nothing")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        days = settings.WEBHOOK_KEPT_DAYS if options["days"] is None else options["days"]
        where = options["to"] or settings.WEBHOOK_ARCHIVE
        said = self._count(days) if options["dry_run"] else self._apply(where, days)
        if options["json"]:
            self.stdout.write(json.dumps({"dry_run": options["dry_run"], **said}))
            return
        would = "Would have " if options["dry_run"] else ""
        self.stdout.write(
            f"{would}moved {said['bodies']} webhook bodies to {len(said['files'])} files, "
            f"forgotten {said['keys']} Idempotency-Keys, "
            f"{said['log_ins']} log-ins, {said['guesses']} guesses at passwords, {said['messages']} messages "
            f"and {said['calls']} rows of calls to PhonePe."
        )
        if not where:
            self.stdout.write("No folder is set (WEBHOOK_ARCHIVE or --to): bodies stay in the database.")

    def _count(self, days: int) -> dict[str, Any]:
        now = timezone.now()
        return {
            "bodies": old_bodies(now=now, days=days).count(),
            "files": [],
            "keys": idempotency.old_keys(now=now).count(),
            "calls": call_record.old_calls(now=now).count(),
            "messages": outbox.old_messages(now=now).count(),
            "log_ins": sum(rows.count() for rows in log_ins.expired_log_ins(now=now)),
            "guesses": guessing.old_guesses(now=now).count() + guessing.old_places(now=now).count(),
        }

    def _apply(self, where: str, days: int) -> dict[str, Any]:
        now, moved = timezone.now(), list[tuple[Path, int]]()
        gone = {
            "keys": idempotency.forget_old(now=now),
            "log_ins": log_ins.forget_expired(now=now),
            "guesses": guessing.forget_old(now=now),
            "calls": call_record.forget_old(now=now),
            "messages": outbox.forget_old(now=now),
        }
        if where and not Path(where).is_dir():
            raise CommandError(f"{where} is not a folder. Bodies stay in the database.")
        try:
            if where:
                with progress(old_bodies(now=now, days=days).count(), "webhooks") as bar:
                    for file, count in archive_bodies(Path(where), now=now, days=days):
                        moved.append((file, count))
                        bar.update(count)
        except (OSError, ArchiveUnreadable) as problem:
            raise CommandError(f"The archive cannot be written, bodies stay in the database: {problem}") from None
        return {"bodies": sum(count for _, count in moved), "files": [path.name for path, _ in moved], **gone}
