"""Sign-off checklist, Payment API: what PhonePe is asked for, and what an answer that goes wrong may not do."""

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from core.models import Payment, PaymentStatus, PaymentTransaction, Tenancy
from phonepe_simulator import Call, Fault
from tests.people import Caller, make_owner, make_tenancy, make_tenant
from tests.phonepe import Days, PhonePe, order_id_of
from tests.uat.scripted import Interrupted
from tests.uat.world import alone, delivers, settings_from

ORDER_ID = re.compile(r"[A-Za-z0-9_-]{1,63}")


def pay_bodies(phonepe: PhonePe) -> list[dict[str, Any]]:
    return [call.body for call in phonepe.orders_taken()]


def pay_body(phonepe: PhonePe) -> dict[str, Any]:
    [body] = pay_bodies(phonepe)
    return body


@pytest.mark.django_db(transaction=True)
def test_p1_tenants_who_pay_at_once_get_orders_of_their_own(phonepe: PhonePe) -> None:
    owner = make_owner("asha")
    crowd = [
        Caller(make_tenancy(owner, make_tenant(f"tenant{n}"), starts_on=date(2026, 4, 1)).tenant.user)
        for n in range(24)
    ]

    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(alone(lambda caller: caller.starts_rent()), crowd))

    assert [answer.status_code for answer in answers] == [201] * 24
    orders = {order_id_of(answer) for answer in answers}
    assert len(orders) == 24
    assert orders == set(phonepe.simulator.orders)
    assert all(ORDER_ID.fullmatch(order) for order in orders)


def test_p1_another_try_after_a_failure_is_a_new_order(
    tenant: Caller, phonepe: PhonePe, days: Days, payment: Payment
) -> None:
    phonepe.fails(payment)
    days.tick_for(20)

    again = tenant.starts_rent()

    assert again.status_code == 201
    assert order_id_of(again) != payment.merchant_order_id
    assert len(phonepe.simulator.orders) == 2


@pytest.mark.parametrize("seconds", [300, 1200, 3600])
def test_p2_an_order_lives_as_long_as_is_configured(
    tenant: Caller, phonepe: PhonePe, settings: Any, seconds: int
) -> None:
    settings.PHONEPE_ORDER_EXPIRE_AFTER = seconds

    tenant.starts_rent()

    assert pay_body(phonepe)["expireAfter"] == seconds


@pytest.mark.parametrize("seconds", ["299", "3601", "0", "-300", "1200.5", "soon"])
def test_p2_a_life_that_phonepe_forbids_stops_the_start(seconds: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="PHONEPE_ORDER_EXPIRE_AFTER"):
        settings_from({"PHONEPE_ORDER_EXPIRE_AFTER": seconds})


@pytest.mark.parametrize("seconds", ["300", "3600"])
def test_p2_the_limits_themselves_are_taken(seconds: str) -> None:
    assert settings_from({"PHONEPE_ORDER_EXPIRE_AFTER": seconds})["PHONEPE_ORDER_EXPIRE_AFTER"] == int(seconds)


@pytest.mark.parametrize(
    ("rupees", "paise"),
    [("1234.56", 123456), ("1", 100), ("1.10", 110), ("14998.99", 1499899), ("1234.5", 123450), (999, 99900)],
)
def test_p3_phonepe_is_told_paise(tenant: Caller, phonepe: PhonePe, rupees: Any, paise: int) -> None:
    assert tenant.starts_rent(rupees).status_code == 201

    amount = pay_body(phonepe)["amount"]
    assert (type(amount), amount) == (int, paise)


@pytest.mark.parametrize("rupees", ["0.99", "0.00", "-5", "1.001", "1e3", "", None, True, "NaN"])
def test_p3_less_than_a_rupee_or_no_amount_never_reaches_phonepe(tenant: Caller, phonepe: PhonePe, rupees: Any) -> None:
    assert tenant.starts_rent(rupees).status_code == 400
    assert phonepe.orders_taken() == []


@pytest.mark.parametrize("channel", ["redirect", "mobile_sdk"])
def test_p4_nothing_empty_and_nothing_invented_is_sent(tenant: Caller, phonepe: PhonePe, channel: str) -> None:
    tenant.starts_rent(channel=channel)

    body = pay_body(phonepe)
    assert [value for value in leaves(body) if value in (None, "", {}, [])] == []
    assert set(body) <= {"merchantOrderId", "amount", "expireAfter", "paymentFlow", "metaInfo"}
    assert all(re.fullmatch(r"udf([1-9]|1[0-5])", key) for key in body.get("metaInfo", {}))


def leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict) and value:
        for item in value.values():
            yield from leaves(item)
    elif isinstance(value, list) and value:
        for item in value:
            yield from leaves(item)
    else:
        yield value


def test_p5_the_payer_comes_back_to_the_page_of_this_order(phonepe: PhonePe, days: Days, payment: Payment) -> None:
    url = pay_body(phonepe)["paymentFlow"]["merchantUrls"]["redirectUrl"]
    assert url == f"https://zelton.test/payments/return/{payment.merchant_order_id}/"
    phonepe.pays(payment)
    days.pass_by(10)

    page = Client().get(urlsplit(url).path)

    assert page.status_code == 200
    assert "Payment received" in page.text
    payment.refresh_from_db()
    assert payment.status == PaymentStatus.COMPLETED


def test_p5_production_takes_only_an_https_address(production: dict[str, str]) -> None:
    for url in ("http://zelton.test", "zelton.test", "https://"):
        with pytest.raises(ImproperlyConfigured, match="PHONEPE_REDIRECT_BASE_URL"):
            settings_from({**production, "PHONEPE_REDIRECT_BASE_URL": url})


@pytest.mark.parametrize("channel", ["redirect", "mobile_sdk"])
def test_p6_the_flow_is_pg_checkout(tenant: Caller, phonepe: PhonePe, channel: str) -> None:
    tenant.starts_rent(channel=channel)

    assert pay_body(phonepe)["paymentFlow"]["type"] == "PG_CHECKOUT"


def test_p7_both_ids_are_known_to_the_client_and_to_the_books(tenant: Caller, phonepe: PhonePe) -> None:
    started = tenant.starts_rent().json()

    ours = phonepe.simulator.orders[started["merchant_order_id"]]
    assert started["order_id"] == ours.order_id
    row = PaymentTransaction.objects.get(merchant_order_id=started["merchant_order_id"])
    assert row.phonepe_order_id == ours.order_id


def test_p7_a_webhook_that_names_only_phonepes_id_finds_the_order(
    phonepe: PhonePe, days: Days, payment: Payment
) -> None:
    phonepe.pays(payment)
    days.pass_by(5)

    delivers({"event": "checkout.order.completed", "payload": {"orderId": payment.transaction.phonepe_order_id}})
    days.tick_for(1)

    payment.refresh_from_db()
    assert payment.status == PaymentStatus.COMPLETED


def test_p8_the_pay_page_is_handed_on_byte_for_byte(tenant: Caller, interrupted: Interrupted, phonepe: PhonePe) -> None:
    phonepe.simulator.faults.add(Fault("awkward_url", call="pay"))

    first, second = tenant.starts_rent(), tenant.starts_rent()

    [answer] = interrupted.answers
    given = json.loads(answer)["redirectUrl"]
    assert "%2B" in given
    assert given.endswith("==")
    assert len(given) > 1500
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["redirect_url"] == second.json()["redirect_url"] == given


def test_p9_one_list_of_modes_and_cards_with_their_types(tenant: Caller, phonepe: PhonePe) -> None:
    assert tenant.starts_rent(payment_modes=["UPI_QR", "CARD"]).status_code == 201

    config = pay_body(phonepe)["paymentFlow"]["paymentModeConfig"]
    assert list(config) == ["enabledPaymentModes"]
    modes = {mode["type"]: mode for mode in config["enabledPaymentModes"]}
    assert set(modes) == {"UPI_QR", "CARD"}
    assert set(modes["CARD"]["cardTypes"]) == {"DEBIT_CARD", "CREDIT_CARD"}
    assert "cardTypes" not in modes["UPI_QR"]


@pytest.mark.parametrize("channel", ["redirect", "mobile_sdk"])
def test_p9_without_a_wish_phonepe_offers_its_own_modes(tenant: Caller, phonepe: PhonePe, channel: str) -> None:
    tenant.starts_rent(channel=channel)

    assert "paymentModeConfig" not in pay_body(phonepe)["paymentFlow"]


def test_p9_phonepe_takes_every_mode_we_offer_on_the_phone_too(tenant: Caller, phonepe: PhonePe) -> None:
    modes = ["UPI_INTENT", "UPI_COLLECT", "UPI_QR", "CARD", "NET_BANKING"]

    assert tenant.starts_rent(payment_modes=modes, channel="mobile_sdk").status_code == 201

    sent = pay_body(phonepe)["paymentFlow"]["paymentModeConfig"]["enabledPaymentModes"]
    assert sorted(mode["type"] for mode in sent) == sorted(modes)


REFUSALS: dict[str, tuple[int, Any]] = {
    "BAD_REQUEST": (400, {"code": "BAD_REQUEST", "message": "Please check the inputs you have provided."}),
    "forbidden": (403, {"code": "FORBIDDEN", "message": "Product not enabled"}),
    "500": (500, {"code": "INTERNAL_SERVER_ERROR", "message": "There is an error"}),
    "503 text": (503, b"upstream connect error"),
    "502 html": (502, b"<html><h1>502 Bad Gateway</h1></html>"),
    "404 html": (404, b"<html>not here</html>"),
    "order exists": (400, {"code": "ORDER_ALREADY_EXISTS", "message": "Order exists already."}),
    "200 list": (200, [1, 2]),
    "200 null": (200, None),
    "200 empty": (200, b""),
    "200 without a page": (200, {"orderId": "OMO1", "state": "PENDING"}),
}
FAULTS = [
    "timeout_before",
    "timeout_after",
    "cut_before",
    "cut_after",
    "rate_limited",
    "server_error",
    "server_error_after",
    "bad_gateway",
    "bad_gateway_after",
    "unavailable",
    "html_answer",
    "broken_json",
    "empty_object",
    "drip",
]


class TestPayAnswersThatGoWrong:
    """An order is neither lost nor doubled: one page at most can be reached, and it is paid once."""

    @pytest.mark.parametrize("name", REFUSALS)
    def test_p10_an_answer_that_is_no_page(
        self, tenant: Caller, interrupted: Interrupted, phonepe: PhonePe, days: Days, name: str
    ) -> None:
        interrupted.instead = [REFUSALS[name]]

        self.refused_then_paid(tenant, phonepe, days)

    @pytest.mark.parametrize("kind", FAULTS)
    def test_p10_a_call_that_goes_wrong(
        self, tenant: Caller, interrupted: Interrupted, phonepe: PhonePe, days: Days, kind: str
    ) -> None:
        phonepe.simulator.faults.add(Fault(kind, call="pay", times=1))

        self.refused_then_paid(tenant, phonepe, days)

    def refused_then_paid(self, tenant: Caller, phonepe: PhonePe, days: Days) -> None:
        refused = tenant.starts_rent(key="tap")
        self.is_told_in_a_sentence(refused)
        assert PaymentTransaction.objects.count() == 1, "the row is kept"

        again = tenant.starts_rent(key="tap")
        assert again.status_code == 201
        assert Payment.objects.filter(status=PaymentStatus.PENDING).count() == 1
        assert again.json()["redirect_url"].endswith(phonepe.simulator.orders[order_id_of(again)].token)

        phonepe.pays(again)
        days.tick_for(30)
        assert Tenancy.objects.get().outstanding_paise() == 0
        assert Payment.objects.filter(status=PaymentStatus.COMPLETED).count() == 1

    def is_told_in_a_sentence(self, refused: Any) -> None:
        assert refused.status_code in (502, 503)
        assert refused["Content-Type"] == "application/problem+json"
        problem = refused.json()
        assert problem["success"] is False
        assert problem["status"] == refused.status_code
        assert problem["error"] == problem["detail"]
        assert re.fullmatch(r"[A-Z].+ .+\.", problem["detail"])
        assert "redirect_url" not in problem

    def test_p10_an_order_phonepe_took_unseen_ends_by_itself(
        self, tenant: Caller, phonepe: PhonePe, days: Days
    ) -> None:
        phonepe.simulator.faults.add(Fault("timeout_after", call="pay", times=1))
        tenant.starts_rent()
        [unseen] = phonepe.simulator.orders

        assert tenant.starts_rent().status_code == 201
        lost = Payment.objects.get(merchant_order_id=unseen)
        assert lost.status == PaymentStatus.CANCELLED
        phonepe.fails(unseen)
        days.tick_for(30)

        lost.transaction.refresh_from_db()
        assert lost.transaction.state == "FAILED"
        assert lost.transaction.next_check_at is None

    def test_p10_silence_at_the_second_tap_too_opens_no_second_order(
        self, tenant: Caller, phonepe: PhonePe, days: Days
    ) -> None:
        phonepe.simulator.faults.add(Fault("timeout_after", call="pay", times=1))
        phonepe.simulator.faults.add(Fault("timeout_before", call="order_status", times=1))
        tenant.starts_rent()

        again = tenant.starts_rent()

        self.is_told_in_a_sentence(again)
        assert len(phonepe.simulator.orders) == 1

    def test_p10_a_refused_order_is_failed_and_says_why(
        self, tenant: Caller, interrupted: Interrupted, days: Days
    ) -> None:
        interrupted.instead = [REFUSALS["BAD_REQUEST"]]

        assert tenant.starts_rent().status_code == 502

        payment = Payment.objects.get()
        assert payment.status == PaymentStatus.FAILED
        change = payment.transaction.changes.get(what="status")
        assert (change.cause, change.answer) == ("rejected_by_phonepe", {"code": "BAD_REQUEST"})


def test_p11_the_phone_gets_the_order_token_and_nothing_secret(
    tenant: Caller, interrupted: Interrupted, phonepe: PhonePe
) -> None:
    answer = tenant.starts_rent(channel="mobile_sdk")

    [call] = phonepe.simulator.calls_to("sdk_order")
    body, told = answer.json(), json.loads(interrupted.answers[0])
    assert (answer.status_code, call.status) == (201, 200)
    assert (body["order_id"], body["token"]) == (told["orderId"], told["token"])
    assert "redirect_url" not in body
    for secret in (*access_tokens(phonepe), settings.PHONEPE_CLIENT_SECRET, settings.PHONEPE_CLIENT_ID):
        assert secret not in answer.text


def access_tokens(phonepe: PhonePe) -> set[str]:
    calls: list[Call] = phonepe.simulator.calls
    return {call.headers["Authorization"].removeprefix("O-Bearer ") for call in calls if call.name != "oauth"}
