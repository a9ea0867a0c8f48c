"""Say in one line for each thing that Zelton needs whether it is well, and what to do if not."""

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.services.doctor import Health, examine


class Command(BaseCommand):
    help = (
        "Look at settings, database, broker, worker, beat, PhonePe, webhooks, books and disk; say what was seen "
        "and what to do. Nothing is changed. Exits 1 if anything fails. Example: manage.py doctor --json"
    )
    requires_system_checks = []  # what is wrong is to be said here, in its own line

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        colours = {Health.OK: self.style.SUCCESS, Health.WARN: self.style.WARNING, Health.FAIL: self.style.ERROR}
        checks = []
        for check in examine():
            checks.append(check)
            if not options["json"]:
                self.stdout.write(f"{colours[check.status](f'{check.status:5}')} {check.name:20} {check.detail}")
                if check.remedy and check.status != Health.OK:
                    self.stdout.write(f"{'':26} → {check.remedy}")
        failed = [check.name for check in checks if check.status == Health.FAIL]
        if options["json"]:
            self.stdout.write(json.dumps({"ok": not failed, "checks": [asdict(check) for check in checks]}))
        if failed:
            raise CommandError(f"Not well: {', '.join(failed)}.")
