"""More than one machine: what one more process of each kind brings, what a replica takes over, and a failover."""

from benchmarks import failing_over, one_more, reading_replica
from benchmarks.checks import AT_ONCE as ORDERS
from benchmarks.checks import LIFE
from benchmarks.figures import Figure, text_table
from benchmarks.population import log_in, open_orders, run_script, settle_people
from benchmarks.topology import Machines
from tests.postgres import Cluster


def measure(cluster: Cluster, *, full: bool) -> list[Figure]:  # noqa: ARG001 - it loses its primary, so it has its own
    with Machines.opened() as machines:
        stage, ordered = machines.stage, ORDERS
        paying = one_more.payers_needed(full=full)
        settle_people(stage, people := ordered + paying + failing_over.PAYERS)
        run_script(stage, "post_charges")
        open_orders(stage, ordered, life=LIFE)
        tokens = log_in(stage, range(ordered + 1, people + 1))
        machines.wait_for_replica()
        figures = one_more.measure(machines, tokens[:paying], full=full)
        print(text_table(figures), flush=True)
        figures += reading_replica.measure(machines)
        print(text_table(figures), flush=True)
        return figures + failing_over.measure(machines, tokens[paying:])
