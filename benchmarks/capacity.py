"""How many processors a rate of payments needs: measured costs, times what one payment does."""

from collections.abc import Mapping
from math import ceil
from typing import Any

RATES = (100, 1_000, 10_000)  # payments a second
BUSY = 0.6  # of a processor; beyond that answers queue
CORES_OF_A_MACHINE = 8
CORES_OF_A_WRITER = 32
# What one payment does when it is paid half a minute after it was started, and the app asks every 4 s meanwhile.
DONE_BY_ONE = {"an initiate": 1, "a webhook": 1, "a verify": 8, "a status check": 5}
# Connections that a web process and a worker have behind a pooler, as the benchmark `machines` gives them.
POOLED = {"web": 6, "worker": 4}
COMMITS = 30  # of one payment, from the code: 2 to initiate, 2 for its webhook, 2 for each check and each verify


def lines(figures: list[Mapping[str, Any]]) -> list[list[str]]:
    """Return the table's rows, the headings first; nothing but headings while a cost was not measured."""
    costs = {figure["name"]: figure["details"] for figure in figures if figure["part"] == "cost"}
    headings = ["payments a second", "web processes", "workers", f"machines of {CORES_OF_A_MACHINE} cores"]
    headings += ["connections, pooled", "commits a second"]
    headings += ["PostgreSQL cores", f"writers of {CORES_OF_A_WRITER} cores", "on disk a day"]
    if not set(DONE_BY_ONE) <= set(costs):
        return [headings]
    own = {name: times * costs[name]["own_us"] for name, times in DONE_BY_ONE.items()}
    worker = own.pop("a status check")
    postgres = sum(times * costs[name]["postgres_us"] for name, times in DONE_BY_ONE.items())
    kib = next(figure["value"] for figure in figures if figure["name"].startswith("a payment on disk"))
    return [headings, *(_line(rate, sum(own.values()), worker, postgres, kib) for rate in RATES)]


def _line(rate: int, web_us: float, worker_us: float, postgres_us: float, kib: float) -> list[str]:
    web, worker, postgres = (rate * each / 1e6 / BUSY for each in (web_us, worker_us, postgres_us))
    machines, writers = (web + worker) / CORES_OF_A_MACHINE, postgres / CORES_OF_A_WRITER
    connections = ceil(web) * POOLED["web"] + ceil(worker) * POOLED["worker"]
    gib = rate * 86_400 * kib / 1024**2
    cells = (web, worker, machines, connections, rate * COMMITS, postgres, writers)
    return [f"{rate:,}", *(f"{cell:,.0f}" if cell >= 10 else f"{cell:.1f}" for cell in cells), f"{gib:,.0f} GiB"]
