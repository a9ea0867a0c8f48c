"""What one thing that the product does costs: processor time of its own process, and of PostgreSQL."""

from collections.abc import Callable

from benchmarks.figures import Figure
from benchmarks.sessions import cpu_seconds
from benchmarks.stage import Stage
from zelton_backend.local_stack.processes import Child

PART = "cost"


def cost_of(what: str, stage: Stage, child: Child, count: int, work: Callable[[], object]) -> Figure:
    """Do the work, in which something is done so many times, and return what one of it cost."""
    before = cpu_seconds(child), stage.postgres_cpu_seconds()
    work()
    own_us = 1e6 * (cpu_seconds(child) - before[0]) / count
    postgres_us = 1e6 * (stage.postgres_cpu_seconds() - before[1]) / count
    return Figure(
        PART,
        what,
        own_us + postgres_us,
        None,
        unit="µs of CPU",
        ours=f"{own_us:.0f} µs in {child.name.partition('-')[0]}",
        against=f"{postgres_us:.0f} µs in PostgreSQL",
        details={"own_us": own_us, "postgres_us": postgres_us},
    )
