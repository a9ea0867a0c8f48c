"""A machine that a deployment is tried on: real PostgreSQL, broker and simulator on the loopback interface."""

import os
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

from tests.deployment.described import ROOT, Process
from tests.postgres import Cluster
from zelton_backend.local_stack import broker
from zelton_backend.local_stack.http import answers, get, post_json
from zelton_backend.local_stack.ports import HOST, choose
from zelton_backend.local_stack.processes import Child, Family

PATIENCE = 90.0
SANDBOX = {
    "DJANGO_ALLOWED_HOSTS": "zelton.example,127.0.0.1",
    "PHONEPE_ENVIRONMENT": "SANDBOX",
    "PHONEPE_CLIENT_ID": "SIMULATOR_CLIENT",
    "PHONEPE_WEBHOOK_USERNAME": "simulator_hook",
    "WEB_WORKERS": "1",
    "ZELTON_ENV_FILE": os.devnull,
    "NO_PROXY": "*",
}


class Site:
    def __init__(self, family: Family, folder: Path, cluster: Cluster) -> None:
        self.folder, self.family = folder, family
        self.web_port, self.broker_port, self.simulator_port = choose([0, 0, 0])
        self.web, self.simulator = f"http://{HOST}:{self.web_port}", f"http://{HOST}:{self.simulator_port}"
        self.secrets = self._make_secrets(cluster.url)
        (folder / "run").mkdir()
        (folder / "webhooks").mkdir()
        (folder / "beat").mkdir()
        family.start("broker", *broker.command(self.broker_port, folder))
        family.wait_for("the broker", partial(broker.answers, self.broker_port), seconds=PATIENCE)

    def _make_secrets(self, database_url: str) -> Path:
        """Make the secrets of a trial as its script does, in a folder of our own."""
        script = self.folder / "trial" / "deploy" / "make_trial_secrets.sh"
        script.parent.mkdir(parents=True)
        shutil.copy(ROOT / "deploy" / script.name, script)
        subprocess.run([script], check=True)
        secrets = self.folder / "trial" / "secrets"
        (secrets / "database_url").write_text(f"{database_url}\n")
        return secrets

    def place(self, process: Process, changes: dict[str, str], **more: str) -> Process:
        placed = process.adapted(changes)
        ours = {**placed.environment, **SANDBOX, "PHONEPE_BASE_URL": f"{self.simulator}/apis/pg-sandbox", **more}
        ours["PHONEPE_REDIRECT_BASE_URL"] = self.web
        return Process(placed.command, ours, placed.healthcheck)

    def start(self, name: str, process: Process) -> Child:
        return self.family.start(name, *self._with_environment(process, process.command))

    def run(self, name: str, process: Process, *command: str) -> str:
        return self.family.run(name, *self._with_environment(process, list(command)), seconds=PATIENCE)

    def is_healthy(self, process: Process) -> bool:
        command = self._with_environment(process, process.healthcheck)
        return subprocess.run(command, cwd=ROOT, capture_output=True, check=False).returncode == 0

    def _with_environment(self, process: Process, command: list[str]) -> list[str]:
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        given = [f"{name}={value}" for name, value in {"PATH": path, **process.environment}.items()]
        return ["env", "-i", *given, *command]

    def wait_until(self, what: str, look: Any) -> Any:
        return self.family.wait_for(what, lambda: look() or None, seconds=PATIENCE)

    def serves(self, url: str) -> None:
        self.wait_until(url, partial(answers, url))

    def takes_a_payment(self, seeded: dict[str, Any]) -> list[dict[str, Any]]:
        """Let a tenant pay; return the questions that PhonePe was asked about the order until it was completed.

        Nobody verifies: webhook, beat and worker have to do it.
        """
        token = seeded["tenant"]["token"]
        body = {"amount": seeded["outstanding"]}
        started = post_json(f"{self.web}/api/payments/initiate-rent-payment/", body, token=token)
        assert started.status == 201, started.text
        order = started.json()["merchant_order_id"]
        paid = post_json(
            f"{self.simulator}/_simulator/orders/{order}/attempt", {"mode": "UPI_QR", "outcome": "success"}
        )
        assert paid.status == 200, paid.text
        page = f"{self.web}/api/payments/{started.json()['payment_id']}/"
        self.wait_until("the payment to be paid", lambda: get(page, token=token).json()["status"] == "completed")
        asked = f"{self.simulator}/_simulator/calls?name=order_status&merchant_order_id={order}"
        return list(get(asked).json())
