"""What a benchmark runs on: a durable PostgreSQL, a broker, PhonePe's simulator, and processes of the product."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg

from benchmarks.load import Load, Seen
from benchmarks.sessions import postgres_cpu_seconds
from tests.postgres import Cluster
from zelton_backend.local_stack import broker, ports
from zelton_backend.local_stack.http import answers, get, get_pages, post_json
from zelton_backend.local_stack.processes import Child, Family, StackError
from zelton_backend.local_stack.surroundings import HOME, SANDBOX_PATH

STARTING_TAKES_AT_MOST = 90.0  # seconds
PYTHON = (sys.executable, "-m")
CELERY = (*PYTHON, "celery", "--quiet", "-A", "zelton_backend")
METRICS_TOKEN = "bench"  # noqa: S105 - of a throw-away server
WEBHOOK_USER, WEBHOOK_PASSWORD = "bench_hooks", "hooks4bench"


class Stage:
    """One benchmark's processes and its own empty database. All of it is gone when the benchmark ends."""

    def __init__(self, family: Family, folder: Path, database: str, settings: Mapping[str, str]) -> None:
        self.family, self._folder, self.database, self.settings = family, folder, database, settings

    @property
    def simulator(self) -> str:
        return self.settings["PHONEPE_BASE_URL"].removesuffix(SANDBOX_PATH)

    def manage(self, command: str, *arguments: str, seconds: float = 120) -> str:
        return self.family.run(command, sys.executable, "manage.py", command, *arguments, seconds=seconds)

    def sql(self, *statements: str, values: Sequence[Any] | None = None) -> list[Any]:
        """Run statements, each committed; return the rows of the last, if it gives any.

        One that changes all rows may meet a worker that changes some, in another order: then it begins again.
        """
        with psycopg.connect(self.database, autocommit=True) as connection:
            for statement in statements:
                while True:
                    with suppress(psycopg.errors.DeadlockDetected):
                        cursor = connection.execute(statement.encode(), values)
                        break
            return cursor.fetchall() if cursor.description else []

    def postgres_cpu_seconds(self) -> float:
        with psycopg.connect(self.database) as connection:
            return postgres_cpu_seconds(connection.info.backend_pid)

    def start_web(
        self, application: str, *, port: int | None = None, name: str = "", **settings: str
    ) -> tuple[Child, int]:
        """Start gunicorn with the product's own configuration; return it and its port, which is free if left out."""
        port = port or ports.choose([0])[0]
        name = name or f"web-{application.partition('.')[0]}"
        bind = ("--bind", f"{ports.HOST}:{port}")
        child = self.family.start(
            name, *_with(settings), *PYTHON, "gunicorn", "--config", "gunicorn.conf.py", *bind, application
        )
        self.family.wait_for(f"{name} to serve", partial(_serves, port), seconds=STARTING_TAKES_AT_MOST)
        return child, port

    def start_server(self, name: str, port: int, *module_and_options: str, **settings: str) -> Child:
        """Start another server of the product's application, which listens at a port."""
        child = self.family.start(f"web-{name}", *_with(settings), *PYTHON, *module_and_options)
        self.family.wait_for(f"{name} to serve", partial(_serves, port), seconds=STARTING_TAKES_AT_MOST)
        return child

    def start_broker(self) -> None:
        port = int(self.settings["REDIS_URL"].rpartition(":")[2].partition("/")[0])
        self.family.start("broker", *broker.command(port, self._folder))
        self.family.wait_for("the broker", partial(broker.answers, port), seconds=STARTING_TAKES_AT_MOST)

    def start_simulator(self, *options: str) -> None:
        port, settings = self.simulator.rpartition(":")[2], self.settings
        client = (
            f"--client-id={settings['PHONEPE_CLIENT_ID']}",
            f"--client-secret={settings['PHONEPE_CLIENT_SECRET']}",
        )
        self.family.start("simulator", *PYTHON, "phonepe_simulator", "--port", port, *client, *options)
        serving = partial(answers, f"{self.simulator}/_simulator/")
        self.family.wait_for("the simulator", serving, seconds=STARTING_TAKES_AT_MOST)

    def start_worker(self, name: str = "worker", **settings: str) -> Child:
        alone = ("--without-gossip", "--without-mingle", "--without-heartbeat", "--hostname", f"{name}@%h")
        return self.family.start(name, *_with(settings), *CELERY, "worker", *alone)

    def start_beat(self, name: str = "beat", **settings: str) -> Child:
        schedule = ("--schedule", str(self._folder / name))
        return self.family.start(name, *_with(settings), *CELERY, "beat", *schedule)

    def python(self, *arguments: str, seconds: float = 120, **settings: str) -> str:
        """Run a module of ours as a process; return what it printed."""
        return self.family.run(arguments[0], *_with(settings), *PYTHON, *arguments, seconds=seconds)

    def python_together(self, *arguments: str, processes: int, seconds: float) -> list[str]:
        """Run a module of ours as so many processes at once; return what each printed."""
        begun = [self.family.begin(f"{arguments[0]}-{n}", *PYTHON, *arguments) for n in range(processes)]
        return [self.family.finish(child, seconds=seconds) for child in begun]

    def load(self, load: Load) -> Seen:
        """Let a process of its own send requests; return what it saw."""
        done = subprocess.run(
            [*PYTHON, "benchmarks.load"], input=json.dumps(asdict(load)), capture_output=True, text=True, cwd=HOME
        )
        if done.returncode:
            raise RuntimeError(f"The load generator failed: {done.stderr[-2000:]}")
        return Seen(**json.loads(done.stdout))

    def ask_simulator(self, path: str) -> list[Any]:
        """Return a list of the simulator's, all pages of it."""
        return get_pages(f"{self.simulator}/_simulator{path}")

    def tell_simulator(self, path: str, body: dict[str, Any]) -> Any:
        return post_json(f"{self.simulator}/_simulator{path}", body).json()


def _with(settings: Mapping[str, str]) -> tuple[str, ...]:
    return ("env", *(f"{name}={value}" for name, value in settings.items()))


def _serves(port: int) -> bool | None:
    try:
        get(f"http://{ports.HOST}:{port}/healthz")
    except OSError:
        return None
    return True


@contextmanager
def open_stage(cluster: Cluster, name: str) -> Iterator[Stage]:
    """Make an empty, migrated database and what its processes need to know."""
    database = cluster.url.rpartition("/")[0] + f"/{name}"
    with psycopg.connect(cluster.url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())
        connection.execute(f"CREATE DATABASE {name}".encode())
    with TemporaryDirectory(prefix="zelton-bench-") as folder_name:
        folder = Path(folder_name)
        settings = _settings(database)
        with Family(logs=folder, home=HOME, environment=_environment(settings)) as family:
            built = Stage(family, folder, database, settings)
            try:
                built.manage("migrate", "--verbosity", "0", "--skip-checks")
                yield built
            except StackError:
                print(family.tails(), flush=True)
                raise


def _settings(database: str) -> dict[str, str]:
    broker_port, simulator_port = ports.choose([0, 0])
    return {
        "ZELTON_ENV_FILE": os.devnull,
        "DATABASE_URL": database,
        "REDIS_URL": f"redis://{ports.HOST}:{broker_port}/0",
        "DJANGO_SECRET_KEY": "bench-only-" * 6,
        "PHONEPE_ENVIRONMENT": "SANDBOX",
        "PHONEPE_CLIENT_ID": "BENCH",
        "PHONEPE_CLIENT_SECRET": "bench-client-secret",
        "PHONEPE_CLIENT_VERSION": "1",
        "PHONEPE_BASE_URL": f"http://{ports.HOST}:{simulator_port}{SANDBOX_PATH}",
        "PHONEPE_WEBHOOK_USERNAME": WEBHOOK_USER,
        "PHONEPE_WEBHOOK_PASSWORD": WEBHOOK_PASSWORD,
        "PHONEPE_CALLS_PER_SECOND": "100000",  # what is measured is the machine, not our politeness
        "METRICS_TOKEN": METRICS_TOKEN,
    }


def _environment(settings: Mapping[str, str]) -> dict[str, str]:
    """Nothing of the caller's settings may decide about a figure."""
    kept = ("PATH", "HOME", "LANG", "TMPDIR", "TEST_PG_BINDIR", "LD_LIBRARY_PATH")
    machine = {name: os.environ[name] for name in kept if name in os.environ}
    return {**machine, "NO_PROXY": ports.HOST, "no_proxy": ports.HOST, **settings}
