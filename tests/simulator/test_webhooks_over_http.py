"""Webhooks on a real socket: how each answer of a merchant counts, and where the secret header never goes."""

import json
import os
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

import pytest

from phonepe_simulator import Simulator
from phonepe_simulator.webhooks.http_delivery import deliver_over_http
from tests.simulator.people import API, order


class MerchantServer(ThreadingHTTPServer):
    """A merchant that takes webhooks, and answers each with a status and headers."""

    daemon_threads = True

    def __init__(self, status=200, **headers):
        super().__init__(("127.0.0.1", 0), _TakesWebhooks)
        self.status, self.headers = status, headers
        self.received = []
        self.came = Event()
        self.url = f"http://127.0.0.1:{self.server_address[1]}/hook"


class _TakesWebhooks(BaseHTTPRequestHandler):
    def _take(self):
        body = self.rfile.read(int(self.headers["Content-Length"] or 0))
        self.server.received.append((self.command, self.path, self.headers["Authorization"], body))
        self.send_response(self.server.status)
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()
        self.server.came.set()

    do_POST = do_GET = _take  # noqa: N815 - the base class looks them up

    def log_message(self, *args):
        """Keep the test's output clean."""


@pytest.fixture
def serve():
    servers = []

    def serve(status=200, **headers):
        server = MerchantServer(status, **headers)
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        servers.append(server)
        return server

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


def sent_to(merchant_server, *, timeout=5.0):
    """Send one webhook and return how it was answered."""
    simulator = Simulator(webhook_url=merchant_server.url)
    delivery = simulator.send_webhook("checkout.order.completed")
    return deliver_over_http(lambda: timeout)(delivery)


def test_it_comes_by_itself(served, serve):
    shop = serve()
    assert served.control("PUT", "/webhook-target", {"url": shop.url})[0] == 200
    headers = {"Authorization": f"O-Bearer {served.token()}"}
    served.send("POST", f"{API}/checkout/v2/pay", order(), headers)
    served.control("POST", "/orders/RENT-1/attempt", {"mode": "UPI_QR"})

    assert shop.came.wait(3)
    method, path, authorization, body = shop.received[0]
    assert (method, path, authorization) == ("POST", "/hook", served.sim.webhook_target.authorization)
    assert json.loads(body)["payload"]["merchantOrderId"] == "RENT-1"


@pytest.mark.parametrize("status", [200, 201, 204, 400, 401, 404, 500, 503])
def test_every_status_is_the_answer(serve, status):
    assert sent_to(serve(status)) == status


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed_with_the_secret(serve, status):
    stranger = serve()

    assert sent_to(serve(status, Location=stranger.url)) == status

    assert stranger.received == []


def test_a_redirect_counts_as_not_accepted(merchant, clock):
    merchant.answers = [307]
    merchant.sim.send_webhook("checkout.order.completed")
    merchant.sim.tick()
    clock.advance(10)
    merchant.sim.tick()

    assert [delivery.answered for delivery in merchant.sim.webhooks] == [307, 200]


def test_nobody_there_is_no_answer(serve):
    shop = serve()
    shop.shutdown()
    shop.server_close()

    assert sent_to(shop) is None


def test_a_merchant_is_not_waited_for_longer_than_the_timeout(serve, monkeypatch):
    shop = serve()
    monkeypatch.setattr(_TakesWebhooks, "_take", lambda _: time.sleep(1))
    monkeypatch.setattr(_TakesWebhooks, "do_POST", lambda _: time.sleep(1))
    started = time.monotonic()

    assert sent_to(shop, timeout=0.1) is None
    assert time.monotonic() - started < 0.9


def test_a_proxy_of_the_environment_does_not_see_it(serve, monkeypatch):
    shop, proxy = serve(), serve()
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setitem(os.environ, name, proxy.url)

    assert sent_to(shop) == 200
    assert (len(shop.received), proxy.received) == (1, [])
