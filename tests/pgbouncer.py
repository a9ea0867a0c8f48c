"""A throw-away PgBouncer in transaction mode before a throw-away PostgreSQL: Debian's package."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from tests.postgres import PATIENCE, Cluster, free_port, unprivileged

PROGRAM = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
SETTINGS = """
[databases]
* = host=127.0.0.1 port={server_port} user=zelton

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 4
max_client_conn = 300
"""


class PgBouncer:
    """A pooler on a free port of the loopback, whose clients share a few connections; gone with `stop()`."""

    def __init__(self, cluster: Cluster) -> None:
        if PROGRAM is None:
            raise RuntimeError("There is no PgBouncer here: apt-get install pgbouncer.")
        self._folder = Path(tempfile.mkdtemp(prefix="zelton-pgbouncer-"))
        self._folder.chmod(0o755)
        self.port = free_port()
        settings = self._folder / "pgbouncer.ini"
        settings.write_text(SETTINGS.format(port=self.port, server_port=cluster.port))
        self._log = self._folder / "log"
        with self._log.open("wb") as output:
            # Like PostgreSQL, it refuses to run as root.
            self._process = subprocess.Popen([PROGRAM, str(settings)], stdout=output, stderr=output, **unprivileged())
        self._wait()

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(PATIENCE)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _wait(self) -> None:
        ends = time.monotonic() + PATIENCE
        while True:
            try:
                return socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                if self._process.poll() is not None or time.monotonic() > ends:
                    raise RuntimeError(f"PgBouncer does not start: {self._log.read_text()}") from None
                time.sleep(0.02)
