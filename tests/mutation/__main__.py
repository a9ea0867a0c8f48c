"""Change the core in small ways, one at a time, and show the changes on which no test fails.

What was found out is kept in `.mutants/`: a run that is stopped goes on where it was.
"""

import argparse
import json
import os
import time
from collections import Counter
from functools import partial

from tests.mutation.forks import KEPT, ROOT, in_child, prepare, run_tests
from tests.mutation.mutants import Mutant, mutants_of
from tests.mutation.reach import Reach

RESULTS = KEPT / "results.jsonl"
CORE = """core/services/payments core/services/refunds core/services/polling core/services/ledger core/services/webhooks
    core/services/settlements core/services/rent core/services/subscriptions core/services/idempotency.py
    core/services/locks.py core/services/moves.py core/services/audit.py core/services/worker.py"""
KILLED, SURVIVED, NOT_RUN = "killed", "survived", "run by no test"
NO_TEST_FAILED = 0
START = 5  # seconds of processor time to import what is tested
LOOPS = 2  # times as long as its tests take, and a mutant goes round for ever, which is a change that was noticed


def main() -> None:
    options = _options()
    os.nice(5)
    paths = _files(options.paths)
    mutants = [mutant for path in paths for mutant in mutants_of(path, (ROOT / path).read_bytes())]
    if not options.report:
        prepare({*_files(CORE.split()), *paths})
        reach = Reach(_files(CORE.split()))
        reach.read()
        known, done = _known(), {KILLED} if options.again else {KILLED, SURVIVED, NOT_RUN}
        wanted = [mutant for mutant in mutants if known.get(mutant.key) not in done]
        # In an order that means nothing, so that a run that is stopped has tried a sample of the whole.
        _try_all(sorted(wanted, key=lambda mutant: mutant.key), reach, options)
    _report(mutants, _known())


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("paths", nargs="*", default=CORE.split(), help="files or folders; left out: the core")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="begin no mutant after so long")
    parser.add_argument("--seconds", type=float, default=30, help="run tests of at most so long for one mutant")
    parser.add_argument("--again", action="store_true", help="try those that survived once more")
    parser.add_argument("--report", action="store_true", help="only show what is known")
    return parser.parse_args()


def _files(names: list[str]) -> list[str]:
    paths = [ROOT / name for name in names]
    files = [file for path in paths for file in (sorted(path.rglob("*.py")) if path.is_dir() else [path])]
    return [str(file.relative_to(ROOT)) for file in files]


def _known() -> dict[str, str]:
    """Return what became of each mutant that was tried, by key; the last try counts."""
    lines = RESULTS.read_text().splitlines() if RESULTS.exists() else []
    return {told["key"]: told["result"] for told in map(json.loads, lines)}


def _try_all(mutants: list[Mutant], reach: Reach, options: argparse.Namespace) -> None:
    ends = time.monotonic() + 60 * options.minutes
    for number, mutant in enumerate(mutants, start=1):
        if time.monotonic() > ends:
            return
        began = time.monotonic()
        result = _try(mutant, reach, options.seconds)
        took = round(time.monotonic() - began, 1)
        with RESULTS.open("a") as results:
            results.write(json.dumps({"key": mutant.key, "result": result, "mutant": str(mutant), "took": took}) + "\n")
        if result != KILLED:
            print(f"{number}/{len(mutants)} {result}: {mutant}", flush=True)


def _try(mutant: Mutant, reach: Reach, seconds: float) -> str:
    tests = reach.tests_of(mutant.path, mutant.line, seconds=seconds)
    if not tests:
        return NOT_RUN
    work = partial(run_tests, tests, mutant=mutant)
    code = in_child(work, seconds=LOOPS * (seconds + START), log=KEPT / f"last-{os.getpid()}.log")
    return SURVIVED if code == NO_TEST_FAILED else KILLED


def _report(mutants: list[Mutant], known: dict[str, str]) -> None:
    by_path: dict[str, Counter[str]] = {}
    for mutant in mutants:
        by_path.setdefault(mutant.path, Counter())[known.get(mutant.key, "not tried")] += 1
        if known.get(mutant.key) in (SURVIVED, NOT_RUN):
            print(f"{known[mutant.key]}: {mutant}")
    for path, counts in [*by_path.items(), ("all", sum(by_path.values(), Counter()))]:
        untried = counts["not tried"]
        tried = counts.total() - untried
        share = f"{counts[KILLED] / tried:.1%}" if tried else "-"
        print(f"{path}: {counts[KILLED]} of {tried} killed ({share}), {untried} not tried")


if __name__ == "__main__":
    main()
