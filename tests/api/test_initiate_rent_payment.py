"""POST /api/payments/initiate-rent-payment/"""

import json
import time
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from core.models import Payment, PaymentTransaction, Tenancy
from core.services.payments.checkout import PaymentSlot
from core.services.phonepe_service import PhonePeService
from phonepe_simulator import Fault
from tests.api.answers import assert_problem
from tests.people import Caller, make_owner, make_tenancy, make_tenant
from tests.phonepe import Days, PhonePe

PATH = "/api/payments/initiate-rent-payment/"
OTHER_DIGITS = [r'"\uff11\uff15\uff10"', r'"\u0667\u0660"', r'"\u0967\u0966"']  # that int() and Decimal() would take


def modes_asked_for(phonepe: PhonePe) -> list[dict[str, Any]]:
    [call] = phonepe.orders_taken()
    return list(call.body["paymentFlow"]["paymentModeConfig"]["enabledPaymentModes"])


class TestInitiateRentPayment:
    def test_it_gives_the_tenant_a_pay_page(self, tenant: Caller, phonepe: PhonePe) -> None:
        answer = tenant.starts_rent("15000.00")

        assert answer.status_code == 201
        body = answer.json()
        order = phonepe.simulator.orders[body["merchant_order_id"]]
        assert body == {
            "success": True,
            "payment_id": Payment.objects.get().pk,
            "merchant_order_id": order.merchant_order_id,
            "order_id": order.order_id,
            "state": "PENDING",
            "redirect_url": PaymentTransaction.objects.get().redirect_url,
            "expire_at": "2026-04-10T06:50:00Z",
            "amount": "15000.00",
        }
        assert order.amount == 15_000_00
        assert Payment.objects.get().status == "pending"

    def test_the_redirect_url_is_handed_on_as_phonepe_wrote_it(self, tenant: Caller, phonepe: PhonePe) -> None:
        phonepe.simulator.faults.add(Fault("awkward_url", "pay"))

        url = tenant.starts_rent().json()["redirect_url"]

        assert "%2B" in url
        assert "=" in url

    def test_phonepe_sends_the_payer_back_to_our_page(self, tenant: Caller, phonepe: PhonePe) -> None:
        merchant_order_id = tenant.starts_rent().json()["merchant_order_id"]

        [call] = phonepe.orders_taken()
        assert call.body["paymentFlow"]["merchantUrls"] == {
            "redirectUrl": f"https://zelton.test/payments/return/{merchant_order_id}/"
        }
        assert call.body["expireAfter"] == settings.PHONEPE_ORDER_EXPIRE_AFTER

    def test_the_mobile_sdk_gets_a_token_instead(self, tenant: Caller, phonepe: PhonePe) -> None:
        answer = tenant.starts_rent(channel="mobile_sdk")

        assert answer.status_code == 201
        assert answer.json()["token"] == PaymentTransaction.objects.get().order_token
        assert "redirect_url" not in answer.json()
        assert [call.name for call in phonepe.orders_taken()] == ["sdk_order"]

    def test_part_of_the_rent_can_be_paid(self, tenant: Caller, phonepe: PhonePe) -> None:
        assert tenant.starts_rent("14999.00").status_code == 201
        assert PaymentTransaction.objects.get().amount_paise == 14_999_00

    @pytest.mark.parametrize("written", ["15000", "15000.00", "15000.0", '"15000"', '"15000.0"', '"15000.00"'])
    def test_an_amount_is_taken_exactly(self, tenant: Caller, phonepe: PhonePe, written: str) -> None:
        answer = tenant.post(PATH, f'{{"amount": {written}}}')

        assert answer.status_code == 201
        assert PaymentTransaction.objects.get().amount_paise == 15_000_00


BAD_AMOUNTS = [
    '"0"', '"0.00"', '"-1"', '"-0"', '"0.99"', '"1.001"', '"1.000"', '"1e3"', '"1E3"', '"NaN"', '"Infinity"', '""',
    '" "', "null", "[]", '["1500.00"]', "{}", '{"value": "1500.00"}', "true", "false", *OTHER_DIGITS,
    '" 5"', '"5 "', '"5\\n"', '"+5"', '"5."', '".5"', '"1,500.00"', '"₹1500"', '"1_000"', '"0x10"', '"5\\u0000"',
    '"15000.01"', '"15001"', '"14999.01"', '"14999.50"', '"14999.99"', '"999999999.99"', f'"{"9" * 40}"',
    "0", "-1", "0.99", "1.001", "1e3", "1E+3", "1e20", "15000.01", "14999.5", "9" * 40, "-0.0", "15000.000",
]  # fmt: skip


class TestBadAmounts:
    @pytest.mark.parametrize("written", BAD_AMOUNTS)
    def test_it_is_a_400_and_phonepe_is_not_called(self, tenant: Caller, phonepe: PhonePe, written: str) -> None:
        answer = tenant.post(PATH, f'{{"amount": {written}}}')

        assert_problem(answer, 400, field="amount")
        assert not phonepe.simulator.calls
        assert not PaymentTransaction.objects.exists()

    def test_it_has_to_be_given(self, tenant: Caller, phonepe: PhonePe) -> None:
        assert_problem(tenant.post(PATH, {}), 400, "invalid", field="amount")

    def test_more_than_is_due_is_told_what_is_due(self, tenant: Caller, phonepe: PhonePe) -> None:
        body = assert_problem(tenant.starts_rent("15000.01"), 400, "amount_above_due")

        assert body["error"] == "You can pay at most ₹15,000.00."

    def test_a_rest_that_could_never_be_paid_is_refused(self, tenant: Caller, phonepe: PhonePe) -> None:
        body = assert_problem(tenant.starts_rent("14999.50"), 400, "rest_too_small")

        assert "₹0.50" in body["error"]

    def test_when_nothing_is_due_nothing_can_be_paid(self, tenant: Caller, paid: Payment, phonepe: PhonePe) -> None:
        calls = len(phonepe.simulator.calls)

        body = assert_problem(tenant.starts_rent("1.00"), 400, "amount_above_due")

        assert body["error"] == "No rent is due now."
        assert len(phonepe.simulator.calls) == calls


class TestPaymentModes:
    def test_they_reach_phonepe(self, tenant: Caller, phonepe: PhonePe) -> None:
        assert tenant.starts_rent(payment_modes=["UPI_QR", "CARD"]).status_code == 201

        assert modes_asked_for(phonepe) == [
            {"type": "CARD", "cardTypes": ["DEBIT_CARD", "CREDIT_CARD"]},
            {"type": "UPI_QR"},
        ]

    def test_the_same_one_twice_is_one(self, tenant: Caller, phonepe: PhonePe) -> None:
        assert tenant.starts_rent(payment_modes=["UPI_QR", "UPI_QR"]).status_code == 201

        assert modes_asked_for(phonepe) == [{"type": "UPI_QR"}]

    def test_their_order_makes_no_other_payment(self, tenant: Caller, phonepe: PhonePe) -> None:
        first = tenant.starts_rent(payment_modes=["UPI_QR", "CARD"])

        again = tenant.starts_rent(payment_modes=["CARD", "UPI_QR", "CARD"])

        assert (again.status_code, again.json()) == (200, first.json())

    @pytest.mark.parametrize("modes", [[], ["WALLET"], ["card"], "CARD", {"type": "CARD"}, [None], [["CARD"]], None, 7])
    def test_what_is_not_one_is_refused(self, tenant: Caller, phonepe: PhonePe, modes: Any) -> None:
        assert_problem(tenant.starts_rent(payment_modes=modes), 400, "invalid", field="payment_modes")
        assert not phonepe.simulator.calls

    @pytest.mark.parametrize("channel", ["app", "", None, 1, ["redirect"]])
    def test_a_channel_that_there_is_not_is_refused(self, tenant: Caller, phonepe: PhonePe, channel: Any) -> None:
        assert_problem(tenant.starts_rent(channel=channel), 400, "invalid", field="channel")
        assert not phonepe.simulator.calls


class TestWhoseTenancy:
    def test_anothers_is_not_there(self, tenant: Caller, other_tenancy: Tenancy, phonepe: PhonePe) -> None:
        assert_problem(tenant.starts_rent(tenancy=other_tenancy.pk), 404, "not_found")
        assert not phonepe.simulator.calls

    def test_the_only_one_need_not_be_named(
        self, tenant: Caller, tenancy: Tenancy, other_tenancy: Tenancy, phonepe: PhonePe
    ) -> None:
        assert tenant.starts_rent().status_code == 201
        assert Payment.objects.get().tenancy == tenancy

    def test_who_rents_nothing_pays_for_nobody(self, tenancy: Tenancy, phonepe: PhonePe) -> None:
        body = assert_problem(Caller(make_tenant("lata").user).starts_rent(), 400, "invalid", field="tenancy")

        assert body["error"] == "You have no tenancy."
        assert not phonepe.simulator.calls

    def test_ones_own_can_be_named(self, tenant: Caller, tenancy: Tenancy, phonepe: PhonePe) -> None:
        assert tenant.starts_rent(tenancy=tenancy.pk).status_code == 201

    @pytest.mark.parametrize("named", [0, -1, "abc", [], 2**64, True, 1.5, ""])
    def test_what_is_not_one_is_refused(self, tenant: Caller, phonepe: PhonePe, named: Any) -> None:
        assert tenant.starts_rent(tenancy=named).status_code in {400, 404}
        assert not phonepe.simulator.calls

    def test_with_two_it_has_to_be_named(self, tenant: Caller, tenancy: Tenancy, phonepe: PhonePe) -> None:
        second = make_tenancy(make_owner("lata"), tenancy.tenant, starts_on=date(2026, 4, 1))

        assert_problem(tenant.starts_rent(), 400, field="tenancy")
        assert not phonepe.simulator.calls
        assert tenant.starts_rent(tenancy=tenancy.pk).status_code == 201
        assert tenant.starts_rent(tenancy=second.pk).status_code == 201

    def test_owners_and_staff_pay_no_rent(self, owner: Caller, operator: Caller, phonepe: PhonePe) -> None:
        for caller in (owner, operator):
            assert_problem(caller.starts_rent(), 403, "permission_denied")
        assert not phonepe.simulator.calls

    def test_a_former_tenant_still_pays_what_they_owe(self, tenant: Caller, tenancy: Tenancy, phonepe: PhonePe) -> None:
        Tenancy.objects.update(ends_on=date(2026, 4, 2))

        assert tenant.starts_rent().status_code == 201


class TestOneCurrentOrder:
    def test_two_taps_give_the_same_page(self, tenant: Caller, payment: Payment, phonepe: PhonePe) -> None:
        again = tenant.starts_rent()

        assert again.status_code == 200
        assert again.json()["merchant_order_id"] == payment.merchant_order_id
        assert len(phonepe.orders_taken()) == 1
        assert not phonepe.was_asked()

    def test_two_taps_give_ones_own_page_whatever_others_pay(
        self, tenant: Caller, payment: Payment, stranger: Caller, phonepe: PhonePe
    ) -> None:
        assert stranger.starts_rent().status_code == 201

        again = tenant.starts_rent()

        assert (again.status_code, again.json()["merchant_order_id"]) == (200, payment.merchant_order_id)

    def test_what_cannot_be_paid_leaves_the_current_order_alone(
        self, tenant: Caller, payment: Payment, phonepe: PhonePe
    ) -> None:
        assert_problem(tenant.starts_rent("15000.01"), 400, "amount_above_due")

        payment.refresh_from_db()
        assert payment.status == "pending"
        assert not phonepe.was_asked()

    def test_an_order_that_ends_between_two_looks_makes_room(
        self, tenant: Caller, payment: Payment, phonepe: PhonePe, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        current, ended = PaymentSlot.current, []

        def ends_first(slot: PaymentSlot) -> Any:
            if not ended:
                phonepe.fails(payment)
                ended.append(tenant.verifies(payment.merchant_order_id).json()["state"])
            return current(slot)

        monkeypatch.setattr(PaymentSlot, "current", ends_first)

        assert tenant.starts_rent().status_code == 201
        assert ended == ["FAILED"]

    def test_should_the_lock_fail_the_database_holds_it(
        self, tenant: Caller, payment: Payment, phonepe: PhonePe, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        books = PaymentSlot.books
        monkeypatch.setattr(PaymentSlot, "books", lambda slot: books(slot) | {"is_taken": False})

        again = tenant.starts_rent()

        assert (again.status_code, again.json()["merchant_order_id"]) == (200, payment.merchant_order_id)
        assert len(phonepe.orders_taken()) == 1

    @pytest.mark.parametrize("other", [{"amount": "100.00"}, {"channel": "mobile_sdk"}, {"payment_modes": ["CARD"]}])
    def test_another_wish_takes_its_place_once_phonepe_was_asked(
        self, tenant: Caller, payment: Payment, phonepe: PhonePe, other: dict[str, Any]
    ) -> None:
        answer = tenant.starts_rent(**{"amount": "15000.00", **other})

        assert answer.status_code == 201
        assert answer.json()["merchant_order_id"] != payment.merchant_order_id
        assert len(phonepe.was_asked(payment)) == 1
        payment.refresh_from_db()
        assert payment.status == "cancelled"
        assert payment.transaction.changes.filter(new="cancelled", cause="replaced").exists()

    @pytest.mark.parametrize(("seconds_left", "status"), [(61, 200), (60, 201), (1, 201), (-10, 201)])
    def test_a_page_is_handed_back_while_it_is_worth_it(
        self, tenant: Caller, payment: Payment, days: Days, seconds_left: int, status: int
    ) -> None:
        days.pass_by(1200 - seconds_left)

        assert tenant.starts_rent().status_code == status

    def test_what_is_paid_meanwhile_is_not_paid_twice(self, tenant: Caller, payment: Payment, phonepe: PhonePe) -> None:
        phonepe.pays(payment)

        assert_problem(tenant.starts_rent("100.00"), 409, "already_paid")

        payment.refresh_from_db()
        assert payment.status == "completed"
        assert len(phonepe.orders_taken()) == 1

    def test_another_amount_than_was_asked_for_is_looked_at_first(
        self, tenant: Caller, payment: Payment, phonepe: PhonePe
    ) -> None:
        phonepe.pays(payment)
        phonepe.simulator.faults.add(Fault("wrong_amount", "order_status"))
        assert tenant.verifies(payment.merchant_order_id).json()["state"] == "PENDING"

        assert_problem(tenant.starts_rent(), 409, "payment_under_review")
        assert_problem(tenant.starts_rent("100.00"), 409, "payment_under_review")
        assert len(phonepe.orders_taken()) == 1

    def test_also_where_that_is_only_heard_when_the_next_one_is_begun(
        self, tenant: Caller, payment: Payment, phonepe: PhonePe
    ) -> None:
        phonepe.pays(payment)
        phonepe.simulator.faults.add(Fault("wrong_amount", "order_status"))

        assert_problem(tenant.starts_rent("100.00"), 409, "payment_under_review")

        payment.refresh_from_db()
        assert (payment.status, payment.transaction.reconciliation_status) == ("pending", "mismatch")
        assert len(phonepe.orders_taken()) == 1

    def test_after_a_failure_one_tries_again(self, tenant: Caller, payment: Payment, phonepe: PhonePe) -> None:
        phonepe.fails(payment)
        tenant.verifies(payment.merchant_order_id)

        assert tenant.starts_rent().status_code == 201

    def test_another_amount_waits_while_somebody_asks_about_the_last_one(
        self, tenant: Caller, payment: Payment, phonepe: PhonePe, days: Days
    ) -> None:
        days.pass_by(5)
        PaymentTransaction.objects.update(asked_at=days.now())

        assert_problem(tenant.starts_rent("5000.00"), 409, "still_running")
        assert Payment.objects.get().status == "pending"

    @pytest.mark.parametrize("seconds_ago", [0, 2, 2.9])
    def test_another_amount_goes_at_once_if_phonepe_has_just_said_that_the_last_one_is_open(
        self, tenant: Caller, payment: Payment, phonepe: PhonePe, days: Days, seconds_ago: float
    ) -> None:
        days.pass_by(5)
        assert tenant.verifies(payment.merchant_order_id).json()["state"] == "PENDING"
        days.pass_by(seconds_ago)

        assert tenant.starts_rent("5000.00").status_code == 201
        payment.refresh_from_db()
        assert payment.status == "cancelled"
        assert len(phonepe.was_asked(payment)) == 1

    @pytest.mark.parametrize(
        ("theirs", "kept"), [(None, 1200), (-1, 1200), (0, 1200), (1, 1), (7199, 7199), (7200, 1200), (10**9, 1200)]
    )
    def test_an_expiry_that_can_be_none_leaves_ours(
        self,
        tenant: Caller,
        phonepe: PhonePe,
        days: Days,
        monkeypatch: pytest.MonkeyPatch,
        theirs: int | None,
        kept: int,
    ) -> None:
        """No order lives for two hours. Seconds from now on."""
        create_order = PhonePeService.create_order
        told = None if theirs is None else days.now() + timedelta(seconds=theirs)
        monkeypatch.setattr(PhonePeService, "create_order", lambda *args: replace(create_order(*args), expire_at=told))

        answer = tenant.starts_rent().json()

        expire_at = days.now() + timedelta(seconds=kept)
        assert datetime.fromisoformat(answer["expire_at"]) == PaymentTransaction.objects.get().expire_at == expire_at

    def test_a_tap_while_the_pay_call_runs_waits_and_then_gives_way(
        self, tenant: Caller, phonepe: PhonePe, days: Days, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(time, "sleep", days.pass_by)
        monkeypatch.setattr(time, "monotonic", lambda: days.now().timestamp())
        create_order, taps = PhonePeService.create_order, []

        def tapped_meanwhile(service: PhonePeService, order: PaymentTransaction) -> Any:
            taps.append((tenant.starts_rent(), days.now()))
            return create_order(service, order)

        monkeypatch.setattr(PhonePeService, "create_order", tapped_meanwhile)
        before = days.now()
        first = tenant.starts_rent()

        [(second, at)] = taps
        assert first.status_code == 201
        assert_problem(second, 409, "still_running")
        assert int(second.headers["Retry-After"]) >= 1
        assert 2.0 <= (at - before).total_seconds() <= 2.15  # ten looks a second
        assert Payment.objects.count() == 1

    def test_a_tap_waits_for_a_call_that_died_as_long_as_it_could_have_lasted(
        self, tenant: Caller, phonepe: PhonePe, days: Days, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Eight seconds, and five more."""

        def dies(*_: Any) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(time, "sleep", days.pass_by)
        began = days.now()
        with monkeypatch.context() as crash:
            crash.setattr(PhonePeService, "create_order", dies)
            with pytest.raises(KeyboardInterrupt):
                tenant.starts_rent()
        days.pass_by(12.85)

        assert tenant.starts_rent().status_code == 201

        assert (days.now() - began).total_seconds() == pytest.approx(13.05)
        assert sorted(Payment.objects.values_list("status", flat=True)) == ["cancelled", "pending"]


class TestPhonePeInTrouble:
    @pytest.mark.parametrize(
        "kind",
        ["timeout_before", "timeout_after", "cut_before", "cut_after", "server_error", "server_error_after",
         "bad_gateway", "unavailable", "rate_limited", "html_answer", "broken_json", "empty_object"],
    )  # fmt: skip
    def test_it_is_a_503_with_a_sentence(self, tenant: Caller, phonepe: PhonePe, kind: str) -> None:
        phonepe.simulator.faults.add(Fault(kind, "pay"))

        answer = tenant.starts_rent()

        body = assert_problem(answer, 503, "phonepe_unknown")
        assert "Nothing has been charged" in body["error"]
        assert int(answer.headers["Retry-After"]) > 0
        assert Payment.objects.get().status == "pending"

    def test_what_is_unknown_of_the_last_payment_is_said_of_that_one(
        self, tenant: Caller, phonepe: PhonePe, days: Days
    ) -> None:
        """It may have been paid, so nobody says that nothing was charged."""
        phonepe.pays(tenant.starts_rent("15000.00"))
        days.pass_by(5)
        phonepe.simulator.faults.add(Fault("timeout_before", "order_status"))

        body = assert_problem(tenant.starts_rent("9000.00"), 503, "phonepe_unknown")

        assert "your last payment" in body["error"]
        assert "Nothing has been charged" not in body["error"]

    @pytest.mark.parametrize("kind", ["timeout_before", "timeout_after", "server_error_after"])
    def test_the_next_tap_goes_on(self, tenant: Caller, phonepe: PhonePe, kind: str) -> None:
        phonepe.simulator.faults.add(Fault(kind, "pay", times=1))
        tenant.starts_rent()

        answer = tenant.starts_rent()

        assert answer.status_code == 201
        assert sorted(Payment.objects.values_list("status", flat=True)) == ["cancelled", "pending"]

    def test_a_call_that_is_still_made_for_another_goes_on(
        self, tenant: Caller, payment: Payment, stranger: Caller, phonepe: PhonePe, days: Days
    ) -> None:
        PaymentTransaction.objects.update(calling_until=days.now() + timedelta(seconds=13))
        before = PaymentTransaction.objects.values().get()
        phonepe.simulator.faults.add(Fault("timeout_before", "pay"))

        assert_problem(stranger.starts_rent(), 503, "phonepe_unknown")

        assert PaymentTransaction.objects.values().get(pk=payment.transaction_id) == before

    def test_while_phonepe_is_silent_the_first_order_keeps_its_place(self, tenant: Caller, phonepe: PhonePe) -> None:
        phonepe.simulator.faults.add(Fault("timeout_after"))
        tenant.starts_rent()

        assert_problem(tenant.starts_rent(), 503, "phonepe_unknown")

        assert Payment.objects.get().status == "pending"

    def test_no_token_is_a_503_too(self, tenant: Caller, phonepe: PhonePe) -> None:
        phonepe.simulator.faults.add(Fault("server_error", "oauth"))

        assert_problem(tenant.starts_rent(), 503)

    def test_a_revoked_token_is_renewed_unseen(self, tenant: Caller, payment: Payment, phonepe: PhonePe) -> None:
        phonepe.simulator.revoke_tokens()

        assert tenant.starts_rent("100.00").status_code == 201


class TestWhatIsNoRequest:
    @pytest.mark.parametrize("body", ["{", "", "amount=5", "nul", '{"amount": NaN}', '{"amount": Infinity}', "\udcff"])
    def test_bad_json_is_a_400(self, tenant: Caller, phonepe: PhonePe, body: str) -> None:
        raw = body.encode(errors="surrogateescape")
        assert_problem(tenant.post(PATH, raw or b" "), 400)
        assert not phonepe.simulator.calls

    def test_json_nested_too_deep_is_a_400(self, tenant: Caller, phonepe: PhonePe) -> None:
        assert_problem(tenant.post(PATH, '{"amount":' + "[" * 100_000), 400)

    @pytest.mark.parametrize("body", ["[]", '"15000.00"', "15000", "null", "true"])
    def test_it_has_to_be_an_object(self, tenant: Caller, phonepe: PhonePe, body: str) -> None:
        answer = tenant.post(PATH, body)

        assert assert_problem(answer, 400)["error"] == "The body must be a JSON object."
        assert not phonepe.simulator.calls

    def test_another_content_type_is_a_415(self, tenant: Caller, phonepe: PhonePe) -> None:
        headers = {"Authorization": f"Token {tenant.token}"}
        for content_type in ("text/plain", "application/x-www-form-urlencoded", "application/xml"):
            body = json.dumps({"amount": "15000.00"})
            answer = Client().post(PATH, body, content_type=content_type, headers=headers)
            assert_problem(answer, 415)
        assert not phonepe.simulator.calls

    def test_another_method_is_a_405(self, tenant: Caller, phonepe: PhonePe) -> None:
        assert_problem(tenant.get(PATH), 405)

    def test_an_unknown_path_is_a_404(self, tenant: Caller) -> None:
        for path in ("/api/nothing/", "/nothing", PATH.rstrip("/")):
            told = assert_problem(tenant.post(path), 404, "not_found")["detail"]
            assert ("Paths end in a slash." in told) is not path.endswith("/")

    def test_without_a_token_it_is_a_401(self, db: None) -> None:
        assert_problem(Client().post(PATH, {"amount": "1"}, content_type="application/json"), 401, "not_authenticated")

    def test_fields_that_nobody_knows_are_ignored(self, tenant: Caller, phonepe: PhonePe) -> None:
        assert tenant.starts_rent(status="completed", merchant_order_id="MINE", user=1).status_code == 201
        assert Payment.objects.get().merchant_order_id != "MINE"
