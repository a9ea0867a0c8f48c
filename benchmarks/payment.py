"""The whole payment: many tenants at once initiate, pay, and ask three times; the webhook comes, the worker asks.

All processes of the product run. The simulator posts its webhooks to the web server. What is left of the processors'
time is the tenants' own and the simulator's, which are no part of the product and are told apart.
"""

import json
import subprocess
from dataclasses import asdict

from benchmarks.figures import Figure
from benchmarks.payers import Paid, Payers
from benchmarks.population import log_in, settle_people
from benchmarks.sessions import cpu_seconds
from benchmarks.stage import PYTHON, WEBHOOK_PASSWORD, WEBHOOK_USER, Stage, open_stage
from tests.postgres import Cluster
from zelton_backend.local_stack import ports
from zelton_backend.local_stack.surroundings import HOME

WARM, PAYMENTS, AT_ONCE = 200, 600, 32
PART = "payment"
# How long after its webhook came a payment was completed in the books.
LATENESS = """
    SELECT percentile_cont(0.99) WITHIN GROUP (ORDER BY extract(epoch FROM change.at - event.received_at)), count(*)
    FROM core_webhookevent AS event
    JOIN core_paymenttransaction AS bought USING (merchant_order_id)
    JOIN core_statechange AS change ON change.transaction_id = bought.id AND change.what = 'status'
    WHERE change.new = 'completed' AND bought.id > %s
"""


def measure(cluster: Cluster, *, full: bool) -> list[Figure]:
    count = PAYMENTS * 5 if full else PAYMENTS
    with open_stage(cluster, PART) as stage:
        settle_people(stage, WARM + 2 * count)
        tokens = log_in(stage, range(1, WARM + 2 * count + 1))
        stage.start_broker()
        (port,) = ports.choose([0])
        stage.start_simulator(
            f"--webhook-url=http://{ports.HOST}:{port}/api/webhooks/phonepe-webhook/",
            f"--webhook-username={WEBHOOK_USER}",
            f"--webhook-password={WEBHOOK_PASSWORD}",
        )
        web, _ = stage.start_web("zelton_backend.wsgi", port=port)
        worker, beat = stage.start_worker(), stage.start_beat()
        _pay(stage, port, tokens[:WARM])
        parts = {"web": web, "worker": worker, "beat": beat, "simulator": stage.family.child("simulator")}
        before = {name: cpu_seconds(child) for name, child in parts.items()} | {"db": stage.postgres_cpu_seconds()}
        peak = _pay(stage, port, tokens[WARM : WARM + count])
        after = {name: cpu_seconds(child) for name, child in parts.items()} | {"db": stage.postgres_cpu_seconds()}
        used = {name: 1000 * (after[name] - before[name]) / count for name in after}
        ((last,),) = stage.sql("SELECT max(id) FROM core_paymenttransaction")
        _pay(stage, port, tokens[WARM + count :], rate=peak.payments / peak.seconds / 2)
        ((late, completed),) = stage.sql(LATENESS, values=[last])
    if completed != count:
        raise RuntimeError(f"{completed} of {count} payments were completed.")
    ours_ms = used["web"] + used["worker"] + used["beat"] + used["db"]
    return [
        Figure(PART, "payments a second", peak.payments / peak.seconds, None, unit="/s", ours=f"{AT_ONCE} at once"),
        Figure(
            PART,
            "processor time of a payment",
            ours_ms,
            None,
            unit="ms",
            ours=f"web {used['web']:.1f}, worker {used['worker'] + used['beat']:.1f}, PostgreSQL {used['db']:.1f} ms",
            against=f"simulator {used['simulator']:.1f} ms beside it",
            details=used,
        ),
        Figure(
            PART,
            "completed after its webhook, p99 at half the peak rate",
            float(late),
            0.5,
            unit="s",
            ours=f"{count} payments",
        ),
    ]


def _pay(stage: Stage, port: int, tokens: tuple[str, ...], *, rate: float | None = None) -> Paid:
    simulator = int(stage.simulator.rpartition(":")[2])
    return let_pay(Payers(port, simulator, tokens, AT_ONCE * (4 if rate else 1), rate))


def let_pay(payers: Payers) -> Paid:
    """Let tenants pay, in a process of their own."""
    command = [*PYTHON, "benchmarks.payers"]
    done = subprocess.run(command, input=json.dumps(asdict(payers)), capture_output=True, text=True, cwd=HOME)
    if done.returncode or done.stderr:
        raise RuntimeError(f"The payers failed: {done.stderr[-2000:]}")
    return Paid(**json.loads(done.stdout))
