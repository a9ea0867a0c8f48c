"""One scrape tells of all processes of a machine: those that live, and what the dead have counted."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest
from prometheus_client.mmap_dict import MmapedDict

from core.services.operations import metrics
from core.services.operations.metrics_folder import MetricsFolder
from tests.environment import VARIABLES
from zelton_backend.local_stack.surroundings import HOME

COUNTS = """
    import sys, time
    import django
    django.setup()
    from core.services.operations import metrics

    kind, times, at, waits = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), sys.argv[4] == "lives"
    metrics.is_a(kind)
    metrics.WEBHOOKS.labels("stored").inc(times)
    metrics.PHONEPE_CALLS.labels("refund", "answered").observe(0.2)
    metrics.LAST_ANSWER.set(at)
    metrics.BREAKER.set(times % 2)
    print("counted", flush=True)
    if waits:
        sys.stdin.read()
"""
SCRAPES = """
    import django
    django.setup()
    from core.services.operations import metrics
    from core.services.operations.gauges import Machine

    print(metrics.exposition(Machine()).decode())
"""


class Machine:
    """Processes that count in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder, self._living = folder, []

    def start(self, kind: str, times: int, at: float = 1.0, *, ends: bool = False) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", dedent(COUNTS), kind, str(times), str(at), "ends" if ends else "lives"]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        process = subprocess.Popen(command, cwd=HOME, env=self._environment(), **pipes)
        assert process.stdout.readline() == "counted\n"
        if ends:
            process.communicate()
        else:
            self._living.append(process)
        return process

    def kill(self, process: subprocess.Popen[str]) -> None:
        process.kill()
        process.communicate()
        self._living.remove(process)

    def scrape(self) -> dict[str, float]:
        command = [sys.executable, "-c", dedent(SCRAPES)]
        done = subprocess.run(command, cwd=HOME, env=self._environment(), check=True, capture_output=True, text=True)
        lines = [line.rpartition(" ") for line in done.stdout.splitlines() if line and line[0] != "#"]
        return {name: float(value) for name, _, value in lines}

    def stop(self) -> None:
        for process in list(self._living):
            self.kill(process)

    def _environment(self) -> dict[str, str]:
        ours = {"PROMETHEUS_MULTIPROC_DIR": str(self.folder), "DJANGO_SETTINGS_MODULE": "zelton_backend.settings"}
        return {"PATH": os.environ["PATH"], **VARIABLES, **ours}


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    machine = Machine(tmp_path / "metrics")
    yield machine
    machine.stop()


def test_what_web_worker_and_beat_count_is_in_one_scrape(machine: Machine) -> None:
    machine.start("web", 2, at=100.0)
    machine.start("worker", 4, at=300.0)
    machine.start("beat", 1, at=200.0)

    told = machine.scrape()

    assert told['zelton_webhooks_total{outcome="stored"}'] == 7
    assert told['zelton_phonepe_call_seconds_count{call="refund",outcome="answered"}'] == 3
    assert told["zelton_phonepe_last_answer_timestamp_seconds"] == 300.0
    assert told["zelton_phonepe_breaker_open"] == 1.0  # the last one said so
    kinds = {kind: told[f'zelton_processes{{kind="{kind}"}}'] for kind in ("web", "worker", "beat", "command")}
    assert kinds == {"web": 1, "worker": 1, "beat": 1, "command": 1}  # the last is the scrape's own


def test_what_the_dead_have_counted_stays_and_their_files_go(machine: Machine) -> None:
    machine.start("worker", 4, at=300.0, ends=True)
    machine.kill(machine.start("worker", 3, at=400.0))
    machine.start("web", 10, at=200.0)

    for _ in range(2):  # what was added up is not added up again
        told = machine.scrape()
        assert told['zelton_webhooks_total{outcome="stored"}'] == 17
        assert told['zelton_phonepe_call_seconds_bucket{call="refund",le="0.25",outcome="answered"}'] == 3
        assert told["zelton_phonepe_last_answer_timestamp_seconds"] == 400.0
        assert told["zelton_phonepe_breaker_open"] == 0.0
        assert told['zelton_processes{kind="worker"}'] == 0
    names = {file.stem.rpartition("_")[2] for file in machine.folder.glob("*.db")}
    assert len(names) == 3  # the dead, the web, and the last scrape


def test_what_the_dead_said_while_the_clock_was_ahead_is_not_the_most_recent_for_ever(tmp_path: Path) -> None:
    folder, now = MetricsFolder(tmp_path / "metrics"), time.time()

    def said(name: str, value: float, at: float) -> None:
        file = MmapedDict(str(folder.path / f"gauge_mostrecent_{name}.db"))
        file.write_value(json.dumps(["breaker_open", "breaker_open", {}, "1 while it is open"]), value, at)
        file.close()

    said("dead-since", 0.0, now + 3600)
    MetricsFolder(folder.path)  # a process that starts adds up the dead
    said("living", 1.0, time.time())

    assert [metric.samples[0].value for metric in folder.counted()] == [1.0]


def test_a_file_that_was_never_finished_keeps_nobody_from_starting(machine: Machine) -> None:
    machine.folder.mkdir(mode=0o700)
    (machine.folder / "counter_somebody.db").write_bytes(b"\x00\x00")
    (machine.folder / "histogram_somebody.db").touch()
    machine.start("web", 1)

    assert machine.scrape()['zelton_webhooks_total{outcome="stored"}'] == 1


class TestAFolderThatCannotBeUsed:
    def test_it_is_said_in_a_sentence_and_the_process_goes_on(self, machine: Machine) -> None:
        machine.folder.write_text("a file")

        assert machine.scrape()['zelton_webhooks_total{outcome="stored"}'] == 0

    def test_one_of_somebody_else_is_not_used(self, tmp_path: Path) -> None:
        (tmp_path / "theirs").symlink_to(tmp_path)

        with pytest.raises(PermissionError, match="somebody else's"):
            MetricsFolder(tmp_path / "theirs")


def test_what_a_process_starts_counts_for_itself_as_it_does() -> None:
    """The processes of a test run do: what another machine's clock, or another test, says last is none of theirs."""
    assert metrics.FOLDER is None
    assert os.environ["PROMETHEUS_MULTIPROC_DIR"] == "none"


def test_a_fork_counts_under_a_name_of_its_own(tmp_path: Path) -> None:
    folder = MetricsFolder(tmp_path / "metrics")
    reader, writer = os.pipe()
    if (child := os.fork()) == 0:
        os.write(writer, folder.name().encode())
        os._exit(0)
    os.waitpid(child, 0)

    assert os.read(reader, 100).decode() != folder.name()
    assert folder.living() == {"command": 1}
    os.close(folder._lease)
    assert not folder.living()
