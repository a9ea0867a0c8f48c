"""What the two reconciling commands share."""

import json
import signal
from dataclasses import asdict
from threading import Event
from typing import Any

import structlog
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, close_old_connections
from django.utils import timezone

from core.models import WebhookEvent
from core.services.reconciliation import Tally, Work, run, tick

logger = structlog.get_logger(__name__)
LOOP_EVERY = 1.0  # seconds


class ReconcilingCommand(BaseCommand):
    """Reads stored webhooks and checks one kind of row. Exits 0 when the run finished, whatever PhonePe said."""

    work: Work
    things: str

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say what would be asked, and change nothing")
        parser.add_argument("--all", action="store_true", help="ask about everything that is not settled, due or not")
        parser.add_argument(
            "--loop",
            action="store_true",
            help="go on with all that is due, orders and refunds, once a second, until stopped; says nothing",
        )
        parser.add_argument("--json", action="store_true", help="print the summary as one JSON object")
        parser.add_argument("--strict", action="store_true", help="exit 1 if PhonePe left a question unanswered")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        if options["dry_run"]:
            self._say_what_would_be_asked(**options)
        elif options["loop"]:
            self._loop()
        else:
            tally = run(self.work, everything=options["all"])
            self._summarise(tally, as_json=options["json"])
            if options["strict"] and (unanswered := tally.unanswered + tally.left):
                raise CommandError(f"PhonePe left {unanswered} questions unanswered.")

    def _say_what_would_be_asked(self, **options: Any) -> None:
        rows = self.work.rows()
        asked = rows.unsettled().order_by("pk") if options["all"] else rows.due(timezone.now())
        names = [str(row) for row in asked]
        waiting = WebhookEvent.objects.filter(processed_at__isnull=True).count()
        if options["json"]:
            self.stdout.write(json.dumps({"dry_run": True, "webhooks": waiting, "would_ask": names}))
            return
        self.stdout.write(f"Would read {waiting} webhooks and ask PhonePe about {len(names)} {self.things}:")
        for name in names:
            self.stdout.write(f"  {name}")

    def _loop(self) -> None:
        stop = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        while not stop.wait(LOOP_EVERY):
            close_old_connections()
            try:
                tick()
            except DatabaseError:
                logger.exception("tick_failed")  # a database that comes back finds this loop alive

    def _summarise(self, tally: Tally, *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(asdict(tally)))
            return
        self.stdout.write(
            f"Read {tally.webhooks} webhooks, asked about {tally.asked} {self.things}: {tally.final} final, "
            f"{tally.pending} pending, {tally.not_found} unknown to PhonePe, {tally.unanswered} unanswered, "
            f"{tally.failed} checks failed; {tally.alerts} alerts."
        )
        if tally.left:
            self.stdout.write(f"  {tally.left} are still due: PhonePe does not answer now.")
        for name in tally.unanswered_ids:
            self.stdout.write(f"  unanswered: {name}")
