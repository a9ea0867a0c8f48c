"""The balance of an account over a million lines and over ten, and what adding them up takes."""

import json
from contextlib import ExitStack
from statistics import median

from benchmarks.figures import Figure
from benchmarks.population import run_script, write
from benchmarks.stage import Stage, open_stage
from tests.postgres import Cluster

PART = "balance"
FEW, MANY, LINES_AN_ENTRY = 1_000_000, 10_000_000, 10
SINCE = 1_400  # lines that were posted since they were last added up: a day's of a million in two years
ROUNDS, LONGEST = 5, 1800
ASKED = {"an account": 20.0, "a tenancy": 20.0, "all accounts": None}  # milliseconds at most


def measure(cluster: Cluster, *, full: bool) -> list[Figure]:  # noqa: ARG001 - ten million lines are what is asked for
    with ExitStack() as stages:
        few, many = (_written(stages.enter_context(open_stage(cluster, f"balance_{n}")), n) for n in (FEW, MANY))
        rounds = [(_ask(few[0]), _ask(many[0])) for _ in range(ROUNDS + 1)][1:]
        day = _post(many[0], MANY + SINCE, MANY // FEW * SINCE)
        late = _ask(many[0])
    figures = []
    for what, limit in ASKED.items():
        short, long = (median(round_[side][what] for round_ in rounds) for side in (0, 1))
        told = f"{long:.1f} ms over {MANY:,} lines"
        figures.append(Figure(PART, f"balance of {what}", long, limit, unit="ms", ours=told))
        growth = median(after[what] / before[what] for before, after in rounds)
        figures.append(
            Figure(
                PART,
                f"growth of the balance of {what}",
                growth,
                1.3,
                ours=told,
                against=f"{short:.1f} ms over {FEW:,}, as many posted since",
                details={"rounds": [(before[what], after[what]) for before, after in rounds]},
            )
        )
    account = late["an account"]
    told = f"{day:,} lines posted since they were added up"
    figures.append(Figure(PART, "balance of an account, late in the day", account, 20.0, unit="ms", ours=told))
    told, against = f"{MANY:,} lines for the first time", f"{few[1]:.1f} s for {FEW:,}"
    figures.append(Figure(PART, "adding up", many[1], None, unit="s", ours=told, against=against))
    return figures


def _written(stage: Stage, lines: int) -> tuple[Stage, float]:
    """Write so many lines and add them up, and then some more; return how many seconds adding up took."""
    names = {"database": stage.database.rpartition("/")[2]}
    run_script(stage, "history_begin", **names)
    write(stage, "ledger", first=1, last=lines // LINES_AN_ENTRY)
    run_script(stage, "history_end", **names)
    stage.sql("VACUUM ANALYZE", "CHECKPOINT")
    took = json.loads(stage.python("benchmarks.balancing", seconds=LONGEST))["seconds"]
    _post(stage, lines, SINCE)
    return stage, float(took)


def _post(stage: Stage, before: int, lines: int) -> int:
    first = before // LINES_AN_ENTRY + 1
    write(stage, "ledger", first=first, last=first - 1 + lines // LINES_AN_ENTRY)
    return SINCE + lines


def _ask(stage: Stage) -> dict[str, float]:
    asked: dict[str, float] = json.loads(stage.python("benchmarks.balancing", "ask"))
    return asked
