"""Read the webhooks that wait, those that failed, or one again."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from core.errors import DomainError
from core.management.arguments import named_user, reason
from core.management.progress import progress
from core.models import WebhookEvent
from core.services.webhooks.processing import process_waiting, try_failed_now
from core.services.webhooks.replaying import replay_webhook

AT_ONCE = 200
MOST_ROUNDS = 10_000  # so that it ends while webhooks go on coming in


class Command(BaseCommand):
    help = (
        "Read the webhooks that wait, as the worker does every second; what they are about is asked about by the next "
        "tick or reconcile_pending_payments. For when no worker runs, or to read one again. "
        "Example: manage.py process_webhook_events --replay webhook:9 --reason 'The reader was mended'"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--failed", action="store_true", help="also those that could not be read, without waiting")
        parser.add_argument("--replay", metavar="NUMBER", help="read this one again, and no other: webhook:9 or 9")
        parser.add_argument("--by", metavar="USER NAME", help="who replays it; left out: the user of this machine")
        parser.add_argument("--reason", type=reason, help="why it is replayed; kept with it")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["replay"] is not None:
            said = self._replay(**options)
        else:
            read = self._read(failed=options["failed"])
            said = {"read": read, "waiting": WebhookEvent.objects.unread().count()}
        if options["json"]:
            self.stdout.write(json.dumps(said))
        elif "webhook" in said:
            order = f" of order {said['order']}" if said["order"] else ""
            self.stdout.write(f"{said['webhook']} {said['event'] or 'without an event'}{order}: {said['outcome']}.")
        else:
            self.stdout.write(f"Read {said['read']} webhooks; {said['waiting']} wait to be read or tried again.")

    def _read(self, *, failed: bool) -> int:
        if failed:
            try_failed_now()
        read = 0
        with progress(WebhookEvent.objects.unread().count(), "webhooks") as bar:
            for _ in range(MOST_ROUNDS):
                done = process_waiting(now=timezone.now(), limit=AT_ONCE)
                read += done
                bar.update(done)
                if not done:
                    break
        return read

    def _replay(self, *, replay: str, by: str | None, reason: str | None, **_: Any) -> dict[str, Any]:
        number = replay.strip().lower().removeprefix("webhook:")
        known = number.isascii() and number.isdigit() and len(number) <= 18
        event = WebhookEvent.objects.defer("body").filter(pk=int(number)).first() if known else None
        if event is None:
            raise CommandError(f"There is no webhook {replay}; its number stands in its list, such as webhook:9 or 9.")
        why = reason or "Replayed with process_webhook_events"
        try:
            event = replay_webhook(event, by=named_user(by), reason=why, now=timezone.now())
        except DomainError as refusal:
            raise CommandError(str(refusal.detail)) from None
        return {
            "webhook": f"webhook:{event.pk}",
            "event": event.event,
            "order": event.merchant_order_id,
            "outcome": event.outcome,
            "read": int(event.processed_at is not None),
        }
