"""The command in a process of its own, as a person runs it: with the settings of .env.example and nothing else."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from django.conf import settings


def simulate_apart(*arguments: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run it to its end."""
    command = _as_a_person(arguments, folder, environment)
    return subprocess.run(**command, capture_output=True, check=False, timeout=120)


@contextmanager
def simulating(
    *arguments: str, folder: Path, stderr: int = subprocess.PIPE, **environment: str
) -> Iterator[subprocess.Popen[str]]:
    """Start it as a terminal does, as the first of a group of processes; none of them outlives the test.

    :param stderr: another file than a pipe, perhaps a terminal
    """
    command = _as_a_person(arguments, folder, environment)
    with subprocess.Popen(**command, stdout=subprocess.PIPE, stderr=stderr, start_new_session=True) as run:
        try:
            yield run
        finally:
            with suppress(ProcessLookupError):
                os.killpg(run.pid, signal.SIGKILL)


def _as_a_person(arguments: tuple[str, ...], folder: Path, environment: dict[str, str]) -> dict[str, Any]:
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "DATABASE_URL") if name in os.environ}
    example = settings.BASE_DIR / ".env.example"
    return {
        "args": [sys.executable, settings.BASE_DIR / "manage.py", "simulate", *arguments],
        "env": {**inherited, "ZELTON_ENV_FILE": str(example), **environment},
        "cwd": folder,
        "text": True,
    }
