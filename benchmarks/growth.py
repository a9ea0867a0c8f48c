"""Growth: the same questions with a short history and with a long one, each of the two on a database of its own."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median
from typing import Self

from benchmarks.cost import cost_of
from benchmarks.figures import Figure, text_table
from benchmarks.load import Load
from benchmarks.population import OWNERS_FROM, RENT_PAISE, TENANCIES_PER_OWNER, log_in, run_script, settle_people, write
from benchmarks.stage import Stage, open_stage
from tests.postgres import Cluster
from zelton_backend.local_stack.processes import Child

MONTHS = 24  # payments of each tenancy: a longer history is one of more people
SHORT, LONG, LONGEST = 10_000, 1_000_000, 10_000_000
PART = "growth"
ROUNDS, FEW_ROUNDS, ASKED, TICKS = 6, 4, 60, 40
OWNERS, STAFF = (1, 2, 3, 4, 5, 6), (7, 8, 9)
TO = date.today()  # noqa: DTZ011 - a day more or less is the same to a statement of three months
DAYS = f"from={TO - timedelta(days=90)}&to={TO}"
# Who asks what; @N@ is a payment of the tenant whose turn it is.
QUESTIONS = {
    "verify": ("tenants", "/api/payments/verify-payment/ZLT-old-@N@/"),
    "a tenant's list": ("tenants", "/api/payments/"),
    "an owner's list": ("owners", "/api/payments/"),
    "staff's list": ("staff", "/api/payments/"),
    "a tenant's tenancies": ("tenants", "/api/tenancies/"),
    "a tenant's statement": ("tenants", f"/api/statements/?{DAYS}"),
    "an owner's statement": ("owners", f"/api/statements/?{DAYS}"),
    "an owner's dashboard": ("owners", "/api/dashboard/"),
    "the admin's dashboard": ("desk", "/admin/"),
    "the admin's payments": ("desk", "/admin/core/payment/"),
    "the admin's page of an order": ("desk", "/admin/core/paymenttransaction/@N@/change/"),
    "the admin's trial balance": ("desk", "/admin/trial-balance/"),
    "the admin's find box": ("desk", "/admin/find/?q=UTR@N@"),
}
# What is done by a process of its own: `python -m benchmarks.…`
COMMANDS = ("dispatch", "explain", "a night's check of the books", "moving a webhook's body to a file")
TOLD, NEW_IN_A_DAY = 40, 1_000
# How old bodies are that go to files, in days, turn by turn: some hundreds of a short history, a day's of a long one.
OLD_OF_FEW, OLD_OF_MANY = range(70, 0, -20), range(89, 0, -1)
MIGRATED_FROM = "0054"
DESK_ASKED = 15


@dataclass(frozen=True, slots=True)
class History:
    """A database with so many payments, and the product's web server on it."""

    stage: Stage
    tenancies: int
    web: Child
    port: int
    tokens: dict[str, tuple[str, ...]]

    @classmethod
    def written(cls, stage: Stage, payments: int) -> Self:
        write_history(stage, payments)
        return cls.opened(stage, payments)

    @classmethod
    def opened(cls, stage: Stage, payments: int) -> Self:
        """Serve what was written, and log in those who ask."""
        tenancies = payments // MONTHS
        staff = [OWNERS_FROM + number for number in STAFF]
        stage.sql("UPDATE core_user SET is_staff = true, is_superuser = true WHERE id = ANY(%s)", values=[staff])
        tokens = {
            "tenants": log_in(stage, range(1, ASKED + 1)),
            "owners": log_in(stage, [OWNERS_FROM + number for number in OWNERS]),
            "staff": log_in(stage, staff),
            "desk": (stage.python("benchmarks.at_the_desk", str(staff[0])).strip(),),
        }
        return cls(stage, tenancies, *stage.start_web("zelton_backend.wsgi", WEB_WORKERS="1"), tokens)

    def bytes_a_payment(self) -> float:
        (row,) = self.stage.sql("SELECT pg_database_size(current_database())")
        return float(row[0]) / (self.tenancies * MONTHS)

    def milliseconds(self, question: str, turn: int) -> float:
        """Return the median answer to a question, asked by one after the other."""
        if question in COMMANDS:
            return self._command(question, turn)
        who, path = QUESTIONS[question]
        at_desk = who == "desk"
        count = DESK_ASKED if at_desk else ASKED
        seen = self.stage.load(
            Load(
                self.port,
                path,
                method="GET",
                headers={"Cookie": "sessionid=@TOKEN@"} if at_desk else {"Authorization": "Token @TOKEN@"},
                tokens=self.tokens[who],
                connections=1,
                requests=count,
                first=self.tenancies * (1 + turn),  # payments of the first tenancies, in another month each time
            )
        )
        led_on = "302" if path.startswith("/admin/find/") else "200"  # what is found alone is shown at once
        if seen.statuses != {led_on: count}:
            raise RuntimeError(f"{path} answered {seen.statuses}")
        return seen.p50_ms

    def _command(self, question: str, turn: int) -> float:
        if question == "dispatch":
            return float(self.stage.python("benchmarks.tick", str(TICKS)))
        if question == "explain":
            first = self.tenancies * (1 + turn)
            orders = [f"ZLT-old-{first + number}" for number in range(TOLD)]
            return float(self.stage.python("benchmarks.telling", *orders))
        if question == "moving a webhook's body to a file":
            days = OLD_OF_FEW if self.tenancies < SHORT else OLD_OF_MANY
            return float(self.stage.python("benchmarks.nights", "retention", str(days[turn]), seconds=600))
        run_script(self.stage, "day", payments=NEW_IN_A_DAY, first=1 + turn * NEW_IN_A_DAY, rent=RENT_PAISE)
        return float(self.stage.python("benchmarks.nights", "books", seconds=600))

    def seconds_of_all_books(self) -> float:
        """Return how long everything is compared, and have a proof that the next night goes on from."""
        return float(self.stage.python("benchmarks.nights", "all-books", seconds=3600)) / 1000

    def seconds_of_migrating(self) -> float:
        """Return how long the newest migrations take, undone before."""
        self.stage.manage("migrate", "core", MIGRATED_FROM, "--verbosity", "0", "--skip-checks", seconds=3600)
        started = time.monotonic()
        self.stage.manage("migrate", "--verbosity", "0", "--skip-checks", seconds=3600)
        return time.monotonic() - started


def write_history(stage: Stage, payments: int) -> None:
    tenancies = payments // MONTHS
    names = {"database": stage.database.rpartition("/")[2]}
    run_script(stage, "history_begin", **names)
    settle_people(stage, tenancies)
    write(
        stage,
        "history",
        payments=tenancies * MONTHS,
        tenancies=tenancies,
        months=MONTHS,
        rent=RENT_PAISE,
        tenancies_per_owner=TENANCIES_PER_OWNER,
    )
    run_script(stage, "history_end", **names)
    stage.sql("VACUUM ANALYZE", "CHECKPOINT")


def measure(cluster: Cluster, *, full: bool) -> list[Figure]:
    long = LONGEST if full else LONG
    with ExitStack() as stages:
        few, many = (
            History.written(stages.enter_context(open_stage(cluster, f"growth_{payments}")), payments)
            for payments in (SHORT, long)
        )
        figures = list(compare(few, many, long))
        figures.append(cost_of("a verify", many.stage, many.web, ASKED, lambda: many.milliseconds("verify", ROUNDS)))
        kib = many.bytes_a_payment() / 1024
        figures.append(Figure("cost", "a payment on disk, with its share of all", kib, None, unit="KiB"))
        return figures


def compare(few: History, many: History, long: int) -> Iterator[Figure]:
    for what, seconds in (
        (f"migrations since {MIGRATED_FROM}", History.seconds_of_migrating),  # first, for they take proofs away
        ("comparing all books, once a week", History.seconds_of_all_books),
    ):
        short_s, long_s = seconds(few), seconds(many)
        told = f"{long_s:.1f} s with {long:,} payments"
        yield Figure(PART, what, long_s, None, unit="s", ours=told, against=f"{short_s:.1f} s with {SHORT:,}")
    for question in (*COMMANDS, *QUESTIONS):
        rounds = FEW_ROUNDS if question in COMMANDS or QUESTIONS[question][0] == "desk" else ROUNDS
        pairs = [(few.milliseconds(question, turn), many.milliseconds(question, turn)) for turn in range(rounds)][1:]
        short_ms, long_ms = (median(side) for side in zip(*pairs, strict=True))
        figure = Figure(
            PART,
            question,
            median(after / before for before, after in pairs),
            1.3,
            ours=f"{long_ms:.1f} ms with {long:,} payments",
            against=f"{short_ms:.1f} ms with {SHORT:,}",
            details={"rounds": pairs},
        )
        print(text_table([figure]).rpartition("\n")[2], flush=True)
        yield figure
