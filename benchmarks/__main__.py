"""python -m benchmarks [PART ...] [--size full] [--strict]"""

import json
import sys
import time
from argparse import ArgumentParser, Namespace

from benchmarks import (
    balance,
    beside_peers,
    checks,
    growth,
    initiate,
    ledger,
    machines,
    memory,
    payment,
    reading,
    renewals,
    servers,
    verify,
    webhooks,
)
from benchmarks.figures import Figure, text_table
from benchmarks.machine import describe
from tests.postgres import Cluster
from zelton_backend.local_stack.surroundings import HOME

PARTS = {
    "webhooks": webhooks.measure,
    "reading": reading.measure,
    "payment": payment.measure,
    "initiate": initiate.measure,
    "verify": verify.measure,
    "checks": checks.measure,
    "growth": growth.measure,
    "memory": memory.measure,
    "ledger": ledger.measure,
    "balance": balance.measure,
    "renewals": renewals.measure,
    "servers": servers.measure,
    "peers": beside_peers.measure,
    "machines": machines.measure,
}
ON_REQUEST = {"servers", "peers", "machines"}  # what they need is installed for them alone
LATEST = HOME / "benchmarks" / "results" / "latest.json"


def main() -> int:
    options = _read_options()
    started, figures = time.monotonic(), []
    cluster = Cluster(durable=True)
    try:
        machine = describe(cluster)
        for part in options.parts or [part for part in PARTS if part not in ON_REQUEST]:
            figures += _measure(part, cluster, full=options.size == "full")
        result = {**machine, "size": options.size, "seconds": round(time.monotonic() - started)}
    finally:
        cluster.stop()
    print("\n" + text_table(figures), flush=True)
    measured = [{**figure.as_json(), "measured_at": result["measured_at"]} for figure in figures]
    LATEST.parent.mkdir(exist_ok=True)
    LATEST.write_text(json.dumps({**result, "figures": measured}, indent=1) + "\n")
    missed = [figure.name for figure in figures if figure.met is False]
    print(f"\n{len(missed)} of {len(figures)} figures miss their limit. All numbers: {LATEST.relative_to(HOME)}")
    return 1 if missed and options.strict else 0


def _measure(part: str, cluster: Cluster, *, full: bool) -> list[Figure]:
    started = time.monotonic()
    print(f"{part} ...", flush=True)
    figures = PARTS[part](cluster, full=full)
    print(f"{text_table(figures)}\n({time.monotonic() - started:.0f} s)\n", flush=True)
    return figures


def _read_options() -> Namespace:
    parser = ArgumentParser("python -m benchmarks", description="Each figure against its limit, on this machine.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"only these of {', '.join(PARTS)}")
    parser.add_argument("--size", choices=("quick", "full"), default="quick", help="full takes hours (quick)")
    parser.add_argument("--strict", action="store_true", help="exit 1 if a limit is missed")
    options = parser.parse_args()
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"there is no {', '.join(unknown)}")
    return options


if __name__ == "__main__":
    sys.exit(main())
