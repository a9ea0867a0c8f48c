"""A run that is stopped ends at once, with what it knows, and leaves nothing behind."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from tests.postgres import Cluster, children_of
from tests.simulation.apart import simulating

PATIENCE = 60.0  # seconds
LONG = ("--seeds", "1-1000", "--orders", "1000", "--jobs", "2")  # a seed alone lasts more than a minute


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    made = Cluster()
    yield made
    made.stop()


def wait_until(look: Callable[[], bool], run: subprocess.Popen[str]) -> None:
    ends = time.monotonic() + PATIENCE
    while not look():
        assert run.poll() is None, run.communicate()
        assert time.monotonic() < ends
        time.sleep(0.05)


def opened_by(pid: int) -> set[Path]:
    """Return the databases that a process has open."""
    found = set()
    for link in Path(f"/proc/{pid}/fd").glob("*"):
        with suppress(OSError):
            target = link.readlink()
            found |= {target} if target.suffix == ".sqlite3" else set()
    return found


def ends(run: subprocess.Popen[str]) -> str:
    began = time.monotonic()
    output, errors = run.communicate(timeout=PATIENCE)
    assert not errors
    assert time.monotonic() - began < PATIENCE / 3
    return output


@pytest.mark.parametrize(
    ("number", "tell"),
    [
        (signal.SIGINT, os.killpg),
        pytest.param(signal.SIGTERM, os.kill, marks=pytest.mark.slow),
        pytest.param(signal.SIGTERM, os.killpg, marks=pytest.mark.slow),
    ],
    ids=["ctrl-c", "kill", "timeout"],
)
def test_a_stopped_run_leaves_no_process_and_no_file(
    number: int, tell: Callable[[int, int], None], tmp_path: Path
) -> None:
    children: list[int] = []

    def both_are_at_work() -> bool:
        children[:] = children_of(run.pid)
        return len(children) == 2 and all(opened_by(child) for child in children)

    with simulating(*LONG, folder=tmp_path, DATABASE_URL="sqlite:///unused") as run:
        wait_until(both_are_at_work, run)
        folders = {database.parent for child in children for database in opened_by(child)}
        tell(run.pid, number)
        output = ends(run)

    assert run.returncode == 128 + number
    assert "Stopped after 0 seeds" in output
    assert len(folders) == 1
    assert not any(folder.exists() for folder in folders)
    assert not any(Path(f"/proc/{child}").exists() for child in children)


@pytest.mark.slow
def test_what_was_found_before_is_told(tmp_path: Path) -> None:
    seen: set[Path] = set()

    def many_stories_have_ended() -> bool:  # the first of them so long ago that it has been heard of
        seen.update(database for child in children_of(run.pid) for database in opened_by(child))
        return len(seen) > 8

    stories = ("--seeds", "1-1000", "--orders", "1")
    with simulating(*stories, folder=tmp_path, DATABASE_URL="sqlite:///unused") as run:
        wait_until(many_stories_have_ended, run)
        run.terminate()
        output = ends(run)

    assert "The books balance and agree with PhonePe's to the paisa" in output


@pytest.mark.slow
def test_a_stopped_run_leaves_no_database_on_the_server(cluster: Cluster, tmp_path: Path) -> None:
    def databases() -> set[str]:
        with psycopg.connect(cluster.url) as connection:
            return {name for (name,) in connection.execute("SELECT datname FROM pg_database")}

    before = databases()
    with simulating(*LONG, folder=tmp_path, DATABASE_URL=cluster.url) as run:
        wait_until(lambda: len(databases() - before) == 3, run)  # the template, and a copy for each job
        run.terminate()
        output = ends(run)

    assert "Stopped after 0 seeds" in output
    assert run.returncode == 128 + signal.SIGTERM
    assert databases() == before
