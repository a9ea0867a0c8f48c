from html.parser import HTMLParser

import pytest

from phonepe_simulator import Fault, Request, Simulator, __version__
from tests.simulator.people import Merchant, read

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "Host": "localhost:8800"}


class _Page(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.links, self.words = [], []
        self.feed(html)
        self.text = " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag, attributes):
        if tag == "a":
            self.links.append(dict(attributes)["href"])

    def handle_data(self, data):
        self.words.append(data)


def opened(simulator, **headers):
    return simulator.handle(Request("GET", "/", headers=BROWSER | headers))


def seen(simulator):
    return _Page(opened(simulator).body.decode())


def test_a_person_sees_where_it_is_and_whom_it_knows(merchant):
    answer = opened(merchant.sim)
    page = _Page(answer.body.decode())

    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert "http://127.0.0.1:8800/apis/pg-sandbox" in page.text
    assert "SIMULATOR_CLIENT" in page.text
    assert "simulator-client-key" in page.text
    assert "Webhooks go to nobody: start it with --webhook-url" in page.text
    assert "2026-01-01T00:00:00Z, moved by hand" in page.text
    assert "No order yet" in page.text
    assert __version__ in page.text


def test_a_secret_that_was_given_is_not_shown():
    assert "my-own-secret" not in opened(Simulator(client_secret="my-own-secret")).body.decode()


def test_orders_and_webhooks_are_shown_the_latest_first(merchant):
    merchant.pay(merchant_order_id="RENT-1")
    merchant.pay(merchant_order_id="RENT-2", amount=12345600)
    merchant.sim.attempt("RENT-2")
    merchant.answers = [500]
    merchant.sim.tick()

    page = seen(merchant.sim)

    assert page.text.index("RENT-2") < page.text.index("RENT-1")
    assert "₹1,23,456.00 COMPLETED" in page.text
    assert "checkout.order.completed RENT-2 2026-01-01T00:00:00Z, attempt 1 500" in page.text
    token = merchant.sim.orders["RENT-1"].token
    assert [link for link in page.links if "token" in link] == [f"http://127.0.0.1:8800/transact/uat_v2?token={token}"]


def test_only_the_latest_are_shown(merchant):
    for number in range(30):
        merchant.pay(merchant_order_id=f"RENT-{number:02d}")

    text = seen(merchant.sim).text

    assert [number for number in range(30) if f"RENT-{number:02d}" in text] == list(range(10, 30))


def test_what_somebody_else_wrote_is_escaped(clock):
    merchant = Merchant(clock, webhook_url="http://127.0.0.1/<b>hook</b>")
    merchant.sim.send_webhook("<script>alert(1)</script>")
    merchant.sim.tick()

    assert b"<script" not in opened(merchant.sim).body
    assert b"<b>" not in opened(merchant.sim).body


def test_faults_are_shown(merchant):
    merchant.sim.faults.add(Fault("timeout_after", call="pay"))
    merchant.sim.faults.add(Fault("latency"))

    assert "Faults that are set timeout_after (pay), latency (any call)" in seen(merchant.sim).text


@pytest.mark.parametrize("accept", [None, "*/*", "application/json"])
def test_a_program_gets_json(merchant, accept):
    headers = {} if accept is None else {"Accept": accept}

    answer = merchant.sim.handle(Request("GET", "/", headers=headers))

    document = read(answer)
    assert (answer.status, document["version"]) == (200, __version__)
    assert "http://127.0.0.1:8800/apis/pg-sandbox" in document["api"]
    assert document["control"] == "http://127.0.0.1:8800/_simulator/"


def test_a_link_of_another_site_may_lead_here(merchant):
    assert opened(merchant.sim, **{"Sec-Fetch-Site": "cross-site"}).status == 200


def test_it_is_for_this_machine_as_the_control_api_is(merchant):
    merchant.pay()

    answer = opened(merchant.sim, Host="rebound.example")

    assert answer.status == 403
    assert b"RENT-1" not in answer.body


def test_it_loads_nothing_from_elsewhere(merchant):
    answer = opened(merchant.sim)

    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert b'src="http' not in answer.body
    assert merchant.sim.handle(Request("GET", "/transact/uat_v2/style.css")).status == 200


def test_it_is_read_only(merchant):
    assert merchant.sim.handle(Request("POST", "/", headers=BROWSER)).status == 404
