"""PostgreSQL fails over: the address leads to the standby first, read-only, and only then is that promoted."""

import select
import socket
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import requests

from tests.phonepe import WEBHOOK
from tests.postgres import Cluster
from tests.processes import books
from tests.processes.deployment import Deployment
from zelton_backend.local_stack.ports import HOST

CALM = 60.0
NOTICED_WITHIN = 30.0


class Relay:
    """An address that leads to another server when told so, as that of a highly available PostgreSQL does."""

    def __init__(self) -> None:
        self.target = 0
        self._listener = socket.create_server((HOST, 0))
        self.port: int = self._listener.getsockname()[1]
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        Thread(target=self._accept, daemon=True).start()

    def lead_to(self, port: int) -> None:
        """Lead new connections there, and cut the others."""
        self.target = port
        for end in [end for pair in self._pairs for end in pair]:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                try:
                    far = socket.create_connection((HOST, self.target))
                except OSError:
                    near.close()
                    continue
                self._pairs.append((near, far))
                Thread(target=self._carry, args=(near, far), daemon=True).start()

    def _carry(self, near: socket.socket, far: socket.socket) -> None:
        with near, far, suppress(OSError):
            while True:
                for end in select.select([near, far], [], [])[0]:
                    if not (data := end.recv(65536)):
                        return
                    (far if end is near else near).sendall(data)


class RelayedDeployment(Deployment):
    relay: Relay

    def _database_url(self) -> str:
        self.relay = Relay()
        self._open.callback(self.relay.close)
        self.relay.lead_to(self.cluster.port)
        return self.cluster.url.replace(f":{self.cluster.port}/", f":{self.relay.port}/")

    def asks(self, method: str, path: str, token: str = "", **body: Any) -> requests.Response:
        headers = {"Authorization": f"Token {token}"} if token else {}
        return requests.request(method, f"{self.web}{path}", headers=headers, json=body or None, timeout=30)

    def pids(self) -> dict[str, int]:
        return {name: self.pid(name) for name in self.names()}


@pytest.fixture
def deployment(tmp_path: Path) -> Iterator[RelayedDeployment]:
    with RelayedDeployment(tmp_path) as deployment:
        yield deployment


@pytest.mark.slow
def test_writing_waits_reading_goes_on_and_nobody_has_to_be_restarted(deployment: RelayedDeployment) -> None:
    people = deployment.seed(tenants=2, owners=1)
    first, second = people["tenants"]
    started = deployment.asks("POST", "/api/payments/initiate-rent-payment/", first["token"], amount="1000.00")
    assert started.status_code == 201, started.text
    name, pids = started.json()["merchant_order_id"], deployment.pids()
    standby = Cluster(durable=True, standby_of=deployment.cluster.url)
    try:
        deployment.wait_until("the standby to follow", lambda: _is_behind(deployment.cluster), seconds=NOTICED_WITHIN)
        deployment.cluster.kill()
        deployment.relay.lead_to(standby.port)

        deployment.wait_until("readiness", lambda: not _says_read_only(deployment), seconds=NOTICED_WITHIN)
        deployment.tell_phonepe("POST", f"orders/{name}/attempt", {})
        header = {"Authorization": sha256(deployment.webhook_credentials.encode()).hexdigest()}
        webhook = requests.post(f"{deployment.web}{WEBHOOK}", data=b"{}", headers=header, timeout=30)
        pay = deployment.asks("POST", "/api/payments/initiate-rent-payment/", second["token"], amount="1000.00")
        for refused in (webhook, pay):
            assert (refused.status_code, refused.json()["code"]) == (503, "busy"), refused.text
            assert int(refused.headers["Retry-After"]) > 0
        for path in ("/api/payments/", f"/api/payments/verify-payment/{name}/"):
            assert deployment.asks("GET", path, first["token"]).status_code == 200
        deployment.rest(5)  # workers and beats go on, as far as they get

        deployment.cluster, demoted = standby, deployment.cluster
        standby.promote()
        deployment.wait_until("readiness", lambda: _is_unready(deployment), seconds=NOTICED_WITHIN)
        again = deployment.asks("POST", "/api/payments/initiate-rent-payment/", second["token"], amount="1000.00")
        assert again.status_code == 201
        deployment.wait_until(
            "the payment", lambda: _state(deployment, name, first["token"]) != "COMPLETED", seconds=CALM
        )
        assert deployment.pids() == pids
        assert books.differences(deployment) == []
        deployment.cluster = demoted
    finally:
        standby.stop()


def _is_behind(primary: Cluster) -> bool:
    import psycopg

    with psycopg.connect(primary.url) as connection:
        row = connection.execute("SELECT replay_lsn = pg_current_wal_lsn() FROM pg_stat_replication").fetchone()
    return row is None or not row[0]


def _says_read_only(deployment: RelayedDeployment) -> bool:
    answer = deployment.asks("GET", "/readyz")
    return answer.status_code == 503 and answer.json()["database"] == "read_only"


def _is_unready(deployment: RelayedDeployment) -> bool:
    return deployment.asks("GET", "/readyz").status_code != 200


def _state(deployment: RelayedDeployment, name: str, token: str) -> str:
    answer = deployment.asks("GET", f"/api/payments/verify-payment/{name}/", token)
    return str(answer.json().get("state"))
