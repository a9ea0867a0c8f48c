"""The client with which the local stack talks to its own processes."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from phonepe_simulator import Simulator
from phonepe_simulator.http_server import SimulatorServer
from zelton_backend.local_stack.http import get, get_pages, post_json


class _Recording(BaseHTTPRequestHandler):
    """Answers a path /to/PORT with a redirect to that port, and anything else with what it was sent."""

    def do_GET(self) -> None:
        seen = {"path": self.path, "authorization": self.headers["Authorization"]}
        self.server.seen.append(seen)
        if self.path.startswith("/to/"):
            self.send_response(302)
            self.send_header("Location", f"http://127.0.0.1:{self.path.removeprefix('/to/')}/there")
            self.end_headers()
            return
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(seen).encode())

    do_POST = do_GET  # noqa: N815 - the base class looks it up

    def log_message(self, *args: object) -> None:
        """Keep the test's output clean."""


class RecordingServer(HTTPServer):
    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Recording)
        self.seen: list[dict[str, str]] = []
        self.url = f"http://127.0.0.1:{self.server_address[1]}"


@pytest.fixture
def servers() -> Iterator[tuple[RecordingServer, RecordingServer]]:
    pair = RecordingServer(), RecordingServer()
    for server in pair:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield pair
    for server in pair:
        server.shutdown()
        server.server_close()


class TestGet:
    def test_it_follows_a_redirect_without_the_token(self, servers: tuple[RecordingServer, RecordingServer]) -> None:
        ours, another = servers

        answer = get(f"{ours.url}/to/{another.server_address[1]}", token="secret")

        assert answer.json() == {"path": "/there", "authorization": None}
        assert ours.seen[0]["authorization"] == "Token secret"

    def test_a_post_that_is_redirected_keeps_the_token_back_too(
        self, servers: tuple[RecordingServer, RecordingServer]
    ) -> None:
        ours, another = servers

        answer = post_json(f"{ours.url}/to/{another.server_address[1]}", {"a": 1}, token="secret")

        assert answer.json()["authorization"] is None


class TestGetPages:
    def test_it_gets_every_page_of_the_simulators_lists(self) -> None:
        simulator = Simulator()
        for number in range(5):
            simulator.send_webhook(f"event.{number}")
        simulator.tick()
        with SimulatorServer(simulator) as server:
            found = get_pages(f"{server.url}/_simulator/webhooks?limit=2")

        assert [webhook["event"] for webhook in found] == [f"event.{number}" for number in range(5)]
