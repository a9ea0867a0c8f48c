"""What a webhook or a person brings forward is asked about as soon as may be, and is never postponed or forgotten."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from core.models import ChangeCause, Payment, PaymentTransaction
from core.models.reconciled import A_LITTLE
from core.services import worker
from core.services.polling.claims import claim_rows, give_back
from phonepe_simulator.requests_adapter import SimulatorAdapter
from tests.meanwhile import Meanwhile
from tests.people import Caller
from tests.phonepe import Days, PhonePe, order_id_of


def order_now() -> PaymentTransaction:
    return PaymentTransaction.objects.get()


def is_due(at: datetime) -> bool:
    """Tell whether the order is checked at that time, give or take the little that takes a claim from its holder."""
    due = order_now().next_check_at
    return due is not None and at - A_LITTLE <= due <= at


def tells_of(phonepe: PhonePe, payment: Payment) -> None:
    """Let a webhook about an order reach us, and be read."""
    phonepe.simulator.send_webhook("checkout.order.completed", payment.merchant_order_id)
    phonepe.delivers()
    worker.process_webhooks()


class TestAWebhook:
    @pytest.mark.parametrize("seconds", [-5, 0, 1, 2.9])
    def test_it_never_postpones_a_check(self, payment: Payment, phonepe: PhonePe, days: Days, seconds: float) -> None:
        days.pass_by(30)
        due = days.now() + timedelta(seconds=seconds)
        PaymentTransaction.objects.update(asked_at=days.now(), next_check_at=due)

        tells_of(phonepe, payment)

        assert is_due(due)

    @pytest.mark.parametrize("asked_ago", [3, 60, None])
    def test_nor_one_of_an_order_that_may_be_asked_about(
        self, payment: Payment, phonepe: PhonePe, days: Days, asked_ago: int | None
    ) -> None:
        days.pass_by(100)
        due = days.now() - timedelta(seconds=5)
        asked_at = None if asked_ago is None else days.now() - timedelta(seconds=asked_ago)
        PaymentTransaction.objects.update(asked_at=asked_at, next_check_at=due)

        tells_of(phonepe, payment)

        assert is_due(due)

    @pytest.mark.parametrize("due_in", [10, None])
    @pytest.mark.parametrize(("asked_ago", "wait"), [(None, 0), (3, 0), (2.9, 0.1), (1, 2), (0, 3)])
    def test_it_makes_an_order_due_three_seconds_after_the_last_question(
        self,
        payment: Payment,
        phonepe: PhonePe,
        days: Days,
        asked_ago: float | None,
        wait: float,
        due_in: int | None,
    ) -> None:
        days.pass_by(100)
        PaymentTransaction.objects.update(
            asked_at=None if asked_ago is None else days.now() - timedelta(seconds=asked_ago),
            next_check_at=None if due_in is None else days.now() + timedelta(seconds=due_in),
        )

        tells_of(phonepe, payment)

        assert order_now().next_check_at == days.now() + timedelta(seconds=wait)


class TestAnOrderThatIsClosed:
    def test_it_is_not_polled_on_because_a_webhook_made_it_due(
        self, payment: Payment, phonepe: PhonePe, days: Days
    ) -> None:
        phonepe.fails(payment)
        days.tick_for(25)
        order = order_now()
        assert (order.state, order.reconciliation_status, order.next_check_at) == ("FAILED", "settled", None)
        theirs = phonepe.simulator.orders[payment.merchant_order_id]
        theirs.state = type(theirs.state)("PENDING")
        asked = len(phonepe.was_asked())

        tells_of(phonepe, payment)
        assert order_now().next_check_at is not None
        days.tick_for(5)

        assert len(phonepe.was_asked()) == asked + 1
        assert order_now().next_check_at is None


class TestAnOrderThatPhonePeRefuses:
    @pytest.fixture
    def refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """PhonePe takes the order and answers as if it had not."""
        send = SimulatorAdapter.send

        def refuses(adapter: Any, request: Any, **options: Any) -> Any:
            answer = send(adapter, request, **options)
            if str(request.url).endswith("/pay"):
                answer.status_code, answer._content = 400, b'{"code": "BAD_REQUEST"}'
            return answer

        monkeypatch.setattr(SimulatorAdapter, "send", refuses)

    def test_without_news_it_is_looked_for_after_its_time(
        self, tenant: Caller, phonepe: PhonePe, days: Days, refused: None, meanwhile: Meanwhile
    ) -> None:
        meanwhile.after("pay", lambda: days.pass_by(2))
        assert tenant.starts_rent().status_code == 502

        order = order_now()
        assert order.updated_at == days.now()
        assert order.payment.status == "failed"
        assert order.next_check_at == order.expire_at + timedelta(seconds=60)
        assert order.calling_until is None

    def test_a_webhook_during_the_call_is_not_forgotten(
        self, tenant: Caller, phonepe: PhonePe, days: Days, refused: None, meanwhile: Meanwhile
    ) -> None:
        def is_paid_and_we_are_told() -> None:
            phonepe.pays(order_now())
            days.pass_by(5)
            phonepe.delivers()
            worker.process_webhooks()

        meanwhile.after("pay", is_paid_and_we_are_told)
        assert tenant.starts_rent().status_code == 502
        assert order_now().payment.status == "failed"

        days.tick_for(2)

        assert Payment.objects.get().status == "completed"

    def test_a_webhook_after_the_call_is_not_forgotten(
        self, tenant: Caller, phonepe: PhonePe, days: Days, refused: None
    ) -> None:
        assert tenant.starts_rent().status_code == 502
        phonepe.pays(order_now())
        days.pass_by(5)

        phonepe.delivers()
        days.tick_for(2)

        assert Payment.objects.get().status == "completed"


def test_what_one_order_is_asked_about_leaves_others_alone(
    payment: Payment, tenant: Caller, stranger: Caller, phonepe: PhonePe, days: Days
) -> None:
    others = PaymentTransaction.objects.filter(merchant_order_id=order_id_of(stranger.starts_rent()))
    before = others.values().get()
    days.pass_by(5)

    tells_of(phonepe, payment)
    tenant.verifies(payment.merchant_order_id)

    assert others.values().get() == before


def test_a_claim_that_is_given_back_leaves_no_trace(payment: Payment, tenant: Caller, phonepe: PhonePe) -> None:
    before = PaymentTransaction.objects.values().get()

    give_back(claim_rows(PaymentTransaction.objects.all, ChangeCause.CLOCK))

    assert PaymentTransaction.objects.values().get() == before
    tenant.verifies(payment.merchant_order_id)
    assert len(phonepe.was_asked(payment)) == 1
