"""gunicorn's threads, as we deploy them, against granian, with the same application: rates, memory, and hard times."""

import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from http.client import HTTPConnection, HTTPException
from statistics import median

from benchmarks.figures import Figure, alternate, ratio_of_rates
from benchmarks.initiate import OURS as INITIATE
from benchmarks.initiate import PHONEPE_TAKES, Tenants
from benchmarks.load import Load, Seen
from benchmarks.peers import installed
from benchmarks.population import log_in, open_orders, settle_people
from benchmarks.sessions import pids, resident_mib
from benchmarks.stage import Stage, open_stage
from benchmarks.verify import OURS as VERIFY
from benchmarks.verify import PAID
from benchmarks.webhooks import OURS as WEBHOOK
from benchmarks.webhooks import Sending
from tests.postgres import Cluster
from zelton_backend.local_stack import ports
from zelton_backend.local_stack.processes import Child

ROUNDS, ASKING, PAYING, AT_ONCE = 3, 600, 160, 16
WORKERS, THREADS = "2", "16"  # as gunicorn.conf.py has them
BEFORE, AFTER = 1.0, 8.0  # seconds under load before and after something happens to the server


def measure(cluster: Cluster, *, full: bool) -> list[Figure]:
    rounds = ROUNDS * (5 if full else 1)
    with open_stage(cluster, "servers") as stage:
        stage.start_broker()
        stage.start_simulator("--fault", f"latency,call=pay,seconds={PHONEPE_TAKES}")
        payers = 2 * (rounds + 1) * PAYING
        settle_people(stage, ASKING + payers)
        open_orders(stage, ASKING, life=3600)
        stage.sql(*PAID)
        askers = log_in(stage, range(1, ASKING + 1))
        tenants = Tenants(stage, log_in(stage, range(ASKING + 1, ASKING + payers + 1)))
        ours, theirs = start_gunicorn(stage), start_granian(stage)
        sending = Sending(stage)
        figures = [
            _compare("webhooks taken", rounds, ours, theirs, lambda port: sending.at_full_speed(port, WEBHOOK)),
            _compare("verifies answered", rounds, ours, theirs, partial(_verify, stage, askers)),
            _compare(f"initiates, {AT_ONCE} at once", rounds, ours, theirs, partial(_pay, tenants)),
            _memory(ours, theirs),
        ]
        figures.append(_through("kill -9 of a worker", _kill_a_worker, ours, theirs))
        figures.append(_through("a graceful restart", _restart, ours, theirs))
    return figures


@dataclass(frozen=True, slots=True)
class Server:
    child: Child
    port: int


def start_gunicorn(stage: Stage) -> Server:
    return Server(*stage.start_web("zelton_backend.wsgi", WEB_WORKERS=WORKERS, WEB_THREADS=THREADS))


def start_granian(stage: Stage) -> Server:
    """Start granian with as many workers and threads, and let it replace a worker that died, as gunicorn does."""
    (port,) = ports.choose([0])
    child = stage.start_server(
        "granian",
        port,
        *("granian", "--interface", "wsgi", "--host", ports.HOST, "--port", str(port)),
        *("--workers", WORKERS, "--blocking-threads", THREADS, "--no-ws", "--http", "1"),
        *("--respawn-failed-workers", "--workers-kill-timeout", "30"),
        "benchmarks.peers.granian_wsgi:application",
        PYTHONPATH=str(installed("granian")),
    )
    return Server(child, port)


def _compare(what: str, rounds: int, ours: Server, theirs: Server, load: Callable[[int], Seen]) -> Figure:
    """Return how many times as fast as gunicorn granian is."""
    for server in (ours, theirs):
        load(server.port)
    mine, other = alternate(rounds, lambda: load(ours.port), lambda: load(theirs.port))
    return Figure(
        "servers",
        f"{what}, granian to gunicorn",
        ratio_of_rates(other, mine),
        None,
        ours=_rate(mine),
        against=_rate(other),
        details={"gunicorn": [seen.per_second for seen in mine], "granian": [seen.per_second for seen in other]},
    )


def _rate(seen: list[Seen]) -> str:
    return f"{median(s.per_second for s in seen):,.0f}/s, p99 {median(s.p99_ms for s in seen):.0f} ms"


def _verify(stage: Stage, tokens: tuple[str, ...], port: int) -> Seen:
    headers = {"Authorization": "Token @TOKEN@"}
    seen = stage.load(Load(port, VERIFY, method="GET", headers=headers, tokens=tokens, requests=ASKING, first=1))
    if seen.statuses != {"200": ASKING}:
        raise RuntimeError(f"{VERIFY} answered {seen.statuses}")
    return seen


def _pay(tenants: Tenants, port: int) -> Seen:
    return tenants.pay(port, INITIATE, PAYING, AT_ONCE)


def _memory(ours: Server, theirs: Server) -> Figure:
    mine, other = (sum(resident_mib(server.child)) for server in (ours, theirs))
    return Figure(
        "servers",
        "resident memory after all that, granian to gunicorn",
        other / mine,
        None,
        ours=f"{mine:.0f} MiB, master and {WORKERS} workers",
        against=f"{other:.0f} MiB",
    )


@dataclass(slots=True)
class Callers:
    """Those who ask all the time, each with a connection of its own for each request, as a careless client does."""

    port: int
    answered: int = 0
    refused: int = 0
    waits: list[float] = field(default_factory=list)
    _ends: threading.Event = field(default_factory=threading.Event)

    def while_asking(self, happens: Callable[[], None]) -> None:
        threads = [threading.Thread(target=self._ask_on) for _ in range(AT_ONCE)]
        for thread in threads:
            thread.start()
        time.sleep(BEFORE)
        happens()
        time.sleep(AFTER)
        self._ends.set()
        for thread in threads:
            thread.join()

    def _ask_on(self) -> None:
        while not self._ends.wait(0.02):
            begun = time.monotonic()
            if self._asks():
                self.answered += 1
            else:
                self.refused += 1
            self.waits.append(time.monotonic() - begun)

    def _asks(self) -> bool:
        connection = HTTPConnection(ports.HOST, self.port, timeout=10)
        with suppress(OSError, HTTPException):
            connection.request("GET", "/readyz")  # which asks the database, and is not throttled
            answer = connection.getresponse()
            answer.read()
            return answer.status == 200
        return False


def _through(what: str, happens: Callable[[Server], None], ours: Server, theirs: Server) -> Figure:
    told, workers = [], []
    for server in (ours, theirs):
        callers = Callers(server.port)
        callers.while_asking(partial(happens, server))
        workers.append(len(resident_mib(server.child)))
        told.append(callers)
    mine, other = told
    return Figure(
        "servers",
        f"lost in {what}, by gunicorn",
        mine.refused,
        None,
        unit="requests",
        ours=_hard_time(mine, workers[0]),
        against=f"granian: {other.refused} lost, {_hard_time(other, workers[1])}",
        details={"gunicorn": mine.refused, "granian": other.refused},
    )


def _hard_time(callers: Callers, processes: int) -> str:
    return f"{callers.answered} answered, longest wait {max(callers.waits):.1f} s, {processes} processes after it"


def _kill_a_worker(server: Server) -> None:
    os.kill(pids(server.child)[-1], signal.SIGKILL)


def _restart(server: Server) -> None:
    os.kill(server.child.process.pid, signal.SIGHUP)
