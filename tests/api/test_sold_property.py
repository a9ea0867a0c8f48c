"""A property is sold: what was paid belongs to whom it was paid to, and papers say what they said."""

import pytest

from core.models import LedgerLine, Payment, Tenancy
from core.models.ledger_accounts import owner_payable
from core.services import worker
from core.services.rent.charges import raise_charges
from tests.api.answers import assert_problem
from tests.pdfs import text_of
from tests.people import Caller, make_owner, sold
from tests.phonepe import Days, PhonePe
from tests.refunds import refunds

MONTHS = "from=2026-04-01&to=2026-06-30"


@pytest.fixture
def buyer(tenancy: Tenancy) -> Caller:
    """Who is to own the property."""
    return Caller(make_owner("bela").user)


@pytest.fixture
def april(paid: Payment, tenancy: Tenancy, buyer: Caller) -> Payment:
    """April's rent, paid to asha; then bela bought the property."""
    sold(tenancy, buyer.user.owner)
    return paid


@pytest.fixture
def may(april: Payment, tenancy: Tenancy, phonepe: PhonePe, days: Days) -> Payment:
    """May's rent, paid to bela."""
    days.pass_by(25 * 24 * 3600)
    raise_charges(through=days.now().date())
    started = Caller(tenancy.tenant.user).starts_rent()
    phonepe.pays(started)
    days.tick_for(25)
    return Payment.objects.get(pk=started.json()["payment_id"])


def list_of(caller: Caller, query: str = "") -> list[int]:
    return [each["id"] for each in Caller(caller.user).get(f"/api/payments/{query}").json()["results"]]


class TestWhoSees:
    def test_each_owner_sees_what_was_paid_to_them(
        self, owner: Caller, buyer: Caller, tenant: Caller, april: Payment, may: Payment
    ) -> None:
        assert list_of(owner) == [april.pk]
        assert list_of(buyer) == [may.pk]
        assert list_of(tenant) == [may.pk, april.pk]

    def test_the_first_owner_goes_on_seeing_all_about_it(self, owner: Caller, april: Payment) -> None:
        assert owner.get(f"/api/payments/{april.pk}/").status_code == 200
        assert owner.verifies(april.merchant_order_id).json()["state"] == "COMPLETED"
        assert "On behalf of asha the owner" in text_of(owner.get(f"/api/payments/{april.pk}/receipt/"))
        assert list_of(owner, f"?tenancy={april.tenancy_id}") == [april.pk]

    def test_to_the_buyer_it_does_not_exist(self, owner: Caller, buyer: Caller, april: Payment, days: Days) -> None:
        refund = refunds(owner, april, "100.00")
        days.tick_for(30)

        assert_problem(buyer.get(f"/api/payments/{april.pk}/"), 404, "not_found")
        assert_problem(buyer.verifies(april.merchant_order_id), 404, "not_found")
        assert_problem(buyer.get(f"/api/payments/{april.pk}/receipt/"), 404, "not_found")
        assert_problem(buyer.get(f"/api/payments/{april.pk}/refunds/{refund}/receipt/"), 404, "not_found")
        assert_problem(
            buyer.post(f"/api/payments/{april.pk}/refund/", {"amount": "1.00", "reason": "Mine now"}), 404, "not_found"
        )
        assert list_of(buyer, f"?tenancy={april.tenancy_id}") == []

    def test_what_is_open_when_it_is_sold_goes_to_the_buyer(
        self, owner: Caller, buyer: Caller, payment: Payment, tenancy: Tenancy, phonepe: PhonePe, days: Days
    ) -> None:
        assert list_of(owner) == [payment.pk]
        sold(tenancy, buyer.user.owner)

        assert (list_of(owner), list_of(buyer)) == ([], [payment.pk])
        assert buyer.verifies(payment.merchant_order_id).status_code == 200
        assert_problem(owner.verifies(payment.merchant_order_id), 404, "not_found")

        phonepe.pays(payment)
        days.tick_for(25)
        assert (list_of(owner), list_of(buyer)) == ([], [payment.pk])
        assert "On behalf of bela the owner" in text_of(buyer.get(f"/api/payments/{payment.pk}/receipt/"))
        assert LedgerLine.objects.filter(account=owner_payable(buyer.user.owner.pk)).exists()

    def test_it_is_sold_twice_and_comes_back(
        self, owner: Caller, buyer: Caller, tenancy: Tenancy, april: Payment, may: Payment
    ) -> None:
        sold(tenancy, owner.user.owner)

        assert (list_of(owner), list_of(buyer)) == ([april.pk], [may.pk])


class TestRefunds:
    def test_the_first_owner_may_give_it_back_and_bears_it(
        self, owner: Caller, buyer: Caller, april: Payment, days: Days
    ) -> None:
        refund = refunds(owner, april, "5000.00", "The lift did not work")
        days.pass_by(3600)
        worker.tick()

        held = {
            each.account: each.amount_paise
            for each in LedgerLine.objects.filter(entry__subject=refund.merchant_refund_id)
        }
        assert held[owner_payable(owner.user.owner.pk)] == 5_000_00
        assert owner_payable(buyer.user.owner.pk) not in held
        text = text_of(owner.get(f"/api/payments/{april.pk}/refunds/{refund}/receipt/"))
        assert "On behalf of asha the owner" in text

    def test_statements_of_the_owners_hold_each_what_is_theirs(
        self, owner: Caller, buyer: Caller, april: Payment, may: Payment, days: Days
    ) -> None:
        refunds(owner, april, "100.00")

        ours, theirs = (Caller(who.user).get(f"/api/statements/?{MONTHS}").json() for who in (owner, buyer))

        assert [each["amount"] for each in ours["movements"]] == ["15000.00", "-100.00"]
        assert [each["reference"] for each in theirs["movements"]] == [may.merchant_order_id]


class TestTheTenancysStatement:
    def test_the_buyer_sees_that_it_was_paid_and_not_to_whom_or_how(
        self, owner: Caller, buyer: Caller, april: Payment, may: Payment
    ) -> None:
        refunds(owner, april, "100.00", "A private matter")

        shown = Caller(buyer.user).get(f"/api/statements/?{MONTHS}&tenancy={april.tenancy_id}")

        moved = [(each["description"], each["reference"], each["amount"]) for each in shown.json()["movements"]]
        assert moved[1] == ("Paid to an earlier owner", "", "-15000.00")
        assert moved[-1] == ("Refunded by an earlier owner", "", "100.00")
        assert moved[3][1] == may.merchant_order_id
        assert april.merchant_order_id.encode() not in shown.content
        assert b"private" not in shown.content

    def test_the_tenant_and_staff_see_all_of_it(
        self, tenant: Caller, operator: Caller, owner: Caller, april: Payment
    ) -> None:
        query = f"/api/statements/?{MONTHS}&tenancy={april.tenancy_id}"
        for caller in (tenant, operator):
            assert april.merchant_order_id.encode() in caller.get(query).content
        assert_problem(owner.get(query), 404, "not_found")


class TestPapers:
    def test_names_and_the_address_stay_as_they_were(
        self, tenant: Caller, tenancy: Tenancy, days: Days, paid: Payment, owner: Caller
    ) -> None:
        refund = refunds(owner, paid, "100.00")
        days.pass_by(3600)
        worker.tick()
        paths = (f"/api/payments/{paid.pk}/receipt/", f"/api/payments/{paid.pk}/refunds/{refund}/receipt/")
        before = [tenant.get(path).content for path in paths]

        for row in (tenancy.tenant, tenancy.unit, tenancy.unit.property, tenancy.unit.property.owner):
            row.name = f"Renamed {row.pk}"
            row.save()
        tenancy.unit.property.address = "Elsewhere"
        tenancy.unit.property.save()

        assert [tenant.get(path).content for path in paths] == before
