"""`python -m benchmarks.transport [COMMIT ...]`: processor time of one call to PhonePe.

Of this tree, of the commits, and over the SDK's own session, in turns on the same machine, each in a fresh process
against a server that does nothing but answer. Prints the median of all rounds, and the lowest and highest.
"""

import json
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from zelton_backend.local_stack.surroundings import HOME

TURNS, ROUNDS, CALLS = 8, 10, 100
STATE = json.dumps(
    {
        "orderId": "OMO2604101200001234567890",
        "state": "PENDING",
        "amount": 1500000,
        "expireAt": 1775804400000,
        "paymentDetails": [
            {"transactionId": "OM1", "paymentMode": "UPI_INTENT", "state": "PENDING", "amount": 1500000}
        ],
    }
)
TOKEN = json.dumps(
    {
        "access_token": "t" * 400,
        "encrypted_access_token": "t" * 400,
        "refresh_token": "",
        "token_type": "O-Bearer",
        "issued_at": 1775804400,
        "expires_at": 4102444800,
        "expires_in": 2326640400,
        "session_expires_at": 4102444800,
    }
)
SERVER = """
import socket, sys, threading

def answers(body):
    head = "HTTP/1.1 200 OK\\r\\nContent-Type: application/json\\r\\nContent-Length: %d\\r\\n\\r\\n" % len(body)
    return (head + body).encode()

token, state = map(answers, sys.argv[1:])

def serve(connection):
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    while request := connection.recv(65536):
        if request.startswith(b"POST") and request.endswith(b"\\r\\n\\r\\n"):
            connection.recv(65536)  # the body, if it comes by itself
        connection.sendall(token if b"oauth" in request else state)

listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
"""


def main() -> None:
    costs: dict[str, list[float]] = defaultdict(list)
    with ExitStack() as held:
        port = held.enter_context(_server())
        trees = {"this tree": HOME} | {commit: held.enter_context(_tree(commit)) for commit in sys.argv[1:]}
        for _ in range(TURNS):
            for name, tree in trees.items():
                costs[name] += _measure("ours", tree, port)
            costs["the SDK's own session"] += _measure("sdk", HOME, port)
    for name, each in costs.items():
        print(f"{name:24} {median(each):4.0f} µs  ({min(each):.0f} to {max(each):.0f})")


@contextmanager
def _server() -> Iterator[int]:
    command = [sys.executable, "-c", SERVER, TOKEN, STATE]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()


@contextmanager
def _tree(commit: str) -> Iterator[Path]:
    with TemporaryDirectory() as folder:
        subprocess.run(
            ["git", "worktree", "add", "--detach", folder, commit], cwd=HOME, check=True, capture_output=True
        )
        try:
            yield Path(folder)
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", folder], cwd=HOME, check=True)


def _measure(over: str, tree: Path, port: int) -> list[float]:
    environment = {
        **os.environ,
        "PYTHONPATH": str(tree),
        "ZELTON_ENV_FILE": str(tree / ".env.example"),
        "DJANGO_SETTINGS_MODULE": "zelton_backend.settings",
        "PHONEPE_BASE_URL": f"http://127.0.0.1:{port}",
    }
    command = [sys.executable, str(HOME / "benchmarks" / "bare" / "call.py"), over, str(ROUNDS), str(CALLS)]
    told = subprocess.run(command, cwd=tree, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    return [float(line) for line in told.stdout.split()]


if __name__ == "__main__":
    main()
