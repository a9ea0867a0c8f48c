"""A Redis of a test's own."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from zelton_backend.local_stack import broker
from zelton_backend.local_stack.ports import choose


@dataclass
class Redis:
    url: str
    _server: "subprocess.Popen[bytes]"

    def kill(self) -> None:
        self._server.kill()
        self._server.wait()


@contextmanager
def running_redis(folder: Path) -> Iterator[Redis]:
    (port,) = choose([0])
    server = subprocess.Popen(broker.command(port, folder), stdout=subprocess.DEVNULL)
    redis = Redis(f"redis://127.0.0.1:{port}/0", server)
    try:
        ends = time.monotonic() + 10
        while not broker.answers(port):
            assert time.monotonic() < ends, "Redis does not start"
            time.sleep(0.02)
        yield redis
    finally:
        redis.kill()
