"""Sign-off checklist, authorization: one token for its whole life, and a new one only when it is needed."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.conf import settings

from core.services.phonepe.errors import PhonePeError, PhonePeUnauthorised, PhonePeUnknownId
from core.services.phonepe_service import PhonePeService
from phonepe_simulator import Call, Fault
from tests.people import Caller
from tests.phonepe import Days, PhonePe
from tests.uat.world import unsaved_order

LIFETIME = 600


@pytest.fixture(autouse=True)
def _short_lived_tokens(phonepe: PhonePe) -> None:
    phonepe.simulator.change_settings(token_lifetime=LIFETIME)


def tokens_fetched(phonepe: PhonePe) -> int:
    return len(phonepe.simulator.calls_to("oauth"))


def business_calls(phonepe: PhonePe) -> list[Call]:
    return [call for call in phonepe.simulator.calls if call.name != "oauth"]


def test_a1_a_token_is_used_until_its_expires_at(tenant: Caller, phonepe: PhonePe, days: Days) -> None:
    order = tenant.starts_rent().json()["merchant_order_id"]
    for _ in range(4):
        days.pass_by(100)
        tenant.verifies(order)

    assert len(business_calls(phonepe)) == 5
    assert tokens_fetched(phonepe) == 1


def test_a2_an_expired_token_is_replaced_before_the_next_call(
    tenant: Caller, phonepe: PhonePe, days: Days, payment: Any
) -> None:
    [before] = business_calls(phonepe)
    days.pass_by(LIFETIME + 1)

    tenant.verifies(payment.merchant_order_id)

    assert [call.name for call in phonepe.simulator.calls] == ["oauth", "pay", "oauth", "order_status"]
    after = business_calls(phonepe)[-1]
    assert after.status == 200
    assert after.headers["Authorization"] != before.headers["Authorization"]


def test_a2_a_token_near_its_end_serves_while_no_new_one_is_to_be_had(
    tenant: Caller, phonepe: PhonePe, days: Days, payment: Any
) -> None:
    days.pass_by(LIFETIME - 30)
    phonepe.simulator.faults.add(Fault("server_error", call="oauth"))

    tenant.verifies(payment.merchant_order_id)

    assert business_calls(phonepe)[-1].status == 200


def test_a2_without_a_good_token_nothing_is_sent(tenant: Caller, phonepe: PhonePe, days: Days, payment: Any) -> None:
    days.pass_by(LIFETIME + 1)
    phonepe.simulator.faults.add(Fault("server_error", call="oauth"))

    answer = tenant.verifies(payment.merchant_order_id)

    assert answer.json()["state"] == "PENDING"
    assert len(business_calls(phonepe)) == 1  # the pay call of before


def test_a3_fifty_payments_of_one_lifetime_take_one_token(phonepe: PhonePe, days: Days) -> None:
    for number in range(50):
        PhonePeService().create_order(unsaved_order(f"ZLT-{number}"))
        days.pass_by(10)

    assert len(phonepe.orders_taken()) == 50
    assert tokens_fetched(phonepe) == 1


def test_a3_threads_that_start_together_take_one_token(phonepe: PhonePe) -> None:
    def ask(number: int) -> None:
        with pytest.raises(PhonePeUnknownId):
            PhonePeService().order_status(f"ZLT-{number}")

    with ThreadPoolExecutor(8) as crowd:
        list(crowd.map(ask, range(24)))

    assert len(business_calls(phonepe)) == 24
    assert tokens_fetched(phonepe) == 1


def test_a4_a_refused_token_is_renewed_and_the_call_repeated(
    tenant: Caller, phonepe: PhonePe, days: Days, payment: Any
) -> None:
    phonepe.pays(payment)
    days.pass_by(10)
    phonepe.simulator.faults.add(Fault("token_revoked", call="order_status", times=1))

    answer = tenant.verifies(payment.merchant_order_id)

    assert answer.json()["state"] == "COMPLETED"
    assert [call.status for call in phonepe.was_asked(payment)] == [401, 200]
    assert tokens_fetched(phonepe) == 2


def test_a4_a_refused_pay_call_is_repeated_and_makes_one_order(tenant: Caller, phonepe: PhonePe) -> None:
    phonepe.simulator.faults.add(Fault("token_revoked", call="pay", times=1))

    answer = tenant.starts_rent()

    assert answer.status_code == 201
    assert [call.status for call in phonepe.orders_taken()] == [401, 200]
    assert len(phonepe.simulator.orders) == 1


def test_a4_a_second_refusal_is_an_error_and_no_loop(phonepe: PhonePe) -> None:
    phonepe.simulator.faults.add(Fault("token_revoked", call="order_status"))

    with pytest.raises(PhonePeUnauthorised):
        PhonePeService().order_status("ZLT-1")

    assert len(phonepe.was_asked()) == 2
    assert tokens_fetched(phonepe) <= 3


def test_a4_wrong_credentials_are_an_error_and_no_loop(phonepe: PhonePe, settings: Any) -> None:
    settings.PHONEPE_CLIENT_SECRET = "of another client"

    with pytest.raises(PhonePeError):
        PhonePeService().order_status("ZLT-1")

    assert [call.name for call in phonepe.simulator.calls] == ["oauth"]


def test_a5_a_token_is_asked_for_with_the_four_form_fields(phonepe: PhonePe, payment: Any) -> None:
    [call] = phonepe.simulator.calls_to("oauth")

    assert call.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert call.body == {
        "client_id": settings.PHONEPE_CLIENT_ID,
        "client_secret": settings.PHONEPE_CLIENT_SECRET,
        "client_version": str(settings.PHONEPE_CLIENT_VERSION),
        "grant_type": "client_credentials",
    }


def test_a5_every_call_carries_the_token_under_phonepes_scheme(
    tenant: Caller, phonepe: PhonePe, days: Days, payment: Any
) -> None:
    days.pass_by(5)
    tenant.verifies(payment.merchant_order_id)

    calls = business_calls(phonepe)
    assert [call.name for call in calls] == ["pay", "order_status"]
    for call in calls:
        scheme, _, token = call.headers["Authorization"].partition(" ")
        assert scheme == "O-Bearer"
        assert token
