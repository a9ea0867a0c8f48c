"""A failover by hand while payments run: the primary is killed, the replica promoted, the pooler led to it.

The primary confirms nothing before the replica has it (`synchronous_standby_names`): what was confirmed is not lost.
"""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from benchmarks.figures import Figure, text_table
from benchmarks.payers import AMOUNT, Paid, Payers
from benchmarks.payment import let_pay
from benchmarks.topology import Machines

PART = "machines"
PAYERS, AT_ONCE, RATE = 200, 64, 5.0
UNTIL_KILLED, UNTIL_NOTICED = 12.0, 5.0  # seconds
PAISE = int(float(AMOUNT) * 100)
CALM = 120  # seconds until everything that was paid is in the books
CAPTURED = "SELECT merchant_order_id FROM core_paymenttransaction WHERE captured_paise = %s"
POSTED = "SELECT subject FROM core_journalentry WHERE kind = 'capture'"
PAID_BY_ONE = """
    SELECT max(paid) FROM (SELECT count(*) AS paid FROM core_payment WHERE status = 'completed' GROUP BY tenancy_id) t
"""


@dataclass(frozen=True, slots=True)
class Moments:
    """When what was done, in seconds since 1970."""

    killed: float
    ordered: float
    led: float


def measure(machines: Machines, tokens: tuple[str, ...]) -> list[Figure]:
    for number in (1, 2):
        machines.start_web(number)
        machines.start_worker(number)
        machines.start_beat(number)
    machines.stage.sql("ALTER SYSTEM SET synchronous_standby_names = '*'", "SELECT pg_reload_conf()")
    first, second = machines.web_ports
    simulator = int(machines.stage.simulator.rpartition(":")[2])
    payers = Payers(first, simulator, tokens, AT_ONCE, RATE, more_webs=(second,), patient=True)
    with ThreadPoolExecutor() as beside:
        paying = beside.submit(let_pay, payers)
        time.sleep(UNTIL_KILLED)
        moments = _fail_over(machines)
        paid = paying.result()
    pause = _pause(paid, moments)
    print(text_table([pause]), flush=True)
    return [pause, _wrong(machines, paid)]


def _fail_over(machines: Machines) -> Moments:
    machines.primary.kill()
    killed = time.time()
    time.sleep(UNTIL_NOTICED)
    ordered = time.time()
    machines.standby.promote()
    machines.pooler.lead_to(machines.standby)
    machines.stage.database = machines.replica_url
    return Moments(killed, ordered, time.time())


def _pause(paid: Paid, moments: Moments) -> Figure:
    began = min(started for _, _, started, _ in paid.told if started > moments.killed)
    ended = min(told for _, state, _, told in paid.told if state == "COMPLETED" and told > moments.killed)
    return Figure(
        PART,
        "failover by hand: until payments go on",
        began - moments.ordered,
        None,
        unit="s",
        ours=f"first started {began - moments.killed:.1f} s and first completed {ended - moments.killed:.1f} s after "
        f"the primary was killed, {UNTIL_NOTICED:.0f} s of them nobody did anything",
        against=f"promoting and leading the pooler took {moments.led - moments.ordered:.1f} s",
        details={"began": began - moments.killed, "ended": ended - moments.killed},
    )


def _wrong(machines: Machines, paid: Paid) -> Figure:
    """Count what was lost or doubled: by what payers were told, by what PhonePe took, and by the books."""
    stage = machines.stage
    orders = stage.ask_simulator("/orders?limit=1000")
    taken = {order["merchant_order_id"] for order in orders if order["state"] == "COMPLETED"}
    stage.family.wait_for(
        "everything that was paid to be in the books",
        lambda: taken <= {name for (name,) in stage.sql(CAPTURED, values=[PAISE])} or None,
        seconds=CALM,
    )
    captured = [name for (name,) in stage.sql(CAPTURED, values=[PAISE])]
    posted = [name for (name,) in stage.sql(POSTED)]
    said = {name for name, state, _, _ in paid.told if state == "COMPLETED"}
    ((most,),) = stage.sql(PAID_BY_ONE)
    wrong = len(taken ^ set(captured)) + len(said - set(captured)) + len(posted) - len(set(posted))
    wrong += len(set(posted) ^ set(captured)) + (most - 1) + (paid.payments - paid.completed)
    stage.python("django", "check_books", DJANGO_SETTINGS_MODULE="zelton_backend.settings", DATABASE_URL=stage.database)
    return Figure(
        PART,
        "failover by hand: payments lost or doubled",
        wrong,
        0,
        unit="payments",
        ours=f"{paid.completed} of {paid.payments} were told COMPLETED, the books balance",
        against=f"PhonePe took {len(taken)} payments, {len(captured)} are captured",
    )
