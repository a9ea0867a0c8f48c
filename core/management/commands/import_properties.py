"""Take over what an owner lets, on the first day."""

import json
from argparse import RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from core.models import Owner
from core.services.lettings.importing import EXAMPLE, Imported, NotImported, import_properties


class Command(BaseCommand):
    help = (
        "Import an owner's properties, units and tenancies from a CSV file: all of it, or nothing and a sentence for "
        "each wrong line. Tenants are invited by mail; those without an address get a link, which is printed.\n\n"
        "A line without a tenant is a unit that is not let.\n\n"
        "Example: manage.py import_properties day-one.csv --owner meera --dry-run\n\n"
        "with day-one.csv:\n\n" + EXAMPLE
    )

    def create_parser(self, prog_name: str, subcommand: str, **options: Any) -> CommandParser:
        parser = super().create_parser(prog_name, subcommand, **options)
        parser.formatter_class = RawDescriptionHelpFormatter
        return parser

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument("--owner", metavar="USERNAME", help="whose they are; may be left out if there is one owner")
        parser.add_argument("--dry-run", action="store_true", help="say what would be imported, and write nothing")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        dry_run = options["dry_run"]
        try:
            content = options["file"].read_bytes()
        except OSError as problem:
            raise CommandError(f"{options['file']} cannot be read: {problem.strerror}.") from None
        owner = _owner(options["owner"])
        try:
            imported = import_properties(content, owner, dry_run=dry_run, now=timezone.now())
        except NotImported as problem:
            if options["json"]:
                self.stdout.write(json.dumps({"dry_run": dry_run, "imported": False, "errors": problem.sentences}))
            raise CommandError(f"{problem}\nNothing was imported.") from None
        if options["json"]:
            self.stdout.write(json.dumps({"dry_run": dry_run, "imported": not dry_run, **_as_json(imported)}))
            return
        counts = f"{imported.properties} properties, {imported.units} units, {imported.tenancies} tenancies"
        self.stdout.write(f"{counts}{' would be imported; nothing was written' if dry_run else ' imported'}.")
        for who, link in imported.links:
            self.stdout.write(f"Hand to {who}: {link}")


def _owner(username: str | None) -> Owner:
    """:raises CommandError: if it is not clear who is meant"""
    owners = Owner.objects.filter(user__username=username) if username else Owner.objects.all()
    found = list(owners[:2])
    if len(found) == 1:
        return found[0]
    if username:
        raise CommandError(f"There is no owner with the user name {username}.")
    raise CommandError("There are several owners: name one with --owner." if found else "There is no owner yet.")


def _as_json(imported: Imported) -> dict[str, Any]:
    return {
        "properties": imported.properties,
        "units": imported.units,
        "tenancies": imported.tenancies,
        "links": [{"tenant": who, "link": link} for who, link in imported.links],
        "errors": [],
    }
