"""Compare the ledger with orders and refunds."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from core.india import in_india
from core.management.progress import progress
from core.money import rupees_for_people
from core.services.audit import CHECKS, check_and_alert, totals
from core.services.ledger import balances, proofs
from core.services.timeline.events import written


class Command(BaseCommand):
    help = (
        "Compare the ledger with orders, refunds and charges to the paisa, and name every difference. With --new, as "
        "beat does every night, what was proved before stays proved, and only what came since is compared. Exits 1 if "
        "there is a difference. Example: manage.py check_books --json"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--add-up-anew",
            action="store_true",
            help="make the totals that balances are read from anew, from the lines",
        )
        parser.add_argument(
            "--new", action="store_true", help="compare only what came since the last time that nothing differed"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["add_up_anew"]:
            balances.add_up(anew=True)
        with progress(len(CHECKS), "checks") as bar:
            found = check_and_alert(now=timezone.now(), everything=not options["new"], done=bar.update)
        whole = proofs.last_of_everything()
        if options["json"]:
            said = {"balanced": not found, "differences": found, "totals_paise": totals()}
            self.stdout.write(json.dumps({**said, "everything_proved_at": written(whole.made_at) if whole else None}))
        else:
            for account, paise in sorted(totals().items()):
                self.stdout.write(f"{account:24} {rupees_for_people(paise):>20}")
            for difference in found:
                self.stdout.write(difference)
        if found:
            raise CommandError(f"The books differ in {len(found)} place{'' if len(found) == 1 else 's'}.")
        if options["json"]:
            return
        self.stdout.write("The books balance.")
        if whole and options["new"]:  # otherwise that was just now
            self.stdout.write(f"Everything was last compared on {in_india(whole.made_at):%d %b %Y, %H:%M} IST.")
