"""GET /api/dashboard/"""

from datetime import date

from core.models import Payment, Property, SuspensePlacement, Tenancy, Unit
from core.services.rent.charges import raise_charges
from tests.api.answers import assert_problem
from tests.clocks import START
from tests.people import Caller, make_tenancy, make_tenant, sold
from tests.phonepe import Days, PhonePe


def placed(tenancy: Tenancy, paise: int) -> None:
    """An operator has found rent of a tenancy in suspense."""
    SuspensePlacement.objects.create(
        source_kind="settlement",
        source_subject="S-1",
        destination="tenancy",
        tenancy=tenancy,
        amount_paise=paise,
        reason="Paid by hand",
        placed_at=START,
    )


class TestTenant:
    def test_what_is_due_by_month_and_what_is_under_way(
        self, tenant: Caller, tenancy: Tenancy, payment: Payment
    ) -> None:
        raise_charges(through=date(2026, 5, 1))

        told = tenant.get("/api/dashboard/").json()

        assert (told["role"], told["outstanding"]) == ("tenant", "30000.00")
        assert [(due["month"], due["due_on"], due["outstanding"]) for due in told["due"]] == [
            ("2026-04", "2026-04-05", "15000.00"),
            ("2026-05", "2026-05-05", "15000.00"),
        ]
        assert told["due"][0]["unit"] == "Flat of ravi the tenant"
        assert told["open_payment"]["merchant_order_id"] == payment.merchant_order_id
        assert told["paid"] == {"this_month": "0.00", "last_month": "0.00"}

    def test_what_was_paid(self, tenant: Caller, paid: Payment, days: Days) -> None:
        told = tenant.get("/api/dashboard/").json()

        assert (told["outstanding"], told["due"], told["open_payment"]) == ("0.00", [], None)
        assert told["paid"] == {"this_month": "15000.00", "last_month": "0.00"}
        days.pass_by(30 * 24 * 3600)
        tenant = Caller(tenant.user)
        assert tenant.get("/api/dashboard/").json()["paid"] == {"this_month": "0.00", "last_month": "15000.00"}

    def test_somebody_with_several_tenancies_sees_all_of_their_own_and_nothing_of_others(
        self, tenant: Caller, payment: Payment, stranger: Caller, other_owner: Caller, days: Days
    ) -> None:
        """One owes from March on, one a paisa, one nothing, and one was paid ahead."""
        first, landlord = payment.tenancy, other_owner.user.owner
        paisa, nothing, ahead = (
            make_tenancy(landlord, first.tenant, starts_on=date(2026, 4, 1), rent_paise=paise)
            for paise in (10_00, 20_00, 30_00)
        )
        for other, paise in ((paisa, 9_99), (nothing, 20_00), (ahead, 31_00)):
            placed(other, paise)
        Tenancy.objects.filter(pk=first.pk).update(starts_on="2026-03-01")
        raise_charges(through=date(2026, 4, 10))
        days.pass_by(5)
        assert stranger.starts_rent().status_code == 201

        told = tenant.get("/api/dashboard/").json()

        assert [(due["tenancy"], due["month"], due["outstanding"]) for due in told["due"]] == [
            (first.pk, "2026-03", "15000.00"),
            (first.pk, "2026-04", "15000.00"),
            (paisa.pk, "2026-04", "0.01"),
        ]
        assert told["outstanding"] == "30000.01"
        assert told["open_payment"]["merchant_order_id"] == payment.merchant_order_id

    def test_no_payment_of_somebody_else_is_under_way(self, tenant: Caller, stranger: Caller, phonepe: PhonePe) -> None:
        assert stranger.starts_rent().status_code == 201

        assert tenant.get("/api/dashboard/").json()["open_payment"] is None

    def test_the_last_of_two_payments_under_way_is_shown(
        self, tenant: Caller, payment: Payment, other_owner: Caller, days: Days
    ) -> None:
        second = make_tenancy(other_owner.user.owner, payment.tenancy.tenant, starts_on=date(2026, 4, 1))
        days.pass_by(5)
        started = tenant.starts_rent(tenancy=second.pk).json()

        told = tenant.get("/api/dashboard/").json()

        assert told["open_payment"]["merchant_order_id"] == started["merchant_order_id"]


class TestOwner:
    def test_what_came_went_back_is_outstanding_and_held(
        self, owner: Caller, paid: Payment, phonepe: PhonePe, days: Days
    ) -> None:
        raise_charges(through=date(2026, 5, 1))
        owner.post(f"/api/payments/{paid.pk}/refund/", {"amount": "5000.00", "reason": "Leak"})
        days.pass_by(3600)
        days.tick_for(1)

        told = owner.get("/api/dashboard/").json()

        assert told["role"] == "owner"
        assert told["received"] == {"this_month": "15000.00", "last_month": "0.00"}
        assert told["refunds"] == {"this_month": "5000.00", "last_month": "0.00"}
        assert told["held_for_payout"] == "10000.00"
        assert told["outstanding"] == "20000.00"
        [unit] = told["units"]
        assert (unit["tenant"], unit["outstanding"]) == ("ravi the tenant", "20000.00")

    def test_twelve_months_for_a_chart_agree_with_the_statement(self, owner: Caller, paid: Payment) -> None:
        months = owner.get("/api/dashboard/").json()["months"]
        totals = owner.get("/api/statements/?from=2026-04-01&to=2026-04-30").json()["totals"]

        assert [month["month"] for month in months] == [
            *(f"2025-{number:02}" for number in range(5, 13)),
            *(f"2026-{number:02}" for number in range(1, 5)),
        ]
        assert months[-1] == {"month": "2026-04", "received": totals["payments"], "refunded": "0.00"}
        assert {month["received"] for month in months[:-1]} == {"0.00"}

    def test_the_month_is_indias(self, owner: Caller, tenant: Caller, phonepe: PhonePe, days: Days) -> None:
        days.pass_by((20 * 24 + 12.5) * 3600)  # 19:00 UTC on 30 April is 1 May in India
        tenant, owner = Caller(tenant.user), Caller(owner.user)
        phonepe.pays(tenant.starts_rent())
        days.tick_for(25)

        received = owner.get("/api/dashboard/").json()["received"]

        assert received == {"this_month": "15000.00", "last_month": "0.00"}

    def test_units_are_those_that_are_let_or_not_settled_in_the_order_of_their_names(
        self, owner: Caller, tenancy: Tenancy, other_tenancy: Tenancy
    ) -> None:
        """Today is 10 April. One who has paid ahead does not lower what another owes."""
        yesterday, today = date(2026, 4, 9), date(2026, 4, 10)
        for house, unit, ends_on, paid in (
            ("Lakeview", "2B", None, 15_000_00),
            ("Lakeview", "2A", yesterday, 0),
            ("Hillside", "7", yesterday, 15_000_00),
            ("Hillside", "8", today, 15_000_00),
            ("Brookside", "1", yesterday, 15_250_00),
        ):
            let = make_tenancy(tenancy.unit.property.owner, make_tenant(house + unit), starts_on=date(2026, 4, 1))
            Property.objects.filter(units=let.unit).update(name=house)
            Unit.objects.filter(pk=let.unit_id).update(name=unit)
            Tenancy.objects.filter(pk=let.pk).update(ends_on=ends_on)
            if paid:
                placed(let, paid)

        told = owner.get("/api/dashboard/").json()

        assert [(each["property"], each["unit"], each["outstanding"]) for each in told["units"]] == [
            ("Brookside", "1", "-250.00"),
            ("Hillside", "8", "0.00"),
            ("House of asha the owner", "Flat of ravi the tenant", "15000.00"),
            ("Lakeview", "2A", "15000.00"),
            ("Lakeview", "2B", "0.00"),
        ]
        assert told["outstanding"] == "30000.00"

    def test_who_has_sold_keeps_what_came_and_loses_what_is_due(
        self, owner: Caller, other_owner: Caller, paid: Payment
    ) -> None:
        raise_charges(through=date(2026, 5, 1))
        sold(paid.tenancy, other_owner.user.owner)

        before, after = owner.get("/api/dashboard/").json(), other_owner.get("/api/dashboard/").json()

        assert (before["held_for_payout"], before["outstanding"], before["units"]) == ("15000.00", "0.00", [])
        assert after["held_for_payout"] == "0.00"
        assert "15000.00" in [unit["outstanding"] for unit in after["units"]]


class TestOthers:
    def test_staff_have_none(self, operator: Caller) -> None:
        assert_problem(operator.get("/api/dashboard/"), 403, "permission_denied")
