"""PhonePe's own SDK against the simulator, over a real socket."""

import pytest
from phonepe.sdk.pg import env
from phonepe.sdk.pg.common.exceptions import BadRequest
from phonepe.sdk.pg.common.models.request.refund_request import RefundRequest
from phonepe.sdk.pg.env import Env
from phonepe.sdk.pg.payments.v2.models.request.create_sdk_order_request import CreateSdkOrderRequest
from phonepe.sdk.pg.payments.v2.models.request.standard_checkout_pay_request import StandardCheckoutPayRequest
from phonepe.sdk.pg.payments.v2.standard_checkout_client import StandardCheckoutClient

from tests.simulator.people import API

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning:dataclasses_json.core")
HOSTS = [name for name in vars(env) if name.endswith("_BASE_URL")]


@pytest.fixture
def sdk(served, monkeypatch):
    for name in HOSTS:
        monkeypatch.setattr(env, name, served.server.url + API)
    client = served.sim.client
    sdk = StandardCheckoutClient(client.client_id, int(client.version), client.secret, Env.SANDBOX, False)
    yield sdk
    sdk.close()


def pay(sdk, merchant_order_id="RENT-1"):
    return sdk.pay(StandardCheckoutPayRequest.build_request(merchant_order_id, 150000, "https://shop.example/"))


def test_an_order_is_paid_and_refunded(served, sdk):
    served.sim.change_settings(refund_confirmed_after=0, refund_completed_after=0)
    made = pay(sdk)
    assert (made.state, made.redirect_url.startswith(served.server.url)) == ("PENDING", True)

    attempt = served.sim.attempt("RENT-1", "CARD")

    status = sdk.get_order_status("RENT-1", details=True)
    assert (status.state, status.order_id, status.amount) == ("COMPLETED", made.order_id, 150000)
    assert (
        sdk.get_transaction_status(attempt.transaction_id).payment_details[0].transaction_id == attempt.transaction_id
    )
    assert sdk.refund(RefundRequest.build_refund_request("BACK-1", 50000, "RENT-1")).state == "PENDING"
    assert sdk.get_refund_status("BACK-1").state == "COMPLETED"
    assert len(served.sim.calls_to("oauth")) == 1


def test_a_mobile_order_gets_a_token(sdk):
    made = sdk.create_sdk_order(CreateSdkOrderRequest.build_standard_checkout_request("RENT-1", 150000))

    assert (made.state, bool(made.token)) == ("PENDING", True)


def test_refusals_arrive_as_the_sdks_own_errors(sdk):
    pay(sdk)

    with pytest.raises(BadRequest) as twice:
        pay(sdk)
    with pytest.raises(BadRequest) as unknown:
        sdk.get_order_status("NONE")

    assert (twice.value.code, unknown.value.code) == ("ORDER_ALREADY_EXISTS", "INVALID_MERCHANT_ORDER_ID")


def test_the_sdk_accepts_and_reads_the_webhooks(served, sdk):
    target = served.sim.webhook_target
    pay(sdk)
    served.sim.attempt("RENT-1")
    delivery = served.sim.send_webhook("checkout.order.completed", "RENT-1")

    read = sdk.validate_callback(
        target.username, target.password, delivery.headers["Authorization"], delivery.body.decode()
    )

    assert (read.event, read.payload.state, read.payload.merchant_order_id) == (
        "checkout.order.completed",
        "COMPLETED",
        "RENT-1",
    )
