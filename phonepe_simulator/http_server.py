"""A thin HTTP layer over the simulator; standard library only."""

import socket
import struct
import sys
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import groupby
from queue import SimpleQueue
from threading import Event, Thread
from time import monotonic
from types import TracebackType
from typing import TYPE_CHECKING, Self
from urllib.parse import parse_qsl, urlsplit

from phonepe_simulator.api.calls import LARGEST_BODY
from phonepe_simulator.errors import ApiError, bad_request
from phonepe_simulator.http_body import read_body
from phonepe_simulator.messages import Request, Response, json_response
from phonepe_simulator.simulator import Simulator
from phonepe_simulator.version import __version__

if TYPE_CHECKING:
    from phonepe_simulator.webhooks.outbox import QueuedDelivery

TICK_EVERY = 0.05
LONGEST_HOLD = 120.0
IDLE_AFTER = 65.0
LONGEST_REST = 16 * 1024 * 1024
WEBHOOK_SENDERS = 8


class SimulatorServer(ThreadingHTTPServer):
    """Serves a simulator, and moves its time on in the background.

    :param ticks: False: webhooks leave only when somebody calls `simulator.tick()`
    """

    daemon_threads = True
    # With a short queue a burst of clients would have to send their SYN again.
    request_queue_size = 512

    def __init__(self, simulator: Simulator, host: str = "127.0.0.1", port: int = 0, *, ticks: bool = True) -> None:
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        super().__init__((host, port), _Handler)
        self.simulator = simulator
        self.stopping = Event()
        self._due: SimpleQueue[list[QueuedDelivery]] = SimpleQueue()
        # All of them daemons: a merchant who does not answer must not keep the simulator from stopping.
        self._background = [
            Thread(target=self.serve_forever, kwargs={"poll_interval": 0.1}, name="http", daemon=True),
        ]
        if ticks:
            self._background += [
                Thread(target=self._tick_for_ever, name="tick", daemon=True),
                *(Thread(target=self._send_for_ever, name="webhook", daemon=True) for _ in range(WEBHOOK_SENDERS)),
            ]

    @property
    def url(self) -> str:
        """How this machine reaches the server, also if it listens on every address."""
        host, port = self.server_address[:2]
        shown = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(str(host), str(host))  # noqa: S104 - listens where it is told
        return f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"

    def start(self) -> None:
        for thread in self._background:
            thread.start()

    def stop(self) -> None:
        self.stopping.set()
        self.shutdown()
        self.server_close()
        for _ in range(WEBHOOK_SENDERS):
            self._due.put([])

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self.stop()

    def _tick_for_ever(self) -> None:
        while not self.stopping.wait(TICK_EVERY):
            due = self.simulator.take_due_webhooks()
            # Webhooks about one order stay in sequence; a merchant who is slow with one does not delay the others.
            due.sort(key=lambda queued: queued.delivery.merchant_order_id or "")
            for _, queued in groupby(due, key=lambda queued: queued.delivery.merchant_order_id):
                self._due.put(list(queued))

    def _send_for_ever(self) -> None:
        while not self.stopping.is_set():
            for queued in self._due.get():
                self.simulator.send(queued)

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignore a client that has disconnected; print anything else, because it is a bug."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handler(BaseHTTPRequestHandler):
    server: SimulatorServer
    protocol_version = "HTTP/1.1"
    server_version = f"phonepe_simulator/{__version__}"
    sys_version = ""
    timeout = IDLE_AFTER
    # Head and body in one write: faster, and simple clients get the answer in one piece.
    wbufsize = -1
    disable_nagle_algorithm = True

    def _serve(self) -> None:
        body = self._read_body()
        if body is None:
            return
        try:
            parts = urlsplit(self.path)
        except ValueError:
            error = bad_request("the address: cannot be read")
            self._write(json_response(error.body, error.status))
            return
        request = Request(
            method=self.command,
            path=parts.path,
            query=dict(parse_qsl(parts.query, keep_blank_values=True)),
            headers=dict(self.headers.items()),
            body=body,
        )
        self._deliver(self.server.simulator.handle(request))

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = _serve  # noqa: N815 - the base class looks them up

    def _read_body(self) -> bytes | None:
        """Return the body, or None if it was refused."""
        try:
            return read_body(self.headers, self.rfile, limit=LARGEST_BODY)
        except ApiError as error:
            self._write(json_response(error.body, error.status, {"Connection": "close"}))
            self._drain_request()
        except ConnectionError:
            pass
        # Otherwise the rest of the body would be read as the next request.
        self.close_connection = True
        return None

    def _drain_request(self) -> None:
        """Let the client finish: if we closed the connection while it still sends, it would not see our answer."""
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_WR)
            self.connection.settimeout(0.5)
            for _ in range(LONGEST_REST // LARGEST_BODY):
                if not self.rfile.read1(LARGEST_BODY):
                    return

    def handle_expect_100(self) -> bool:
        """Send "100 Continue" at once: output is buffered, and the client waits for this line."""
        should_continue = super().handle_expect_100()
        self.wfile.flush()
        return should_continue

    def _deliver(self, response: Response) -> None:
        if response.delay and self.server.stopping.wait(response.delay):
            self._cut()
            return
        match response.fate:
            case "timeout":
                self._hold()
                self._cut()
            case "cut":
                self._cut()
            case "drip":
                self._drip(response)
            case _:
                self._write(response)

    def _write(self, response: Response) -> None:
        self._write_head(response)
        if self.command != "HEAD":
            self.wfile.write(response.body)
        self.wfile.flush()

    def _write_head(self, response: Response) -> None:
        self.send_response(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()

    def _drip(self, response: Response) -> None:
        self._write_head(response)
        self.wfile.flush()
        for place in range(len(response.body)):
            if self.server.stopping.wait(self.server.simulator.settings.drip_interval):
                return self._cut()
            self.wfile.write(response.body[place : place + 1])
            self.wfile.flush()
        return None

    def _hold(self) -> None:
        """Keep the caller waiting until it gives up."""
        until = monotonic() + LONGEST_HOLD
        self.connection.settimeout(0.1)
        while monotonic() < until and not self.server.stopping.is_set():
            try:
                if not self.connection.recv(1, socket.MSG_PEEK):
                    return
                self.server.stopping.wait(0.1)
            except TimeoutError:
                continue

    def _cut(self) -> None:
        """Reset the connection instead of closing it cleanly."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Print nothing: the call log has everything."""
