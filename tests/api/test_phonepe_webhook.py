"""POST /api/webhooks/phonepe-webhook/"""

import json
from hashlib import sha256
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from prometheus_client import REGISTRY

from core.models import Alert, ChangeCause, JournalEntry, Payment, PaymentAttempt, PaymentStatus, WebhookEvent
from core.services import worker
from tests.api.answers import assert_problem
from tests.deliveries import BODY, OURS, delivers
from tests.people import Caller
from tests.phonepe import WEBHOOK, Days, PhonePe

FORMER = sha256(b"former_hooks:former4tests").hexdigest()


def counted(outcome: str) -> float:
    return REGISTRY.get_sample_value("zelton_webhooks_total", {"outcome": outcome}) or 0.0


class TestWebhook:
    def test_it_is_stored_and_answered(self, db: None) -> None:
        answer = delivers()

        assert answer.status_code == 200
        assert answer.json()["success"] is True
        event = WebhookEvent.objects.get()
        assert bytes(event.body) == BODY
        assert event.processed_at is None

    def test_a_repeated_one_is_one_row(self, db: None) -> None:
        assert [delivers().status_code for _ in range(3)] == [200, 200, 200]

        assert WebhookEvent.objects.get().deliveries == 3

    def test_alone_it_credits_nothing(self, payment: Payment, days: Days, phonepe: PhonePe) -> None:
        order = payment.transaction
        payload = {"merchantOrderId": order.merchant_order_id, "orderId": order.phonepe_order_id, "amount": 15_000_00}
        lie = {"event": "checkout.order.completed", "payload": {**payload, "state": "COMPLETED"}}

        assert delivers(json.dumps(lie).encode()).status_code == 200
        days.tick_for(2)

        payment.refresh_from_db()
        assert payment.status == "pending"
        assert len(phonepe.was_asked(payment)) == 1
        assert not JournalEntry.objects.filter(source__contains=order.merchant_order_id).exists()

    def test_it_completes_a_payment_already_marked_failed(self, payment: Payment, phonepe: PhonePe, days: Days) -> None:
        phonepe.pays(payment, outcome="pending")
        days.pass_by(1201)
        phonepe.simulator.tick()
        payment.move_to(PaymentStatus.FAILED, cause=ChangeCause.CLOCK, at=days.now())
        phonepe.simulator.conclude(payment.merchant_order_id, "success")

        phonepe.delivers()
        days.tick_for(1)

        payment.refresh_from_db()
        assert payment.status == "completed"

    def test_of_several_that_tell_of_an_attempt_the_last_counts(
        self, payment: Payment, tenant: Caller, days: Days
    ) -> None:
        for state in ("PENDING", "FAILED"):
            attempt = {"transactionId": "OM1", "state": state, "amount": 15_000_00, "paymentMode": "UPI_QR"}
            payload = {"merchantOrderId": payment.merchant_order_id, "state": "PENDING", "paymentDetails": [attempt]}
            delivers(json.dumps({"event": "checkout.transaction.attempt.failed", "payload": payload}).encode())
        first = WebhookEvent.objects.earliest("pk")
        WebhookEvent.objects.filter(pk=first.pk).update(deliveries=2)  # so that PostgreSQL has it behind the other
        if connection.vendor == "postgresql":  # and finds it there
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL enable_indexscan = off; SET LOCAL enable_bitmapscan = off")

        assert worker.process_webhooks() == 2

        told = PaymentAttempt.objects.get()
        assert (told.order, told.transaction_id, told.state) == (payment.transaction, "OM1", "FAILED")
        assert (told.amount_paise, told.reported_by) == (15_000_00, "webhook")

    def test_with_verify_together_there_is_one_effect(
        self, payment: Payment, tenant: Caller, phonepe: PhonePe, days: Days
    ) -> None:
        phonepe.pays(payment)
        phonepe.delivers()
        tenant.verifies(payment.merchant_order_id)
        days.tick_for(10, also=phonepe.delivers)

        assert payment.transaction.changes.filter(new="completed").count() == 1
        assert JournalEntry.objects.filter(source__startswith="capture:").count() == 1
        assert tenant.get("/api/tenancies/").json()[0]["outstanding"] == "0.00"


class TestBodies:
    @pytest.mark.parametrize(
        "body", [b"[]", b"[1,2]", b'"text"', b"null", b"7", b"{}", b'{"payload":[]}', b'{"event":7}']
    )
    def test_json_of_any_shape_is_stored_and_does_no_harm(self, db: None, days: Days, body: bytes) -> None:
        assert delivers(body).status_code == 200
        days.tick_for(1)

        assert WebhookEvent.objects.get().outcome == "ignored"

    @pytest.mark.parametrize("body", [b"not json", b"{", b"\xff\xfe", b"[" * 100_000, b" "])
    def test_what_is_not_json_is_a_400_but_kept(self, db: None, days: Days, body: bytes) -> None:
        assert_problem(delivers(body), 400, "not_json")
        days.tick_for(1)

        assert bytes(WebhookEvent.objects.get().body) == body
        assert WebhookEvent.objects.get().outcome == "unreadable"
        assert Alert.objects.get().kind == "unreadable_webhook"

    def test_an_empty_one_too(self, db: None) -> None:
        assert_problem(delivers(b"", CONTENT_LENGTH="0"), 400, "not_json")
        assert bytes(WebhookEvent.objects.get().body) == b""

    def test_the_largest_is_stored(self, db: None) -> None:
        body = b'"' + b"x" * (256 * 1024 - 2) + b'"'

        assert delivers(body).status_code == 200

    def test_a_larger_one_is_a_413_and_not_stored(self, db: None) -> None:
        assert_problem(delivers(b"x" * (256 * 1024 + 1)), 413, "too_large")
        assert not WebhookEvent.objects.exists()

    def test_one_in_chunks_is_stored_whole(self, db: None) -> None:
        answer = delivers(b"", HTTP_TRANSFER_ENCODING="chunked", **{"wsgi.input": BytesIO(BODY)})

        assert answer.status_code == 200
        assert bytes(WebhookEvent.objects.get().body) == BODY

    def test_one_that_breaks_off_is_sent_again(self, db: None) -> None:
        assert_problem(delivers(BODY[:50]), 400, "not_json")

    def test_about_nothing_we_know_it_tells_an_operator(self, db: None, days: Days) -> None:
        assert delivers().status_code == 200
        days.tick_for(1)

        assert WebhookEvent.objects.get().outcome == "unknown"
        assert Alert.objects.get().kind == "unknown_webhook"

    @pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
    def test_its_content_type_does_not_matter(self, db: None, content_type: str) -> None:
        answer = Client().post(WEBHOOK, BODY, content_type=content_type, headers={"Authorization": OURS})

        assert answer.status_code == 200
        assert bytes(WebhookEvent.objects.get().body) == BODY

    def test_another_method_is_a_405(self, db: None) -> None:
        answer = Client().get(WEBHOOK, headers={"Authorization": OURS})

        assert_problem(answer, 405, "method_not_allowed")
        assert answer.headers["Allow"] == "POST"

    @pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/payments/return/ZLT-1/", "/"])
    def test_operators_addresses_refuse_another_method_in_the_same_form(self, path: str) -> None:
        answer = Client(enforce_csrf_checks=True).post(path)

        assert_problem(answer, 405, "method_not_allowed")
        assert answer.headers["Allow"] == "GET, HEAD"


class Unreadable:
    """A body that must not be read."""

    def read(self, *_: Any) -> bytes:
        raise AssertionError("the body was read")

    readline = __iter__ = read


UNREADABLE: dict[str, Any] = {"wsgi.input": Unreadable()}


class TestAuthorization:
    @pytest.mark.parametrize(
        "header",
        [
            None,
            "",
            " ",
            "Basic emVsdG9uX2hvb2tzOmhvb2tzNHRlc3Rz",
            "zelton_hooks:hooks4tests",
            f"SHA256 {OURS}",
            f"{OURS} ",
            OURS[:-1],
            OURS + "0",
            sha256(b":").hexdigest(),
            sha256(b"").hexdigest(),
            sha256(b"zelton_hooks:wrong").hexdigest(),
            sha256(b"zelton_hooks:former4tests").hexdigest(),
            "ключ",
        ],
    )
    def test_a_wrong_one_is_a_401_that_leaves_no_trace_but_the_counter(
        self, payment: Payment, days: Days, phonepe: PhonePe, header: str | None
    ) -> None:
        before = counted("webhook_refused")

        answer = delivers(json.dumps({"payload": {"merchantOrderId": payment.merchant_order_id}}).encode(), header)
        days.tick_for(2)

        assert_problem(answer, 401, "webhook_refused")
        assert "WWW-Authenticate" in answer.headers
        assert not WebhookEvent.objects.exists()
        assert not Alert.objects.exists()
        assert not phonepe.was_asked()
        assert counted("webhook_refused") == before + 1

    @pytest.mark.parametrize("length", ["100", str(10**12)])
    def test_it_is_looked_at_before_the_body(self, db: None, length: str) -> None:
        answer = delivers(b"x", "wrong", CONTENT_LENGTH=length, **UNREADABLE)

        assert_problem(answer, 401, "webhook_refused")

    def test_it_costs_no_statement(self, db: None, django_assert_num_queries: Any) -> None:
        with django_assert_num_queries(0):
            delivers(authorization="wrong")

    def test_the_former_credentials_are_good_while_rotating_and_are_counted(self, db: None) -> None:
        before = counted("previous_credentials")

        assert delivers(authorization=FORMER).status_code == 200
        assert counted("previous_credentials") == before + 1
        assert delivers(authorization=OURS).status_code == 200
        assert counted("previous_credentials") == before + 1

    @pytest.mark.parametrize("pair", ["zelton_hooks:hooks4tests", ":", ""])
    def test_without_credentials_the_door_is_closed(self, db: None, settings: Any, pair: str) -> None:
        settings.PHONEPE_WEBHOOK_CREDENTIALS = []

        assert_problem(delivers(authorization=sha256(pair.encode()).hexdigest()), 401)
        assert_problem(delivers(authorization=""), 401)
        assert not WebhookEvent.objects.exists()
