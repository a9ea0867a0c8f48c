"""manage.py explain: from whatever a person holds to what happened to this money, and what can be done."""

import json
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.models import (
    Attempt,
    Payment,
    PaymentAttempt,
    PaymentTransaction,
    PhonePeCall,
    Refund,
    ReportedBy,
    Settlement,
    Tenancy,
    WebhookEvent,
)
from core.services.operations.trace import note_action
from phonepe_simulator import Fault
from tests.deliveries import delivers
from tests.people import Caller
from tests.phonepe import Days, PhonePe, settles


def explained(*words: str) -> Any:
    out = StringIO()
    call_command("explain", *words, "--json", stdout=out)
    return json.loads(out.getvalue())


def kinds(story: Any) -> list[str]:
    return [event["kind"] for event in story["events"]]


@pytest.fixture
def paid(payment: Payment, phonepe: PhonePe, days: Days) -> Payment:
    phonepe.pays(payment, mode="UPI_INTENT")
    phonepe.delivers()
    days.tick_for(21)
    payment.refresh_from_db()
    return payment


class TestStory:
    def test_a_paid_order_tells_every_step_in_order_of_time(self, paid: Payment) -> None:
        story = explained(f"payment:{paid.pk}")

        assert story["subject"]["id"] == f"payment:{paid.pk}"
        assert story["subject"]["merchant_order_id"] == paid.merchant_order_id
        assert story["subject"]["amount"] == "15000.00"
        assert {"initiated", "call", "attempt", "webhook", "status", "ledger"} <= set(kinds(story))
        assert [event["at"] for event in story["events"]] == sorted(event["at"] for event in story["events"])
        assert all(event["at"].endswith("Z") and event["text"] for event in story["events"])
        assert all(set(event) == {"at", "kind", "text", "cause", "detail"} for event in story["events"])

    def test_what_the_payer_was_told_is_told(self, paid: Payment, owner: Caller, days: Days) -> None:
        owner.post(f"/api/payments/{paid.pk}/refund/", {"amount": "5000.00", "reason": "Too much"})
        days.tick_for(61)

        told = [event for event in explained(f"payment:{paid.pk}")["events"] if event["kind"] == "notification"]

        assert [event["cause"] for event in told] == ["payment_received", "refund_done"]
        assert "₹15,000.00 received" in told[0]["text"]

    def test_a_webhook_that_comes_again_is_told_again(self, paid: Payment, days: Days) -> None:
        days.pass_by(600)
        assert delivers(bytes(WebhookEvent.objects.get().body)).status_code == 200

        told = [event for event in explained(f"payment:{paid.pk}")["events"] if event["kind"] == "webhook"]

        assert [event["text"].partition(";")[0] for event in told] == [
            "PhonePe delivered checkout.order.completed",
            "PhonePe delivered checkout.order.completed again, 2 times in all",
        ]
        assert told[0]["at"] < told[1]["at"]

    def test_a_call_says_which_how_long_and_what_came(self, paid: Payment) -> None:
        calls = [event["detail"] for event in explained(paid.merchant_order_id)["events"] if event["kind"] == "call"]

        assert [call["call"] for call in calls] == ["create_order", "order_status"]
        assert {call["outcome"] for call in calls} == {"answered"}
        assert calls[-1]["said"] == "COMPLETED"
        assert all(isinstance(call["milliseconds"], int) for call in calls)

    def test_a_call_without_an_answer_is_told_too(self, payment: Payment, phonepe: PhonePe, days: Days) -> None:
        phonepe.simulator.faults.add(Fault("timeout_after", "order_status"))
        days.tick_for(21)

        last = [event for event in explained(payment.merchant_order_id)["events"] if event["kind"] == "call"][-1]
        assert last["detail"]["outcome"] == "PhonePeOutcomeUnknown"

    def test_a_refund_is_told_with_who_asked_for_it(self, paid: Payment, owner: Caller, days: Days) -> None:
        body = {"amount": "5000.00", "reason": "Too much"}
        owner.post(f"/api/payments/{paid.pk}/refund/", body, **{"Idempotency-Key": "k"})
        days.tick_for(61)
        refund = Refund.objects.get()

        story = explained(f"refund:{refund.pk}")
        assert story["subject"]["id"] == f"refund:{refund.pk}"
        assert story["subject"]["payment"] == f"payment:{paid.pk}"
        told = " ".join(event["text"] for event in story["events"] if event["kind"] == "refund")
        assert f"asked for by {owner.user.username}: Too much" in told
        assert "₹5,000.00" in told

    def test_settlement_alert_and_operator_belong_to_it(
        self, paid: Payment, phonepe: PhonePe, days: Days, tmp_path: Any
    ) -> None:
        settled = settles(phonepe, days)
        report = tmp_path / "report.csv"
        report.write_text(phonepe.simulator.settlement_report(settled.settlement_id))
        call_command("import_settlement", str(report), stdout=StringIO())
        note_action(
            "ask", by=None, reason="The tenant called", about=f"payment:{paid.pk}", order=paid.transaction,
            now=days.now(),
        )  # fmt: skip

        story = explained(paid.merchant_order_id)
        assert {"settlement", "operator"} <= set(kinds(story))
        assert "The tenant called" in " ".join(event["text"] for event in story["events"])
        assert explained(settled.settlement_id)["subject"]["id"] == f"settlement:{Settlement.objects.get().pk}"

    def test_a_webhook_about_nothing_has_its_own_story(self, db: None, days: Days) -> None:
        assert delivers({"event": "checkout.order.completed", "payload": {"merchantOrderId": "X1"}}).status_code == 200
        days.tick_for(1)

        story = explained(f"webhook:{WebhookEvent.objects.get().pk}")
        assert kinds(story)[0] == "webhook"

    def test_what_can_be_done_is_said(self, paid: Payment) -> None:
        assert "Up to ₹15,000.00 can be refunded" in " ".join(explained(paid.merchant_order_id)["subject"]["next"])

    def test_a_refund_that_waits_for_approval_is_the_next_step_and_no_other_is_offered(
        self, paid: Payment, owner: Caller, settings: Any
    ) -> None:
        settings.REFUND_APPROVAL_ABOVE = Decimal(50)
        owner.post(f"/api/payments/{paid.pk}/refund/", {"amount": "100.00", "reason": "x"}, **{"Idempotency-Key": "k"})

        steps = " ".join(explained(paid.merchant_order_id)["subject"]["next"])

        assert f"manage.py approve_refund {Refund.objects.get().merchant_refund_id}" in steps
        assert "can be refunded" not in steps

    def test_what_was_charged_back_is_not_offered_as_a_refund_alone(
        self, paid: Payment, phonepe: PhonePe, days: Days, tmp_path: Any
    ) -> None:
        phonepe.simulator.charge_back(paid.merchant_order_id, 5_000_00)
        settled = settles(phonepe, days)
        report = tmp_path / "report.csv"
        report.write_text(phonepe.simulator.settlement_report(settled.settlement_id))
        call_command("import_settlement", str(report), stdout=StringIO())

        charged_back, left = explained(paid.merchant_order_id)["subject"]["next"]
        assert charged_back.startswith(
            "₹5,000.00 was charged back, so do not refund it. It is a part of what settlement"
        )
        assert left.startswith("Up to ₹10,000.00 can be refunded")
        (step,) = explained(settled.settlement_id)["subject"]["next"]
        assert step.startswith("₹5,000.00 is missing, in suspense")

        how = ("--to", "written_off", "--reason", "Lost")
        call_command("place_suspense", f"settlement:{settled.settlement_id}", *how, stdout=StringIO())
        assert explained(paid.merchant_order_id)["subject"]["next"][0].endswith("so do not refund it.")

    def test_an_order_that_phonepe_lost_says_how_it_ends(self, payment: Payment, phonepe: PhonePe, days: Days) -> None:
        known = payment.transaction.phonepe_order_id
        del phonepe.simulator.orders[payment.merchant_order_id]
        days.tick_for(21)

        steps = " ".join(explained(payment.merchant_order_id)["subject"]["next"])

        assert f"write to PhonePe with its order id {known}" in steps
        assert "“Give up”" in steps

    def test_people_read_indias_time(self, paid: Payment) -> None:
        out = StringIO()
        call_command("explain", paid.merchant_order_id, stdout=out)

        assert "India's time (IST)" in out.getvalue()
        assert "What can be done:" in out.getvalue()


class TestIds:
    def test_every_id_of_a_paid_order_leads_to_it(self, paid: Payment) -> None:
        order = paid.transaction
        attempt = PaymentAttempt.objects.get()
        for held in (
            paid.merchant_order_id,
            order.phonepe_order_id,
            attempt.transaction_id,
            attempt.utr,
            attempt.upi_transaction_id,
            f"payment:{paid.pk}",
            f"  payment:{paid.pk} ",
        ):
            assert held.strip()
            assert explained(held)["subject"]["payment"] == f"payment:{paid.pk}", held

    def test_a_webhooks_bare_number_leads_to_its_order(self, paid: Payment) -> None:
        webhook = WebhookEvent.objects.get()

        assert explained(str(webhook.pk))["subject"]["id"] == f"webhook:{webhook.pk}"
        assert explained(str(webhook.pk))["subject"]["payment"] == f"payment:{paid.pk}"

    def test_a_refund_by_its_ids(self, paid: Payment, owner: Caller) -> None:
        owner.post(f"/api/payments/{paid.pk}/refund/", {"amount": "1.00", "reason": "x"}, **{"Idempotency-Key": "k"})
        refund = Refund.objects.get()

        for held in (refund.merchant_refund_id, refund.refund_id):
            assert explained(held)["subject"]["id"] == f"refund:{refund.pk}"

    def test_a_tenant_with_several_payments_gets_a_list_newest_first(
        self, tenant: Caller, payment: Payment, tenancy: Tenancy, days: Days
    ) -> None:
        days.pass_by(60)
        assert tenant.starts_rent("500.00").status_code == 201
        tenancy.tenant.phone = "+91 98765 43210"
        tenancy.tenant.save()
        newest = Payment.objects.latest("pk")

        for held in (tenant.user.username, "9876543210", "098765-43210"):
            assert [match["id"] for match in explained(held)["matches"]] == [
                f"payment:{newest.pk}",
                f"payment:{payment.pk}",
            ]

    def test_an_owner_finds_what_came_to_them(self, owner: Caller, paid: Payment) -> None:
        assert explained(owner.user.username)["subject"]["payment"] == f"payment:{paid.pk}"

    def test_an_amount_and_a_day(self, paid: Payment) -> None:
        for held in (("15000", "2026-04-10"), ("₹15,000.00 on 2026-04-10",), ("2026-04-10", "15,000")):
            assert explained(*held)["subject"]["payment"] == f"payment:{paid.pk}", held

    @pytest.mark.parametrize(
        "held",
        [
            "NOTHING",
            "payment:999999",
            "refund:1",
            "lease:1",
            "0",
            "payment:",
            "\0",
            "' OR 1=1 --",
            "9" * 400,
            "15000 2026-02-31",
        ],
    )
    def test_what_nobody_knows_gets_a_sentence_and_exit_1(self, payment: Payment, held: str) -> None:
        with pytest.raises(CommandError, match=r"Looked among numbers"):
            explained(held)

    def test_names_are_read_through_only_for_what_is_no_id(self, paid: Payment) -> None:
        def reads_names(text: str) -> bool:
            with CaptureQueriesContext(connection) as queries:
                explained(text)
            return any('"core_tenant"."name"' in query["sql"].partition("WHERE")[2] for query in queries)

        assert reads_names("asha")
        assert not reads_names(paid.merchant_order_id)

    def test_the_search_asks_as_often_for_many_as_for_few(self, payment: Payment) -> None:
        with CaptureQueriesContext(connection) as asked, pytest.raises(CommandError):
            explained("423456789012")
        assert len(asked) <= 16


class TestAttempts:
    def note(self, order: PaymentTransaction, by: ReportedBy, days: Days, **change: Any) -> PaymentAttempt:
        attempt = Attempt("OM1", "PENDING", "UPI_QR", 1500000, None, "", "", "", "", "")._replace(**change)
        PaymentAttempt.objects.note([(order.pk, attempt)], reported_by=by, now=days.now())
        return PaymentAttempt.objects.get()

    def test_an_attempt_is_kept_once_and_follows_what_phonepe_says(self, payment: Payment, days: Days) -> None:
        order = payment.transaction
        first = self.note(order, ReportedBy.STATUS, days)
        days.pass_by(5)
        last = self.note(order, ReportedBy.STATUS, days, state="FAILED", error_code="PAYMENT_ERROR")

        assert (last.pk, last.state, last.error_code) == (first.pk, "FAILED", "PAYMENT_ERROR")
        assert last.changed_at > last.seen_at == first.seen_at

    def test_a_webhook_does_not_overwrite_phonepes_answer(self, payment: Payment, days: Days) -> None:
        order = payment.transaction
        self.note(order, ReportedBy.WEBHOOK, days)
        self.note(order, ReportedBy.STATUS, days, state="FAILED")

        assert self.note(order, ReportedBy.WEBHOOK, days, state="COMPLETED").state == "FAILED"

    def test_a_repeated_report_changes_nothing(self, payment: Payment, days: Days) -> None:
        first = self.note(payment.transaction, ReportedBy.STATUS, days)
        days.pass_by(5)

        assert self.note(payment.transaction, ReportedBy.STATUS, days).changed_at == first.changed_at

    def test_a_failed_attempt_of_a_webhook_is_kept(self, payment: Payment, days: Days) -> None:
        detail = {
            "transactionId": "OM7", "paymentMode": "UPI_INTENT", "timestamp": 1775300000000, "amount": 1500000,
            "state": "FAILED", "errorCode": "PAYMENT_ERROR", "detailedErrorCode": "TXN_AUTO_FAILED",
            "rail": {"type": "UPI", "vpa": "9876543210@ybl"},
            "instrument": {"type": "ACCOUNT", "accountNumber": "123456789012", "accountHolderName": "Asha"},
        }  # fmt: skip
        payload = {"merchantOrderId": payment.merchant_order_id, "state": "PENDING", "paymentDetails": [detail]}
        delivers({"event": "checkout.transaction.attempt.failed", "payload": payload})
        days.tick_for(1)

        attempt = PaymentAttempt.objects.get(transaction_id="OM7")
        assert (attempt.error_code, attempt.detailed_error_code) == ("PAYMENT_ERROR", "TXN_AUTO_FAILED")
        assert attempt.reported_by == "webhook"
        assert attempt.instrument == "UPI 98…@ybl, account ••9012"
        assert explained("OM7")["subject"]["payment"] == f"payment:{payment.pk}"

    def test_no_story_holds_a_secret_or_a_whole_number(self, paid: Payment) -> None:
        tokens = PaymentTransaction.objects.values_list("redirect_url", "order_token").get()
        told = json.dumps(explained(paid.merchant_order_id))

        assert not any(secret in told for secret in tokens if secret)
        assert not PhonePeCall.objects.filter(said__contains="http").exists()
