"""The find box: any id leads to what it names, and a page tells its story."""

import json
from io import StringIO
from typing import Any
from urllib.parse import quote

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from core.models import (
    Alert,
    AlertKind,
    Invoice,
    Mandate,
    Payment,
    PaymentAttempt,
    Refund,
    Settlement,
    Tenancy,
    Tenant,
    User,
    WebhookEvent,
)
from core.services.operations.alerts import alert
from tests.admin.conftest import settled
from tests.admin.desk import Desk, clerk, words
from tests.people import Caller
from tests.phonepe import Days, PhonePe


@pytest.fixture
def paid(payment: Payment, phonepe: PhonePe, days: Days) -> Payment:
    phonepe.pays(payment)
    days.tick_for(25)
    return Payment.objects.select_related("transaction").get(pk=payment.pk)


def finds(desk: Desk, text: str) -> Any:
    return desk.browser.get("/admin/find/", {"q": text})


def leads_to(desk: Desk, text: str) -> str:
    answer = finds(desk, text)
    assert answer.status_code == 302, words(answer)
    return str(answer.headers["Location"])


class TestOneHit:
    def test_every_id_of_a_payment_leads_to_its_page(self, desk: Desk, paid: Payment) -> None:
        order, attempt = paid.transaction, paid.transaction.attempts.get()
        page = f"/admin/core/payment/{paid.pk}/change/"

        for text in (order.merchant_order_id, order.phonepe_order_id, order.utr, attempt.transaction_id):
            assert leads_to(desk, text) == page
        assert leads_to(desk, f"payment:{paid.pk}") == page
        assert leads_to(desk, f"  {order.merchant_order_id} ") == page

    def test_a_refunds_ids_lead_to_it(self, desk: Desk, paid: Payment, owner: Caller) -> None:
        owner.post(f"/api/payments/{paid.pk}/refund/", {"reason": "Moved out"})
        refund = Refund.objects.get()

        assert leads_to(desk, refund.merchant_refund_id) == f"/admin/core/refund/{refund.pk}/change/"
        assert leads_to(desk, refund.refund_id) == f"/admin/core/refund/{refund.pk}/change/"

    def test_a_settlement_and_its_lines_are_found(self, desk: Desk, db: None) -> None:
        line = settled("1")

        assert leads_to(desk, "S-1") == f"/admin/core/settlement/{line.settlement.pk}/change/"
        assert leads_to(desk, "OMO1") == f"/admin/core/settlementline/{line.pk}/change/"


def explained(text: str) -> set[str]:
    """Return the ids of all that `explain` finds."""
    out = StringIO()
    call_command("explain", text, "--json", stdout=out)
    told = json.loads(out.getvalue())
    named = told.get("matches") or [told["subject"]]
    return {match["id"] for match in [*named, *told.get("people", [])]}


def shown(desk: Desk, text: str) -> int:
    """Return how many things the find box shows, or leads to."""
    answer = finds(desk, text)
    return 1 if answer.status_code == 302 else len(answer.context["hits"])


class TestOneFinder:
    """Whatever the command finds the page finds, and the other way round."""

    def test_people_are_found_before_they_paid_anything(self, desk: Desk, tenancy: Tenancy) -> None:
        tenant, owner = tenancy.tenant, tenancy.unit.property.owner
        Tenant.objects.filter(pk=tenant.pk).update(phone="+91 98000 00001", name="Meera Rao")
        User.objects.filter(pk=owner.user_id).update(email="owner@mail.test")

        for held in ("9800000001", "meera rao", tenant.user.username, f"tenant:{tenant.pk}"):
            assert explained(held) == {f"tenant:{tenant.pk}"}, held
            assert leads_to(desk, held) == f"/admin/core/tenant/{tenant.pk}/change/"
        for held in ("OWNER@mail.test", owner.user.username, f"owner:{owner.pk}"):
            assert explained(held) == {f"owner:{owner.pk}"}, held
            assert leads_to(desk, held) == f"/admin/core/owner/{owner.pk}/change/"

    def test_whatever_one_finds_the_other_finds(self, desk: Desk, full_books: None, payment: Payment) -> None:
        alert(AlertKind.DISPUTE, payment.merchant_order_id, "Dispute D-77 of it: answer it.", now=timezone.now())
        order, attempt, refund = payment.transaction, PaymentAttempt.objects.all()[0], Refund.objects.all()[0]
        order.refresh_from_db()
        Mandate.objects.update(subscription_id="OMS-77")
        webhook, mandate = WebhookEvent.objects.all()[0], Mandate.objects.get()
        subscription, invoice = mandate.owner_subscription, Invoice.objects.all()[0]
        told, settlement = Alert.objects.all()[0], Settlement.objects.get()
        owed = f"tenancy:{payment.tenancy_id}:receivable"
        held = [
            payment.tenancy.tenant.user.username, payment.tenancy.unit.property.owner.name, order.merchant_order_id,
            order.phonepe_order_id, attempt.transaction_id, attempt.utr, attempt.upi_transaction_id,
            refund.merchant_refund_id, refund.refund_id, "S-1", "OMO1", "R-1", "D-77", webhook.digest, str(webhook.pk),
            mandate.merchant_subscription_id, mandate.subscription_id, invoice.number, "15000 2026-04-10", owed,
            f"capture:{order.merchant_order_id}", f"payment:{payment.pk}", f"tenancy:{payment.tenancy_id}",
            f"refund:{refund.pk}", f"webhook:{webhook.pk}", f"mandate:{mandate.pk}", f"subscription:{subscription.pk}",
            f"invoice:{invoice.pk}", f"alert:{told.pk}", f"settlement:{settlement.pk}",
            f"user:{payment.tenancy.tenant.user_id}",
        ]  # fmt: skip

        assert all(held)
        for text in held:
            assert len(explained(text)) == shown(desk, text) >= 1, text
        assert explained(f"tenancy:{payment.tenancy_id}") == {f"tenancy:{payment.tenancy_id}"}
        assert leads_to(desk, owed) == f"/admin/trial-balance/?account={quote(owed, safe='')}"

    def test_a_tenancy_tells_what_is_owed_and_why(self, tenancy: Tenancy, payment: Payment) -> None:
        out = StringIO()
        call_command("explain", f"tenancy:{tenancy.pk}", stdout=out)

        assert "₹15,000.00 is outstanding." in out.getvalue()
        assert f"payment:{payment.pk} of ₹15,000.00 was begun" in out.getvalue()
        assert "Booked ₹15,000.00: Rent for April 2026" in out.getvalue()

    def test_what_neither_knows_is_named_with_what_can_be_given(self, desk: Desk, db: None) -> None:
        page = words(finds(desk, "tenancy:999"))
        with pytest.raises(CommandError) as told:
            explained("tenancy:999")

        assert "Nothing is known by “tenancy:999”. Looked among numbers such as payment:12, tenancy:9" in page
        assert str(told.value) in page


def test_a_phone_number_leads_to_the_person_and_their_money(desk: Desk, paid: Payment, stranger: Caller) -> None:
    Tenant.objects.filter(pk=paid.tenancy.tenant_id).update(phone="+91 98000 00001")

    page = finds(desk, "9800000001").content.decode()

    assert f"/admin/core/tenant/{paid.tenancy.tenant_id}/change/" in page
    assert f"/admin/core/payment/{paid.pk}/change/" in page


@pytest.mark.parametrize(
    "text", ["ZLT-nothing", "\0", "%", "' OR 1=1 --", "x" * 5000, "नमस्ते", "payment:99999999999999999999"]
)
def test_nothing_is_said_in_a_sentence(desk: Desk, paid: Payment, text: str) -> None:
    answer = finds(desk, text)

    assert answer.status_code in (200, 400)
    if answer.status_code == 200:
        assert "Looked among" in words(answer)


def test_an_empty_box_says_what_it_takes(desk: Desk) -> None:
    assert "Type any id" in words(desk.browser.get("/admin/find/"))


def test_it_shows_what_a_person_may_see(paid: Payment) -> None:
    for desk in (clerk(), clerk("view_tenant")):
        assert "Looked among" in words(finds(desk, paid.merchant_order_id))
    assert leads_to(clerk("view_payment"), paid.merchant_order_id) == f"/admin/core/payment/{paid.pk}/change/"


def test_every_page_has_the_box_and_the_environment(desk: Desk, paid: Payment) -> None:
    for page in ("/admin/", "/admin/core/payment/", f"/admin/core/payment/{paid.pk}/change/", "/admin/runbook/"):
        shown = desk.browser.get(page)
        assert 'action="/admin/find/"' in shown.content.decode()
        assert "SANDBOX: no real money moves here" in words(shown)


class TestStory:
    def test_a_payment_tells_what_happened_in_order(self, desk: Desk, paid: Payment) -> None:
        page = words(desk.looks_at(paid))

        told = [page.index(kind) for kind in ("· initiated", "· attempt", "· status", "· ledger")]
        assert told == sorted(told)
        assert "10 Apr 2026, 12:00:00 IST · initiated" in page
        assert "can be refunded" in page.split("What can be done now")[1]
        assert "Booked ₹15,000.00" in page

    def test_an_order_tells_the_same(self, desk: Desk, paid: Payment) -> None:
        assert "· initiated" in words(desk.looks_at(paid.transaction))

    def test_who_may_not_see_it_is_told_nothing(self, paid: Payment) -> None:
        assert clerk("view_tenant").looks_at(paid).status_code == 403
