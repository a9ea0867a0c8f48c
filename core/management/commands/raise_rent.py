"""Charge rent, month by month."""

from datetime import date, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from core.india import day_in_india
from core.services.rent import raise_charges

LONGEST_AHEAD = timedelta(days=5 * 366)


class Command(BaseCommand):
    help = "Charge every tenancy the rent of every month up to today's. Running it again charges nothing twice."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--through", metavar="YYYY-MM-DD", help="a day of the last month to charge (today)")

    def handle(self, *args: Any, **options: Any) -> None:
        through = day_in_india(timezone.now())
        if options["through"]:
            try:
                through = date.fromisoformat(options["through"])
            except ValueError:
                raise CommandError("--through must be a day like 2026-04-01.") from None
        if through > day_in_india(timezone.now()) + LONGEST_AHEAD:
            raise CommandError("--through is more than five years ahead. Charges stay in the books; is it a typo?")
        self.stdout.write(f"Charged {raise_charges(through=through)} months of rent.")
