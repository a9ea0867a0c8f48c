"""Which test runs which line of what may be mutated, and how long it takes: seen once for each test file, and kept."""

import json
import time
from collections import defaultdict
from difflib import SequenceMatcher
from functools import cache, partial
from hashlib import sha256
from pathlib import Path
from typing import Any

from tests.mutation.forks import KEPT, ROOT, in_child, run_tests

MAPS, SOURCES = KEPT / "reach", KEPT / "sources"
SLOWEST = 6.0  # seconds of processor time; what takes longer is no test to run for each mutant
LONGEST_FILE = 900.0
FOLDERS = ("services", "api", "commands", "uat", "mandates", "admin")
# What takes minutes, or is about something else than the core: the transport, the schema, log-ins, documents, settings.
LEFT_OUT = {
    *("test_outage.py", "test_races.py", "test_settings.py", "test_seed_demo.py", "test_go_live.py"),
    *("test_phonepe_fixtures.py", "test_phonepe_fuzz.py", "test_phonepe_service.py", "test_phonepe_transport.py"),
    *("test_call_budget.py", "test_circuit_breaker.py", "test_dead_connection.py", "test_busy_database.py"),
    *("test_schema.py", "test_schema_fuzzing.py", "test_sentences.py", "test_query_counts.py", "test_operations.py"),
    *("test_login.py", "test_logout.py", "test_change_password.py", "test_throttles.py", "test_access.py"),
    *("test_authorization.py", "test_logs.py", "test_masking.py", "test_pricing_plans.py", "test_return_page.py"),
    *("test_typesetting.py", "test_scripts_in_documents.py", "test_receipt.py", "test_refund_receipt.py"),
    *("test_subscription_receipt.py", "test_statement_files.py"),
}


class Reach:
    """Which tests to run for a line."""

    def __init__(self, paths: list[str]) -> None:
        self._paths = paths
        self._tests: dict[str, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
        self.seconds: dict[str, float] = {}

    def read(self, files: list[Path]) -> None:
        """Read what is known of test files, and find out the rest."""
        for file in files:
            kept = MAPS / f"{_digest(str(file.relative_to(ROOT)).encode())}.json"
            now = _digest(file.read_bytes())
            if not kept.exists() or json.loads(kept.read_text())["file"] != now:
                _map(file, kept, now, self._paths)
            if kept.exists():
                self._add(json.loads(kept.read_text()))

    def tests_of(self, path: str, line: int | None, *, seconds: float) -> list[str]:
        """Return tests that run a line, or any line of a file, as many as end within so many seconds.

        First the quickest of each test file, then the second of each: who tells of a line is seldom the quickest of all
        that come through it, but mostly has a file of its own.
        """
        by_file: dict[str, int] = defaultdict(int)
        ranked = []
        lines = self._tests[path]
        tests = set[str]().union(*lines.values()) if line is None else lines[line]
        for name in sorted(tests, key=lambda name: (self.seconds[name], name)):
            file = name.partition("::")[0]
            ranked.append((by_file[file], self.seconds[name], name))
            by_file[file] += 1
        chosen = []
        for _, _, name in sorted(ranked):
            seconds -= self.seconds[name]
            if seconds < 0 and chosen:
                break
            chosen.append(name)
        return chosen

    def _add(self, told: dict[str, Any]) -> None:
        names = told["names"]
        self.seconds.update((name, seconds) for name, seconds in told["names"].items() if seconds <= SLOWEST)
        listed = list(names)
        for path, seen in told["lines"].items():
            moved = _moved(path, seen["source"])
            for line, numbers in seen["tests"].items():
                now = moved.get(int(line))
                if now is not None:
                    self._tests[path][now].update(listed[each] for each in numbers if listed[each] in self.seconds)


def test_files(named: list[str]) -> list[Path]:
    """Return those that are named, else all that tell of the core."""
    if named:
        return [ROOT / name for name in named]
    found = [path for folder in FOLDERS for path in sorted((ROOT / "tests" / folder).rglob("test_*.py"))]
    return [path for path in found if path.name not in LEFT_OUT]


def _map(file: Path, kept: Path, digest: str, paths: list[str]) -> None:
    print(f"looking at what {file.relative_to(ROOT)} runs", flush=True)
    for folder in (MAPS, SOURCES):
        folder.mkdir(parents=True, exist_ok=True)
    log = kept.with_suffix(".log")
    result = in_child(partial(_watch, file, kept, digest, paths), seconds=LONGEST_FILE, log=log)
    if result != 0:
        print(f"  ended with {result}, see {log}", flush=True)


def _watch(file: Path, kept: Path, digest: str, paths: list[str]) -> int:
    import coverage
    import pytest

    watching = coverage.Coverage(data_file=None, include=[str(ROOT / path) for path in paths], config_file=False)
    names: dict[str, float] = {}

    class Contexts:
        @pytest.hookimpl(hookwrapper=True)
        def pytest_runtest_protocol(self, item: Any) -> Any:
            watching.switch_context(item.nodeid)
            began = time.process_time()
            yield
            names[item.nodeid] = round(time.process_time() - began, 3)

    watching.start()
    code = run_tests([str(file)], plugins=[Contexts()])
    watching.stop()
    if code not in (0, 5):
        return code
    data, numbers = watching.get_data(), {name: number for number, name in enumerate(names)}
    lines: dict[str, Any] = {}
    for path in paths:
        source = (ROOT / path).read_bytes()
        (SOURCES / _digest(source)).write_bytes(source)
        by_line = data.contexts_by_lineno(str(ROOT / path)) if str(ROOT / path) in data.measured_files() else {}
        tests = {line: sorted(numbers[name] for name in seen if name in numbers) for line, seen in by_line.items()}
        lines[path] = {"source": _digest(source), "tests": {line: seen for line, seen in tests.items() if seen}}
    kept.write_text(json.dumps({"file": digest, "names": names, "lines": lines}))
    return 0


@cache
def _moved(path: str, digest: str) -> dict[int, int]:
    """Return where the lines of a source that was watched stand now; those that changed are where they would be."""
    before = (SOURCES / digest).read_text().splitlines()
    now = (ROOT / path).read_text().splitlines() if (ROOT / path).exists() else []
    moved: dict[int, int] = {}
    for kind, a, a_end, b, b_end in SequenceMatcher(None, before, now, autojunk=False).get_opcodes():
        if kind in ("equal", "replace"):
            moved.update((a + step + 1, min(b + step, b_end - 1) + 1) for step in range(a_end - a))
    return moved


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()[:16]
