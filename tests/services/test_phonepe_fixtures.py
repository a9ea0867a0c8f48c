"""Every answer and letter that PhonePe's documentation prints, fed through the code under the official SDK."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine

from core.models import Payment, PaymentStatus, WebhookEvent, WebhookOutcome
from core.models.orders import Channel
from core.services.phonepe.errors import (
    PhonePeError,
    PhonePeOutcomeUnknown,
    PhonePeRejected,
    PhonePeUnauthorised,
    PhonePeUnavailable,
    PhonePeUnknownId,
)
from core.services.phonepe_service import PhonePeService
from tests.clocks import START
from tests.people import Caller
from tests.phonepe import Days, PhonePe
from tests.uat.scripted import Scripted, put_under_sdk
from tests.uat.world import captures, delivers, tick_when_due, unsaved_order

FOLDER = Path(__file__).parents[1] / "fixtures" / "phonepe"
ORDER_NOT_FOUND = ["error_invalid_merchant_order_id", "error_merchant_order_mapping_not_found", "error_order_not_found"]
UNAUTHORISED = ["error_authorization_failed", "error_authorization_failed_with_success_flag"]


def names(prefix: str) -> list[str]:
    found = sorted(path.stem for path in FOLDER.glob(f"{prefix}*.json"))
    assert found, f"there are fixtures {prefix}*"
    return found


def fixture(name: str) -> Any:
    return json.loads((FOLDER / f"{name}.json").read_text())


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch) -> Scripted:
    """PhonePe says what the test says."""
    adapter = Scripted()
    put_under_sdk(monkeypatch, adapter)
    return adapter


class TestPay:
    """A pay answer is a page or an order token; anything else leaves the outcome unknown."""

    def test_the_pay_page_is_read(self, line: Scripted) -> None:
        body = fixture("pay_response_standard")
        line.says(body)

        checkout = PhonePeService().create_order(unsaved_order())

        assert (checkout.order_id, checkout.redirect_url, checkout.token) == ("OMO123456789", body["redirectUrl"], "")
        assert checkout.state == "PENDING"
        assert checkout.expire_at is not None
        assert checkout.expire_at.isoformat() == "2023-12-28T09:37:39.307000+00:00"

    def test_the_order_token_is_read(self, line: Scripted) -> None:
        line.says({**fixture("pay_response_sdk_order"), "token": "order-token=="})

        checkout = PhonePeService().create_order(unsaved_order(channel=Channel.MOBILE_SDK))

        assert (checkout.order_id, checkout.redirect_url, checkout.token) == ("OMO123456789", "", "order-token==")
        assert "order-token" not in repr(checkout)

    @pytest.mark.parametrize("name", names("pay_response_"))
    def test_what_can_be_paid_is_told_and_what_cannot_is_unknown(self, line: Scripted, name: str) -> None:
        body = fixture(name)
        line.says(body)

        if body.get("redirectUrl") or body.get("token"):
            assert PhonePeService().create_order(unsaved_order()).order_id == body["orderId"]
        else:
            with pytest.raises(PhonePeOutcomeUnknown):
                PhonePeService().create_order(unsaved_order())

    @pytest.mark.parametrize("name", names("pay_response_"))
    def test_the_tenant_gets_a_page_or_a_sentence(self, tenant: Caller, line: Scripted, name: str) -> None:
        body = fixture(name)
        line.says(body)

        answer = tenant.starts_rent()

        payment = Payment.objects.get()
        assert payment.status == PaymentStatus.PENDING
        assert payment.transaction.calling_until is None
        if body.get("redirectUrl"):
            assert answer.status_code == 201
            assert answer.json()["redirect_url"] == body["redirectUrl"]
            assert payment.transaction.expire_at == START + timedelta(seconds=1200), "no order ends before it began"
        else:
            assert (answer.status_code, answer.json()["code"]) == (503, "phonepe_unknown")
            assert payment.transaction.next_check_at == START + timedelta(seconds=20)


class TestToken:
    def test_the_printed_token_is_used_until_its_second(self, line: Scripted) -> None:
        line.token = fixture("oauth_response")
        line.says({"state": "PENDING"})
        with time_machine.travel(line.token["issued_at"], tick=False) as clock:
            PhonePeService().order_status("ZLT-1")
            clock.move_to(line.token["expires_at"] - 61)
            PhonePeService().order_status("ZLT-1")
            sent = [request for request in line.requests if "/order/" in str(request.url)]
            fetched = len(line.requests) - len(sent)

        assert fetched == 1
        assert {str(request.headers["Authorization"]) for request in sent} == {f"O-Bearer {line.token['access_token']}"}

    @pytest.mark.parametrize("name", ["error_oauth_invalid_client", *UNAUTHORISED, "error_bad_request"])
    @pytest.mark.parametrize("status", [400, 401, 403])
    def test_no_token_for_us_is_said_so(self, line: Scripted, name: str, status: int) -> None:
        line.token, line.token_status = fixture(name), status

        with pytest.raises(PhonePeUnauthorised):
            PhonePeService().order_status("ZLT-1")

        assert len(line.requests) == 1

    @pytest.mark.parametrize("status", [429, 500, 503])
    def test_no_token_for_now_had_no_effect(self, line: Scripted, status: int) -> None:
        line.token, line.token_status = fixture("error_internal_server_error"), status

        with pytest.raises(PhonePeUnavailable):
            PhonePeService().create_order(unsaved_order())

        assert len(line.requests) == 1

    @pytest.mark.parametrize(
        "spoiled",
        [
            {"access_token": None},
            {"access_token": ""},
            {"expires_at": None},
            {"expires_at": "1706697605"},
            {"token_type": None},
            {"token_type": 7},
            {"access_token": "t\r\nX-Evil: 1"},
            {"access_token": "\u0939"},
            {"access_token": "\ud800"},
            {"expires_at": 10**400},
        ],
    )
    def test_a_token_that_is_none_is_not_kept(self, line: Scripted, spoiled: dict[str, Any]) -> None:
        good = fixture("oauth_response")
        line.token = {**good, **spoiled}
        line.says({"state": "PENDING"})
        with time_machine.travel(good["issued_at"], tick=False):
            with pytest.raises(PhonePeUnavailable):
                PhonePeService().order_status("ZLT-1")
            line.token = good
            assert PhonePeService().order_status("ZLT-1").state == "PENDING"


class TestErrors:
    @pytest.mark.parametrize("name", ORDER_NOT_FOUND)
    @pytest.mark.parametrize("status", [400, 404])
    def test_every_way_to_say_not_found_is_understood(self, line: Scripted, name: str, status: int) -> None:
        line.says(fixture(name), status)

        with pytest.raises(PhonePeUnknownId) as told:
            PhonePeService().order_status("ZLT-1")

        assert told.value.code == fixture(name)["code"]

    @pytest.mark.parametrize("name", UNAUTHORISED)
    def test_a_refused_token_is_renewed_once_and_then_an_error(self, line: Scripted, name: str) -> None:
        line.says(fixture(name), 401)

        with pytest.raises(PhonePeUnauthorised):
            PhonePeService().order_status("ZLT-1")

        assert len([request for request in line.requests if "/order/" in str(request.url)]) == 2

    def test_a_refusal_keeps_phonepes_code(self, line: Scripted) -> None:
        line.says(fixture("error_bad_request"), 400)

        with pytest.raises(PhonePeRejected) as told:
            PhonePeService().create_order(unsaved_order())

        assert (told.value.code, told.value.http_status) == ("BAD_REQUEST", 400)
        assert not isinstance(told.value, PhonePeUnknownId)

    def test_its_own_trouble_leaves_the_outcome_unknown(self, line: Scripted) -> None:
        line.says(fixture("error_internal_server_error"), 500)

        with pytest.raises(PhonePeOutcomeUnknown):
            PhonePeService().create_order(unsaved_order())

    @pytest.mark.parametrize("name", names("error_"))
    @pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 417, 422, 429, 500, 503])
    def test_every_printed_error_is_one_of_ours(self, line: Scripted, name: str, status: int) -> None:
        line.says(fixture(name), status)

        with pytest.raises(PhonePeError) as told:
            PhonePeService().create_order(unsaved_order())

        if status >= 500:
            assert isinstance(told.value, PhonePeOutcomeUnknown)
        if status == 429:
            assert isinstance(told.value, PhonePeUnavailable)

    @pytest.mark.parametrize("name", names("error_"))
    def test_an_error_with_status_200_is_no_answer(self, line: Scripted, name: str) -> None:
        line.says(fixture(name), 200)

        with pytest.raises(PhonePeOutcomeUnknown):
            PhonePeService().create_order(unsaved_order())


class TestLetters:
    @pytest.mark.parametrize("name", names("webhook_"))
    def test_every_printed_letter_is_kept_read_and_pays_nothing(
        self, payment: Payment, days: Days, name: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        body = (FOLDER / f"{name}.json").read_bytes()

        assert [delivers(body).status_code for _ in range(2)] == [200, 200]
        days.tick_for(1)

        event = WebhookEvent.objects.get()
        assert (bytes(event.body), event.deliveries) == (body, 2)
        assert event.processed_at is not None
        assert event.outcome not in (WebhookOutcome.WAITING, WebhookOutcome.UNREADABLE)
        assert event.event == fixture(name).get("event", fixture(name).get("type", ""))
        assert "webhook_not_processed" not in caplog.text
        payment.refresh_from_db()
        assert payment.status == PaymentStatus.PENDING
        assert captures() == 0

    @pytest.mark.parametrize("name", names("webhook_checkout_"))
    @pytest.mark.parametrize("named", ["merchantOrderId", "orderId"])
    def test_a_checkout_letter_about_our_order_makes_us_ask(
        self, phonepe: PhonePe, payment: Payment, days: Days, name: str, named: str
    ) -> None:
        order, body = payment.transaction, fixture(name)
        ours = {"merchantOrderId": order.merchant_order_id, "orderId": order.phonepe_order_id}
        told = {key: value for key, value in body["payload"].items() if key not in ours}
        days.pass_by(5)

        delivers({**body, "payload": {**told, named: ours[named]}})
        days.tick_for(1)

        assert len(phonepe.was_asked(payment)) == 1
        assert WebhookEvent.objects.get().outcome == WebhookOutcome.ASKED
        payment.refresh_from_db()
        assert payment.status == PaymentStatus.PENDING, "it is what PhonePe answers, not what the letter says"

    @pytest.mark.parametrize("name", names("webhook_checkout_"))
    def test_a_checkout_letter_about_a_paid_order_changes_nothing(
        self, phonepe: PhonePe, payment: Payment, days: Days, name: str
    ) -> None:
        phonepe.pays(payment)
        tick_when_due(days, 20)
        order, body = payment.transaction, fixture(name)
        ours = {"merchantOrderId": order.merchant_order_id, "amount": order.amount_paise}

        delivers({**body, "payload": {**body["payload"], **ours}})
        days.tick_for(10)

        payment.refresh_from_db()
        assert payment.status == PaymentStatus.COMPLETED
        says_otherwise = body["event"] == "checkout.order.failed"
        assert WebhookEvent.objects.get().outcome == (
            WebhookOutcome.CONTRADICTS if says_otherwise else WebhookOutcome.SETTLED
        )
