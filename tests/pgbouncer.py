"""A throw-away PgBouncer in transaction mode before a throw-away PostgreSQL: Debian's package."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from tests.postgres import PATIENCE, Cluster, free_port, unprivileged

PROGRAM = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
SETTINGS = """
[databases]
{budgets}* = host=127.0.0.1 port={server_port} user=zelton

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 4
max_client_conn = 300
server_login_retry = 1
server_connect_timeout = 2
query_wait_timeout = 10
"""
BUDGET = "{name} = host=127.0.0.1 port={server_port} user=zelton dbname={database} pool_size={connections}\n"


class PgBouncer:
    """A pooler on a free port of the loopback, whose clients share a few connections; gone with `stop()`.

    :param budgets: names under which `database` is reached, each with connections of its own, and how many
    """

    def __init__(self, cluster: Cluster, *, database: str = "", budgets: Mapping[str, int] | None = None) -> None:
        if PROGRAM is None:
            raise RuntimeError("There is no PgBouncer here: apt-get install pgbouncer.")
        self._folder = Path(tempfile.mkdtemp(prefix="zelton-pgbouncer-"))
        self._folder.chmod(0o755)
        self.port = free_port()
        self._database, self._budgets = database, budgets or {}
        self._settings = self._folder / "pgbouncer.ini"
        self._write_settings(cluster)
        self._log = self._folder / "log"
        with self._log.open("wb") as output:
            # Like PostgreSQL, it refuses to run as root.
            self._process = subprocess.Popen(
                [PROGRAM, str(self._settings)], stdout=output, stderr=output, **unprivileged()
            )
        self._wait()

    def lead_to(self, cluster: Cluster) -> None:
        """Lead to another server from now on, as an operator does after a failover."""
        self._write_settings(cluster)
        self._process.send_signal(signal.SIGHUP)

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(PATIENCE)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _write_settings(self, cluster: Cluster) -> None:
        budgets = "".join(
            BUDGET.format(name=name, server_port=cluster.port, database=self._database, connections=connections)
            for name, connections in self._budgets.items()
        )
        self._settings.write_text(SETTINGS.format(port=self.port, server_port=cluster.port, budgets=budgets))

    def _wait(self) -> None:
        ends = time.monotonic() + PATIENCE
        while True:
            try:
                return socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                if self._process.poll() is not None or time.monotonic() > ends:
                    raise RuntimeError(f"PgBouncer does not start: {self._log.read_text()}") from None
                time.sleep(0.02)
