"""Charge rent, month by month."""

import json
from datetime import date, datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from core.india import day_in_india
from core.management.progress import progress
from core.models import Tenancy
from core.services.rent.charges import raise_charges

LONGEST_AHEAD = timedelta(days=5 * 366)


class Command(BaseCommand):
    help = (
        "Charge every tenancy the rent of every month up to today's, as beat does every night. Running it again "
        "charges nothing twice. Example: manage.py raise_rent --through 2026-12-01"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--through", metavar="YYYY-MM-DD", help="a day of the last month to charge (today)")
        parser.add_argument(
            "--confirm-old-starts",
            action="store_true",
            help="also charge tenancies that start more than 24 months back and that nobody has confirmed",
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        today = day_in_india(timezone.now())
        through = today if options["through"] is None else _day(options["through"])
        if through > today + LONGEST_AHEAD:
            raise CommandError("--through is more than five years ahead. Charges stay in the books; is it a typo?")
        if options["through"] is not None and not Tenancy.objects.filter(starts_on__lte=through).exists():
            raise CommandError(f"No tenancy has begun by {through}, so there is nothing to charge. Is it a typo?")
        with progress(Tenancy.objects.filter(starts_on__lte=through).count(), "tenancies") as bar:
            raised = raise_charges(through=through, confirm_old_starts=options["confirm_old_starts"], done=bar.update)
        if options["json"]:
            self.stdout.write(
                json.dumps({"charged": raised.new, "unconfirmed": [row.pk for row in raised.unconfirmed]})
            )
            return
        self.stdout.write(f"Charged {raised.new} months of rent." if raised.new != 1 else "Charged 1 month of rent.")
        for sentence in raised.sentences():
            self.stdout.write(sentence)


def _day(text: str) -> date:
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        raise CommandError("--through must be a day such as 2026-04-01.") from None
