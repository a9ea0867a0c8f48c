import json
from datetime import UTC, datetime, timedelta

import pytest

from phonepe_simulator import Request, RunningClock, Simulator
from tests.simulator.people import Merchant


class Tool:
    """A program that steers the simulator over HTTP."""

    def __init__(self, simulator):
        self._simulator = simulator

    def __call__(self, method, path, body=None, query=None, **headers):
        content = b"" if body is None else json.dumps(body).encode()
        response = self._simulator.handle(Request(method, f"/_simulator{path}", query or {}, headers, content))
        return response.status, json.loads(response.body)


@pytest.fixture
def tool(merchant: Merchant) -> Tool:
    return Tool(merchant.sim)


def test_it_lists_its_own_paths(tool):
    status, index = tool("GET", "/")

    assert status == 200
    assert "POST /_simulator/orders/{id}/attempt" in index["paths"]


def test_an_order_can_be_paid_and_looked_at(merchant, tool):
    merchant.pay()
    assert tool("POST", "/orders/RENT-1/attempt", {"mode": "UPI_QR", "outcome": "pending"})[0] == 200
    assert tool("POST", "/orders/RENT-1/attempt", {"mode": "UPI_QR"})[0] == 409
    assert tool("POST", "/orders/RENT-1/conclude", {"outcome": "success"})[1]["state"] == "COMPLETED"

    _, found = tool("GET", "/orders/RENT-1")
    assert (found["state"], found["captured"]) == ("COMPLETED", 150000)
    assert tool("GET", "/record")[1] == merchant.sim.record()


def test_an_order_can_be_ended_before_its_time(merchant, tool):
    merchant.pay()

    assert tool("POST", "/orders/RENT-1/expire")[1]["state"] == "FAILED"


def test_a_refund_can_be_ended(merchant, tool):
    tool("PATCH", "/settings", {"refund_outcome": "pending"})
    merchant.pay()
    merchant.sim.attempt("RENT-1")
    merchant.refund()

    assert tool("POST", "/refunds/BACK-1/conclude", {"outcome": "failure"})[1]["state"] == "FAILED"
    assert tool("GET", "/refunds")[1][0]["merchant_refund_id"] == "BACK-1"


def test_the_whole_state_without_a_secret(merchant, tool):
    merchant.pay()
    merchant.sim.attempt("RENT-1")
    merchant.sim.tick()

    _, state = tool("GET", "/state")

    assert [call["name"] for call in state["calls"]] == ["oauth", "pay"]
    assert [each["event"] for each in state["webhooks"]] == ["checkout.order.completed"]
    assert merchant.sim.client.secret not in json.dumps(state)
    assert "O-Bearer ey" not in json.dumps(state)


def test_calls_can_be_picked(merchant, tool):
    merchant.pay()
    merchant.status()

    assert len(tool("GET", "/calls", query={"name": "order_status"})[1]) == 1
    assert len(tool("GET", "/calls", query={"merchant_order_id": "NONE"})[1]) == 0


def test_what_was_due_before_a_change_follows_the_old_settings(merchant, clock):
    merchant.pay()
    clock.advance(1200)
    merchant.sim.change_settings(merchant_id="OTHER")
    merchant.sim.tick()

    assert merchant.inbox[0].document["payload"]["merchantId"] == "SIMULATORUAT"


def test_faults_come_and_go(merchant, tool):
    merchant.log_in()
    assert tool("POST", "/faults", {"kind": "server_error", "call": "pay", "times": 1})[0] == 200
    assert merchant.pay().status == 500
    assert tool("GET", "/faults")[1] == []

    tool("POST", "/faults", {"kind": "server_error"})
    tool("DELETE", "/faults")
    assert merchant.pay().status == 200


def test_the_clock_moves_if_it_is_virtual(merchant, tool):
    merchant.pay()
    tool("POST", "/clock", {"advance": 1200})
    assert tool("POST", "/clock", {"move_to": "2026-01-01T01:00:00Z"})[1]["now"] == "2026-01-01T01:00:00Z"

    assert merchant.status()["state"] == "FAILED"
    assert tool("POST", "/clock", {"move_to": "2020-01-01T01:00:00Z"})[0] == 400
    assert Tool(Simulator())("POST", "/clock", {"advance": 1})[0] == 409


def test_a_clock_that_goes_on_can_be_put_ahead():
    tool, month, before = Tool(Simulator(clock=RunningClock())), timedelta(days=30), datetime.now(UTC)

    now = datetime.fromisoformat(tool("POST", "/clock", {"advance": month.total_seconds()})[1]["now"])

    assert before + month <= now <= datetime.now(UTC) + month
    assert datetime.fromisoformat(tool("GET", "/clock")[1]["now"]) > now
    assert tool("POST", "/clock", {"move_to": before.isoformat()})[0] == 400


def test_a_webhook_sent_by_hand(merchant, tool):
    body = {"event": "checkout.order.completed", "payload": {"merchantOrderId": "NOBODY"}, "authorization": "x"}
    assert tool("POST", "/webhooks", body)[0] == 200
    merchant.sim.tick()

    assert merchant.inbox[0].headers["Authorization"] == "x"


def test_the_webhook_target_changes_and_keeps_its_password(merchant, tool):
    status, target = tool("PUT", "/webhook-target", {"url": "http://127.0.0.1:1/hook", "password": "changed12"})

    assert (status, target) == (200, {"url": "http://127.0.0.1:1/hook", "username": "simulator_hook"})
    assert merchant.sim.webhook_target.password == "changed12"


def test_tokens_are_revoked_and_all_is_forgotten(merchant, tool):
    merchant.log_in()
    tool("POST", "/tokens/revoke")
    assert merchant.pay().status == 401

    tool("POST", "/reset")
    assert tool("GET", "/calls")[1] == []


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/nowhere", None, 404),
        ("DELETE", "/orders", None, 405),
        ("GET", "/orders/NONE", None, 404),
        ("POST", "/orders/NONE/attempt", {}, 404),
        ("POST", "/orders/RENT-1/attempt", {"mode": "CASH"}, 400),
        ("POST", "/orders/RENT-1/attempt", {"outcome": "maybe"}, 400),
        ("POST", "/orders/RENT-1/attempt", {"colour": "red"}, 400),
        ("POST", "/orders/RENT-1/attempt", [], 400),
        ("POST", "/orders/RENT-1/conclude", {}, 409),
        ("POST", "/faults", {"kind": "nonsense"}, 400),
        ("POST", "/faults", {"times": 1}, 400),
        ("POST", "/faults", {"kind": "latency", "times": "x"}, 400),
        ("PATCH", "/settings", {"colour": 1}, 400),
        ("PATCH", "/settings", {"token_lifetime": "long"}, 400),
        ("PATCH", "/settings", {"token_lifetime": 1.5}, 400),
        ("PATCH", "/settings", {"not_found_status": 500}, 400),
        ("PATCH", "/settings", {"token_lifetime": 0}, 400),
        ("PATCH", "/settings", {"webhook_timeout": 0}, 400),
        ("PATCH", "/settings", {"webhook_delay": -1}, 400),
        ("PATCH", "/settings", {"webhook_retry_delays": [-1]}, 400),
        ("PATCH", "/settings", {"unknown_order_code": "NOT_HERE"}, 400),
        ("PATCH", "/settings", {"refund_outcome": "maybe"}, 400),
        ("PATCH", "/settings", {"webhook_retry_delays": ["x"]}, 400),
        ("POST", "/clock", {"advance": -1}, 400),
        ("POST", "/clock", {"advance": "x"}, 400),
        ("POST", "/clock", {"advance": 1e300}, 400),
        ("POST", "/faults", {"kind": "latency", "seconds": float("inf")}, 400),
        ("PUT", "/webhook-target", {"url": 5}, 400),
        ("POST", "/webhooks", {}, 400),
        ("POST", "/refunds/NONE/conclude", {}, 404),
    ],
)
def test_a_mistake_is_answered_with_a_sentence(merchant, tool, method, path, body, status):
    merchant.pay()

    answered, document = tool(method, path, body)

    assert (answered, bool(document["error"])) == (status, True)
