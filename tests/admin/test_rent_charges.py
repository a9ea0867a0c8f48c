"""A charge is reversed by somebody who may, with a reason, once."""

import pytest

from core.models import JournalEntry, OperatorAction, Payment, RentCharge, Tenancy, Tenant, User
from core.services import audit
from core.services.rent.charges import raise_charges
from tests.admin.desk import Desk, clerk, sentences, words
from tests.people import Caller
from tests.phonepe import Days, PhonePe


@pytest.fixture
def charge(tenancy: Tenancy) -> RentCharge:
    return RentCharge.objects.get(tenancy=tenancy)


class TestReverse:
    def test_it_asks_first(self, desk: Desk, charge: RentCharge) -> None:
        page = desk.does("reverse", charge)

        assert "the tenant does not owe these ₹15,000.00." in words(page)
        charge.refresh_from_db()
        assert charge.reversed_at is None

    def test_it_wants_a_reason(self, desk: Desk, charge: RentCharge) -> None:
        page = desk.does("reverse", charge, reason="  ", confirmed="yes")

        assert "This field is required." in words(page)
        charge.refresh_from_db()
        assert charge.reversed_at is None

    def test_nothing_is_owed_for_it_any_more(self, desk: Desk, charge: RentCharge, tenant: Caller, days: Days) -> None:
        page = desk.does("reverse", charge, reason="The roof leaked", confirmed="yes")

        assert sentences(page) == [f"{charge}: reversed, ₹15,000.00."]
        charge.refresh_from_db()
        assert (charge.reversed_at, str(charge.reversed_by), charge.reversal_reason) == (
            days.now(),
            "operator",
            "The roof leaked",
        )
        assert charge.tenancy.outstanding_paise() == 0
        (shown,) = tenant.get("/api/tenancies/").json()
        assert (shown["outstanding"], shown["next_due_date"]) == ("0.00", "2026-05-05")
        assert tenant.starts_rent("15000.00").json()["detail"] == "No rent is due now."
        entry = JournalEntry.objects.get(source=f"reversal:{charge.pk}")
        assert entry.description == "Reversal of rent for April 2026: The roof leaked"
        assert sorted(entry.lines.values_list("amount_paise", flat=True)) == [-15_000_00, 15_000_00]
        assert not list(audit.differences())

    def test_it_is_not_charged_again_by_itself(self, desk: Desk, charge: RentCharge) -> None:
        desk.does("reverse", charge, reason="The roof leaked", confirmed="yes")

        assert raise_charges(through=charge.month).new == 0

    def test_twice_reverses_once(self, desk: Desk, charge: RentCharge) -> None:
        desk.does("reverse", charge, reason="The roof leaked", confirmed="yes")
        page = desk.does("reverse", charge, reason="Another reason", confirmed="yes")

        assert sentences(page) == [f"{charge}: This charge has been reversed already."]
        charge.refresh_from_db()
        assert charge.reversal_reason == "The roof leaked"
        assert JournalEntry.objects.filter(source__startswith="reversal:").count() == 1

    def test_who_may_not_is_not_offered_it(self, charge: RentCharge) -> None:
        clerk("view_rentcharge", "change_rentcharge").does("reverse", charge, reason="I like it", confirmed="yes")

        charge.refresh_from_db()
        assert charge.reversed_at is None

    def test_who_may_is_enough(self, charge: RentCharge) -> None:
        clerk("view_rentcharge", "reverse_rentcharge").does("reverse", charge, reason="Agreed", confirmed="yes")

        charge.refresh_from_db()
        assert charge.reversed_by == User.objects.latest("pk")

    def test_nobody_lets_themselves_off(self, charge: RentCharge) -> None:
        """Staff who rent from an owner of ours."""
        someone = clerk("view_rentcharge", "reverse_rentcharge")
        Tenant.objects.filter(pk=charge.tenancy.tenant_id).update(user=User.objects.latest("pk"))

        page = someone.does("reverse", charge, reason="I like it", confirmed="yes")

        assert any("This is your own rent" in sentence for sentence in sentences(page))
        charge.refresh_from_db()
        assert charge.reversed_at is None

    def test_it_leaves_a_trace(self, desk: Desk, charge: RentCharge) -> None:
        desk.does("reverse", charge, reason="The roof leaked", confirmed="yes")

        trace = OperatorAction.objects.get()
        assert (trace.action, trace.name, trace.reason) == ("reverse_charge", "operator", "The roof leaked")

    def test_the_list_and_the_page_show_it(self, desk: Desk, charge: RentCharge) -> None:
        desk.does("reverse", charge, reason="The roof leaked", confirmed="yes")

        assert "The roof leaked" in words(desk.looks_at(RentCharge))
        page = words(desk.looks_at(charge))
        assert "The roof leaked" in page
        assert "operator" in page

    def test_rent_that_comes_for_it_meanwhile_goes_back(
        self, desk: Desk, payment: Payment, phonepe: PhonePe, days: Days
    ) -> None:
        """The pay page was open when the charge was reversed."""
        charge = RentCharge.objects.get(tenancy=payment.tenancy)
        desk.does("reverse", charge, reason="The roof leaked", confirmed="yes")
        phonepe.pays(payment)
        days.tick_for(60)

        payment.transaction.refresh_from_db()
        assert payment.transaction.surplus_paise == payment.transaction.refunding_paise == 15_000_00
        assert payment.tenancy.outstanding_paise() == 0
        assert not list(audit.differences())
