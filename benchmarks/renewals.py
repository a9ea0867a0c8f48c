"""Renewals by AutoPay: what it costs to announce and to debit many on one day, with a short history and a long one.

The mandates are set up in PhonePe's simulator; its clock and that of the renewing process are put ahead together.
"""

import json
import os
from dataclasses import dataclass
from datetime import timedelta

from benchmarks.figures import Figure
from benchmarks.growth import LONG, SHORT, write_history
from benchmarks.load import Load
from benchmarks.phonepe import access_token
from benchmarks.stage import Stage, open_stage
from benchmarks.subscribers import PRICE
from tests.postgres import Cluster
from zelton_backend.local_stack.surroundings import SANDBOX_PATH

COUNTS, COUNTS_FULL = (1_000, 1_000), (100_000, 2_000)  # with a long history, and with a short one
PROCESSES = os.cpu_count() or 1  # which share the looks at mandates, as workers do
DAYS_LEFT = 2  # of what is paid: time for the notice
SOON = timedelta(minutes=20)  # PhonePe has told the payer then, or debited
PART = "renewals"


@dataclass(frozen=True, slots=True)
class Cost:
    """What renewing all of them took, in four rounds: announced, known to be, debited, known to be.

    :ivar mib: of the largest of the processes
    """

    count: int
    seconds: float
    cpu_seconds: float
    postgres_seconds: float
    mib: float

    @property
    def cpu_ms(self) -> float:
        """Return the milliseconds of processor time that one of them took, in PostgreSQL too."""
        return 1000 * (self.cpu_seconds + self.postgres_seconds) / self.count


def measure(cluster: Cluster, *, full: bool) -> list[Figure]:
    costs = []
    for payments, count in zip((LONG, SHORT), COUNTS_FULL if full else COUNTS, strict=True):
        with open_stage(cluster, f"renewals_{payments}") as stage:
            write_history(stage, payments)
            costs.append(_renew(stage, count))
    long, short = costs
    per_day = f"{long.count:,} in {long.seconds / 60:.1f} minutes by {PROCESSES} processes"
    return [
        Figure(
            PART,
            "growth of a renewal",
            long.cpu_ms / short.cpu_ms,
            1.3,
            ours=f"{long.cpu_ms:.1f} ms of CPU with {LONG:,} payments",
            against=f"{short.cpu_ms:.1f} ms with {SHORT:,}",
        ),
        Figure(PART, "renewals a minute", 60 * long.count / long.seconds, None, unit="/min", ours=per_day),
        Figure(PART, "memory of a renewing process", long.mib, None, unit="MiB", ours=f"{long.count:,} renewals"),
    ]


def _renew(stage: Stage, count: int) -> Cost:
    stage.start_broker()
    stage.start_simulator("--movable-clock")
    _set_up(stage, count)
    stage.python("benchmarks.subscribers", str(count), str(DAYS_LEFT), seconds=60 + count / 50)
    stage.sql("VACUUM ANALYZE", "CHECKPOINT")
    before, seconds, cpu_seconds, mib, ahead = stage.postgres_cpu_seconds(), 0.0, 0.0, 0.0, timedelta()
    for jump in (timedelta(), SOON, timedelta(days=DAYS_LEFT), SOON):
        ahead += jump
        stage.tell_simulator("/clock", {"advance": jump.total_seconds()})
        for part, processes in (("subscriptions", 1), ("mandates", PROCESSES)):
            arguments = (part, str(ahead.total_seconds()))
            took = stage.python_together("benchmarks.renewing", *arguments, processes=processes, seconds=120 + count)
            shares = [json.loads(printed) for printed in took]
            seconds += max(share["seconds"] for share in shares)
            cpu_seconds += sum(share["cpu_seconds"] for share in shares)
            mib = max(mib, *(share["mib"] for share in shares))
    renewed = (
        "SELECT count(*) FROM core_ownersubscriptionpayment WHERE renews_from IS NOT NULL AND status = 'completed'"
    )
    ((done,),) = stage.sql(renewed)
    if done != count:
        raise RuntimeError(f"{done} of {count} were renewed.")
    return Cost(
        count,
        seconds,
        cpu_seconds,
        stage.postgres_cpu_seconds() - before,
        mib,
    )


def _set_up(stage: Stage, count: int) -> None:
    """Have so many mandates in the simulator, approved by UPI ids that always approve."""
    flow = {
        "type": "SUBSCRIPTION_SETUP",
        "merchantSubscriptionId": "MANDATE-@N@",
        "authWorkflowType": "TRANSACTION",
        "amountType": "VARIABLE",
        "maxAmount": PRICE * 3 // 2,
        "frequency": "MONTHLY",
        "paymentMode": {"type": "UPI_COLLECT", "details": {"type": "VPA", "vpa": "success@ybl"}},
    }
    body = {"merchantOrderId": "SETUP-@N@", "amount": PRICE, "paymentFlow": flow}
    seen = stage.load(
        Load(
            int(stage.simulator.rpartition(":")[2]),
            f"{SANDBOX_PATH}/subscriptions/v2/setup",
            json.dumps({**body, "deviceContext": {"deviceOS": "ANDROID"}}),
            headers={"Authorization": f"O-Bearer {access_token(stage)}"},
            connections=8,
            requests=count,
            first=1,
        )
    )
    if seen.statuses != {"200": count}:
        raise RuntimeError(f"The simulator set up other mandates than {count}: {seen.statuses}")
