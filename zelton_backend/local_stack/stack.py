"""The product's processes: broker, simulator, web server, worker and beat."""

import json
import sys
from functools import partial
from typing import Any

from zelton_backend.local_stack import broker
from zelton_backend.local_stack.http import answers
from zelton_backend.local_stack.ports import HOST
from zelton_backend.local_stack.processes import Family
from zelton_backend.local_stack.surroundings import Surroundings
from zelton_backend.local_stack.timeline import Timeline

STARTING_TAKES_AT_MOST = 90.0  # seconds; a busy machine is slow to import
RECONCILING = ("reconcile_pending_payments", "reconcile_pending_refunds")
WEBHOOK_PATH = "/api/webhooks/phonepe-webhook/"
PYTHON = (sys.executable, "-m")
CELERY = (*PYTHON, "celery", "--quiet", "-A", "zelton_backend")
# Workers need nothing of each other: finding one another delays their start, and keeping in touch over a broker that
# is lost keeps them from stopping.
WORKER = (*CELERY, "worker", "--without-gossip", "--without-mingle", "--without-heartbeat")


class Stack:
    def __init__(self, family: Family, around: Surroundings, timeline: Timeline) -> None:
        self._family, self._around, self._timeline = family, around, timeline

    def start(self) -> dict[str, Any]:
        """Start everything, side by side where nothing has to wait; return who was seeded."""
        if self._around.brings_broker:
            self._start_broker()
        if self._around.brings_simulator:
            self._start_simulator()
        self._start_web()
        self.manage("migrate", "--verbosity", "0")
        self._timeline.done("Database migrated")
        seeding = self._family.begin("seed_demo", *_manage("seed_demo", "--json"))
        self._start_worker()
        self._start_beat()
        seeded: dict[str, Any] = json.loads(self._family.finish(seeding, seconds=STARTING_TAKES_AT_MOST))
        self._timeline.done("Owners, tenants and rent due seeded")
        self._wait_until_served("Web server", f"{self._around.addresses.web}/readyz")
        return seeded

    def manage(self, command: str, *arguments: str) -> str:
        return self._family.run(command, *_manage(command, *arguments), seconds=STARTING_TAKES_AT_MOST)

    def count_open(self) -> int:
        """Return how many orders and refunds are not settled."""
        asking = [self._family.begin(name, *_manage(name, "--all", "--dry-run", "--json")) for name in RECONCILING]
        told = [json.loads(self._family.finish(each, seconds=STARTING_TAKES_AT_MOST)) for each in asking]
        return sum(len(each["would_ask"]) for each in told)

    def _start_broker(self) -> None:
        port = self._around.addresses.broker_port
        self._family.start("broker", *broker.command(port, self._around.folder))
        serving = partial(broker.answers, port)
        self._family.wait_for("the broker to answer", serving, seconds=STARTING_TAKES_AT_MOST)
        self._timeline.done(f"Embedded Redis-compatible broker answers on port {port}")

    def _start_simulator(self) -> None:
        addresses, settings = self._around.addresses, self._around.environment
        options = {
            "--port": str(addresses.simulator_port),
            "--client-id": settings["PHONEPE_CLIENT_ID"],
            "--client-secret": settings["PHONEPE_CLIENT_SECRET"],
            "--client-version": settings["PHONEPE_CLIENT_VERSION"],
            "--webhook-url": addresses.web + WEBHOOK_PATH,
            "--webhook-username": settings["PHONEPE_WEBHOOK_USERNAME"],
            "--webhook-password": settings["PHONEPE_WEBHOOK_PASSWORD"],
        }
        # Joined by "=", because a secret may begin with a dash.
        joined = [f"{name}={value}" for name, value in options.items()]
        self._family.start("simulator", *PYTHON, "phonepe_simulator", "--movable-clock", *joined)
        self._wait_until_served("PhonePe simulator", f"{addresses.simulator}/_simulator/")

    def _start_web(self) -> None:
        bind = f"{HOST}:{self._around.addresses.web_port}"
        self._family.start("web", *PYTHON, "gunicorn", "zelton_backend.wsgi", "--bind", bind)

    def _start_worker(self) -> None:
        self._family.start("worker", *WORKER)

    def _start_beat(self) -> None:
        self._family.start("beat", *CELERY, "beat", "--schedule", str(self._around.folder / "beat-schedule"))

    def _wait_until_served(self, name: str, url: str) -> None:
        serving = partial(answers, url)
        self._family.wait_for(f"{url} to answer", serving, seconds=STARTING_TAKES_AT_MOST)
        self._timeline.done(f"{name} answers at {url}")


def _manage(command: str, *arguments: str) -> list[str]:
    # `make lint` runs the checks; here they would only import every view once more.
    return [sys.executable, "manage.py", command, *arguments, "--skip-checks"]
