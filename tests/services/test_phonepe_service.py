"""The official SDK over real sockets, against a PhonePe that misbehaves."""

import os
import pickle
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from phonepe.sdk.pg.common.models.request.meta_info import MetaInfo
from phonepe.sdk.pg.common.models.request.refund_request import RefundRequest
from phonepe.sdk.pg.payments.v2.models.request.create_sdk_order_request import CreateSdkOrderRequest
from phonepe.sdk.pg.payments.v2.models.request.standard_checkout_pay_request import StandardCheckoutPayRequest

from core.models import PaymentTransaction
from core.services import phonepe_service
from core.services.phonepe.errors import (
    PhonePeError,
    PhonePeOutcomeUnknown,
    PhonePeRejected,
    PhonePeTooManyRequests,
    PhonePeUnauthorised,
    PhonePeUnavailable,
    PhonePeUnknownId,
)
from core.services.phonepe_service import PhonePeService, _written
from phonepe_simulator import Fault, Simulator
from phonepe_simulator.http_server import SimulatorServer


@pytest.fixture
def simulator(settings: Any) -> Iterator[Simulator]:
    simulator = Simulator(seed=7, client_id=settings.PHONEPE_CLIENT_ID, client_secret=settings.PHONEPE_CLIENT_SECRET)
    with SimulatorServer(simulator) as server:
        simulator.base_url = server.url
        settings.PHONEPE_BASE_URL = f"{server.url}/apis/pg-sandbox"
        yield simulator


def an_order(name: str = "ORDER-1", **fields: Any) -> PaymentTransaction:
    now = timezone.now()
    fields = {"amount_paise": 15_000_00, "initiated_at": now, "expire_at": now + timedelta(seconds=1200), **fields}
    return PaymentTransaction(merchant_order_id=name, **fields)


def seconds_of(work: Any) -> float:
    start = time.monotonic()
    with pytest.raises(PhonePeError):
        work()
    return time.monotonic() - start


class TestOrders:
    def test_the_client_is_the_sdks_and_is_built_once(self, simulator: Simulator) -> None:
        from phonepe.sdk.pg.payments.v2.standard_checkout_client import StandardCheckoutClient

        with ThreadPoolExecutor(8) as pool:
            clients = set(pool.map(lambda _: PhonePeService.get_client(), range(8)))

        assert len(clients) == 1
        assert isinstance(clients.pop(), StandardCheckoutClient)
        assert simulator.calls == []  # a token is fetched when it is needed

    def test_an_order_is_created_and_reported(self, simulator: Simulator) -> None:
        checkout = PhonePeService().create_order(an_order())
        simulator.attempt("ORDER-1", mode="UPI_INTENT")

        report = PhonePeService().order_status("ORDER-1")

        assert (report.order_id, report.state, report.amount_paise) == (checkout.order_id, "COMPLETED", 15_000_00)
        assert report.paying_attempt is not None
        assert report.paying_attempt.utr

    def test_a_mobile_order_has_a_token_and_its_modes(self, simulator: Simulator) -> None:
        checkout = PhonePeService().create_order(an_order(channel="mobile_sdk", payment_modes=["CARD", "UPI_INTENT"]))

        assert checkout.token
        assert checkout.token not in repr(checkout)
        (call,) = simulator.calls_to("sdk_order")
        assert call.body["paymentFlow"]["paymentModeConfig"]["enabledPaymentModes"] == [
            {"type": "CARD", "cardTypes": ["DEBIT_CARD", "CREDIT_CARD"]},
            {"type": "UPI_INTENT"},
        ]

    def test_refunds_are_sent_and_reported(self, simulator: Simulator) -> None:
        PhonePeService().create_order(an_order())
        simulator.attempt("ORDER-1", mode="UPI_INTENT")

        sent = PhonePeService().refund(merchant_refund_id="R-1", merchant_order_id="ORDER-1", amount_paise=500_00)
        report = PhonePeService().refund_status("R-1")

        assert (sent.refund_id, sent.state) == (report.refund_id, "PENDING")
        assert report.amount_paise == 500_00

    @pytest.mark.parametrize("name", ["a/../b", "a?x=1", "", "x" * 64, "ü"])
    def test_an_id_that_would_bend_the_path_is_never_sent(self, simulator: Simulator, name: str) -> None:
        with pytest.raises(PhonePeRejected):
            PhonePeService().order_status(name)
        assert simulator.calls == []


class TestWhatIsKnownAfterwards:
    @pytest.mark.parametrize(
        ("fault", "error"),
        [
            ("cut_before", PhonePeOutcomeUnknown),
            ("cut_after", PhonePeOutcomeUnknown),
            ("rate_limited", PhonePeTooManyRequests),
            ("server_error", PhonePeOutcomeUnknown),
            ("bad_gateway", PhonePeOutcomeUnknown),
            ("unavailable", PhonePeOutcomeUnknown),
            ("html_answer", PhonePeOutcomeUnknown),
            ("broken_json", PhonePeOutcomeUnknown),
            ("empty_object", PhonePeOutcomeUnknown),
        ],
    )
    def test_each_way_to_fail_has_its_word(self, simulator: Simulator, fault: str, error: type[Exception]) -> None:
        simulator.faults.add(Fault(kind=fault, call="pay", times=1))

        with pytest.raises(error) as caught:
            PhonePeService().create_order(an_order())

        assert type(caught.value) is error
        assert "test-client-secret" not in repr(caught.value) + str(caught.value.__cause__)
        assert type(pickle.loads(pickle.dumps(caught.value))) is error  # noqa: S301 - our own bytes

    def test_a_refused_request_had_no_effect(self, simulator: Simulator) -> None:
        with pytest.raises(PhonePeRejected) as caught:
            PhonePeService().create_order(an_order(amount_paise=50))
        assert caught.value.code == "BAD_REQUEST"

    def test_an_order_that_exists_is_unknown_not_refused(self, simulator: Simulator) -> None:
        PhonePeService().create_order(an_order())
        with pytest.raises(PhonePeOutcomeUnknown):
            PhonePeService().create_order(an_order())

    def test_an_unknown_id_has_its_own_word(self, simulator: Simulator) -> None:
        with pytest.raises(PhonePeUnknownId):
            PhonePeService().order_status("NOBODY")

    def test_nobody_listening_is_unavailable_and_the_reason_is_told(self, settings: Any) -> None:
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            where = f"127.0.0.1:{unused.getsockname()[1]}"
            settings.PHONEPE_BASE_URL = f"http://{where}"
            with pytest.raises(PhonePeUnavailable, match=f"cannot be reached: {where}, ConnectionRefusedError"):
                PhonePeService().order_status("ORDER-1")


class TestTokens:
    def test_a_revoked_token_is_renewed_once(self, simulator: Simulator) -> None:
        PhonePeService().create_order(an_order())
        simulator.revoke_tokens()

        PhonePeService().order_status("ORDER-1")

        assert len(simulator.calls_to("oauth")) == 2

    def test_a_second_refusal_is_an_error_not_a_loop(self, simulator: Simulator) -> None:
        simulator.faults.add(Fault(kind="token_revoked", call="order_status"))
        with pytest.raises(PhonePeUnauthorised):
            PhonePeService().order_status("ORDER-1")
        assert len(simulator.calls_to("order_status")) == 2

    @pytest.mark.parametrize("fault", ["server_error", "bad_gateway", "html_answer", "empty_object", "broken_json"])
    def test_a_sick_token_server_is_survived(self, simulator: Simulator, fault: str) -> None:
        simulator.faults.add(Fault(kind=fault, call="oauth", times=1))
        with pytest.raises(PhonePeUnavailable):
            PhonePeService().create_order(an_order())

        assert PhonePeService().create_order(an_order()).order_id

    def test_wrong_credentials_say_so(self, simulator: Simulator, settings: Any) -> None:
        settings.PHONEPE_CLIENT_SECRET = "another-secret"
        with pytest.raises(PhonePeUnauthorised) as caught:
            PhonePeService().order_status("ORDER-1")
        assert "another-secret" not in str(caught.value)

    def test_a_hanging_token_server_delays_nobody_beyond_the_deadline(self, simulator: Simulator) -> None:
        simulator.faults.add(Fault(kind="timeout_before", call="oauth"))

        with ThreadPoolExecutor(6) as pool:
            waits = list(pool.map(lambda _: seconds_of(lambda: PhonePeService(0.6).order_status("O")), range(6)))

        assert max(waits) < 2.0

    def test_it_is_renewed_in_the_minute_before_it_expires(self, simulator: Simulator) -> None:
        simulator.change_settings(token_lifetime=30)
        PhonePeService().create_order(an_order())
        simulator.change_settings(token_lifetime=3600)

        for _ in range(2):
            assert PhonePeService().order_status("ORDER-1").state == "PENDING"

        assert len(simulator.calls_to("oauth")) == 2

    def test_a_good_token_is_used_while_its_renewal_hangs(self, simulator: Simulator) -> None:
        simulator.change_settings(token_lifetime=30)  # within the minute in which it is renewed early
        PhonePeService().create_order(an_order())
        simulator.faults.add(Fault(kind="timeout_before", call="oauth"))

        with ThreadPoolExecutor(4) as pool:
            reports = list(pool.map(lambda _: PhonePeService(3).order_status("ORDER-1"), range(4)))

        assert {report.state for report in reports} == {"PENDING"}


class TestDeadline:
    @pytest.mark.parametrize("fault", ["timeout_before", "drip"])
    def test_it_holds_for_the_whole_call(self, simulator: Simulator, fault: str) -> None:
        PhonePeService().create_order(an_order())
        simulator.faults.add(Fault(kind=fault, call="order_status"))

        assert seconds_of(lambda: PhonePeService(0.5).order_status("ORDER-1")) < 1.5

    def test_it_holds_while_headers_drip(self, settings: Any) -> None:
        with dripping_server(b"HTTP/1.1 200 OK\r\n" + b"X-Slow: 1\r\n" * 1000) as url:
            settings.PHONEPE_BASE_URL = url
            assert seconds_of(lambda: PhonePeService(0.5).order_status("ORDER-1")) < 1.5

    def test_more_calls_than_allowed_are_refused_at_once(
        self, simulator: Simulator, settings: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        settings.PHONEPE_MAX_CALLS = 2
        PhonePeService.forget_client()
        monkeypatch.setattr(phonepe_service, "WAIT_FOR_A_SLOT", 0.05)
        PhonePeService().create_order(an_order())
        simulator.faults.add(Fault(kind="timeout_before", call="order_status"))

        with ThreadPoolExecutor(6) as pool:
            waits = sorted(pool.map(lambda _: seconds_of(lambda: PhonePeService(1.5).order_status("O")), range(6)))

        assert waits[3] < 1.0  # four of six did not wait for PhonePe at all
        assert waits[4] >= 1.0


class TestFork:
    def test_a_child_builds_its_own_client(self, simulator: Simulator) -> None:
        PhonePeService().create_order(an_order())
        inherited = PhonePeService.get_client()
        read, write = os.pipe()

        child = os.fork()
        if child == 0:
            is_new = PhonePeService.get_client() is not inherited
            state = PhonePeService().order_status("ORDER-1").state
            os.write(write, f"{is_new} {state}".encode())
            os._exit(0)
        os.waitpid(child, 0)

        assert os.read(read, 100) == b"True PENDING"


@contextmanager
def dripping_server(answer: bytes) -> Iterator[str]:
    """Serve a token at once, and everything else one byte every 50 ms."""
    token = b'{"access_token":"t","token_type":"O-Bearer","expires_at":4102444800}'
    listener = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()

    def serve(connection: socket.socket) -> None:
        with connection:
            request = connection.recv(65536)
            if b"/oauth/" in request:
                head = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(token)
                connection.sendall(head + token)
                return
            for byte in answer:
                if stop.wait(0.05):
                    return
                connection.sendall(bytes([byte]))

    def accept() -> None:
        while not stop.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=_quietly, args=(serve, connection), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        stop.set()
        listener.close()


def _quietly(serve: Any, connection: socket.socket) -> None:
    with suppress(OSError):
        serve(connection)


class TestWriting:
    """Requests are written by us and not by the SDK, and say the same."""

    @pytest.mark.parametrize(
        "request_of_the_sdk",
        [
            StandardCheckoutPayRequest.build_request(
                "ZLT-1",
                15_000_00,
                redirect_url="https://zelton.example/payments/return/ZLT-1/",
                message="Rent",
                expire_after=1200,
                meta_info=MetaInfo(udf1="one"),
                disable_payment_retry=True,
            ),
            StandardCheckoutPayRequest.build_request("ZLT-1", 100),
            CreateSdkOrderRequest.build_standard_checkout_request("ZLT-1", 100, expire_after=300),
            RefundRequest.build_refund_request("ZLR-1", 100, "ZLT-1"),
        ],
        ids=lambda request: type(request).__name__,
    )
    def test_it_is_what_the_sdk_writes_without_what_is_unset(self, request_of_the_sdk: Any) -> None:
        assert _written(request_of_the_sdk) == without_unset(request_of_the_sdk.to_dict())


def without_unset(body: dict[str, Any]) -> dict[str, Any]:
    pruned = {name: without_unset(value) if isinstance(value, dict) else value for name, value in body.items()}
    return {name: value for name, value in pruned.items() if value not in (None, {})}
