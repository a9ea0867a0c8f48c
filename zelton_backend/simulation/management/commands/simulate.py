"""Simulate the whole life of money, see docs/simulation.md."""

import json
import sys
from argparse import ArgumentTypeError
from collections.abc import Iterable
from contextlib import closing, suppress
from itertools import count
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from core.management.arguments import number
from zelton_backend.simulation.database import Databases, throw_away_databases
from zelton_backend.simulation.many import Total, run_many
from zelton_backend.simulation.report import command, progress, sentence, summary, violation
from zelton_backend.simulation.run import Wanted
from zelton_backend.simulation.subscriptions.planted import PLANTED
from zelton_backend.simulation.workers import Stopped, stoppable

LAST_SEED = 10**14
LONGEST = 43_200  # minutes, which are a month
SAY_EVERY = 50  # seeds
MONTHS_BESIDE_ORDERS = 3
CLEAR_LINE = "\r\x1b[2K"


class Command(BaseCommand):
    help = (
        "Run the real code against the PhonePe simulator, on a virtual clock and a throw-away database, with crashes "
        "and faults drawn from a seed. The same seed gives the same story. Exits 1 if an invariant does not hold. "
        "Example: manage.py simulate --seed 7 --orders 500"
    )
    requires_system_checks = []  # nothing is served, and the configured database is never opened

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seed", type=number(0, LAST_SEED), default=1, help="which story (1)")
        parser.add_argument("--orders", type=number(1, 100_000), default=200, help="how many orders live in it (200)")
        parser.add_argument(
            "--months", type=number(1, 120), default=0, help="subscriptions with AutoPay for so many months, no rent"
        )
        parser.add_argument(
            "--months-every", type=number(1, 1000), default=0, help="only every so many seeds; the others live orders"
        )
        parser.add_argument("--owners", type=number(1, 1000), default=3, help="how many owners live in those (3)")
        parser.add_argument("--plant", choices=sorted(PLANTED), default="", help="plant a defect, which is to be found")
        parser.add_argument(
            "--seeds", type=_seeds_given, help="many stories: so many from --seed on, or a range such as 1-50"
        )
        minutes = "go on from --seed until so many minutes are over; stories that have begun are finished"
        parser.add_argument("--minutes", type=_minutes, help=minutes)
        parser.add_argument(
            "--jobs", type=number(1, 256), default=1, help="processes that run seeds at the same time (1)"
        )
        parser.add_argument("--keep", action="store_true", help="keep the database of a story that failed")
        parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("simulate makes up payments and does not run in PRODUCTION.")
        total, exit_code = Total(), 0
        try:
            with stoppable(), throw_away_databases() as databases:
                self._run(options, databases, total)
        except Stopped as stop:
            exit_code = stop.exit_code
            if not options["json"]:
                self.stdout.write(f"Stopped after {total.seeds} seeds; those that were running are thrown away.")
        self._report(total, as_json=options["json"], stopped=exit_code > 0)
        if total.failed or exit_code:
            sys.exit(exit_code or 1)

    def _run(self, options: dict[str, Any], databases: Databases, total: Total) -> None:
        limit = options["minutes"] * 60 if options["minutes"] else None
        seeds, jobs = _seeds(options), options["jobs"]
        every = options["months_every"]
        months = options["months"] or (MONTHS_BESIDE_ORDERS if every else 0)
        wanted = Wanted(options["orders"], months, options["owners"], options["plant"], every)
        watched = self.stderr.isatty() and not options["json"]
        with closing(run_many(seeds, wanted, databases, jobs=jobs, keep=options["keep"], seconds=limit)) as results:
            try:
                self._show(progress(total), watched=watched)
                for result in results:
                    total.add(result)
                    self._show("", watched=watched)
                    if total.seeds % SAY_EVERY == 0 and not options["json"]:
                        self._say_how_fast(total)
                    self._show(progress(total), watched=watched)
            finally:
                self._show("", watched=watched)

    def _show(self, line: str, *, watched: bool) -> None:
        """Write the one line anew that a person at a terminal sees meanwhile."""
        if watched:
            self.stderr.write(CLEAR_LINE + line, str, ending="")
            self.stderr.flush()

    def _say_how_fast(self, total: Total) -> None:
        self.stdout.write("{seeds} seeds, {orders} lives, {lives_per_second} a second".format(**summary(total)))
        self.stdout.flush()

    def _report(self, total: Total, *, as_json: bool, stopped: bool) -> None:
        numbers = summary(total)
        if as_json:
            failed = [{**result.as_json(), "command": command(result)} for result in total.failed]
            outcome = {"ok": not failed, "stopped": stopped, **numbers, "digest": total.digest, "violations": failed}
            self.stdout.write(json.dumps(outcome))
            return
        for result in total.failed:
            self.stdout.write(violation(result, vendor=connection.vendor))
        if total.seeds and not total.failed:
            self.stdout.write(sentence(numbers))
            self.stdout.write(f"Trace {total.digest}")


def _seeds(options: dict[str, Any]) -> Iterable[int]:
    """Return the seeds that were asked for."""
    first, wanted = options["seed"], options["seeds"]
    if wanted is None:
        return count(first) if options["minutes"] else [first]
    return range(first, first + wanted) if isinstance(wanted, int) else wanted


def _seeds_given(text: str) -> int | range:
    """Read how many seeds are wanted, or which."""
    parts = text.split("-")
    if len(parts) > 2 or not all(part.isascii() and part.isdecimal() and len(part) < 15 for part in parts):
        raise ArgumentTypeError(f"give how many, or a range such as 1-50, not {text!r}")
    numbers = [int(part) for part in parts]
    if len(numbers) == 2 and numbers[0] > numbers[1]:
        raise ArgumentTypeError(f"the first seed of {text} comes after the last")
    if numbers == [0]:
        raise ArgumentTypeError("0 seeds are none")
    return numbers[0] if len(numbers) == 1 else range(numbers[0], numbers[1] + 1)


def _minutes(text: str) -> float:
    with suppress(ValueError):
        if 0 < (minutes := float(text)) <= LONGEST:
            return minutes
    raise ArgumentTypeError(f"give a number of minutes above 0 and at most {LONGEST}, not {text!r}")
