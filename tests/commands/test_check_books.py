"""manage.py check_books, and resolve_mismatch"""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.models import Alert, LedgerLine, Payment, PaymentTransaction, Refund, WebhookEvent
from core.services import books, reconciliation
from phonepe_simulator import Fault
from tests.api.test_phonepe_webhook import delivers
from tests.people import Caller
from tests.phonepe import Days, PhonePe


@pytest.fixture
def busy(owner: Caller, payment: Payment, phonepe: PhonePe, days: Days) -> Payment:
    """Rent that came, and a part of it that went back."""
    phonepe.pays(payment)
    days.tick_for(21)
    owner.post(f"/api/payments/{payment.pk}/refund/", {"amount": "5000.00", "reason": "Too much"})
    days.pass_by(3600)
    reconciliation.tick()
    return payment


NOT_FINISHED = {"state": "PENDING", "finished_at": None, "reconciliation_status": "open"}


def checked() -> str:
    out = StringIO()
    call_command("check_books", stdout=out)
    return out.getvalue()


class TestCheckBooks:
    def test_books_of_a_busy_month_balance(self, busy: Payment) -> None:
        assert "The books balance." in checked()

    def test_it_speaks_json(self, busy: Payment) -> None:
        out = StringIO()
        call_command("check_books", "--json", stdout=out)
        said = json.loads(out.getvalue())
        assert said["balanced"] is True
        assert said["totals_paise"]["phonepe_clearing"] == 10_000_00

    @pytest.mark.parametrize(
        ("tamper", "named"),
        [
            (lambda: PaymentTransaction.objects.update(captured_paise=15_000_01), "captured ₹15000.01"),
            (lambda: PaymentTransaction.objects.update(refunding_paise=1), "counts ₹0.01 as refunding"),
            (lambda: Refund.objects.update(**NOT_FINISHED), "the ledger says it has done"),
            (lambda: Refund.objects.update(amount_paise=4_000_00), "Refund ZLR-"),
            (lambda: Payment.objects.update(status="failed"), "is failed, its order captured"),
        ],
    )
    def test_a_difference_is_named_to_the_paisa(self, busy: Payment, tamper: Any, named: str) -> None:
        tamper()
        out = StringIO()
        with pytest.raises(CommandError):
            call_command("check_books", stdout=out)
        assert named in out.getvalue()
        assert Alert.objects.get().kind == "books"

    def test_it_asks_as_often_for_many_as_for_few(self, busy: Payment) -> None:
        with CaptureQueriesContext(connection) as queries:
            list(books.differences())
        assert len(queries) <= 20


class TestResolveMismatch:
    @pytest.fixture
    def mismatched(self, payment: Payment, phonepe: PhonePe, days: Days) -> Payment:
        phonepe.simulator.faults.add(Fault(kind="wrong_amount", call="order_status", value=-1_000_00))
        phonepe.pays(payment)
        days.tick_for(21)
        phonepe.simulator.faults.clear()
        return payment

    def test_what_came_is_accepted(self, mismatched: Payment, tenant: Caller) -> None:
        call_command("resolve_mismatch", mismatched.merchant_order_id, "--accept", stdout=StringIO())

        mismatched.refresh_from_db()
        assert mismatched.status == "completed"
        assert mismatched.tenancy.outstanding_paise() == 1_000_00
        assert (
            not LedgerLine.objects.filter(account="suspense")
            .exclude(entry__source__startswith="suspense:")
            .exclude(entry__source__startswith="placing:")
        )
        assert "The books balance." in checked()
        assert tenant.starts_rent("1000.00").status_code == 201

    def test_a_webhook_about_what_was_accepted_agrees(self, mismatched: Payment, phonepe: PhonePe, days: Days) -> None:
        call_command("resolve_mismatch", mismatched.merchant_order_id, "--accept", stdout=StringIO())
        Alert.objects.all().delete()
        order = {"merchantOrderId": mismatched.merchant_order_id, "state": "COMPLETED"}

        for amount in (14_000_00, 15_000_00):
            content = {"event": "checkout.order.completed", "payload": {**order, "amount": amount}}
            assert delivers(json.dumps(content).encode()).status_code == 200
        days.tick_for(1)

        outcomes = WebhookEvent.objects.order_by("pk").values_list("outcome", flat=True)
        assert list(outcomes)[-2:] == ["settled", "contradicts"]
        assert Alert.objects.get().kind == "contradiction"

    def test_the_receipt_says_when_and_how_it_came(self, mismatched: Payment, tenant: Caller, days: Days) -> None:
        days.pass_by(3 * 24 * 3600)
        call_command("resolve_mismatch", mismatched.merchant_order_id, "--accept", stdout=StringIO())

        shown = tenant.get(f"/api/payments/{mismatched.pk}/").json()
        assert (shown["payment_mode"], shown["paid_at"][:10]) == ("UPI_INTENT", "2026-04-10")
        assert shown["utr"]

    def test_what_came_is_sent_back(self, mismatched: Payment) -> None:
        call_command("resolve_mismatch", mismatched.merchant_order_id, "--refund", "Wrong sum", stdout=StringIO())

        refund = Refund.objects.get()
        assert (refund.kind, refund.amount_paise, refund.reason) == ("mismatch", 14_000_00, "Wrong sum")
        assert mismatched.tenancy.outstanding_paise() == 15_000_00
        assert "The books balance." in checked()

    def test_nothing_else_can_be_decided_about(self, payment: Payment) -> None:
        with pytest.raises(CommandError, match="Nothing came"):
            call_command("resolve_mismatch", payment.merchant_order_id, "--accept")
        with pytest.raises(CommandError, match="no such order"):
            call_command("resolve_mismatch", "NOBODY", "--accept")
