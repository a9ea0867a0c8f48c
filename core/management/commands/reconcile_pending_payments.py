"""Ask PhonePe about every order that is due, without Celery."""

import json
import signal
from dataclasses import asdict
from threading import Event
from typing import Any

import structlog
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, close_old_connections
from django.utils import timezone

from core.models import PaymentTransaction, WebhookEvent
from core.models.history import Cause
from core.services.reconciliation import Tally, ask_about_everything, tick

logger = structlog.get_logger(__name__)
LOOP_EVERY = 1.0  # seconds


class Command(BaseCommand):
    help = (
        "Read stored webhooks and ask PhonePe about every rent and subscription order that is due. "
        "Safe to run at any time, any number of times, beside the workers."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say what would be asked, and change nothing")
        parser.add_argument("--all", action="store_true", help="ask about every order that is not settled, due or not")
        parser.add_argument("--loop", action="store_true", help="go on ticking once a second until stopped")
        parser.add_argument("--json", action="store_true", help="print the summary as one JSON object")
        parser.add_argument("--strict", action="store_true", help="exit 1 if PhonePe left a question unanswered")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["dry_run"]:
            self._say_what_would_be_asked(**options)
            return
        run = ask_about_everything if options["all"] else lambda: tick(cause=Cause.COMMAND)
        if options["loop"]:
            self._loop(**options)
            return
        tally = run()
        self._summarise(tally, as_json=options["json"])
        if options["strict"] and tally.unanswered:
            raise CommandError(f"PhonePe left {tally.unanswered} questions unanswered.")

    def _say_what_would_be_asked(self, **options: Any) -> None:
        orders = PaymentTransaction.objects
        asked = orders.unsettled().order_by("pk") if options["all"] else orders.due(timezone.now())
        ids = list(asked.values_list("merchant_order_id", flat=True))
        waiting = WebhookEvent.objects.filter(processed_at__isnull=True).count()
        if options["json"]:
            self.stdout.write(json.dumps({"dry_run": True, "webhooks": waiting, "would_ask": ids}))
            return
        self.stdout.write(f"Would read {waiting} webhooks and ask PhonePe about {len(ids)} orders:")
        for merchant_order_id in ids:
            self.stdout.write(f"  {merchant_order_id}")

    def _loop(self, **options: Any) -> None:
        stop = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        while not stop.wait(LOOP_EVERY):
            close_old_connections()
            try:
                tally = tick()
            except DatabaseError:
                logger.exception("tick_failed")  # a database that comes back finds this loop alive
                continue
            if tally.webhooks or tally.asked:
                self._summarise(tally, as_json=options["json"])
                self.stdout.flush()

    def _summarise(self, tally: Tally, *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(asdict(tally)))
            return
        self.stdout.write(
            f"Read {tally.webhooks} webhooks, asked about {tally.asked} orders: {tally.final} final, "
            f"{tally.pending} pending, {tally.not_found} unknown to PhonePe, {tally.unanswered} unanswered, "
            f"{tally.failed} checks failed; {tally.alerts} alerts."
        )
        for merchant_order_id in tally.unanswered_orders:
            self.stdout.write(f"  unanswered: {merchant_order_id}")
