"""Growth: the same questions with a short history and with a long one, each of the two on a database of its own."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median
from typing import Self

from benchmarks.cost import cost_of
from benchmarks.figures import Figure
from benchmarks.load import Load
from benchmarks.population import OWNERS_FROM, RENT_PAISE, TENANCIES_PER_OWNER, log_in, run_script, settle_people, write
from benchmarks.stage import Stage, open_stage
from tests.postgres import Cluster
from zelton_backend.local_stack.processes import Child

MONTHS = 24  # payments of each tenancy: a longer history is one of more people
SHORT, LONG, LONGEST = 10_000, 1_000_000, 10_000_000
ROUNDS, ASKED, TICKS = 6, 60, 40
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
}


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
        staff = [OWNERS_FROM + number for number in STAFF]
        stage.sql("UPDATE core_user SET is_staff = true, is_superuser = true WHERE id = ANY(%s)", values=[staff])
        tokens = {
            "tenants": log_in(stage, range(1, ASKED + 1)),
            "owners": log_in(stage, [OWNERS_FROM + number for number in OWNERS]),
            "staff": log_in(stage, staff),
        }
        return cls(stage, tenancies, *stage.start_web("zelton_backend.wsgi", WEB_WORKERS="1"), tokens)

    def bytes_a_payment(self) -> float:
        (row,) = self.stage.sql("SELECT pg_database_size(current_database())")
        return float(row[0]) / (self.tenancies * MONTHS)

    def milliseconds(self, question: str, turn: int) -> float:
        """Return the median answer to a question, asked by one after the other."""
        if question == "dispatch":
            return float(self.stage.python("benchmarks.tick", str(TICKS)))
        who, path = QUESTIONS[question]
        seen = self.stage.load(
            Load(
                self.port,
                path,
                method="GET",
                headers={"Authorization": "Token @TOKEN@"},
                tokens=self.tokens[who],
                connections=1,
                requests=ASKED,
                first=self.tenancies * (1 + turn),  # payments of the first tenancies, in another month each time
            )
        )
        if seen.statuses != {"200": ASKED}:
            raise RuntimeError(f"{path} answered {seen.statuses}")
        return seen.p50_ms


def measure(cluster: Cluster, *, full: bool) -> list[Figure]:
    long = LONGEST if full else LONG
    with ExitStack() as stages:
        few, many = (
            History.written(stages.enter_context(open_stage(cluster, f"growth_{payments}")), payments)
            for payments in (SHORT, long)
        )
        figures = list(_compare(few, many, long))
        figures.append(cost_of("a verify", many.stage, many.web, ASKED, lambda: many.milliseconds("verify", ROUNDS)))
        kib = many.bytes_a_payment() / 1024
        figures.append(Figure("cost", "a payment on disk, with its share of all", kib, None, unit="KiB"))
        return figures


def _compare(few: History, many: History, long: int) -> Iterator[Figure]:
    for question in ("dispatch", *QUESTIONS):
        pairs = [(few.milliseconds(question, turn), many.milliseconds(question, turn)) for turn in range(ROUNDS)][1:]
        short_ms, long_ms = (median(side) for side in zip(*pairs, strict=True))
        yield Figure(
            "growth",
            question,
            median(after / before for before, after in pairs),
            1.3,
            ours=f"{long_ms:.1f} ms with {long:,} payments",
            against=f"{short_ms:.1f} ms with {SHORT:,}",
        )
