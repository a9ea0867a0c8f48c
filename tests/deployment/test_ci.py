""".ci/run installs what tests look for where it may, and goes on where it cannot."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.deployment.described import ROOT


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A machine of its own: root on Debian, with pgbouncer alone; what it is asked to do is only noted."""
    for name, script in {
        "id": "echo 0",
        "dpkg-query": 'test "${@: -1}" = pgbouncer && echo -n installed',
        "apt-get": 'echo "apt-get $*" >>"$NOTED"',
        "node": "true",
        "make": 'echo "make $*" >>"$NOTED"',
    }.items():
        program = tmp_path / name
        program.write_text(f"#!/bin/bash\n{script}\n")
        program.chmod(0o755)
    return tmp_path


def runs(programs: Path) -> tuple[str, list[str]]:
    """Return what it said, and what it had done."""
    noted = programs / "noted"
    environment = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}", "NOTED": str(noted)}
    done = subprocess.run([ROOT / ".ci" / "run"], env=environment, capture_output=True, text=True, check=True)
    return done.stdout + done.stderr, noted.read_text().splitlines()


ALL = ["make test", "make lint", "make demo", "make mobile-test"]


def test_what_is_missing_is_installed_quietly(programs: Path) -> None:
    said, done = runs(programs)

    assert said == ""
    assert done[1].startswith("apt-get -qq install --yes")
    assert done[1].endswith("chromium fonts-noto-core poppler-utils prometheus")
    assert done[2:] == ALL


def test_where_that_fails_it_says_so_once_and_goes_on(programs: Path) -> None:
    (programs / "apt-get").write_text("#!/bin/bash\necho 'no network' >&2; exit 100\n")

    said, done = runs(programs)

    assert len(said.splitlines()) == 1
    assert "could be installed" in said
    assert done == ALL


def test_whoever_is_not_root_installs_nothing(programs: Path) -> None:
    (programs / "id").write_text("#!/bin/bash\necho 1000\n")

    assert runs(programs) == ("", ALL)


def test_where_all_is_there_nothing_is_asked_of_debian(programs: Path) -> None:
    (programs / "dpkg-query").write_text("#!/bin/bash\necho -n installed\n")

    assert runs(programs) == ("", ALL)


def test_without_node_all_but_the_app_is_tested(programs: Path) -> None:
    (programs / "node").write_text("#!/bin/bash\nexit 127\n")
    (programs / "id").write_text("#!/bin/bash\necho 1000\n")

    said, done = runs(programs)

    assert said == "Node 20 or later is not here: the app is not tested.\n"
    assert done == ALL[:-1]
