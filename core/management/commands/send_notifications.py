"""Send what waits in the outbox."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from core.models import Notification
from core.services.notices.rent import remind
from core.services.operations.delivery import deliver_due


class Command(BaseCommand):
    help = (
        "Remind tenants of rent, and send what waits in the outbox and is due: by e-mail, and alerts to "
        "ALERT_WEBHOOK_URL too. The worker does so by itself; run it where there is none. Exits 0 whatever was taken. "
        "Example: manage.py send_notifications --json"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        remind(now=timezone.now())
        sent, not_taken = deliver_due()
        waiting = Notification.objects.exclude(next_try_at=None)
        if options["json"]:
            self.stdout.write(json.dumps({"sent": sent, "not_taken": not_taken, "waiting": waiting.count()}))
            return
        self.stdout.write(f"Sent: {sent}. Not taken: {not_taken}. Waiting: {waiting.count()}.")
        for problem in waiting.exclude(problem="").order_by().values_list("problem", flat=True).distinct():
            self.stdout.write(f"  {problem}")
