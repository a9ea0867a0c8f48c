"""What follows from each kind of webhook, and that many of them are read together."""

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from core.models import Alert, JournalEntry, Payment, PaymentTransaction, Refund, Settlement, WebhookEvent
from core.models.reconciled import ReconciledQuerySet
from core.services import worker
from core.services.webhooks import inbox, processing, readers
from tests.orders import make_open_orders
from tests.people import Caller
from tests.phonepe import Days, PhonePe


def hears(days: Days, payload: Any, **name: str) -> WebhookEvent:
    """Let a webhook come and be read; return it."""
    inbox.receive(json.dumps({**name, "payload": payload}).encode(), now=days.now())
    worker.process_webhooks()
    return WebhookEvent.objects.latest("pk")


@pytest.fixture
def paid(payment: Payment, phonepe: PhonePe, days: Days) -> Payment:
    phonepe.pays(payment)
    days.tick_for(21)
    return Payment.objects.get()


@pytest.fixture
def refund(paid: Payment, owner: Caller, days: Days) -> Refund:
    """A refund under way that PhonePe has taken."""
    owner.post(f"/api/payments/{paid.pk}/refund/", {"amount": "5000.00", "reason": "Too much"})
    days.pass_by(10)
    return Refund.objects.get()


def is_due(row: Any, days: Days) -> bool:
    row.refresh_from_db()
    return row.next_check_at is not None and row.next_check_at <= days.now()


class TestNames:
    """`event` is to be read, but some of the documentation's samples have nothing but `type`, spelled otherwise."""

    @pytest.mark.parametrize(
        ("name", "kinds"),
        [
            ({"event": "settlement.attempt.failed"}, ["settlement_failed"]),
            ({"type": "SETTLEMENT_ATTEMPT_FAILED"}, ["settlement_failed"]),
            ({"event": "settlement.attempt.failed", "type": "PG_REFUND_FAILED"}, ["settlement_failed"]),
        ],
    )
    def test_a_settlements(self, db: None, days: Days, name: dict[str, str], kinds: list[str]) -> None:
        event = hears(days, {"settlementId": "S1", "state": "ATTEMPT_FAILED", "amount": 100_00}, **name)

        assert event.outcome == "noted"
        assert event.event in name.values()
        assert [alert.kind for alert in Alert.objects.all()] == kinds

    @pytest.mark.parametrize(
        ("name", "kinds"),
        [
            ({"type": "PAYMENT_DISPUTE_CREATED"}, ["dispute"]),
            ({"type": "PAYMENT_DISPUTE_ACTION_REQUIRED"}, ["dispute"]),
            ({"type": "PAYMENT_DISPUTE_UNDER_REVIEW"}, []),
            ({"type": "PAYMENT_DISPUTE_LOST"}, ["dispute_lost"]),
        ],
    )
    def test_a_disputes(self, paid: Payment, days: Days, name: dict[str, str], kinds: list[str]) -> None:
        event = hears(days, {"merchantOrderId": paid.merchant_order_id, "disputeId": "D1"}, **name)

        assert (event.outcome, event.merchant_order_id) == ("noted", paid.merchant_order_id)
        assert [alert.kind for alert in Alert.objects.all()] == kinds

    @pytest.mark.parametrize("name", [{"event": "pg.refund.failed"}, {"type": "PG_REFUND_FAILED"}])
    def test_a_refunds(self, refund: Refund, days: Days, name: dict[str, str]) -> None:
        event = hears(days, {"refundId": refund.refund_id, "state": "FAILED"}, **name)

        assert (event.outcome, event.merchant_order_id) == ("asked", refund.transaction.merchant_order_id)
        assert is_due(refund, days)

    @pytest.mark.parametrize("name", [{}, {"event": "paylink.order.completed"}, {"event": "new.to.us"}])
    def test_whatever_it_is_called_its_ids_are_a_reason_to_ask(
        self, payment: Payment, days: Days, name: dict[str, str]
    ) -> None:
        days.pass_by(5)

        event = hears(days, {"merchantOrderId": payment.merchant_order_id, "state": "NEW"}, **name)

        assert event.outcome == "asked"
        assert is_due(payment.transaction, days)

    def test_without_a_payload_the_body_is_the_payload(self, payment: Payment, days: Days) -> None:
        days.pass_by(5)
        inbox.receive(json.dumps({"merchantOrderId": payment.merchant_order_id}).encode(), now=days.now())

        worker.process_webhooks()

        assert WebhookEvent.objects.get().outcome == "asked"


class TestIds:
    def test_phonepes_id_serves_where_ours_is_left_out(self, payment: Payment, days: Days) -> None:
        days.pass_by(5)

        event = hears(days, {"orderId": payment.transaction.phonepe_order_id}, event="checkout.order.failed")

        assert (event.outcome, event.merchant_order_id) == ("asked", payment.merchant_order_id)

    def test_ours_decides_where_both_are_told(self, payment: Payment, days: Days) -> None:
        theirs = {"merchantOrderId": "SOMEBODYS", "orderId": payment.transaction.phonepe_order_id}

        event = hears(days, theirs, event="checkout.order.completed")

        assert (event.outcome, event.merchant_order_id) == ("unknown", "")
        assert Alert.objects.get().subject == "SOMEBODYS"

    def test_of_several_orders_that_phonepe_calls_alike_it_is_the_oldest(
        self, payment: Payment, stranger: Caller, days: Days
    ) -> None:
        stranger.starts_rent()
        PaymentTransaction.objects.update(phonepe_order_id="OMO1")

        event = hears(days, {"orderId": "OMO1"}, event="checkout.order.failed")

        assert event.merchant_order_id == payment.merchant_order_id

    def test_a_refund_that_was_made_elsewhere_stands_in_the_story_of_its_order(self, paid: Payment, days: Days) -> None:
        named = {"merchantRefundId": "MADE-THERE", "originalMerchantOrderId": paid.merchant_order_id}

        first = hears(days, named, event="pg.refund.accepted")
        again = hears(days, named, event="pg.refund.completed")

        assert [(each.outcome, each.merchant_order_id) for each in (first, again)] == [
            ("asked", paid.merchant_order_id)
        ] * 2

    def test_a_refunds_event_is_not_about_its_order(self, paid: Payment, days: Days) -> None:
        """An order that it names is not what is asked about, nor what the alert is about."""
        named = {"merchantRefundId": "NOBODYS", "merchantOrderId": paid.merchant_order_id}

        event = hears(days, named, event="pg.refund.completed")

        assert (event.outcome, event.merchant_order_id) == ("asked", "")
        assert not is_due(paid.transaction, days)


class TestWhatIsFinishedHere:
    @pytest.mark.parametrize(
        ("event", "payload", "outcome"),
        [
            ("checkout.order.completed", {"state": "COMPLETED", "amount": 15_000_00}, "settled"),
            ("checkout.order.completed", {"state": "COMPLETED"}, "settled"),
            ("checkout.order.completed", {"state": "COMPLETED", "amount": 14_000_00}, "contradicts"),
            ("checkout.order.failed", {"state": "FAILED", "amount": 15_000_00}, "contradicts"),
            ("checkout.order.completed", {"state": "PENDING", "amount": 15_000_00}, "contradicts"),
            ("checkout.transaction.attempt.failed", {"state": "PENDING"}, "settled"),
        ],
    )
    def test_an_order(self, paid: Payment, days: Days, event: str, payload: dict[str, Any], outcome: str) -> None:
        days.pass_by(3)

        heard = hears(days, {"merchantOrderId": paid.merchant_order_id, **payload}, event=event)

        assert heard.outcome == outcome
        assert [each.subject for each in Alert.objects.filter(kind="contradiction")] == (
            [paid.merchant_order_id] if outcome == "contradicts" else []
        )
        assert Payment.objects.get().status == "completed"
        assert is_due(paid.transaction, days) is (outcome == "contradicts")

    def test_a_refund_that_waits_for_approval_is_not_asked_about(
        self, paid: Payment, owner: Caller, days: Days, settings: Any
    ) -> None:
        settings.REFUND_APPROVAL_ABOVE = Decimal(1000)
        owner.post(f"/api/payments/{paid.pk}/refund/", {"amount": "5000.00", "reason": "Too much"})
        waits = Refund.objects.get()

        heard = hears(days, {"merchantRefundId": waits.merchant_refund_id, "state": "PENDING"}, event="pg.refund.x")

        assert heard.outcome == "settled"
        assert not is_due(waits, days)

    @pytest.mark.parametrize(
        ("state", "outcome"),
        [("COMPLETED", "settled"), ("FAILED", "contradicts"), ("PENDING", "settled"), ("CONFIRMED", "settled")],
    )
    def test_a_refund(self, refund: Refund, days: Days, state: str, outcome: str) -> None:
        days.pass_by(3600)
        worker.tick()
        refund.refresh_from_db()
        assert refund.state == "COMPLETED"
        days.pass_by(3)

        heard = hears(days, {"merchantRefundId": refund.merchant_refund_id, "state": state}, event="pg.refund.x")

        assert (heard.outcome, heard.merchant_order_id) == (outcome, refund.transaction.merchant_order_id)
        assert [each.subject for each in Alert.objects.filter(kind="contradiction")] == (
            [refund.merchant_refund_id] if outcome == "contradicts" else []
        )
        assert is_due(refund, days)

    def test_an_order_that_an_operator_decides_about(self, payment: Payment, days: Days) -> None:
        PaymentTransaction.objects.update(reconciliation_status="mismatch", next_check_at=None)

        heard = hears(days, {"merchantOrderId": payment.merchant_order_id, "state": "COMPLETED"}, event="checkout.x")

        assert heard.outcome == "asked"
        assert is_due(payment.transaction, days)


class TestAPayout:
    FAILED = {"settlementId": "S-1", "state": "ATTEMPT_FAILED", "amount": 100_00}

    @pytest.mark.parametrize(
        ("told", "why"),
        [
            ({"lastAttemptErrorDescription": "Account closed", "lastAttemptErrorCode": "E1"}, "Account closed"),
            ({"lastAttemptErrorCode": "E1"}, "E1"),
            ({}, "no reason given"),
        ],
    )
    def test_that_failed_is_told_with_its_reason(self, db: None, days: Days, told: dict[str, str], why: str) -> None:
        assert hears(days, self.FAILED | told, event="settlement.attempt.failed").outcome == "noted"

        alert = Alert.objects.get()
        assert (alert.subject, alert.sentence) == ("S-1", f"PhonePe could not pay out ₹100.00: {why}")

    def test_that_failed_and_has_no_name_is_told_to_nobody(self, db: None, days: Days) -> None:
        assert hears(days, {"state": "ATTEMPT_FAILED"}, event="settlement.attempt.failed").outcome == "noted"

        assert not Alert.objects.exists()

    @pytest.mark.parametrize(
        ("ours", "told", "outcome", "alerts"),
        [
            ("INITIATED", "INITIATED", "settled", 0),
            ("INITIATED", "PROCESSED", "noted", 0),
            ("INITIATED", "ATTEMPT_FAILED", "noted", 1),
            ("PROCESSED", "PROCESSED", "settled", 0),
            ("PROCESSED", "INITIATED", "noted", 0),
            ("PROCESSED", "ATTEMPT_FAILED", "contradicts", 1),
            ("ATTEMPT_FAILED", "ATTEMPT_FAILED", "settled", 1),
        ],
    )
    def test_is_compared_with_the_settlement_that_was_imported(
        self, db: None, days: Days, ours: str, told: str, outcome: str, alerts: int
    ) -> None:
        Settlement.objects.create(
            settlement_id="S-1", state=ours, has_report=ours == "PROCESSED", imported_at=days.now()
        )

        assert hears(days, {"settlementId": "S-1", "state": told}, event="settlement.x").outcome == outcome

        assert Alert.objects.filter(kind="settlement_failed", subject="S-1").count() == alerts
        assert not JournalEntry.objects.exists()


class TestADispute:
    def test_of_an_order_that_is_not_ours_is_known_by_its_own_id(self, db: None, days: Days) -> None:
        named = {"disputeId": "D1", "merchantOrderId": "NOBODYS", "disputeAmount": 10_00}

        event = hears(days, named, event="payment.dispute.created")

        alert = Alert.objects.get()
        assert (event.outcome, event.merchant_order_id, alert.kind, alert.subject) == ("unknown", "", "dispute", "D1")
        assert alert.sentence.startswith("Dispute D1 about ₹10.00 of order NOBODYS.")
        hears(days, named, event="payment.dispute.won")
        assert not Alert.objects.filter(resolved_at=None).exists()

    def test_without_an_id_of_its_own_by_the_orders(self, db: None, days: Days) -> None:
        hears(days, {"merchantOrderId": "NOBODYS"}, event="payment.dispute.created")

        assert Alert.objects.get().subject == "NOBODYS"

    @pytest.mark.parametrize(
        ("name", "payload", "still_open"),
        [
            ("under_review", {}, ["dispute"]),
            ("under_review", {"status": "LOST"}, ["dispute_lost"]),
            ("lost", {"status": "UNDER_REVIEW"}, ["dispute_lost"]),
            ("won", {}, []),
        ],
    )
    def test_is_open_until_it_is_won_or_lost(
        self, paid: Payment, days: Days, name: str, payload: dict[str, str], still_open: list[str]
    ) -> None:
        about = {"merchantOrderId": paid.merchant_order_id, "disputeId": "D1"}
        hears(days, about, event="payment.dispute.created")

        event = hears(days, about | payload, event=f"payment.dispute.{name}")

        assert (event.outcome, event.merchant_order_id) == ("noted", paid.merchant_order_id)
        assert [alert.kind for alert in Alert.objects.filter(resolved_at=None)] == still_open
        assert {alert.subject for alert in Alert.objects.all()} == {paid.merchant_order_id}


def test_a_mandate_that_nobody_here_set_up_is_told_to_an_operator(db: None, days: Days) -> None:
    event = hears(days, {"merchantSubscriptionId": "SOMEBODYS", "state": "REVOKED"}, event="subscription.revoked")

    alert = Alert.objects.get()
    assert (event.outcome, alert.kind, alert.subject) == ("unknown", "unknown_webhook", "SOMEBODYS")


class TestMany:
    @pytest.fixture
    def orders(self, phonepe: PhonePe, days: Days, db: None) -> list[PaymentTransaction]:
        orders = make_open_orders(20, phonepe)
        days.pass_by(5)
        for order in orders:
            content = {"event": "checkout.order.completed", "payload": {"merchantOrderId": order.merchant_order_id}}
            inbox.receive(json.dumps(content).encode(), now=days.now())
        for number in range(20):
            inbox.receive(b'{"payload": {"merchantOrderId": "NOBODYS-%d"}}' % number, now=days.now())
        return orders

    def test_they_are_read_together(self, orders: list[PaymentTransaction], days: Days) -> None:
        with CaptureQueriesContext(connection) as queries:
            assert worker.process_webhooks() == 40

        assert len(queries) <= 15
        looked_up = [
            each["sql"] for each in queries if each["sql"].startswith("SELECT") and 'FROM "core_' in each["sql"]
        ]
        assert all("WHERE" in statement for statement in looked_up)  # no table is read as a whole
        assert WebhookEvent.objects.filter(outcome="asked").count() == 20
        assert PaymentTransaction.objects.filter(next_check_at__lte=days.now()).count() == 20
        assert Alert.objects.filter(kind="unknown_webhook").count() == 20
        assert set(WebhookEvent.objects.values_list("tries", "next_try_at")) == {(0, None)}

    def test_one_whose_reader_has_a_defect_is_put_off_alone(
        self, orders: list[PaymentTransaction], days: Days, monkeypatch: pytest.MonkeyPatch, caplog: Any
    ) -> None:
        monkeypatch.setitem(readers.READERS, "pg.refund.", lambda *_: 1 / 0)
        inbox.receive(b'{"event": "pg.refund.failed"}', now=days.now())
        inbox.receive(b'{"payload": {"merchantOrderId": "THE-LAST"}}', now=days.now())

        with CaptureQueriesContext(connection) as queries:
            assert worker.process_webhooks() == 41

        [left] = WebhookEvent.objects.unread()
        assert (left.outcome, left.tries, left.next_try_at) == ("waiting", 1, days.now() + timedelta(seconds=1))
        assert set(WebhookEvent.objects.exclude(pk=left.pk).values_list("tries", flat=True)) == {0}
        assert caplog.text.count("webhook_not_processed") == 1
        assert len(queries) <= 16  # the others are read together all the same

    def test_one_that_the_database_refuses_keeps_no_other_from_being_read(
        self, orders: list[PaymentTransaction], days: Days, monkeypatch: pytest.MonkeyPatch, caplog: Any
    ) -> None:
        make_due = ReconciledQuerySet.make_due

        def refuses(rows: ReconciledQuerySet, *, now: Any) -> int:
            if rows.filter(pk=orders[13].pk).exists():
                raise OperationalError("not now")
            return make_due(rows, now=now)

        monkeypatch.setattr(ReconciledQuerySet, "make_due", refuses)

        assert worker.process_webhooks() == 39

        [left] = WebhookEvent.objects.unread()
        assert orders[13].merchant_order_id.encode() in bytes(left.body)
        assert (left.tries, left.next_try_at is not None) == (1, True)
        assert set(WebhookEvent.objects.exclude(pk=left.pk).values_list("tries", "next_try_at")) == {(0, None)}
        assert caplog.text.count("webhook_not_processed") == 1

    def test_one_alert_is_raised_for_what_comes_often(self, db: None, days: Days) -> None:
        for number in range(3):
            body = {"payload": {"merchantOrderId": "NOBODYS", "number": number}}
            inbox.receive(json.dumps(body).encode(), now=days.now())

        processing.process_waiting(now=days.now(), limit=10)
        hears(days, {"merchantOrderId": "NOBODYS", "number": 4})

        assert Alert.objects.get().subject == "NOBODYS"
