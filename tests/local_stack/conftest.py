import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from zelton_backend.local_stack.surroundings import HOME, SERVERS, SETTINGS

MARK = "LOCAL_STACK_TEST"  # in the environment of a run and of all that it starts
ENDS_WITHIN = 60  # seconds


class Run:
    """`python -m zelton_backend.local_stack …` as a person starts it, and a list of all that it started."""

    def __init__(self, folder: Path, number: int, *arguments: str) -> None:
        self._mark, self._output = f"{MARK}={folder}", folder / f"output-{number}"
        machine = {name: value for name, value in os.environ.items() if not name.startswith(SETTINGS + SERVERS)}
        ours = {"ZELTON_ENV_FILE": os.devnull, "DATABASE_URL": f"sqlite:///{folder / 'db.sqlite3'}", MARK: str(folder)}
        with self._output.open("wb") as sink:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "zelton_backend.local_stack", *arguments],
                cwd=HOME,
                env={**machine, **ours},
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=sink,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def output(self) -> str:
        return self._output.read_text()

    def says(self, text: str, *, within: float = 180) -> None:
        """Wait until the run has printed a text."""
        deadline = time.monotonic() + within
        while text not in self.output:
            assert self._process.poll() is None, self.output
            assert time.monotonic() < deadline, self.output
            time.sleep(0.1)

    def ends(self, *, within: float = ENDS_WITHIN) -> int:
        return self._process.wait(within)

    def tell(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def alive(self) -> dict[int, str]:
        """Return the command of every process that bears the mark of this run, by process id."""
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if self._mark.encode() in (folder / "environ").read_bytes().split(b"\0"):
                    found[int(folder.name)] = (folder / "cmdline").read_text().replace("\0", " ")
            except OSError:
                continue  # it has ended, or is another user's
        return found

    def clean_up(self) -> None:
        for pid in self.alive():
            os.kill(pid, signal.SIGKILL)
        self._process.wait()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Run]]:
    runs: list[Run] = []

    def start(*arguments: str) -> Run:
        runs.append(Run(tmp_path, len(runs), *arguments))
        return runs[-1]

    yield start
    for run in runs:
        run.clean_up()
