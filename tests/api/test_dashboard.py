"""GET /api/dashboard/"""

from datetime import date

from core.models import Payment, Tenancy
from core.services.rent.charges import raise_charges
from tests.api.answers import assert_problem
from tests.people import Caller, sold
from tests.phonepe import Days, PhonePe


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

    def test_one_who_paid_ahead_does_not_lower_what_another_owes(self, owner: Caller, tenancy: Tenancy) -> None:
        told = owner.get("/api/dashboard/").json()

        assert told["outstanding"] == "15000.00"

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
