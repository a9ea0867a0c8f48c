"""What came of a run, as JSON for programs, and in words and tables for the people at PhonePe."""

import json
import platform
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.template.loader import render_to_string

from core.india import in_india
from core.services.documents.pdf import typeset
from phonepe_simulator import __version__ as simulator_version
from zelton_backend.sign_off.proofs import Verdict
from zelton_backend.sign_off.requirements import SECTIONS, Outcome
from zelton_backend.sign_off.shown import shown_briefly, shown_in_full

NONE = "-"
TITLE = "PhonePe Standard Checkout: UAT sign-off"
WORDS = {
    Verdict.PROVED: "Proved",
    Verdict.FAILED: "Failed",
    Verdict.BY_HAND: "By hand",
    Verdict.NOT_RUN: "Not run",
}
FILES = ("report.html", "report.pdf", "evidence.json")


class Environment(StrEnum):
    SIMULATOR = "SIMULATOR"
    SANDBOX = "SANDBOX"


EXPLAINED = {
    Environment.SIMULATOR: (
        "The product's real code against a simulator of PhonePe over HTTP, with a throw-away database. Each "
        "requirement is checked alone, on a clock that stands still until the check moves it: times are exact to the "
        "second."
    ),
    Environment.SANDBOX: "The product against PhonePe's sandbox, in real time, with payments made by a person.",
}


@dataclass(frozen=True, slots=True)
class Report:
    """:ivar seconds: how long the run took"""

    environment: Environment
    started_at: datetime
    seconds: float
    outcomes: list[Outcome]

    @property
    def failed(self) -> list[Outcome]:
        return [outcome for outcome in self.outcomes if outcome.verdict == Verdict.FAILED]

    def counts(self) -> Counter[Verdict]:
        return Counter(outcome.verdict for outcome in self.outcomes)

    def sentence(self) -> str:
        """Say in one sentence what came of it."""
        counts, total = self.counts(), len(self.outcomes)
        others = (f"{counts[verdict]} {WORDS[verdict].lower()}" for verdict in list(Verdict)[1:] if counts[verdict])
        return ", ".join([f"{counts[Verdict.PROVED]} of {total} requirements proved", *others]) + "."

    def as_json(self) -> dict[str, Any]:
        return {
            "environment": self.environment.value,
            "started_at": f"{self.started_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "requirements": [outcome.as_json() for outcome in self.outcomes],
        }

    def facts(self) -> list[tuple[str, str]]:
        """Return what the head of the report says of the run."""
        started = in_india(self.started_at)
        versions = (
            f"Zelton {settings.SPECTACULAR_SETTINGS['VERSION']}, PhonePe SDK {version('phonepe-pg-sdk-python')}, "
            f"Django {django.__version__}, Python {platform.python_version()}"
        )
        if self.environment == Environment.SIMULATOR:
            versions += f", simulator {simulator_version}"
        return [
            ("Environment", self.environment.value),
            ("Started", f"{started.day} {started:%B %Y, %H:%M:%S} IST (India)"),
            ("Took", f"{self.seconds:.0f} seconds"),
            ("Versions", versions),
            ("Result", self.sentence()),
        ]

    def sections(self) -> list[dict[str, Any]]:
        """Return the summary, a row for each section of the checklist."""
        rows = []
        for letter, name in SECTIONS.items():
            here = [outcome for outcome in self.outcomes if outcome.requirement.id[0] == letter]
            counts = Counter(outcome.verdict for outcome in here)
            rows.append({"name": name, "outcomes": here, "counts": [counts[verdict] for verdict in Verdict]})
        return rows

    def html(self) -> str:
        sections = [
            {
                "name": section["name"],
                "counts": section["counts"],
                "total": len(section["outcomes"]),
                "requirements": [
                    {**_told(outcome), "entries": shown_in_full(outcome.evidence)} for outcome in section["outcomes"]
                ],
            }
            for section in self.sections()
        ]
        counts = self.counts()
        return render_to_string(
            "sign_off/report.html",
            {
                "title": TITLE,
                "explained": EXPLAINED[self.environment],
                "facts": self.facts(),
                "sections": sections,
                "verdicts": list(WORDS.values()),
                "totals": [counts[verdict] for verdict in Verdict],
                "total": len(self.outcomes),
            },
        )

    def pdf(self) -> bytes:
        counts = self.counts()
        data = {
            "title": TITLE,
            "footer": f"Made by manage.py phonepe_uat. {self.environment.value}.",
            "explained": EXPLAINED[self.environment],
            "facts": self.facts(),
            "summary": [
                [section["name"], str(len(section["outcomes"])), *(str(count or NONE) for count in section["counts"])]
                for section in self.sections()
            ],
            "totals": [str(len(self.outcomes)), *(str(counts[verdict] or NONE) for verdict in Verdict)],
            "verdicts": list(WORDS.values()),
            "sections": [
                {
                    "name": section["name"],
                    "requirements": [
                        {**_told(outcome), "evidence": shown_briefly(outcome.evidence)}
                        for outcome in section["outcomes"]
                    ],
                }
                for section in self.sections()
            ],
        }
        return typeset("sign_off", data, is_long=True)

    def write(self, folder: Path) -> None:
        """Write all three files into a folder that exists.

        :raises OSError: if it cannot be written
        """
        html, pdf, evidence = FILES
        (folder / evidence).write_text(json.dumps(self.as_json(), indent=2, ensure_ascii=False) + "\n")
        (folder / html).write_text(self.html())
        (folder / pdf).write_bytes(self.pdf())


def _told(outcome: Outcome) -> dict[str, str]:
    return {
        "id": outcome.requirement.id,
        "title": outcome.requirement.title,
        "verdict": outcome.verdict.value,
        "word": WORDS[outcome.verdict],
        "proof": outcome.proof,
    }
