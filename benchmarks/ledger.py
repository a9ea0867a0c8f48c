"""The ledger: entries of two lines posted a second by four threads, beside two bare INSERTs a commit, in turns."""

import json
from statistics import median

from benchmarks.figures import Figure
from benchmarks.stage import open_stage
from tests.postgres import Cluster

ROUNDS = 5


def measure(cluster: Cluster, *, full: bool) -> list[Figure]:  # noqa: ARG001 - every part is measured in this way
    with open_stage(cluster, "ledger") as stage:
        rounds = [json.loads(stage.python("benchmarks.posting")) for _ in range(ROUNDS + 1)][1:]
    posted, bare = (median(each[way] for each in rounds) for way in ("posted", "bare"))
    return [
        Figure(
            "ledger",
            "entries posted, against two bare INSERTs",
            median(each["posted"] / each["bare"] for each in rounds),
            0.7,
            at_least=True,
            ours=f"{posted:,.0f}/s, each posted once and balanced",
            against=f"{bare:,.0f}/s of the same rows",
        )
    ]
