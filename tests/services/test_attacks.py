"""What bad luck or somebody with bad intentions could try, and the books or the service would not survive."""

from base64 import b64encode
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import IntegrityError
from django.test import Client
from requests import PreparedRequest, Response

from core.errors import NotUnderReview
from core.models import Alert, ChangeCause, Owner, Payment, PaymentTransaction, PricingPlan, Refund
from core.services import phonepe_service, worker
from core.services.payments import checkout, mismatches, order_status
from core.services.phonepe.errors import PhonePeOutcomeUnknown, PhonePeRejected
from core.services.phonepe.responses import read_order_status
from core.services.phonepe_service import PhonePeService
from phonepe_simulator import Fault
from phonepe_simulator.requests_adapter import SimulatorAdapter
from tests.people import Caller, make_owner, make_plan
from tests.phonepe import Days, PhonePe


@pytest.fixture
def paid(payment: Payment, phonepe: PhonePe, days: Days) -> Payment:
    """₹15,000.00 of rent that came."""
    phonepe.pays(payment)
    days.tick_for(21)
    return Payment.objects.get(pk=payment.pk)


class TestARefundThatIsSlowOnItsWay:
    @pytest.fixture
    def meanwhile(self, phonepe: PhonePe, monkeypatch: pytest.MonkeyPatch) -> list[Callable[[], Any]]:
        """Happens once, after our next refund left and before PhonePe has it."""
        happens: list[Callable[[], Any]] = []

        class Slow(SimulatorAdapter):
            def send(self, request: PreparedRequest, **kwargs: Any) -> Response:  # type: ignore[override]
                if request.method == "POST" and (request.url or "").endswith("/refund") and happens:
                    happens.pop()()
                return super().send(request, **kwargs)

        monkeypatch.setattr(phonepe_service, "Transport", lambda **_: Slow(phonepe.simulator))
        PhonePeService.forget_client()
        return happens

    def test_it_is_not_failed_because_its_repetition_was_faster(
        self, owner: Caller, paid: Payment, phonepe: PhonePe, days: Days, meanwhile: list[Callable[[], Any]]
    ) -> None:
        def the_operator_repeats_it() -> None:
            days.pass_by(4)
            worker.run(worker.REFUNDS, everything=True)

        meanwhile.append(the_operator_repeats_it)

        answer = owner.post(f"/api/payments/{paid.pk}/refund/", {"reason": "Moved out", "amount": "15000.00"})

        assert (answer.status_code, answer.json()["state"]) == (202, "PENDING")
        days.pass_by(3600)
        worker.tick()
        assert Refund.objects.get().state == "COMPLETED"
        assert phonepe.simulator.record()[paid.merchant_order_id]["refunded"] == 15_000_00


def posts(caller: Caller, path: str, raw: str, **headers: str) -> Any:
    """Post a body as it is written."""
    token = {"Authorization": f"Token {caller.token}"}
    return Client().post(path, raw, content_type="application/json", headers={**token, **headers})


class TestNumbersThatNobodyMeans:
    @pytest.mark.parametrize("number", ["1e1000000", "1e-1000000", "1e9999999999999999999999", "1E+31"])
    @pytest.mark.parametrize("path", ["payments/handle-payment-callback", "owner-subscriptions/initiate-payment"])
    def test_they_are_refused_at_once(self, owner: Caller, plan: PricingPlan, path: str, number: str) -> None:
        answer = posts(owner, f"/api/{path}/", f'{{"pricing_plan_id": {number}, "period": "monthly"}}')

        assert (answer.status_code, answer.json()["detail"]) == (400, "The body is not JSON.")

    @pytest.mark.parametrize("number", ["1.5", "1e30", "true", "null", "99999999999999999999999"])
    def test_a_plan_is_named_by_a_whole_number(self, owner: Caller, plan: PricingPlan, number: str) -> None:
        body = f'{{"pricing_plan_id": {number}, "period": "monthly"}}'

        answer = posts(owner, "/api/owner-subscriptions/initiate-payment/", body)

        assert answer.status_code == 400
        assert "pricing_plan_id" in answer.json()["errors"]


class TestATenantWhoLetsToo:
    def test_nobody_takes_their_own_rent_back(self, tenant: Caller, paid: Payment) -> None:
        Owner.objects.create(user=tenant.user, name="Ravi lets a garage")

        answer = tenant.post(f"/api/payments/{paid.pk}/refund/", {"reason": "I changed my mind"})

        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
        assert tenant.get(f"/api/payments/{paid.pk}/").status_code == 200
        assert not Refund.objects.exists()


class TestAPhonePeThatAnswersNothing:
    def test_an_expired_order_is_an_operators_to_know(self, payment: Payment, phonepe: PhonePe, days: Days) -> None:
        phonepe.simulator.faults.add(Fault(kind="server_error", call="order_status"))

        for _ in range(8):
            days.pass_by(600)
            worker.tick()

        assert Alert.objects.get().kind == "silent"
        order = PaymentTransaction.objects.get()
        assert order.reconciliation_status == "silent"
        assert order.next_check_at is not None

    def test_they_know_it_five_minutes_after_expiry(self, payment: Payment, phonepe: PhonePe, days: Days) -> None:
        phonepe.simulator.faults.add(Fault(kind="server_error", call="order_status"))
        expiry = PaymentTransaction.objects.get().expire_at
        days.pass_by((expiry - days.now()).total_seconds() + 240)
        worker.tick()
        assert not Alert.objects.exists()

        days.pass_by(61)
        worker.tick()
        assert Alert.objects.get().kind == "silent"

    @pytest.mark.parametrize("fault", ["server_error", "unknown_state"])
    def test_and_not_a_second_before(
        self, payment: Payment, phonepe: PhonePe, tenant: Caller, days: Days, fault: str
    ) -> None:
        """Neither where PhonePe says nothing, nor where it says what decides nothing."""
        phonepe.simulator.faults.add(Fault(kind=fault, call="order_status"))
        expiry = PaymentTransaction.objects.get().expire_at
        days.pass_by((expiry - days.now()).total_seconds() + 296)
        tenant.verifies(payment.merchant_order_id)
        assert not Alert.objects.exists()

        days.pass_by(4)
        tenant.verifies(payment.merchant_order_id)
        assert Alert.objects.get().kind == "silent"

    def test_a_refund_without_an_end_is_too(self, owner: Caller, paid: Payment, phonepe: PhonePe, days: Days) -> None:
        for call in ("refund", "refund_status"):
            phonepe.simulator.faults.add(Fault(kind="server_error", call=call))
        owner.post(f"/api/payments/{paid.pk}/refund/", {"reason": "Moved out"})

        for _ in range(12):
            days.pass_by(24 * 3600)
            worker.tick()

        assert Alert.objects.get().kind == "silent"
        assert Refund.objects.get().next_check_at is not None


class TestATapWhileAWebhookComesIn:
    def test_what_was_paid_is_not_replaced_unasked(
        self, tenant: Caller, payment: Payment, phonepe: PhonePe, days: Days, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        days.tick_for(600)
        phonepe.pays(payment)

        def hastened_first(order: PaymentTransaction, **how: Any) -> Any:
            PaymentTransaction.objects.filter(pk=order.pk).make_due(now=days.now())
            return order_status.ask_now(order, **how)

        monkeypatch.setattr(checkout, "ask_now", hastened_first)

        answer = tenant.starts_rent("14000.00")

        assert (answer.status_code, answer.json()["code"]) == (409, "still_running")
        assert len(phonepe.orders_taken()) == 1

    @pytest.mark.parametrize(("seconds_ago", "status"), [(2.9, 201), (3, 409)])
    def test_an_answer_is_as_good_as_asking_for_three_seconds(
        self,
        tenant: Caller,
        payment: Payment,
        phonepe: PhonePe,
        days: Days,
        monkeypatch: pytest.MonkeyPatch,
        seconds_ago: float,
        status: int,
    ) -> None:
        days.pass_by(600)
        tenant.verifies(payment.merchant_order_id)
        days.pass_by(seconds_ago)

        def hastened_first(order: PaymentTransaction, **how: Any) -> Any:
            PaymentTransaction.objects.filter(pk=order.pk).update(next_check_at=days.now())
            return order_status.ask_now(order, **how)

        monkeypatch.setattr(checkout, "ask_now", hastened_first)

        assert tenant.starts_rent("14000.00").status_code == status


class TestAPlanWithdrawnWhileItsPaymentStarts:
    def test_nobody_goes_round_for_ever(
        self, transactional_db: None, phonepe: PhonePe, days: Days, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        owner, first, other = Caller(make_owner("asha").user), make_plan("First"), make_plan("Other")
        path = "/api/owner-subscriptions/initiate-payment/"
        owner.post(path, {"pricing_plan_id": first.pk, "period": "monthly"})
        days.pass_by(10)

        def asked(order: PaymentTransaction, **how: Any) -> Any:
            PricingPlan.objects.filter(pk=other.pk).delete()
            return order_status.ask_now(order, **how)

        monkeypatch.setattr(checkout, "ask_now", asked)
        with pytest.raises(IntegrityError):  # which is a 500, and in the log
            owner.post(path, {"pricing_plan_id": other.pk, "period": "monthly"})

        assert len(phonepe.orders_taken()) == 1
        answer = owner.post(path, {"pricing_plan_id": first.pk, "period": "monthly"})
        assert answer.status_code == 201


class TestAmountsThatCannotBe:
    def says(self, amount: Any, payment: Payment, days: Days) -> None:
        order = PaymentTransaction.objects.get()
        answer = {"state": "COMPLETED", "orderId": order.phonepe_order_id, "amount": amount}
        report = read_order_status(payment.merchant_order_id, answer)
        order_status.apply_order_status(report, cause=ChangeCause.CLOCK, now=days.now())

    @pytest.mark.parametrize("amount", [0, -15_000_00, "0", "-1", True, 15_000_00.0, None])
    def test_paid_without_an_amount_decides_nothing(self, payment: Payment, days: Days, amount: Any) -> None:
        with pytest.raises(PhonePeOutcomeUnknown):
            self.says(amount, payment, days)

        assert PaymentTransaction.objects.get().reconciliation_status == "open"

    def test_less_than_a_rupee_can_be_kept_but_not_sent_back(self, payment: Payment, days: Days) -> None:
        self.says(50, payment, days)

        with pytest.raises(NotUnderReview, match="Keep what came"):
            mismatches.send_back(payment.merchant_order_id, reason="Wrong", by=None, now=days.now())
        mismatches.accept(payment.merchant_order_id, by=None, reason="Right", now=days.now())

        assert payment.tenancy.outstanding_paise() == 15_000_00 - 50


class TestTextThatCannotBeKept:
    @pytest.mark.parametrize("field", [{"channel": "a\0b"}, {"payment_modes": ["CARD\0"]}, {"tenancy": "\0"}])
    def test_a_refusal_that_repeats_it_is_kept_without_it(self, tenant: Caller, field: dict[str, Any]) -> None:
        answers = [tenant.starts_rent("1.00", key="once", **field) for _ in range(2)]

        assert [answer.status_code for answer in answers] == [400, 400]
        assert answers[0].json() == answers[1].json()


class TestQueriesThatNobodyMeans:
    @pytest.mark.parametrize("position", ["abc", "2026", "\0", "0001-01-01 00:00:00+14:00", "2026-04-10 06:30:00"])
    def test_a_forged_cursor_is_not_found(self, tenant: Caller, payment: Payment, position: str) -> None:
        cursor = b64encode(urlencode({"p": position}).encode()).decode()

        assert tenant.get(f"/api/payments/?{urlencode({'cursor': cursor})}").status_code == 404

    @pytest.mark.parametrize("bound", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
    @pytest.mark.parametrize("name", ["created_from", "created_to"])
    def test_an_instant_beyond_the_calendar_is_none(self, tenant: Caller, name: str, bound: str) -> None:
        assert tenant.get(f"/api/payments/?{urlencode({name: bound})}").status_code == 400

    def test_a_real_cursor_still_turns_pages(
        self, tenant: Caller, payment: Payment, days: Days, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("core.views.payments.NewestFirst.page_size", 1)
        days.tick_for(30)
        tenant.starts_rent("14000.00")

        first = tenant.get("/api/payments/").json()
        second = tenant.get(first["next"]).json()

        assert [page["results"][0]["amount"] for page in (first, second)] == ["14000.00", "15000.00"]


class TestAKeyWhoseRefundWasRefused:
    def test_its_repetition_is_not_a_success(
        self, owner: Caller, paid: Payment, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuses(*_: Any, **__: Any) -> None:
            raise PhonePeRejected("BAD_REQUEST", 400)

        monkeypatch.setattr(PhonePeService, "refund", refuses)
        path, body = f"/api/payments/{paid.pk}/refund/", {"reason": "Moved out"}

        answers = [owner.post(path, body, **{"Idempotency-Key": "once"}) for _ in range(2)]

        assert [answer.status_code for answer in answers] == [502, 502]
        assert Refund.objects.get().state == "FAILED"


class TestAnAnswerThatDecidesNothing:
    @pytest.mark.parametrize("status", [408, 409])
    def test_a_refund_that_met_it_is_not_failed(
        self, owner: Caller, paid: Payment, phonepe: PhonePe, monkeypatch: pytest.MonkeyPatch, status: int
    ) -> None:
        class Undecided(SimulatorAdapter):
            def send(self, request: PreparedRequest, **kwargs: Any) -> Response:  # type: ignore[override]
                answer = super().send(request, **kwargs)
                if request.method == "POST" and (request.url or "").endswith("/refund"):
                    answer.status_code, answer._content = status, b'{"code": "CONFLICT", "message": "Again"}'
                return answer

        monkeypatch.setattr(phonepe_service, "Transport", lambda **_: Undecided(phonepe.simulator))
        PhonePeService.forget_client()

        answer = owner.post(f"/api/payments/{paid.pk}/refund/", {"reason": "Moved out"})

        assert (answer.status_code, answer.json()["state"]) == (202, "PENDING")
        with pytest.raises(PhonePeOutcomeUnknown):
            PhonePeService().refund(merchant_refund_id="R-1", merchant_order_id="O-1", amount_paise=100)
