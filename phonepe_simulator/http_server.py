"""The thin layer of HTTP over the engine; standard library only."""

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

from phonepe_simulator.api import LARGEST_BODY
from phonepe_simulator.engine import Simulator
from phonepe_simulator.errors import ApiError
from phonepe_simulator.http_body import read_body
from phonepe_simulator.messages import Request, Response, json_response

if TYPE_CHECKING:
    from phonepe_simulator.webhooks import Waiting

TICK_EVERY = 0.05
LONGEST_HOLD = 120.0
IDLE_AFTER = 65.0
LONGEST_REST = 16 * 1024 * 1024
WEBHOOK_SENDERS = 8


class SimulatorServer(ThreadingHTTPServer):
    """Serves a simulator, and moves its time on in the background."""

    daemon_threads = True
    # The engine must never make a burst of clients wait for a second SYN.
    request_queue_size = 512

    def __init__(self, simulator: Simulator, host: str = "127.0.0.1", port: int = 0) -> None:
        super().__init__((host, port), _Handler)
        self.simulator = simulator
        self.stopping = Event()
        self._due: SimpleQueue[list[Waiting]] = SimpleQueue()
        # Daemons all: a merchant who does not answer must not keep the simulator from stopping.
        self._background = [
            Thread(target=self.serve_forever, kwargs={"poll_interval": 0.1}, name="http", daemon=True),
            Thread(target=self._tick_for_ever, name="tick", daemon=True),
            *(Thread(target=self._send_for_ever, name="webhook", daemon=True) for _ in range(WEBHOOK_SENDERS)),
        ]

    @property
    def url(self) -> str:
        host, port = self.server_address[:2]
        return f"http://{host!s}:{port}"

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
            # What concerns one order goes out in order; a slow merchant delays no other order.
            due.sort(key=lambda letter: letter.delivery.merchant_order_id or "")
            for _, letters in groupby(due, key=lambda letter: letter.delivery.merchant_order_id):
                self._due.put(list(letters))

    def _send_for_ever(self) -> None:
        while not self.stopping.is_set():
            for letter in self._due.get():
                self.simulator.send(letter)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is no news; anything else is a bug to be seen."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handler(BaseHTTPRequestHandler):
    server: SimulatorServer
    protocol_version = "HTTP/1.1"
    server_version = "phonepe_simulator"
    sys_version = ""
    timeout = IDLE_AFTER
    # One write for head and body: less to wait for, and whole answers for simple clients.
    wbufsize = -1
    disable_nagle_algorithm = True

    def _serve(self) -> None:
        body = self._read_body()
        if body is None:
            return
        parts = urlsplit(self.path)
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
            self._read_away_the_rest()
        except ConnectionError:
            pass
        # What is left of the body would be read as the next request.
        self.close_connection = True
        return None

    def _read_away_the_rest(self) -> None:
        """Let the client finish: a connection closed while it still sends would lose our answer."""
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_WR)
            self.connection.settimeout(0.5)
            for _ in range(LONGEST_REST // LARGEST_BODY):
                if not self.rfile.read1(LARGEST_BODY):
                    return

    def handle_expect_100(self) -> bool:
        """Say "go on" at once: the answer is buffered, and the client waits for this line."""
        going_on = super().handle_expect_100()
        self.wfile.flush()
        return going_on

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
        """Reset the connection instead of closing it politely."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing: the call log has it all."""
