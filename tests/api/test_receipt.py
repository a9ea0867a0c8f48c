"""GET /api/payments/<id>/receipt/"""

from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader
from time_machine import Traveller

from core.models import Payment, PaymentTransaction, Tenancy
from tests.api.answers import assert_problem
from tests.people import Caller
from tests.phonepe import Days, PhonePe


def text_of(answer: Any) -> str:
    assert answer.status_code == 200, answer.content[:200]
    assert answer.headers["Content-Type"] == "application/pdf"
    pages = PdfReader(BytesIO(answer.content)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


class TestReceipt:
    def test_it_tells_who_paid_what_to_whom(self, tenant: Caller, paid: Payment) -> None:
        text = text_of(tenant.get(f"/api/payments/{paid.pk}/receipt/"))

        assert f"R-2026-27-{paid.pk:07d}" in text
        assert "ravi the tenant" in text
        assert "asha the owner" in text
        assert paid.tenancy.unit.name in text
        assert "₹15,000.00" in text
        assert "Rupees fifteen thousand only" in text
        assert PaymentTransaction.objects.get().utr in text
        assert paid.merchant_order_id in text
        assert "10 April 2026, 12:00 IST" in text

    def test_paise_are_in_the_words(self, tenant: Caller, phonepe: PhonePe, days: Days) -> None:
        started = tenant.starts_rent("1234.56")
        phonepe.pays(started)
        days.tick_for(25)

        text = text_of(tenant.get(f"/api/payments/{started.json()['payment_id']}/receipt/"))

        assert "₹1,234.56" in text
        assert "fifty-six paise only" in text

    def test_the_day_and_the_financial_year_are_indias(
        self, tenancy: Tenancy, phonepe: PhonePe, traveller: Traveller, days: Days
    ) -> None:
        traveller.move_to(datetime(2027, 3, 31, 18, 35, tzinfo=UTC))
        tenant = Caller(tenancy.tenant.user)
        started = tenant.starts_rent()
        phonepe.pays(started)
        days.tick_for(25)

        text = text_of(tenant.get(f"/api/payments/{started.json()['payment_id']}/receipt/"))

        assert "R-2027-28-" in text
        assert "01 April 2027, 00:05 IST" in text

    def test_it_is_the_same_every_time_and_kept_by_nobody(self, tenant: Caller, paid: Payment) -> None:
        first, again = (tenant.get(f"/api/payments/{paid.pk}/receipt/") for _ in range(2))

        assert first.content == again.content
        assert first.headers["Cache-Control"] == "private, no-store"

    def test_long_names_of_any_script_do_no_harm(self, tenant: Caller, paid: Payment) -> None:
        paid.tenancy.tenant.name = "Ravi " * 30 + "<b>&amp; रवि"
        paid.tenancy.tenant.save()

        assert text_of(tenant.get(f"/api/payments/{paid.pk}/receipt/")).count("Ravi") >= 29

    def test_payer_owner_and_staff_get_it(self, owner: Caller, operator: Caller, paid: Payment) -> None:
        for caller in (owner, operator):
            assert text_of(caller.get(f"/api/payments/{paid.pk}/receipt/"))

    def test_to_strangers_it_does_not_exist(self, stranger: Caller, other_owner: Caller, paid: Payment) -> None:
        for caller in (stranger, other_owner):
            assert_problem(caller.get(f"/api/payments/{paid.pk}/receipt/"), 404, "not_found")

    @pytest.mark.parametrize("ends", ["pending", "failed"])
    def test_what_is_not_paid_has_none(self, tenant: Caller, payment: Payment, phonepe: PhonePe, ends: str) -> None:
        if ends == "failed":
            phonepe.fails(payment)
            tenant.verifies(payment.merchant_order_id)

        assert_problem(tenant.get(f"/api/payments/{payment.pk}/receipt/"), 409, "not_paid")
