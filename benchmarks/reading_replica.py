"""What a replica takes off the primary: lists, statements, dashboards and stories, read there and not, in turns."""

from dataclasses import dataclass, replace
from statistics import median

import psycopg

from benchmarks.figures import Figure
from benchmarks.growth import History
from benchmarks.sessions import postgres_cpu_seconds
from benchmarks.stage import Stage, open_stage
from benchmarks.topology import Machines
from zelton_backend.local_stack import ports

PART, DATABASE = "machines", "reading"
PAYMENTS, ROUNDS, TOLD = 24_000, 3, 60
ASKED = ("a tenant's list", "an owner's list", "an owner's statement", "an owner's dashboard")


@dataclass(frozen=True, slots=True)
class Reading:
    """The same history, asked by one web server that reads the replica, or by one that does not.

    :ivar settings: by which its processes reach the databases
    """

    history: History
    replica: str
    settings: dict[str, str]

    def ask(self, question: str, turn: int) -> tuple[float, float, float]:
        """Return the median answer in milliseconds, and the microseconds of CPU a question at primary and replica."""
        before = self._cpu_seconds()
        if question == "explain":
            tenancies = self.history.tenancies
            orders = [f"ZLT-old-{tenancies * (1 + turn) + number}" for number in range(TOLD)]
            milliseconds = float(self.history.stage.python("benchmarks.telling", *orders, **self.settings))
        else:
            milliseconds = self.history.milliseconds(question, turn)
        primary, replica = (after - start for after, start in zip(self._cpu_seconds(), before, strict=True))
        return milliseconds, 1e6 * primary / TOLD, 1e6 * replica / TOLD

    def _cpu_seconds(self) -> tuple[float, float]:
        with psycopg.connect(self.replica) as connection:
            at_replica = postgres_cpu_seconds(connection.info.backend_pid)
        return self.history.stage.postgres_cpu_seconds(), at_replica


def measure(machines: Machines) -> list[Figure]:
    with open_stage(machines.primary, DATABASE) as stage:
        stage.start_broker()
        written = History.written(stage, PAYMENTS)
        machines.wait_for_replica()
        alone, beside = (_reading(machines, stage, written, reads=reads) for reads in (False, True))
        return [_compare(question, alone, beside) for question in (*ASKED, "explain")]


def _reading(machines: Machines, stage: Stage, written: History, *, reads: bool) -> Reading:
    url = machines.standby.url.rpartition("/")[0] + f"/{DATABASE}"
    settings = {
        "DATABASE_URL": f"postgresql://zelton@{ports.HOST}:{machines.pooler.port}/{DATABASE}",
        "DATABASE_POOLER": "true",
        "DATABASE_REPLICA_URL": url if reads else "",
    }
    name = "web-with-replica" if reads else "web-without"
    web, port = stage.start_web("zelton_backend.wsgi", name=name, WEB_WORKERS="1", **settings)
    return Reading(replace(written, web=web, port=port), url, settings)


def _compare(question: str, alone: Reading, beside: Reading) -> Figure:
    pairs = [(alone.ask(question, turn), beside.ask(question, turn)) for turn in range(ROUNDS + 1)][1:]
    (alone_ms, alone_us, _), (ms, primary_us, replica_us) = (
        [median(round_[place] for round_ in side) for place in range(3)] for side in zip(*pairs, strict=True)
    )
    return Figure(
        PART,
        f"{question}, with a replica: what is left to the primary",
        primary_us / alone_us,
        None,
        ours=f"{primary_us:,.0f} µs of CPU there, {replica_us:,.0f} at the replica, {ms:.1f} ms",
        against=f"without: {alone_us:,.0f} µs, {alone_ms:.1f} ms",
        details={"rounds": pairs},
    )
