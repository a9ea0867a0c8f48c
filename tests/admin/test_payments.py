"""Payments and orders: found by every name they have, and linked to each other."""

import pytest

from core.models import Payment, PaymentTransaction
from tests.admin.desk import Desk, words
from tests.people import Caller
from tests.phonepe import Days, PhonePe


@pytest.fixture
def paid(payment: Payment, phonepe: PhonePe, days: Days) -> Payment:
    phonepe.pays(payment)
    days.tick_for(25)
    return Payment.objects.select_related("transaction").get(pk=payment.pk)


@pytest.mark.parametrize("name", ["merchant_order_id", "phonepe_order_id", "utr"])
@pytest.mark.parametrize("model", [Payment, PaymentTransaction])
def test_it_is_found_by_its_names(desk: Desk, paid: Payment, model: type, name: str) -> None:
    page = desk.looks_at(model, q=getattr(paid.transaction, name))

    assert f"1 {model._meta.verbose_name}" in words(page)
    assert paid.merchant_order_id in words(page)


def test_it_leads_from_the_payment_to_the_order_to_the_tenancy(desk: Desk, paid: Payment) -> None:
    page = desk.looks_at(paid).content.decode()
    assert f"/admin/core/paymenttransaction/{paid.transaction.pk}/change/" in page
    assert f"/admin/core/tenancy/{paid.tenancy.pk}/change/" in page
    order = desk.looks_at(paid.transaction).content.decode()
    assert f"/admin/core/payment/{paid.pk}/change/" in order
    tenancy = desk.looks_at(paid.tenancy).content.decode()
    assert f"/admin/core/payment/?tenancy__id__exact={paid.tenancy.pk}" in tenancy


def test_a_tenancys_payments_are_its_own(desk: Desk, paid: Payment, stranger: Caller) -> None:
    other = stranger.starts_rent().json()["merchant_order_id"]

    page = words(desk.looks_at(Payment, tenancy__id__exact=paid.tenancy.pk))

    assert paid.merchant_order_id in page
    assert other not in page


def test_the_order_tells_its_history_with_phonepes_answer(desk: Desk, paid: Payment) -> None:
    page = words(desk.looks_at(paid.transaction))

    assert "pending completed" in page
    assert '"state": "COMPLETED"' in page


def test_it_tells_the_money_in_rupees(desk: Desk, paid: Payment) -> None:
    assert "₹15,000.00" in words(desk.looks_at(paid))
    assert "₹15,000.00" in words(desk.looks_at(Payment))


def test_it_tells_to_whom_it_was_paid(desk: Desk, paid: Payment) -> None:
    assert "Owner asha the owner" in words(desk.looks_at(paid))


def test_it_does_not_show_where_the_order_is_paid(desk: Desk, tenant: Caller, phonepe: PhonePe) -> None:
    tenant.starts_rent(channel="mobile_sdk")
    order = PaymentTransaction.objects.get()

    for page in (desk.looks_at(order), desk.looks_at(PaymentTransaction)):
        assert order.order_token not in page.content.decode()
        assert "redirect" not in words(page).lower().replace("redirect 1", "").replace("by channel all redirect", "")


@pytest.mark.parametrize("status", ["completed", "failed"])
def test_it_filters_by_status(desk: Desk, paid: Payment, status: str) -> None:
    page = words(desk.looks_at(Payment, status__exact=status))

    assert (paid.merchant_order_id in page) == (status == "completed")
