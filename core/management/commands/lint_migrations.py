"""Refuse migrations that would keep a running system waiting."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.migrations.loader import MigrationLoader

from core.management.migration_rules import complaints

APP = "core"
BEGAN_EMPTY = "0003"  # up to here the tables were new


class Command(BaseCommand):
    help = "Refuse migrations that lock big tables, or that the code still running during a deployment cannot bear."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        loader = MigrationLoader(None)
        looked_at = sorted(key for key in loader.disk_migrations if key[0] == APP and key[1][:4] > BEGAN_EMPTY)
        found = [
            complaint
            for key in looked_at
            for complaint in complaints(loader.disk_migrations[key], loader.project_state(key, at_end=False))
        ]
        for complaint in found:
            self.stderr.write(complaint)
        if found:
            raise CommandError(f"{len(found)} unsafe operations; core/db/online_migrations.py has safe ones.")
        self.stdout.write(f"{len(looked_at)} migrations keep nobody waiting.")
