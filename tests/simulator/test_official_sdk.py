"""PhonePe's own SDK against the simulator, over a real socket."""

from datetime import UTC, datetime, timedelta

import pytest
import requests
from phonepe.sdk.pg import env
from phonepe.sdk.pg.common.exceptions import BadRequest, ResourceNotFound
from phonepe.sdk.pg.common.models.request.pg_payment_request import PgPaymentRequest
from phonepe.sdk.pg.common.models.request.refund_request import RefundRequest
from phonepe.sdk.pg.env import Env
from phonepe.sdk.pg.payments.v2.custom_checkout_client import CustomCheckoutClient
from phonepe.sdk.pg.payments.v2.models.request.create_sdk_order_request import CreateSdkOrderRequest
from phonepe.sdk.pg.payments.v2.models.request.standard_checkout_pay_request import StandardCheckoutPayRequest
from phonepe.sdk.pg.payments.v2.standard_checkout_client import StandardCheckoutClient
from phonepe.sdk.pg.subscription.v2.models.request.amount_type import AmountType
from phonepe.sdk.pg.subscription.v2.models.request.auth_workflow_type import AuthWorkflowType
from phonepe.sdk.pg.subscription.v2.models.request.frequency import Frequency
from phonepe.sdk.pg.subscription.v2.models.request.redemption_retry_strategy import RedemptionRetryStrategy
from phonepe.sdk.pg.subscription.v2.subscription_client import SubscriptionClient

from phonepe_simulator import Simulator
from phonepe_simulator.http_server import SimulatorServer
from tests.simulator.people import API, OverHttp


class MovedClock:
    """The machine's clock, and so far ahead."""

    ahead = timedelta(0)

    def now(self):
        return datetime.now(UTC) + self.ahead


pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning:dataclasses_json.core")
HOSTS = [name for name in vars(env) if name.endswith("_BASE_URL")]


@pytest.fixture
def served():
    """A simulator behind a real socket, whose clock we move."""
    simulator = Simulator(seed=7, clock=MovedClock())
    with SimulatorServer(simulator) as server:
        simulator.base_url = server.url
        yield OverHttp(simulator, server)


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


PRODUCTION = {
    "PROD_PG_BASE_URL": "/apis/pg",
    "PROD_PCI_PG_BASE_URL": "/apis/pg",
    "PROD_OAUTH_BASE_URL": "/apis/identity-manager",
    "PROD_EVENT_INGESTION_BASE_URL": "/apis/pg-ingestion",
}


def test_with_productions_addresses_and_its_events(served, monkeypatch):
    for name, path in PRODUCTION.items():
        monkeypatch.setattr(env, name, served.server.url + path)
    client = served.sim.client
    sdk = StandardCheckoutClient(client.client_id, int(client.version), client.secret, Env.PRODUCTION, True)
    try:
        pay(sdk)
        sdk.event_publisher.send_events()
        assert sdk.get_order_status("RENT-1").state == "PENDING"
    finally:
        sdk.close()

    names = [call.name for call in served.sim.calls]
    assert {"oauth", "pay", "events", "order_status"} <= set(names)
    assert {call.status for call in served.sim.calls} == {200}


@pytest.fixture
def autopay(served, monkeypatch):
    """PhonePe's own client of mandates."""
    for name in HOSTS:
        monkeypatch.setattr(env, name, served.server.url + API)
    client = served.sim.client
    sdk = SubscriptionClient(client.client_id, int(client.version), client.secret, Env.SANDBOX, False)
    yield sdk
    sdk.close()


def test_a_mandate_is_set_up_announced_debited_and_cancelled(served, autopay):
    clock = served.sim.clock
    made = autopay.setup(
        PgPaymentRequest.build_subscription_setup_upi_intent(
            "SETUP-1",
            "MS-1",
            50000,
            75000,
            AuthWorkflowType.TRANSACTION,
            AmountType.VARIABLE,
            Frequency.MONTHLY,
            device_os="ANDROID",
            target_app="com.phonepe.app",
        )
    )
    assert (made.state, made.intent_url.startswith("upi://mandate")) == ("PENDING", True)

    served.sim.mandates.approve("MS-1")

    status = autopay.get_subscription_status("MS-1")
    assert (status.state, status.max_amount, status.frequency) == ("ACTIVE", 75000, Frequency.MONTHLY)
    paid = autopay.get_order_status("SETUP-1")
    assert (paid.state, paid.payment_flow.merchant_subscription_id) == ("COMPLETED", "MS-1")
    notice = PgPaymentRequest.build_subscription_notify_request(
        "DEBIT-1", "MS-1", 50000, RedemptionRetryStrategy.STANDARD
    )
    assert autopay.notify(notice).state == "NOTIFICATION_IN_PROGRESS"
    clock.ahead += timedelta(hours=24, minutes=1)
    tried = autopay.redeem("DEBIT-1")
    assert tried.state == "PENDING"
    clock.ahead += timedelta(minutes=1)
    assert autopay.get_order_status("DEBIT-1").state == "COMPLETED"
    assert autopay.get_transaction_status(tried.transaction_id).payment_details[0].state == "COMPLETED"
    assert autopay.refund(RefundRequest.build_refund_request("BACK-1", 50000, "DEBIT-1")).state == "PENDING"

    autopay.cancel_subscription("MS-1")

    assert autopay.get_subscription_status("MS-1").state == "CANCELLED"
    with pytest.raises(ResourceNotFound) as unknown:
        autopay.get_subscription_status("MS-2")
    assert unknown.value.code == "SUBSCRIPTION_NOT_FOUND"


def test_a_mandate_is_asked_of_a_upi_id(autopay):
    autopay.setup(
        PgPaymentRequest.build_subscription_setup_upi_collect(
            "SETUP-1",
            "MS-1",
            200,
            75000,
            "success@ybl",
            AuthWorkflowType.PENNY_DROP,
            AmountType.VARIABLE,
            Frequency.YEARLY,
        )
    )

    assert autopay.get_subscription_status("MS-1").state == "ACTIVE"


@pytest.fixture
def custom(served, monkeypatch):
    for name in HOSTS:
        monkeypatch.setattr(env, name, served.server.url + API)
    client = served.sim.client
    sdk = CustomCheckoutClient(client.client_id, int(client.version), client.secret, Env.SANDBOX, False)
    yield sdk
    sdk.close()


class TestCustomCheckout:
    def test_a_qr_code_is_paid(self, served, custom):
        made = custom.pay(PgPaymentRequest.build_upi_qr_pay_request("RENT-1", 150000))
        assert made.state == "PENDING"
        assert made.intent_url == made.qr_data
        assert made.qr_data.startswith("upi://pay?pa=SIMULATOR@ybl&")
        assert "am=1500.00" in made.qr_data

        served.sim.attempt("RENT-1", "UPI_QR")

        status = custom.get_order_status("RENT-1", details=True)
        assert (status.state, status.order_id, status.amount) == ("COMPLETED", made.order_id, 150000)
        assert [attempt.payment_mode.value for attempt in status.payment_details] == ["UPI_QR"]
        assert custom.refund(RefundRequest.build_refund_request("BACK-1", 50000, "RENT-1")).state == "PENDING"

    def test_an_app_is_opened_and_its_failure_is_the_end(self, served, custom):
        request = PgPaymentRequest.build_upi_intent_pay_request(
            "RENT-1", 150000, device_os="ANDROID", target_app="com.phonepe.app", expire_after=900
        )
        made = custom.pay(request)
        assert (made.state, made.intent_url[:10], made.qr_data) == ("PENDING", "upi://pay?", None)

        served.sim.attempt("RENT-1", "UPI_INTENT", "failure")

        assert custom.get_order_status("RENT-1").state == "FAILED"

    @pytest.mark.parametrize(
        ("vpa", "state"), [("success@ybl", "COMPLETED"), ("failed@ybl", "FAILED"), ("a1@ybl", "PENDING")]
    )
    def test_a_upi_id_is_asked(self, custom, vpa, state):
        made = custom.pay(PgPaymentRequest.build_upi_collect_pay_via_vpa_request("RENT-1", 150000, vpa, "Rent"))

        assert (made.state, made.intent_url) == ("PENDING", None)
        status = custom.get_order_status("RENT-1", details=True)
        assert (status.state, status.payment_details[0].payment_mode.value) == (state, "UPI_COLLECT")

    def test_a_mobile_number_is_asked_and_decides_later(self, served, custom):
        custom.pay(
            PgPaymentRequest.build_upi_collect_pay_via_phone_number_request("RENT-1", 150000, "9999999999", "Rent")
        )

        served.sim.conclude("RENT-1", "success")

        assert custom.get_order_status("RENT-1").state == "COMPLETED"

    def test_it_ends_with_its_time(self, served, custom):
        custom.pay(PgPaymentRequest.build_upi_qr_pay_request("RENT-1", 150000))

        served.sim.clock.ahead = timedelta(seconds=481)

        assert custom.get_order_status("RENT-1").state == "FAILED"

    @pytest.mark.parametrize(
        "request_",
        [
            PgPaymentRequest.build_upi_intent_pay_request("RENT-1", 150000, target_app="com.phonepe.app"),
            PgPaymentRequest.build_upi_intent_pay_request("RENT-1", 150000, device_os="IOS", target_app="com.app"),
            PgPaymentRequest.build_upi_collect_pay_via_vpa_request("RENT-1", 150000, "nobody", "Rent"),
            PgPaymentRequest.build_upi_collect_pay_via_phone_number_request("RENT-1", 150000, "12", "Rent"),
            PgPaymentRequest.build_upi_qr_pay_request("RENT-1", 99),
            PgPaymentRequest.build_upi_qr_pay_request("RENT-1", 150000, expire_after=299),
            PgPaymentRequest.build_net_banking_pay_request("RENT-1", 150000, "SBIN", "https://shop.example/"),
        ],
    )
    def test_what_is_wrong_is_refused(self, served, custom, request_):
        with pytest.raises(BadRequest):
            custom.pay(request_)
        assert served.sim.orders == {}

    def test_a_person_pays_on_the_page_where_the_link_leads_there(self, served, custom):
        served.sim.change_settings(mandate_link="page")

        made = custom.pay(PgPaymentRequest.build_upi_qr_pay_request("RENT-1", 150000))

        assert made.intent_url.startswith(f"{served.server.url}/")
        assert "UPI QR" in requests.get(made.intent_url, timeout=5).text
