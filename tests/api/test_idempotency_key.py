"""The header Idempotency-Key, on every POST that moves money."""

from datetime import timedelta
from typing import Any

import pytest

from core.errors import StillRunning
from core.models import IdempotencyKey, Payment, PaymentTransaction, PricingPlan, Refund
from core.services import idempotency
from core.services.payments import checkout
from core.services.phonepe_service import PhonePeService
from core.services.refunds import requesting
from core.tasks import forget_idempotency_keys
from phonepe_simulator import Fault
from tests.api.answers import assert_problem
from tests.people import Caller
from tests.phonepe import Days, PhonePe

DAY = 24 * 3600


class TestSameKey:
    def test_it_gives_the_same_answer_and_no_second_order(self, tenant: Caller, phonepe: PhonePe) -> None:
        first, again = tenant.starts_rent(key="k1"), tenant.starts_rent(key="k1")

        assert (first.status_code, again.status_code) == (201, 201)
        assert first.json() == again.json()
        assert len(phonepe.orders_taken()) == 1

    def test_it_gives_it_also_when_the_order_has_ended(self, tenant: Caller, phonepe: PhonePe, days: Days) -> None:
        first = tenant.starts_rent(key="k1")
        phonepe.fails(first)
        days.tick_for(25)

        assert tenant.starts_rent(key="k1").json() == first.json()
        assert len(phonepe.orders_taken()) == 1

    def test_a_refusal_of_the_body_is_kept_as_well(self, tenant: Caller, phonepe: PhonePe) -> None:
        first, again = tenant.starts_rent("0", key="k1"), tenant.starts_rent("0", key="k1")

        assert_problem(first, 400, "invalid", field="amount")
        assert_problem(again, 400, "invalid", field="amount")
        assert first.json() == again.json()

    def test_with_another_body_it_is_refused(self, tenant: Caller, phonepe: PhonePe) -> None:
        tenant.starts_rent(key="k1")

        assert_problem(tenant.starts_rent("100.00", key="k1"), 422, "idempotency_key_reused")
        assert_problem(tenant.starts_rent(channel="mobile_sdk", key="k1"), 422, "idempotency_key_reused")
        assert len(phonepe.orders_taken()) == 1

    def test_with_another_path_it_is_refused(
        self, tenant: Caller, operator: Caller, phonepe: PhonePe, days: Days
    ) -> None:
        for amount in ("5000.00", "10000.00"):
            phonepe.pays(tenant.starts_rent(amount))
            days.tick_for(25)
        body, key = {"reason": "Moved out", "amount": "9.00"}, {"Idempotency-Key": "k1"}
        first, second = (f"/api/payments/{payment.pk}/refund/" for payment in Payment.objects.all())
        assert operator.post(first, body, **key).status_code == 202

        assert_problem(operator.post(second, body, **key), 422, "idempotency_key_reused")

        assert Refund.objects.count() == 1

    def test_the_same_body_written_otherwise_is_the_same(self, tenant: Caller, phonepe: PhonePe) -> None:
        path, key = "/api/payments/initiate-rent-payment/", {"Idempotency-Key": "k1"}
        first = tenant.post(path, '{"amount":"15000.00","channel":"redirect"}', **key)

        again = tenant.post(path, '{ "channel": "redirect", "amount": "15000.00" }', **key)

        assert (again.status_code, again.json()) == (201, first.json())

    def test_anothers_same_key_is_another(self, tenant: Caller, stranger: Caller, phonepe: PhonePe) -> None:
        mine, theirs = tenant.starts_rent(key="k1"), stranger.starts_rent(key="k1")

        assert theirs.status_code == 201
        assert mine.json()["merchant_order_id"] != theirs.json()["merchant_order_id"]

    def test_it_holds_for_a_day(self, tenant: Caller, phonepe: PhonePe, days: Days) -> None:
        tenant.starts_rent(key="k1")
        days.pass_by(DAY - 1)
        assert tenant.starts_rent(key="k1").status_code == 201
        assert len(phonepe.orders_taken()) == 1

        days.pass_by(1)

        assert tenant.starts_rent(key="k1").status_code == 201
        assert len(phonepe.orders_taken()) == 2

    def test_old_keys_are_forgotten(self, tenant: Caller, phonepe: PhonePe, days: Days) -> None:
        tenant.starts_rent(key="k1")
        days.pass_by(DAY - 1)
        assert forget_idempotency_keys() == 0
        days.pass_by(1)

        assert forget_idempotency_keys() == 1

    def test_subscriptions_have_it_too(self, owner: Caller, plan: PricingPlan, phonepe: PhonePe) -> None:
        path, key = "/api/owner-subscriptions/initiate-payment/", {"Idempotency-Key": "k1"}
        body = {"pricing_plan_id": plan.pk, "period": "monthly"}

        first, again = owner.post(path, body, **key), owner.post(path, body, **key)

        assert (first.status_code, again.status_code) == (201, 201)
        assert first.json() == again.json()
        assert_problem(owner.post(path, {**body, "period": "yearly"}, **key), 422, "idempotency_key_reused")


class TestWhileTheFirstRuns:
    def test_the_second_is_told_to_wait(
        self, tenant: Caller, phonepe: PhonePe, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        create_order, answers = PhonePeService.create_order, []

        def again_meanwhile(service: PhonePeService, order: PaymentTransaction) -> Any:
            answers.append(tenant.starts_rent(key="k1"))
            return create_order(service, order)

        monkeypatch.setattr(PhonePeService, "create_order", again_meanwhile)
        first = tenant.starts_rent(key="k1")

        assert first.status_code == 201
        assert_problem(answers[0], 409, "still_running")
        assert "Retry-After" in answers[0].headers
        monkeypatch.undo()

    def test_a_request_that_died_does_not_hold_its_key_for_ever(
        self, tenant: Caller, phonepe: PhonePe, days: Days, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(idempotency, "_give_back", lambda *_: None)
            tenant.starts_rent(key="k1")
        assert_problem(tenant.starts_rent(key="k1"), 409, "still_running")

        days.pass_by(30)

        assert tenant.starts_rent(key="k1").status_code == 200
        assert len(phonepe.orders_taken()) == 1

    def test_one_that_died_with_another_requests_order_opens_no_second_one_once_that_is_paid(
        self, tenant: Caller, phonepe: PhonePe, days: Days, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first = tenant.starts_rent("5000.00")
        with monkeypatch.context() as patch:
            patch.setattr(idempotency, "_give_back", lambda *_: None)
            assert tenant.starts_rent("5000.00", key="k1").json() == first.json()
        phonepe.pays(first)
        days.pass_by(30)
        assert tenant.verifies(first.json()["merchant_order_id"]).json()["state"] == "COMPLETED"

        assert_problem(tenant.starts_rent("5000.00", key="k1"), 409, "already_paid")

        assert len(phonepe.orders_taken()) == 1


class TestARequestThatStoodStill:
    """Its process was suspended for longer than its right to the key, the app repeated, and then it went on."""

    def test_opens_no_second_order(
        self, tenant: Caller, phonepe: PhonePe, days: Days, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        take, repeated = checkout._take, []

        def stands_still(*args: Any) -> Any:
            if not repeated:
                days.pass_by(30)
                repeated.append(None)
                repeated[:] = [tenant.starts_rent("5000.00", key="k1")]
                phonepe.pays(repeated[0])
                days.tick_for(25)
            return take(*args)

        monkeypatch.setattr(checkout, "_take", stands_still)

        assert_problem(tenant.starts_rent("5000.00", key="k1"), 409, "already_paid")
        assert tenant.starts_rent("5000.00", key="k1").json() == repeated[0].json()
        assert len(phonepe.orders_taken()) == 1

    def test_makes_no_second_refund(
        self, owner: Caller, payment: Payment, phonepe: PhonePe, days: Days, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        phonepe.pays(payment)
        days.tick_for(21)
        path, body, key = f"/api/payments/{payment.pk}/refund/", {"reason": "Hm", "amount": "9.00"}, "k1"
        lock, repeated = requesting.lock_payable, []

        def stands_still(name: str) -> Any:
            if not repeated:
                days.pass_by(30)
                repeated.append(None)
                repeated[:] = [owner.post(path, body, **{"Idempotency-Key": key})]
                days.tick_for(60)
            return lock(name)

        monkeypatch.setattr(requesting, "lock_payable", stands_still)
        answer = owner.post(path, body, **{"Idempotency-Key": key})

        assert (answer.status_code, answer.json()["merchant_refund_id"]) == (
            202,
            repeated[0].json()["merchant_refund_id"],
        )
        assert len(phonepe.simulator.calls_to("refund")) == Refund.objects.count() == 1

    def test_leaves_the_key_to_who_has_it_now(
        self, tenant: Caller, phonepe: PhonePe, days: Days, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        take, others = checkout._take, []

        def stands_still(*args: Any) -> Any:
            if not others:
                days.pass_by(30)
                others.append("runs")
                IdempotencyKey.objects.update(running_until=days.now() + timedelta(seconds=26))
                raise StillRunning
            return take(*args)

        monkeypatch.setattr(checkout, "_take", stands_still)
        tenant.starts_rent(key="k1")

        assert_problem(tenant.starts_rent(key="k1"), 409, "still_running")
        assert not phonepe.orders_taken()


class TestWhatIsNotKept:
    def test_after_a_503_a_repeat_goes_on(self, tenant: Caller, phonepe: PhonePe) -> None:
        phonepe.simulator.faults.add(Fault("timeout_after", "pay", times=1))
        assert_problem(tenant.starts_rent(key="k1"), 503)

        assert tenant.starts_rent(key="k1").status_code == 201

    def test_after_a_503_that_was_paid_nothing_is_paid_twice(self, tenant: Caller, phonepe: PhonePe) -> None:
        phonepe.simulator.faults.add(Fault("timeout_after", "pay", times=1))
        tenant.starts_rent("5000.00", key="k1")
        payment = Payment.objects.get()
        phonepe.pays(payment)
        tenant.verifies(payment.merchant_order_id)

        assert_problem(tenant.starts_rent("5000.00", key="k1"), 409, "already_paid")

        assert len(phonepe.orders_taken()) == 1

    def test_a_crash_leaves_the_key_free(
        self, tenant: Caller, phonepe: PhonePe, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(PhonePeService, "create_order", lambda *_: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                tenant.starts_rent(key="k1")

        answer = tenant.starts_rent("100.00", key="k1")

        assert_problem(answer, 422, "idempotency_key_reused")


class TestStrangeKeys:
    @pytest.mark.parametrize("key", ["k" * 255, "ключ", "a b", '"quoted"', "'; DROP TABLE", " padded "])
    def test_any_string_is_a_key(self, tenant: Caller, phonepe: PhonePe, key: str) -> None:
        first = tenant.starts_rent(key=key)
        assert first.status_code == 201
        assert tenant.starts_rent(key=key).json() == first.json()

    def test_one_that_is_too_long_is_refused(self, tenant: Caller, phonepe: PhonePe) -> None:
        assert_problem(tenant.starts_rent(key="k" * 256), 400, "invalid", field="Idempotency-Key")
        assert not phonepe.simulator.calls
