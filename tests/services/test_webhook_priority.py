"""A genuine webhook is read in the next tick, however many others with a valid header wait to be read."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from core.models import Payment, Refund, WebhookEvent
from core.services import worker
from tests.deliveries import delivers
from tests.people import Caller
from tests.phonepe import Days, PhonePe

JUNK = 20_000


def arrives(payload: dict[str, Any]) -> None:
    assert delivers(json.dumps({"event": "checkout.order.completed", "payload": payload}).encode()).status_code == 200


@pytest.fixture
def flood(db: None, days: Days) -> None:
    """Junk with a valid header that came before and, by its time, goes on coming after everything else."""
    later = timezone.now() + timedelta(hours=1)
    WebhookEvent.objects.bulk_create(
        (
            WebhookEvent(
                digest=f"junk-{number}",
                body=b'{"payload": {"merchantOrderId": "NOBODYS-%d"}}' % number,
                received_at=later,
                last_received_at=later,
            )
            for number in range(JUNK)
        ),
        batch_size=5_000,  # PostgreSQL takes 65,535 parameters
    )


@pytest.fixture
def briefly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a tick read no more than a batch of each kind."""
    monkeypatch.setattr(worker, "WEBHOOKS_AT_ONCE", 10)
    monkeypatch.setattr(worker, "READ_FOR", 0.0)


def test_it_is_read_and_its_order_asked_about_in_the_next_tick(
    payment: Payment, phonepe: PhonePe, days: Days, flood: None, briefly: None
) -> None:
    phonepe.pays(payment)
    days.pass_by(5)
    arrives({"merchantOrderId": payment.merchant_order_id, "state": "COMPLETED"})

    worker.tick()

    assert Payment.objects.get().status == "completed"
    assert WebhookEvent.objects.unread().count() >= JUNK - 20


@pytest.fixture
def refund(payment: Payment, owner: Caller, phonepe: PhonePe, days: Days) -> Refund:
    phonepe.pays(payment)
    days.tick_for(21)
    owner.post(f"/api/payments/{payment.pk}/refund/", {"amount": "5000.00", "reason": "Too much"})
    days.pass_by(60)
    WebhookEvent.objects.all().delete()
    return Refund.objects.get()


class TestWhatNamesOurs:
    @pytest.mark.parametrize(
        ("payload", "names_ours"),
        [
            ({"merchantOrderId": "{order}"}, True),
            ({"originalMerchantOrderId": "{order}", "merchantRefundId": "MADE-THERE"}, True),
            ({"orderId": "{at_phonepe}"}, True),
            ({"merchantRefundId": "{refund}"}, True),
            ({"refundId": "{refund_at_phonepe}"}, True),
            ({"merchantOrderId": "NOBODYS", "orderId": "OMO0", "refundId": "", "merchantRefundId": "X"}, False),
            ({"merchantOrderId": 7}, False),
            ({"note": "{order}"}, False),
            ({}, False),
        ],
    )
    def test_by_any_id_that_it_may_be_known_by(self, payload: dict[str, Any], names_ours: bool, refund: Refund) -> None:
        order = refund.transaction
        ids = {
            "order": order.merchant_order_id,
            "at_phonepe": order.phonepe_order_id,
            "refund": refund.merchant_refund_id,
            "refund_at_phonepe": refund.refund_id,
        }

        arrives({key: value.format(**ids) if isinstance(value, str) else value for key, value in payload.items()})

        assert WebhookEvent.objects.get().names_ours is names_ours

    def test_a_repeated_one_is_looked_at_anew(self, refund: Refund) -> None:
        body = {"merchantOrderId": refund.transaction.merchant_order_id}
        arrives(body)
        WebhookEvent.objects.update(names_ours=False, processed_at=timezone.now(), outcome="unknown")

        arrives(body)

        assert list(WebhookEvent.objects.unread().values_list("names_ours", "deliveries")) == [(True, 2)]

    def test_one_that_was_put_off_comes_first_again_when_its_time_has_come(
        self, refund: Refund, days: Days, briefly: None
    ) -> None:
        arrives({"merchantRefundId": refund.merchant_refund_id, "state": "COMPLETED"})
        WebhookEvent.objects.update(tries=1, next_try_at=days.now())
        for number in range(30):
            arrives({"merchantOrderId": f"NOBODYS-{number}"})
        WebhookEvent.objects.filter(tries=0).update(tries=1, next_try_at=days.now() - timedelta(seconds=1))

        worker.process_webhooks()

        assert not WebhookEvent.objects.unread().filter(names_ours=True).exists()
