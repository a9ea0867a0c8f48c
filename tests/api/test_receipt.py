"""GET /api/payments/<id>/receipt/"""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.management import call_command
from time_machine import Traveller

from core.models import Payment, PaymentTransaction, Tenancy, User
from core.services.rent.charges import raise_charges
from core.services.rent.corrections import reverse_charge
from phonepe_simulator import Fault
from tests.api.answers import assert_problem
from tests.pdfs import text_of
from tests.people import Caller
from tests.phonepe import Days, PhonePe, order_id_of
from tests.refunds import refunds

Pay = Callable[[Any], str]


def staff(*permissions: str) -> Caller:
    user = User.objects.create(username="-".join(permissions), is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return Caller(user)


@pytest.fixture
def pay(phonepe: PhonePe, days: Days) -> Pay:
    """Return what pays a payment that was started, and reads its receipt."""

    def pay(started: Any) -> str:
        phonepe.pays(started)
        days.tick_for(25)
        payment = Payment.objects.get(merchant_order_id=order_id_of(started))
        return text_of(Caller(payment.tenancy.tenant.user).get(f"/api/payments/{payment.pk}/receipt/"))

    return pay


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
        assert "Paid by UPI Intent" in text

    def test_it_tells_where_and_for_which_month(self, tenant: Caller, payment: Payment, pay: Pay) -> None:
        house = payment.tenancy.unit.property
        house.address = "12, MG Road\nBengaluru 560001"
        house.save()

        text = pay(payment)

        assert "Property House of asha the owner, Flat of ravi the tenant 12, MG Road Bengaluru 560001" in text
        assert "Rent for Amount April 2026 ₹15,000.00 Total ₹15,000.00" in text

    def test_the_landlords_pan_stands_on_it_as_it_was_then(
        self, tenant: Caller, owner: Caller, payment: Payment, pay: Pay
    ) -> None:
        assert owner.patch("/api/me/", {"pan": "ABCPE1234F"}).status_code == 200
        assert "On behalf of asha the owner PAN ABCPE1234F" in pay(payment)
        assert owner.patch("/api/me/", {"pan": ""}).status_code == 200

        address = f"/api/payments/{payment.pk}/receipt/"
        for reader, pan in (
            (tenant, "PAN ABCPE1234F"),
            (owner, "PAN ABCPE1234F"),
            (staff("view_payment", "change_owner"), "PAN ABCPE1234F"),
            (staff("view_payment", "view_owner"), "PAN ••••••234F"),
        ):
            assert pan in text_of(reader.get(address))
            # The number stands on the receipt and nowhere else that shows the payment.
            assert "1234F" not in reader.get(f"/api/payments/{payment.pk}/").content.decode()

    def test_one_that_was_issued_without_a_pan_stays_so(self, tenant: Caller, owner: Caller, paid: Payment) -> None:
        address = f"/api/payments/{paid.pk}/receipt/"
        before = tenant.get(address).content
        owner.patch("/api/me/", {"pan": "ABCPE1234F"})

        assert tenant.get(address).content == before
        assert "PAN" not in text_of(tenant.get(address))

    def test_paise_are_in_the_words(self, tenant: Caller, phonepe: PhonePe, days: Days) -> None:
        started = tenant.starts_rent("1234.56")
        phonepe.pays(started)
        days.tick_for(25)

        text = text_of(tenant.get(f"/api/payments/{started.json()['payment_id']}/receipt/"))

        assert "₹1,234.56" in text
        assert "fifty-six paise only" in text

    def test_money_is_for_the_oldest_months_that_are_due(
        self, tenancy: Tenancy, traveller: Traveller, pay: Pay
    ) -> None:
        traveller.move_to(datetime(2026, 6, 10, 6, 30, tzinfo=UTC))
        raise_charges(through=date(2026, 6, 10))
        tenant = Caller(tenancy.tenant.user)

        first = pay(tenant.starts_rent("20000.00"))
        second = pay(tenant.starts_rent("25000.00"))

        assert "Rent for Amount April 2026 ₹15,000.00 May 2026 (part of ₹15,000.00) ₹5,000.00 Total ₹20,000" in first
        assert "Rent for Amount May 2026 (part of ₹15,000.00) ₹10,000.00 June 2026 ₹15,000.00 Total ₹25,000" in second

    def test_no_money_is_for_a_month_that_was_reversed(
        self, tenancy: Tenancy, tenant: Caller, operator: Caller, days: Days, pay: Pay
    ) -> None:
        raise_charges(through=date(2026, 5, 1))
        april = tenancy.charges.get(month=date(2026, 4, 1))
        reverse_charge(april, reason="The roof leaked", by=operator.user, now=days.now())

        assert "Rent for Amount May 2026 ₹15,000.00 Total ₹15,000.00" in pay(tenant.starts_rent("15000.00"))

    def test_months_that_fall_due_later_change_nothing(self, tenancy: Tenancy, paid: Payment, tenant: Caller) -> None:
        before = tenant.get(f"/api/payments/{paid.pk}/receipt/").content

        raise_charges(through=date(2026, 5, 1))

        assert tenant.get(f"/api/payments/{paid.pk}/receipt/").content == before

    def test_what_a_refund_left_open_is_paid_first(
        self, tenant: Caller, owner: Caller, paid: Payment, days: Days, pay: Pay
    ) -> None:
        refunds(owner, paid, "4000.00")
        days.tick_for(30)
        raise_charges(through=date(2026, 5, 1))

        text = pay(tenant.starts_rent("10000.00"))

        assert "Rent for Amount April 2026 (part of ₹15,000.00) ₹4,000.00 May 2026 (part of ₹15,000.00) ₹6,000" in text

    def test_more_than_was_due_is_named(self, tenant: Caller, phonepe: PhonePe, days: Days, pay: Pay) -> None:
        """Two orders are paid at once; the later one finds less due than it was opened for."""
        first, second = (tenant.starts_rent(amount) for amount in ("9000.00", "15000.00"))
        pay(first)

        text = pay(second)

        assert "Rent for Amount April 2026 (part of ₹15,000.00) ₹6,000.00 More than was due ₹9,000.00" in text
        assert "Total ₹15,000.00" in text
        assert "Refunded ₹9,000.00" in text

    def test_what_was_captured_counts_not_what_was_asked_for(
        self, tenant: Caller, payment: Payment, phonepe: PhonePe, days: Days
    ) -> None:
        phonepe.simulator.faults.add(Fault("wrong_amount", "order_status", value=-1_000_00))
        phonepe.pays(payment)
        days.tick_for(25)
        call_command("resolve_mismatch", payment.merchant_order_id, "--accept")

        text = text_of(tenant.get(f"/api/payments/{payment.pk}/receipt/"))

        assert "₹14,000.00 Rupees fourteen thousand only" in text
        assert "April 2026 (part of ₹15,000.00) ₹14,000.00 Total ₹14,000.00" in text

    def test_it_says_what_has_gone_back(self, tenant: Caller, owner: Caller, paid: Payment, days: Days) -> None:
        path = f"/api/payments/{paid.pk}/receipt/"
        assert "Refunded" not in text_of(tenant.get(path))

        refunds(owner, paid, "5000.50")
        days.tick_for(30)

        assert "Refunded ₹5,000.50" in text_of(tenant.get(path))
        assert "₹15,000.00 Rupees fifteen thousand only" in text_of(tenant.get(path))

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
        assert first.headers["Cache-Control"] == "no-store"

    def test_long_names_of_any_script_do_no_harm(self, payment: Payment, pay: Pay) -> None:
        payment.tenancy.tenant.name = "Ravi " * 30 + "<b>&amp; रवि"
        payment.tenancy.tenant.save()

        assert pay(payment).count("Ravi") >= 29

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
