"""Zelton as it is deployed, on this machine: PostgreSQL, Redis, gunicorn, two workers, two beats, and PhonePe."""

import json
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import psycopg
import requests
from celery import Celery
from kombu.exceptions import OperationalError
from psycopg.rows import dict_row

from tests.postgres import Cluster, children_of
from zelton_backend.local_stack.ports import HOST
from zelton_backend.local_stack.processes import Family
from zelton_backend.local_stack.stack import CELERY, PYTHON, WORKER, Stack
from zelton_backend.local_stack.surroundings import HOME as CODE
from zelton_backend.local_stack.surroundings import choose_addresses, throw_away
from zelton_backend.local_stack.timeline import Timeline

PHONEPE_TIMEOUT = 4  # seconds; claims lapse 5 s after it
LEASE = PHONEPE_TIMEOUT + 5
LOOK_EVERY = 0.1
RESTARTED_AFTER = 0.5  # seconds that a supervisor takes to notice
STARTING_TAKES_AT_MOST = 60.0
SETTINGS = {
    "WEB_WORKERS": "2",
    "PHONEPE_TIMEOUT": str(PHONEPE_TIMEOUT),
    "PHONEPE_ORDER_EXPIRE_AFTER": "1200",
    "DJANGO_SETTINGS_MODULE": "zelton_backend.settings",
}
PHONEPE = {
    "webhook_retry_delays": [1, 2, 4, 8, 8, 8],
    "webhook_timeout": 10,
    "refund_confirmed_after": 1,
    "refund_completed_after": 3,
}


class ActivatedStack(Stack):
    """Its web server listens on a socket that is open before it and after it, as systemd holds one."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.socket = socket.create_server((HOST, self._around.addresses.web_port))

    def _start_web(self) -> None:
        held = self.socket.fileno()
        self._family.start("web", *PYTHON, "gunicorn", "zelton_backend.wsgi", f"--bind=fd://{held}", inherits=(held,))


class Deployment:
    """All processes of it, each started again by its supervisor when it has died. Leaving the block stops them all.

    :param holds_socket: the supervisor keeps the web server's socket, so that a restart refuses nobody
    """

    def __init__(self, folder: Path, *, holds_socket: bool = False) -> None:
        self._around, self._holds_socket = throw_away(choose_addresses(0, 0), folder), holds_socket
        self._open = ExitStack()
        self._died: dict[str, float] = {}
        self.web, self.phonepe = self._around.addresses.web, self._around.addresses.simulator

    def __enter__(self) -> Self:
        with self._open:  # nothing is left running if the start fails
            self.cluster = Cluster(durable=True)
            self._open.callback(self.cluster.stop)
            environment = {**self._around.environment, **SETTINGS, "DATABASE_URL": self._database_url()}
            self._around = replace(self._around, environment=environment)
            self.family = Family(logs=self._around.logs, home=CODE, environment=environment)
            self._open.enter_context(self.family)
            self._start()
            self._open = self._open.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        print(self.family.tails(25))
        self._open.close()

    def _database_url(self) -> str:
        return self.cluster.url

    @property
    def webhook_credentials(self) -> str:
        name, password = (self._around.environment[f"PHONEPE_WEBHOOK_{half}"] for half in ("USERNAME", "PASSWORD"))
        return f"{name}:{password}"

    def _start(self) -> None:
        parts = self.family, self._around, Timeline()
        if self._holds_socket:
            self._stack: Stack = (activated := ActivatedStack(*parts))
            self._open.enter_context(activated.socket)
        else:
            self._stack = Stack(*parts)
        self._stack.start()
        self.family.start("worker-2", *WORKER, "-n", "second@%h")
        self.family.start("beat-2", *CELERY, "beat", "--schedule", str(self._around.folder / "beat-schedule-2"))
        self.tell_phonepe("PATCH", "settings", PHONEPE)

    def seed(self, *, tenants: int, owners: int) -> dict[str, Any]:
        module = "tests.processes.seeding"
        printed = self.family.run("seed", sys.executable, "-m", module, str(tenants), str(owners))
        seeded: dict[str, Any] = json.loads(printed)
        return seeded

    def manage(self, command: str, *arguments: str) -> str:
        return self.family.run(command, sys.executable, "manage.py", command, *arguments)

    # What other people see of it.

    def phonepe_says(self, what: str) -> Any:
        """Ask the simulator what it saw, or has written down: all pages of it."""
        answer = self._call_simulator("GET", what)
        found = answer.json()
        while following := answer.links.get("next"):
            answer = self._call_simulator("GET", following["url"].removeprefix("/_simulator/"))
            found = found | answer.json() if isinstance(found, dict) else found + answer.json()
        return found

    def tell_phonepe(self, method: str, what: str, body: dict[str, Any] | None = None) -> Any:
        return self._call_simulator(method, what, body).json()

    def _call_simulator(self, method: str, what: str, body: dict[str, Any] | None = None) -> requests.Response:
        with requests.Session() as session:
            session.trust_env = False
            answer = session.request(method, f"{self.phonepe}/_simulator/{what}", json=body, timeout=15)
        answer.raise_for_status()
        return answer

    def rows(self, query: str, *values: Any) -> list[dict[str, Any]]:
        with psycopg.connect(self.cluster.url, autocommit=True, row_factory=dict_row) as connection:
            return connection.execute(query, values).fetchall()

    # What a supervisor does.

    def restart_gracefully(self, name: str) -> None:
        """Let a process end what it has begun, and start a new one."""
        old = self.family.child(name).process
        old.send_signal(signal.SIGTERM)
        ends = time.monotonic() + STARTING_TAKES_AT_MOST
        while old.poll() is None:
            assert time.monotonic() < ends, f"{name} does not stop"
            time.sleep(LOOK_EVERY)
        self.family.restart(name)

    def workers(self) -> set[str]:
        """Return which workers answer."""
        # Kept from being Celery's current app: it would go on deciding the time zone of every later test's schedules.
        another = Celery(broker=self._around.environment["REDIS_URL"], set_as_current=False)
        with another as celery, suppress(OperationalError):
            celery.conf.broker_transport_options = {"socket_timeout": 5}
            return set(celery.control.inspect(timeout=0.5).ping() or ())
        return set()

    def look_after(self) -> None:
        """Start again what has died, as systemd or a container engine would."""
        for name in self.names():
            if self.family.child(name).process.poll() is None:
                self._died.pop(name, None)
            elif time.monotonic() - self._died.setdefault(name, time.monotonic()) > RESTARTED_AFTER:
                del self._died[name]
                self.family.restart(name)

    def names(self) -> list[str]:
        return ["broker", "web", "worker", "worker-2", "beat", "beat-2"]

    def rest(self, seconds: float) -> None:
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            self.look_after()
            time.sleep(LOOK_EVERY)

    def wait_until(self, what: str, look: Callable[[], Any], *, seconds: float) -> float:
        """Look again and again; return after how many seconds there was nothing left to wait for.

        :param look: returns what is still to come; nothing (falsy) ends the waiting
        """
        started = time.monotonic()
        while left := look():
            assert time.monotonic() - started < seconds, f"Waited {seconds:.0f} s for {what}; still there: {left}"
            self.rest(0.5)
        return time.monotonic() - started

    # What goes wrong with it.

    def pid(self, name: str) -> int:
        return self.family.child(name).process.pid

    def kill(self, pid: int) -> None:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)

    def send(self, name: str, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.pid(name), number)

    def send_to_all_of(self, name: str, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.pid(name), number)

    def web_workers(self) -> list[int]:
        return children_of(self.pid("web"))

    def cut_database_connections(self) -> None:
        self.rows(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
