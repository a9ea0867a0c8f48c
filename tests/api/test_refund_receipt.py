"""GET /api/payments/<id>/refunds/<merchant_refund_id>/receipt/"""

from typing import Any

import pytest

from core.models import Payment, Refund
from core.services import worker
from core.services.documents.receipts import receipt_number
from tests.api.answers import assert_problem
from tests.pdfs import lines_of, text_of
from tests.people import Caller, make_tenancy, make_tenant
from tests.phonepe import Days, PhonePe
from tests.refunds import refunds


@pytest.fixture
def under_way(owner: Caller, paid: Payment) -> Refund:
    """₹5,000.50 that the owner gives back, and PhonePe has not paid out yet."""
    return refunds(owner, paid, "5000.50")


@pytest.fixture
def paid_back(under_way: Refund, days: Days) -> Refund:
    days.pass_by(3600)
    worker.tick()
    under_way.refresh_from_db()
    assert under_way.state == "COMPLETED"
    return under_way


def gets(caller: Caller, payment: Payment, refund: Refund | str) -> Any:
    return caller.get(f"/api/payments/{payment.pk}/refunds/{refund}/receipt/")


class TestRefundReceipt:
    def test_it_tells_what_went_back_to_whom_and_of_what(
        self, tenant: Caller, paid: Payment, paid_back: Refund
    ) -> None:
        text = text_of(gets(tenant, paid, paid_back))

        assert f"RR-2026-27-{paid_back.pk:07d}" in text
        assert "Paid back to ravi the tenant" in text
        assert "On behalf of asha the owner" in text
        assert "Rent for House of asha the owner, Flat of ravi the tenant" in text
        assert "The lift did not work" in text
        assert "₹5,000.50" in text
        assert "Rupees five thousand and fifty paise only" in text
        assert "10 April 2026, 13:00 IST" in text
        for reference in (paid_back.refund_id, paid_back.merchant_refund_id, paid.merchant_order_id):
            assert reference
            assert reference in text
        assert receipt_number(paid) in text

    def test_each_refund_has_its_own(
        self, owner: Caller, tenant: Caller, paid: Payment, paid_back: Refund, days: Days
    ) -> None:
        second = refunds(owner, paid, "100.00", "Keys came late")
        days.pass_by(3600)
        worker.tick()

        text = text_of(gets(tenant, paid, second))

        assert f"RR-2026-27-{second.pk:07d}" in text
        assert "Rupees one hundred only" in text
        assert "5,000.50" not in text

    def test_it_is_the_same_every_time_and_kept_by_nobody(
        self, tenant: Caller, paid: Payment, paid_back: Refund
    ) -> None:
        first, again = (gets(tenant, paid, paid_back) for _ in range(2))

        assert first.content == again.content
        assert first.headers["Cache-Control"] == "no-store"
        assert f'filename="refund-receipt-{paid_back.pk}.pdf"' in first.headers["Content-Disposition"]

    def test_who_accepts_pdf_alone_gets_it(self, tenant: Caller, paid: Payment, paid_back: Refund) -> None:
        path = f"/api/payments/{paid.pk}/refunds/{paid_back}/receipt/"

        assert text_of(tenant.get(path, Accept="application/pdf"))
        assert_problem(tenant.get(f"{path.replace('ZLR', 'XYZ')}", Accept="application/pdf"), 404, "not_found")

    @pytest.mark.parametrize("piece", ["WWWW", "क्षक्ष"])
    def test_a_long_word_is_broken_and_stays_on_the_paper(
        self, owner: Caller, paid: Payment, days: Days, piece: str
    ) -> None:
        refund = refunds(owner, paid, "100.00", f"{piece * 75} and that is all")
        days.pass_by(3600)
        worker.tick()

        answer = gets(owner, paid, refund)

        assert "and that is all" in text_of(answer)
        assert refund.merchant_refund_id in text_of(answer)
        assert len([line for line in lines_of(answer) if piece in line]) >= 3

    def test_a_refund_under_way_has_none_yet(self, tenant: Caller, paid: Payment, under_way: Refund) -> None:
        assert_problem(gets(tenant, paid, under_way), 409, "not_paid_back")

    def test_a_failed_refund_has_none(
        self, tenant: Caller, paid: Payment, under_way: Refund, phonepe: PhonePe, days: Days
    ) -> None:
        phonepe.simulator.conclude_refund(under_way.merchant_refund_id, "failure")
        days.pass_by(3600)
        worker.tick()
        assert Refund.objects.get().state == "FAILED"

        assert_problem(gets(tenant, paid, under_way), 409, "not_paid_back")

    def test_payer_owner_and_staff_get_it(
        self, tenant: Caller, owner: Caller, operator: Caller, paid: Payment, paid_back: Refund
    ) -> None:
        for caller in (tenant, owner, operator):
            assert text_of(gets(caller, paid, paid_back))

    def test_to_strangers_it_does_not_exist(
        self, stranger: Caller, other_owner: Caller, paid: Payment, paid_back: Refund
    ) -> None:
        for caller in (stranger, other_owner):
            assert_problem(gets(caller, paid, paid_back), 404, "not_found")

    def test_a_refund_of_another_payment_is_not_found(
        self, operator: Caller, paid: Payment, paid_back: Refund, phonepe: PhonePe
    ) -> None:
        other = make_tenancy(paid.tenancy.unit.property.owner, make_tenant("lata"), starts_on=paid.tenancy.starts_on)
        other_payment = Payment.objects.get(pk=Caller(other.tenant.user).starts_rent().json()["payment_id"])

        assert_problem(gets(operator, other_payment, paid_back), 404, "not_found")
        assert_problem(gets(operator, paid, "ZLR-none"), 404, "not_found")
