"""What the two reconciling commands share."""

import json
import signal
from dataclasses import asdict
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import close_old_connections
from django.utils import timezone

from core.management.progress import progress
from core.models import WebhookEvent
from core.services.polling.claims import CheckResult, put_off
from core.services.webhooks.processing import would_make_due
from core.services.worker import Tally, Work, run, run_for, tick

if TYPE_CHECKING:
    from tqdm import tqdm

LOOP_EVERY = 1.0  # seconds


def counted(number: int, things: str) -> str:
    """Return "1 refund" or "2 refunds"."""
    return f"{number} {things.removesuffix('s') if number == 1 else things}"


class WatchedTally(Tally):
    """Counts where a person at a terminal sees it."""

    def __init__(self, bar: "tqdm[None]") -> None:
        super().__init__()
        self._bar = bar

    def add(self, result: CheckResult, name: str) -> None:
        before = self.asked
        super().add(result, name)
        self._bar.update(self.asked - before)


class ReconcilingCommand(BaseCommand):
    """Reads stored webhooks and checks one kind of row. Exits 0 when the run finished, whatever PhonePe said."""

    works: tuple[Work, ...]
    things: str
    id_field: str

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("ids", nargs="*", metavar="ID", help=f"ask about these {self.things} now, and no others")
        parser.add_argument("--dry-run", action="store_true", help="say what would be asked, and change nothing")
        parser.add_argument("--all", action="store_true", help="also ask about all that is not closed, due or not")
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
            named = self._named(options["ids"])
            tally = self._run(named, everything=options["all"])
            self._summarise(tally, as_json=options["json"], with_ids=options["all"] or bool(named))
            if options["strict"] and (unanswered := tally.unanswered + tally.left):
                raise CommandError(f"PhonePe left {unanswered} questions unanswered.")

    def _run(self, named: list[tuple[Work, Any]], *, everything: bool) -> Tally:
        with progress(len(named) or self._count(everything=everything), self.things) as bar:
            if named:
                return run_for(named, tally=WatchedTally(bar))
            return run(*self.works, everything=everything, tally=WatchedTally(bar))

    def _count(self, *, everything: bool) -> int:
        """Return how many there are to ask about, before webhooks are read."""
        rows = [work.rows() for work in self.works]
        due = sum(each.due(timezone.now()).count() for each in rows)
        return max(due, sum(each.not_closed().count() for each in rows)) if everything else due

    def _named(self, ids: list[str]) -> list[tuple[Work, Any]]:
        """Return the rows of these ids.

        :raises CommandError: if there is none of some id
        """
        named = []
        for wanted in dict.fromkeys(ids):
            found = [(work, row) for work in self.works for row in work.rows().filter(**{self.id_field: wanted})]
            if not found:
                raise CommandError(f"There is no {self.things.removesuffix('s')} {wanted}; explain finds its id.")
            named += found
        return named

    def _say_what_would_be_asked(self, **options: Any) -> None:
        now = timezone.now()
        names: list[str] = []
        told_of = list(would_make_due())
        for rows in (work.rows() for work in self.works):
            asked = rows.due(now) | put_off(rows, now)
            names += (str(row) for row in (asked | rows.not_closed() if options["all"] else asked))
            names += (str(row) for row in told_of if isinstance(row, rows.model))
        names = list(dict.fromkeys(names))
        waiting = WebhookEvent.objects.unread().count()
        if options["json"]:
            self.stdout.write(json.dumps({"dry_run": True, "webhooks": waiting, "would_ask": names}))
            return
        about = counted(len(names), self.things)
        self.stdout.write(f"Would read {counted(waiting, 'webhooks')} and ask PhonePe about {about}:")
        for name in names:
            self.stdout.write(f"  {name}")

    def _loop(self) -> None:
        stop = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        while not stop.wait(LOOP_EVERY):
            close_old_connections()
            tick()  # which survives whatever goes wrong: a database that comes back finds this loop alive
            if settings.HEARTBEAT_FILE:
                Path(settings.HEARTBEAT_FILE).touch()

    def _summarise(self, tally: Tally, *, as_json: bool, with_ids: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(asdict(tally)))
            return
        self.stdout.write(
            f"Read {counted(tally.webhooks, 'webhooks')}, asked about {counted(tally.asked, self.things)}: "
            f"{tally.final} final, "
            f"{tally.pending} pending, {tally.not_found} unknown to PhonePe, {tally.unanswered} unanswered, "
            f"{counted(tally.failed, 'checks')} failed; {counted(tally.alerts, 'alerts')}."
        )
        if tally.left:
            self.stdout.write(f"  {tally.left} are still due: PhonePe does not answer now.")
        for name in tally.asked_ids if with_ids else ():
            self.stdout.write(f"  asked: {name}")
        for name in tally.unanswered_ids:
            self.stdout.write(f"  unanswered: {name}")
