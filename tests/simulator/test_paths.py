"""Which addresses the simulator has, and what it says about those that it has not."""

from urllib.parse import urlencode

import pytest

from phonepe_simulator import Request
from phonepe_simulator.api.routes import PREFIXES
from tests.simulator.people import credentials, order, read

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
WITH_EVERY_CALL = ["/apis/pg-sandbox", "/apis/pgsandbox", "/apis/pg", "/apis", ""]


def token_from(sim, prefix):
    form = urlencode(credentials(sim)).encode()
    return sim.handle(Request("POST", f"{prefix}/v1/oauth/token", headers=FORM, body=form))


@pytest.mark.parametrize("prefix", WITH_EVERY_CALL)
def test_every_call_is_served_as_in_the_sandbox_as_in_production_and_at_the_root(merchant, prefix):
    merchant.prefix = prefix

    assert merchant.pay().status == 200
    merchant.sim.attempt("RENT-1")
    assert merchant.status()["state"] == "COMPLETED"
    assert merchant.refund().status == 200
    assert merchant.refund_status()["state"] == "PENDING"
    assert [call.name for call in merchant.sim.calls] == ["oauth", "pay", "order_status", "refund", "refund_status"]


def test_production_gives_tokens_at_the_identity_manager(merchant):
    token = read(token_from(merchant.sim, "/apis/identity-manager"))["access_token"]
    headers = {"Authorization": f"O-Bearer {token}"}

    paid = merchant.sim.handle(Request("GET", "/apis/pg/checkout/v2/order/NONE/status", headers=headers))

    assert read(paid)["code"] == "INVALID_MERCHANT_ORDER_ID"


@pytest.mark.parametrize("prefix", ["/apis/identity-manager", "/apis/pg-ingestion"])
def test_a_host_of_one_purpose_serves_nothing_else(merchant, prefix):
    merchant.log_in()
    merchant.prefix = prefix

    assert merchant.pay().status == 404
    assert merchant.sim.orders == {}


@pytest.mark.parametrize("prefix", ["/apis/pg-ingestion", *WITH_EVERY_CALL])
def test_the_sdks_events_are_taken_and_thrown_away(merchant, prefix):
    merchant.log_in()
    merchant.prefix = prefix

    answer = merchant.call("POST", "/client/v1/backend/events/batch", {"events": [{"eventName": "PAY_SUCCESS"}]})

    assert (answer.status, read(answer)) == (200, {})
    assert merchant.sim.calls_to("events")[0].status == 200
    merchant.sim.revoke_tokens()
    assert merchant.call("POST", "/client/v1/backend/events/batch", {"events": []}).status == 401


ABSENT = [
    ("POST", "/v2/validate/upi", "Custom Checkout"),
    ("POST", "/payments/v2/native-otp/submit", "Custom Checkout"),
    ("POST", "/payments/v2/ppe-health", "Custom Checkout"),
    ("POST", "/paylinks/v1/pay", "Payment Links"),
    ("GET", "/paylinks/v1/RENT-1/status", "Payment Links"),
    ("GET", "/v1/disputes", "Disputes"),
    ("POST", "/v1/disputes/D1/accept", "Disputes"),
    ("DELETE", "/v1/disputes/D1/evidences/E1", "Disputes"),
    ("GET", "/settlements/v1/linked-accounts", "Split Settlement"),
    ("POST", "/settlements/v1/split-settlement/validate", "Split Settlement"),
    ("GET", "/v3/health", "Health Check"),
    ("GET", "/configs/v1/webhooks", "Webhook Configuration"),
    ("POST", "/pg/v1/pay", "API v1"),
    ("GET", "/pg/v1/status/M1/T1", "API v1"),
]


@pytest.mark.parametrize(("method", "path", "product"), ABSENT)
@pytest.mark.parametrize("prefix", ["/apis/pg-sandbox", "/apis/pg", ""])
def test_a_product_that_is_not_simulated_is_named(merchant, prefix, method, path, product):
    merchant.prefix = prefix

    answer = merchant.call(method, path, {} if method == "POST" else None)

    body = read(answer)
    assert (answer.status, set(body), body["code"]) == (403, {"code", "message"}, "FORBIDDEN")
    assert product in body["message"]
    assert "simulator" in body["message"]


def test_the_health_host_of_production_is_named_too(merchant):
    merchant.prefix = "/apis/pg-health"

    assert "Health Check" in read(merchant.call("GET", "/v3/health"))["message"]


def test_the_sdk_shows_which_product_is_missing(merchant):
    """SDKs raise an error whose text is the message of the answer; a reason in a header they do not show."""
    message = read(merchant.call("POST", "/paylinks/v1/pay", {}))["message"]

    assert message == (
        "PhonePe's Payment Links is not part of this simulator. It has Standard Checkout, "
        "orders for the mobile SDKs, AutoPay, refunds and settlements."
    )


@pytest.mark.parametrize(
    "path", ["/checkout/v3/pay", "/checkout/v2/pay/", "/checkout/v2/order/status", "/v1/oauth", "/apis/pg-sandbox"]
)
def test_any_other_path_is_told_what_there_is(merchant, path):
    answer = merchant.call("POST", path, {})

    body = read(answer)
    assert (answer.status, set(body), body["code"]) == (404, {"code", "message"}, "NOT_FOUND")
    assert f"POST /apis/pg-sandbox{path}" in body["message"]
    assert "POST /checkout/v2/pay" in body["message"]
    assert "/apis/identity-manager" in body["message"]


def test_a_wrong_method_is_told_the_right_one(merchant):
    answer = merchant.call("GET", "/checkout/v2/pay")

    assert (answer.status, answer.headers["Allow"]) == (405, "POST")
    assert read(answer)["message"] == "GET is not allowed on /checkout/v2/pay: use POST."


def test_a_path_with_markup_or_a_line_break_breaks_nothing(merchant):
    answer = merchant.call("GET", "/no/\r\nSet-Cookie: a=b")

    assert answer.status == 404
    assert all("\n" not in value and "\r" not in value for value in answer.headers.values())


def test_longer_prefixes_come_first():
    """Otherwise /apis would take what belongs to /apis/pg."""
    assert list(PREFIXES) == sorted(PREFIXES, key=len, reverse=True)


def test_an_order_is_the_same_below_every_prefix(merchant):
    merchant.pay()
    merchant.prefix = "/apis/pg"

    assert merchant.status()["state"] == "PENDING"
    assert merchant.call("POST", "/checkout/v2/pay", order()).status == 400
