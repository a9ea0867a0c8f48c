"""Change the core in small ways, one at a time, and show the changes on which no test fails.

What was found out is kept in `.mutants/`: a run that is stopped goes on where it was.
"""

import argparse
import json
import os
import re
import time
from collections import Counter
from functools import partial
from hashlib import sha256

from tests.mutation.forks import KEPT, ROOT, Collected, import_all, in_child, prepare, run_tests, with_collected
from tests.mutation.judged import VERDICTS, judge, judged, table
from tests.mutation.mutants import Mutant, mutants_of
from tests.mutation.reach import Reach, test_files
from tests.mutation.swapping import can_swap

RESULTS = KEPT / "results.jsonl"
CORE = """core/services/payments core/services/refunds core/services/polling core/services/ledger core/services/webhooks
    core/services/settlements core/services/rent core/services/subscriptions core/services/idempotency.py
    core/services/locks.py core/services/moves.py core/services/audit.py core/services/worker.py
    core/services/mandates core/services/papers"""
KILLED, SURVIVED, NOT_RUN = "killed", "survived", "run by no test"
NO_TEST_FAILED = 0
START = 5  # seconds of processor time to import what is tested
LOOPS = 2  # times as long as its tests take, and a mutant goes round for ever, which is a change that was noticed


def main() -> None:
    options = _options()
    os.nice(max(0, 10 - os.nice(0)))
    paths = _files(options.paths)
    mutants = [mutant for path in paths for mutant in mutants_of(path, (ROOT / path).read_bytes())]
    if options.judge:
        key, verdict, why = options.judge
        judge(next(mutant for mutant in mutants if mutant.key == key), verdict, why)
        return
    if not options.report:
        prepare({*_files(CORE.split()), *paths})
        reach = Reach(_files(CORE.split()))
        reach.read(test_files(options.tests))
        known, done = _known(), {KILLED} if options.again else {KILLED, SURVIVED, NOT_RUN}
        wanted = [mutant for mutant in mutants if known.get(mutant.key) not in done]
        sample = _sample(wanted, options)
        _try_all([mutant for mutant in sample if not can_swap(mutant)], reach, options)
        files = test_files(options.tests)
        import_all(files)
        swapped = [mutant for mutant in sample if can_swap(mutant)]
        with_collected(files, lambda collected: _try_all(swapped, reach, options, collected))
    _report(mutants, _known())


def _sample(mutants: list[Mutant], options: argparse.Namespace) -> list[Mutant]:
    """Return some of each path, in an order that means nothing: a run that is stopped has tried a sample too."""
    shuffled = sorted(mutants, key=lambda mutant: sha256(f"{options.seed} {mutant.key}".encode()).digest())
    some = [[each for each in shuffled if _is_in(path, each)][: options.sample] for path in options.paths]
    return [mutant for each in some for mutant in each]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("paths", nargs="*", default=CORE.split(), help="files or folders; left out: the core")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="begin no mutant after so long")
    parser.add_argument("--seconds", type=float, default=30, help="run tests of at most so long for one mutant")
    parser.add_argument("--sample", type=int, help="try so many of each of the paths; left out: all")
    parser.add_argument("--seed", default="", help="draw another sample than without it")
    parser.add_argument("--tests", nargs="*", default=[], help="run only these test files; left out: all of TESTS")
    parser.add_argument("--again", action="store_true", help="try those that survived once more")
    parser.add_argument("--judge", nargs=3, metavar=("KEY", "VERDICT", "WHY"), help=f"write down one of {[*VERDICTS]}")
    parser.add_argument("--report", action="store_true", help="only show what is known")
    return parser.parse_args()


def _files(names: list[str]) -> list[str]:
    paths = [ROOT / name for name in names]
    files = [file for path in paths for file in (sorted(path.rglob("*.py")) if path.is_dir() else [path])]
    return [str(file.relative_to(ROOT)) for file in files]


def _is_in(path: str, mutant: Mutant) -> bool:
    return mutant.path == path or mutant.path.startswith(f"{path}/")


def _known() -> dict[str, str]:
    """Return what became of each mutant that was tried, by key; the last try counts."""
    lines = RESULTS.read_text().splitlines() if RESULTS.exists() else []
    return {told["key"]: told["result"] for told in map(json.loads, lines)}


def _try_all(
    mutants: list[Mutant], reach: Reach, options: argparse.Namespace, collected: Collected | None = None
) -> None:
    ends, failed = time.monotonic() + 60 * options.minutes, Counter[tuple[str, str]]()
    for number, mutant in enumerate(mutants, start=1):
        if time.monotonic() > ends:
            return
        began = time.monotonic()
        # What stands in no function is run by an import, which belongs to no test.
        tests = reach.tests_of(mutant.path, mutant.line if collected else None, seconds=options.seconds)
        tests.sort(key=lambda name: -failed[mutant.path, name])  # who has told of its neighbours
        result, by = _try(mutant, tests, options.seconds, collected)
        failed[mutant.path, by] += 1
        told = {"key": mutant.key, "result": result, "by": by, "mutant": str(mutant)}
        with RESULTS.open("a") as results:
            results.write(json.dumps({**told, "took": round(time.monotonic() - began, 1)}) + "\n")
        if result != KILLED:
            print(f"{number}/{len(mutants)} {result}: {mutant}", flush=True)


def _try(mutant: Mutant, tests: list[str], seconds: float, collected: Collected | None) -> tuple[str, str]:
    """Return what became of a mutant, and which test failed on it."""
    if not tests:
        return NOT_RUN, ""
    log = KEPT / f"last-{os.getpid()}.log"
    work = partial(collected.run, tests, mutant) if collected else partial(run_tests, tests, mutant=mutant)
    code = in_child(work, seconds=LOOPS * (seconds + START), log=log)
    if code == NO_TEST_FAILED:
        return SURVIVED, ""
    failed = re.search(r"^(?:FAILED|ERROR) (\S+)", log.read_text(errors="replace"), re.MULTILINE)
    return KILLED, failed[1] if failed else f"ended with {code}"


def _report(mutants: list[Mutant], known: dict[str, str]) -> None:
    tried, verdicts = [mutant for mutant in mutants if mutant.key in known], judged()
    for mutant in tried:
        if known[mutant.key] != KILLED and mutant.key not in verdicts:
            print(f"{mutant.key} {known[mutant.key]}: {mutant}")
    print(table((mutant, known[mutant.key] == KILLED) for mutant in tried))
    print(f"{len(mutants) - len(tried)} more were not tried.")


if __name__ == "__main__":
    main()
