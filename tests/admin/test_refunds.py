"""Refunds: shown with their order and history, and asked about."""

import pytest

from core.models import Payment, Refund
from tests.admin.desk import Desk, clerk, sentences, words
from tests.people import Caller
from tests.phonepe import Days, PhonePe


@pytest.fixture
def refund(payment: Payment, owner: Caller, phonepe: PhonePe, days: Days) -> Refund:
    phonepe.pays(payment)
    days.tick_for(25)
    assert owner.post(f"/api/payments/{payment.pk}/refund/", {"reason": "Moved out"}).status_code == 202
    return Refund.objects.get()


def test_it_is_found_and_leads_to_its_order(desk: Desk, refund: Refund) -> None:
    for name in (refund.merchant_refund_id, refund.refund_id, refund.transaction.merchant_order_id):
        assert "1 refund" in words(desk.looks_at(Refund, q=name))
    page = desk.looks_at(refund)
    assert f"/admin/core/paymenttransaction/{refund.transaction.pk}/change/" in page.content.decode()
    assert "₹15,000.00" in words(page)
    assert f"/admin/core/refund/?q={refund.transaction}" in desk.looks_at(refund.transaction).content.decode()


def test_an_operator_asks_phonepe_about_it(desk: Desk, refund: Refund, phonepe: PhonePe, days: Days) -> None:
    days.pass_by(3600)

    page = desk.decides("ask_phonepe", refund)

    assert sentences(page) == [f"{refund}: PhonePe gave its final word, COMPLETED; our books say COMPLETED."]
    assert "COMPLETED" in words(desk.looks_at(refund))
    assert Payment.objects.get().status == "refunded"


def test_it_keeps_the_three_seconds(desk: Desk, refund: Refund, phonepe: PhonePe) -> None:
    desk.decides("ask_phonepe", refund)
    desk.decides("ask_phonepe", refund)

    assert len(phonepe.simulator.calls_to("refund_status")) <= 1


def test_who_may_only_look_may_not_ask(refund: Refund, phonepe: PhonePe, days: Days) -> None:
    days.pass_by(3600)

    clerk("view_refund").decides("ask_phonepe", refund)

    assert not phonepe.simulator.calls_to("refund_status")
