"""Do what is due for owners' subscriptions."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from core.services.subscriptions.renewing import renew_due
from core.services.worker import MANDATES, run


class Command(BaseCommand):
    help = (
        "Do what is due for owners' subscriptions: announce renewals three days before they are, and move on what has "
        "ended. The worker does so every minute; run it where there is none. Running it late, twice or on several "
        "machines comes to the same. Exits 1 if a subscription could not be done. "
        "Example: manage.py renew_subscriptions --json"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        mandates = run(MANDATES, everything=False)
        done = renew_due(now=timezone.now())
        if options["json"]:
            told = {
                "looked_at": done.looked_at,
                "failed": done.failed + mandates.failed,
                "mandates": mandates.asked,
                "unanswered": mandates.unanswered,
                "steps": dict(sorted(done.steps.items())),
            }
            self.stdout.write(json.dumps(told))
        else:
            steps = ", ".join(f"{many} {event}" for event, many in sorted(done.steps.items())) or "nothing was due"
            failed = done.failed + mandates.failed
            looked = f"Looked at {_count(mandates.asked, 'mandate')} and {_count(done.looked_at, 'subscription')}"
            self.stdout.write(f"{looked}: {steps}. Failed: {failed}.")
        if done.failed or mandates.failed:
            raise SystemExit(1)


def _count(many: int, what: str) -> str:
    return f"{many} {what}{'' if many == 1 else 's'}"
