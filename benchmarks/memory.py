"""Memory: what a web process and a worker hold after many requests and checks, beyond what they held when warm."""

from benchmarks.checks import AT_ONCE, LIFE, ask_all_at_once
from benchmarks.figures import Figure
from benchmarks.load import Load
from benchmarks.phonepe import make_orders
from benchmarks.population import log_in, open_orders, settle_people
from benchmarks.sessions import resident_mib
from benchmarks.stage import Stage, open_stage
from benchmarks.webhooks import OURS, Sending
from tests.postgres import Cluster
from zelton_backend.local_stack.processes import Child

WARM = 6_000
REQUESTS, REQUESTS_FULL = 20_000, 100_000
CHECKS, CHECKS_FULL = 5_000, 100_000
TENANTS = 1_000
MOST_MIB = 5.0
# Parts of all requests; the rest are webhooks. Every tenant has an open order.
ASKED = {"/api/payments/": 0.1, "/api/tenancies/": 0.1, "/api/statements/?from=2026-01-01&to=2026-03-31": 0.1}


def measure(cluster: Cluster, *, full: bool) -> list[Figure]:
    with open_stage(cluster, "memory") as stage:
        settle_people(stage, TENANTS)
        open_orders(stage, TENANTS, life=LIFE)
        return [
            _web(stage, REQUESTS_FULL if full else REQUESTS),
            _worker(stage, CHECKS_FULL if full else CHECKS),
        ]


def _web(stage: Stage, requests: int) -> Figure:
    stage.start_broker()
    web, port = stage.start_web("zelton_backend.wsgi", WEB_WORKERS="1")
    tokens, sending = log_in(stage, range(1, TENANTS + 1)), Sending(stage)

    def ask(count: int) -> None:
        sending.send_many(port, OURS, round(count * (1 - sum(ASKED.values()))))
        for path, part in ASKED.items():
            headers = {"Authorization": "Token @TOKEN@"}
            seen = stage.load(
                Load(port, path, method="GET", headers=headers, tokens=tokens, requests=round(count * part))
            )
            assert list(seen.statuses) == ["200"], f"{path} answered {seen.statuses}"

    ask(WARM)
    before = _held(web)
    ask(requests)
    return _figure("a web process", before, _held(web), f"{requests:,} requests, 7 of 10 webhooks")


def _worker(stage: Stage, checks: int) -> Figure:
    stage.start_simulator()
    make_orders(stage, AT_ONCE)
    worker = stage.start_worker()
    stage.start_beat()
    for _ in range(WARM // AT_ONCE):
        ask_all_at_once(stage)
    before = _held(worker)
    for _ in range(checks // AT_ONCE):
        ask_all_at_once(stage)
    return _figure("a worker", before, _held(worker), f"{checks:,} checks")


def _held(child: Child) -> float:
    """Return the MiB of the process that works: of a master and its worker, the worker."""
    return resident_mib(child)[-1]


def _figure(who: str, before: float, after: float, done: str) -> Figure:
    return Figure(
        "memory",
        f"more in {who} than when warm",
        after - before,
        MOST_MIB,
        unit="MiB",
        ours=f"{after:.0f} MiB after {done}",
        against=f"{before:.0f} MiB after {WARM:,}",
    )
