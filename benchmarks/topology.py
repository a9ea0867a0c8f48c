"""More than one machine, on one: a replica, PgBouncer in between, and web, worker and beat processes with budgets.

Every process reaches the database by a name of its own, under which PgBouncer gives it so many connections and no more.
They share the two processors of one machine: what one more process brings here is what it saves or costs in processor
time, and that nothing is done twice; more machines would bring their processors beside that.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Self

from benchmarks.sessions import cpu_seconds
from benchmarks.stage import WEBHOOK_PASSWORD, WEBHOOK_USER, Stage, open_stage
from tests.pgbouncer import PgBouncer
from tests.postgres import Cluster
from zelton_backend.local_stack import ports
from zelton_backend.local_stack.processes import Child

DATABASE = "machines"
# Connections to PostgreSQL that each process may have, however many threads it has.
BUDGETS = {"web-1": 6, "web-2": 6, "worker-1": 4, "worker-2": 4, "beat-1": 1, "beat-2": 1}
# What a pooler keeps clients from setting for their sessions.
LIMITS = (
    "ALTER ROLE zelton SET lock_timeout = '5s'",
    "ALTER ROLE zelton SET statement_timeout = '30s'",
    "ALTER ROLE zelton SET idle_in_transaction_session_timeout = '60s'",
)
FOLLOWS = "SELECT replay_lsn = pg_current_wal_lsn() FROM pg_stat_replication"


@dataclass
class Machines:
    """A primary, its replica, a pooler before the primary, and processes of the product."""

    stage: Stage
    primary: Cluster
    standby: Cluster
    pooler: PgBouncer
    web_ports: tuple[int, int]

    @classmethod
    @contextmanager
    def opened(cls) -> Iterator[Self]:
        with ExitStack() as stack:
            primary = Cluster(durable=True)
            stack.callback(primary.stop)
            stage = stack.enter_context(open_stage(primary, DATABASE))
            stage.sql(*LIMITS)
            standby = Cluster(durable=True, standby_of=primary.url)
            stack.callback(standby.stop)
            pooler = PgBouncer(primary, database=DATABASE, budgets=BUDGETS)
            stack.callback(pooler.stop)
            first, second = ports.choose([0, 0])
            machines = cls(stage, primary, standby, pooler, (first, second))
            stage.start_broker()
            stage.start_simulator(
                f"--webhook-url=http://{ports.HOST}:{machines.web_ports[0]}/api/webhooks/phonepe-webhook/",
                f"--webhook-username={WEBHOOK_USER}",
                f"--webhook-password={WEBHOOK_PASSWORD}",
            )
            yield machines

    @property
    def replica_url(self) -> str:
        return self.standby.url.rpartition("/")[0] + f"/{DATABASE}"

    def start_web(self, number: int, *, reads_replica: bool = True, port: int | None = None) -> tuple[Child, int]:
        name = f"web-{number}"
        return self.stage.start_web(
            "zelton_backend.wsgi",
            port=port or self.web_ports[number - 1],
            name=name,
            WEB_WORKERS="1",
            **self._way(name, reads_replica=reads_replica),
        )

    def start_worker(self, number: int) -> Child:
        return self.stage.start_worker(f"worker-{number}", **self._way(f"worker-{number}"))

    def start_beat(self, number: int) -> Child:
        return self.stage.start_beat(f"beat-{number}", **self._way(f"beat-{number}"))

    def stop(self, child: Child) -> None:
        self.stage.family.stop(child.name)

    def wait_for_replica(self) -> None:
        self.stage.family.wait_for("the replica to follow", lambda: self.stage.sql(FOLLOWS)[0][0] or None, seconds=120)

    def cpu_seconds(self, children: dict[str, Child]) -> dict[str, float]:
        """Return the processor time of each process so far, and of the primary as `PostgreSQL`."""
        used = {name: cpu_seconds(child) for name, child in children.items()}
        return {**used, "PostgreSQL": self.stage.postgres_cpu_seconds()}

    def _way(self, name: str, *, reads_replica: bool = True) -> dict[str, str]:
        """Return the settings by which a process reaches the databases."""
        return {
            "DATABASE_URL": f"postgresql://zelton@{ports.HOST}:{self.pooler.port}/{name}",
            "DATABASE_POOLER": "true",
            "DATABASE_REPLICA_URL": self.replica_url if reads_replica else "",
        }
