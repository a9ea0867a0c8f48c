"""Webhook intake: verify, store durably, answer; against a bare Django view that does one INSERT and COMMIT."""

import json
from dataclasses import replace
from hashlib import sha256
from itertools import count
from statistics import median

from benchmarks.cost import cost_of
from benchmarks.figures import Figure, alternate, ratio_of_rates
from benchmarks.load import Load, Seen
from benchmarks.stage import WEBHOOK_PASSWORD, WEBHOOK_USER, Stage, open_stage
from tests.postgres import Cluster
from zelton_backend.local_stack.surroundings import HOME

# What the bare view writes into.
TABLE = "CREATE TABLE IF NOT EXISTS bare_event (id bigserial PRIMARY KEY, body bytea NOT NULL)"
ROUNDS, SECONDS = 5, 3.0
AT_HALF = 8.0  # seconds at half of the peak rate
CONNECTIONS = 16
COSTED = 4_000
OURS, BARE = "/api/webhooks/phonepe-webhook/", "/one-insert/"
SAMPLE = HOME / "tests/fixtures/phonepe/webhook_pg_order_completed_with_type.json"


def measure(cluster: Cluster, *, full: bool) -> list[Figure]:
    with open_stage(cluster, "webhooks") as stage:
        stage.sql(TABLE)
        web, ours = stage.start_web("zelton_backend.wsgi")
        _, bare = stage.start_web("benchmarks.bare.wsgi")
        sending = Sending(stage)
        for port, path in ((ours, OURS), (bare, BARE)):
            sending.at_full_speed(port, path, seconds=1.0)
        rounds = ROUNDS * 3 if full else ROUNDS
        mine, limit = alternate(
            rounds, lambda: sending.at_full_speed(ours, OURS), lambda: sending.at_full_speed(bare, BARE)
        )
        peak = median(seen.per_second for seen in mine)
        calm = sending.at_rate(ours, OURS, peak / 2)
        cost = cost_of("a webhook", stage, web, COSTED, lambda: sending.send_many(ours, OURS, COSTED))
        (stored,) = stage.sql("SELECT count(*) FROM core_webhookevent")
        assert stored[0] == sending.accepted, f"{stored[0]} stored, {sending.accepted} answered"
    return [
        Figure(
            "webhooks",
            "intake against one INSERT and COMMIT",
            ratio_of_rates(mine, limit),
            0.7,
            at_least=True,
            ours=f"{peak:,.0f}/s",
            against=f"{median(seen.per_second for seen in limit):,.0f}/s",
            details={"ours": [s.per_second for s in mine], "bare": [s.per_second for s in limit]},
        ),
        Figure(
            "webhooks",
            "p99 at half of its peak",
            calm.p99_ms,
            50,
            unit="ms",
            ours=f"{calm.per_second:,.0f}/s, p50 {calm.p50_ms:.1f} ms, worst {calm.worst_ms:.0f} ms",
        ),
        cost,
    ]


class Sending:
    """Sends bodies that PhonePe would, no two the same."""

    def __init__(self, stage: Stage) -> None:
        self._stage, self._runs = stage, count(1)
        self.accepted = 0
        content = json.loads(SAMPLE.read_text())
        content["payload"]["merchantOrderId"] = "ZLT-@N@"
        self._body = json.dumps(content)
        pair = f"{WEBHOOK_USER}:{WEBHOOK_PASSWORD}"
        self._headers = {"Authorization": sha256(pair.encode()).hexdigest()}

    def at_full_speed(self, port: int, path: str, seconds: float = SECONDS) -> Seen:
        return self._send(self._load(port, path, seconds, None))

    def send_many(self, port: int, path: str, requests: int) -> Seen:
        return self._send(replace(self._load(port, path, SECONDS, None), requests=requests))

    def at_rate(self, port: int, path: str, rate: float) -> Seen:
        return self._send(self._load(port, path, AT_HALF, rate))

    def _load(self, port: int, path: str, seconds: float, rate: float | None) -> Load:
        return Load(
            port,
            path,
            self._body,
            headers=self._headers,
            connections=CONNECTIONS,
            seconds=seconds,
            rate=rate,
            first=next(self._runs) * 1_000_000_000,
        )

    def _send(self, load: Load) -> Seen:
        seen = self._stage.load(load)
        if list(seen.statuses) != ["200"]:
            raise RuntimeError(f"{load.path} answered {seen.statuses}")
        self.accepted += seen.answers if load.path == OURS else 0
        return seen
