"""Prove PhonePe's sign-off checklist, see docs/sign_off.md."""

import json
import logging
import sys
import time
from argparse import RawDescriptionHelpFormatter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from zelton_backend.sign_off.local import LOCK_SECONDS, bench
from zelton_backend.sign_off.report import FILES, WORDS, Environment, Report
from zelton_backend.sign_off.requirements import SECTIONS, Outcome, all_requirements
from zelton_backend.sign_off.run import check_all
from zelton_backend.sign_off.sandbox.progress import ProgressUnreadable
from zelton_backend.sign_off.sandbox.walk import Refused
from zelton_backend.sign_off.sandbox.walking import take_up, walk
from zelton_backend.simulation.database import throw_away_databases

pause = time.sleep
FOLDER, LOG = Path("phonepe-uat"), "run.log"
CLEAR_LINE = "\r\x1b[2K"
EXAMPLE = """\
example:
  manage.py phonepe_uat --report /tmp/sign-off
  proves all that a program can prove, in under two minutes, and writes report.html, report.pdf and evidence.json there

  manage.py phonepe_uat --sandbox --report /tmp/sandbox
  opens orders at PhonePe's sandbox, says what to pay, and proves what happened; Ctrl-C stops, the same command goes on
"""


class Command(BaseCommand):
    help = (
        "Go through PhonePe's sign-off checklist, every id from A1 to G4, against the product's real code, and write a "
        "report for PhonePe. Starts what it needs beside it: a simulator of PhonePe, a throw-away database, a virtual "
        "clock. Nothing configured is touched, unless it is told to use the sandbox. Exits 1 if a requirement failed."
    )
    requires_system_checks = []  # the configured database is not opened

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        parser = super().create_parser(prog_name, subcommand, epilog=EXAMPLE, **kwargs)
        parser.formatter_class = RawDescriptionHelpFormatter
        return parser

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--report", type=Path, metavar="DIR", help=f"the folder to write to; made if it is not there ({FOLDER})"
        )
        parser.add_argument(
            "--json", action="store_true", help="print the evidence as one JSON object and nothing else"
        )

        parser.add_argument(
            "--sandbox",
            action="store_true",
            help="go through PhonePe's sandbox instead, as PHONEPE_* and DATABASE_URL are set: makes orders there, "
            "says what to pay, and can be stopped and started again with the same DIR",
        )

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        if settings.PRODUCTION:
            raise CommandError("phonepe_uat makes up payments and does not run in PRODUCTION.")
        folder = _folder(options["report"] or FOLDER)
        run = partial(self._walk, folder) if options["sandbox"] else self._run
        with _log_into(folder / LOG):
            report = run(as_json=options["json"])
        try:
            report.write(folder)
        except OSError as problem:
            raise CommandError(f"The report cannot be written to {folder}: {problem.strerror}.") from None
        if options["json"]:
            self.stdout.write(json.dumps(report.as_json(), ensure_ascii=False))
        else:
            self._say_where(report, folder)
        if report.failed:
            sys.exit(1)

    def _run(self, *, as_json: bool) -> Report:
        began, started_at, outcomes = time.perf_counter(), datetime.now(UTC), []
        self._show("Preparing a throw-away database …", as_json=as_json)
        with throw_away_databases(lock_seconds=LOCK_SECONDS) as databases, bench(databases, now=started_at) as ready:
            requirements = all_requirements()
            for outcome in check_all(ready, requirements):
                outcomes.append(outcome)
                self._show("", as_json=as_json)
                if not as_json:
                    self._say(outcome)
                self._show(f"{len(outcomes)} of {len(requirements)}", as_json=as_json)
        self._show("", as_json=as_json)
        return Report(Environment.SIMULATOR, started_at, time.perf_counter() - began, outcomes)

    def _walk(self, folder: Path, *, as_json: bool) -> Report:
        """Walk through PhonePe's sandbox.

        :raises CommandError: if that cannot be
        """
        if not settings.PHONEPE_WEBHOOK_CREDENTIALS:
            raise CommandError("Set PHONEPE_WEBHOOK_USERNAME and PHONEPE_WEBHOOK_PASSWORD: every webhook is refused.")
        say = self.stderr if as_json else self.stdout  # stdout is for the object alone
        began = time.perf_counter()
        try:
            progress = take_up(folder)
            outcomes = walk(progress, say=lambda line: say.write(line, lambda text: text), wait=pause)
        except (ProgressUnreadable, Refused) as problem:
            raise CommandError(str(problem)) from None
        if not as_json:
            for outcome in outcomes:
                self._say(outcome)
        return Report(Environment.SANDBOX, progress.started, time.perf_counter() - began, outcomes)

    def _show(self, line: str, *, as_json: bool) -> None:
        """Write the one line anew that a person at a terminal sees meanwhile."""
        if self.stderr.isatty() and not as_json:
            self.stderr.write(CLEAR_LINE + line, str, ending="")
            self.stderr.flush()

    def _say(self, outcome: Outcome) -> None:
        requirement = outcome.requirement
        if requirement.id.endswith("1") and len(requirement.id) == 2:
            self.stdout.write(f"\n{SECTIONS[requirement.id[0]]}")
        self.stdout.write(f"  {requirement.id:4} {WORDS[outcome.verdict]:8} {requirement.title}")
        if outcome.verdict != "proved":
            self.stdout.write(f"                {outcome.proof}")

    def _say_where(self, report: Report, folder: Path) -> None:
        self.stdout.write(f"\n{report.sentence()} It took {report.seconds:.0f} s.")
        for name in FILES:
            self.stdout.write(f"  {folder / name}")


def _folder(folder: Path) -> Path:
    """Make the folder of the report, and see that it can be written.

    :raises CommandError: if it cannot
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        trial = folder / FILES[0]
        with trial.open("a"):
            pass
    except OSError as problem:
        raise CommandError(f"The report cannot be written to {folder}: {problem.strerror}.") from None
    return folder


@contextmanager
def _log_into(file: Path) -> Iterator[None]:
    """Let all that the product logs meanwhile go to a file, where it is no noise: these payments are made up."""
    root = logging.getLogger()
    named = (logger for logger in root.manager.loggerDict.values() if isinstance(logger, logging.Logger))
    before = {logger: logger.handlers[:] for logger in (root, *named) if logger.handlers}
    handler = logging.FileHandler(file)
    handler.setFormatter(next((each.formatter for each in before.get(root, []) if each.formatter), None))
    for logger in before:
        logger.handlers[:] = []
    root.handlers[:] = [handler]
    try:
        yield
    finally:
        root.handlers[:] = []
        for logger, handlers in before.items():
            logger.handlers[:] = handlers
        handler.close()
