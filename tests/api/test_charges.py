"""GET /api/charges/"""

from datetime import date
from typing import Any

import pytest

from core.models import RentCharge, Tenancy, User
from core.services.rent.charges import raise_charges
from core.services.rent.corrections import reverse_charge
from tests.api.answers import assert_problem
from tests.people import Caller
from tests.phonepe import Days, PhonePe


def charges(caller: Caller, narrowed: str = "") -> list[dict[str, Any]]:
    answer = caller.get(f"/api/charges/{narrowed}")
    assert answer.status_code == 200, answer.content
    return list(answer.json()["results"])


def outstanding(caller: Caller) -> dict[str, str]:
    return {each["month"]: each["outstanding"] for each in charges(caller)}


@pytest.fixture
def three_months(tenancy: Tenancy) -> Tenancy:
    raise_charges(through=date(2026, 6, 1))
    return tenancy


class TestCharges:
    def test_each_says_what_is_left_of_it(self, tenant: Caller, tenancy: Tenancy) -> None:
        assert charges(tenant) == [
            {
                "id": tenancy.charges.get().pk,
                "tenancy": tenancy.pk,
                "month": "2026-04",
                "amount": "15000.00",
                "due_on": "2026-04-05",
                "outstanding": "15000.00",
            }
        ]

    def test_money_goes_to_the_oldest_month_first(
        self, tenant: Caller, three_months: Tenancy, phonepe: PhonePe, days: Days
    ) -> None:
        phonepe.pays(tenant.starts_rent("20000.00"))
        days.tick_for(25)

        assert outstanding(tenant) == {"2026-06": "15000.00", "2026-05": "10000.00", "2026-04": "0.00"}

    def test_what_was_reversed_is_owed_no_more(
        self, tenant: Caller, three_months: Tenancy, operator: Caller, days: Days
    ) -> None:
        may = RentCharge.objects.get(tenancy=three_months, month=date(2026, 5, 1))
        reverse_charge(may, reason="Repairs", by=User.objects.get(pk=operator.user.pk), now=days.now())

        assert list(outstanding(tenant)) == ["2026-06", "2026-04"]

    def test_everybody_sees_their_own(self, tenant: Caller, owner: Caller, stranger: Caller, operator: Caller) -> None:
        assert charges(tenant) == charges(owner) != charges(stranger)
        assert len(charges(operator)) == 2

    def test_it_narrows_to_a_tenancy_and_not_to_a_strangers(
        self, owner: Caller, tenancy: Tenancy, other_tenancy: Tenancy
    ) -> None:
        assert len(charges(owner, f"?tenancy={tenancy.pk}")) == 1
        assert_problem(owner.get(f"/api/charges/?tenancy={other_tenancy.pk}"), 400, "invalid", field="tenancy")

    def test_it_comes_in_pages(self, tenant: Caller, tenancy: Tenancy) -> None:
        raise_charges(through=date(2032, 4, 1))

        first = tenant.get("/api/charges/").json()
        second = tenant.get(first["next"]).json()

        months = [each["month"] for each in first["results"] + second["results"]]
        assert months == sorted(set(months), reverse=True)
        assert len(months) == 73
        assert second["next"] is None

    def test_a_cursor_that_is_none_is_404(self, tenant: Caller, tenancy: Tenancy) -> None:
        for cursor in ("x", "cD0yMDI2LTk5LTk5", "cD14"):
            assert_problem(tenant.get(f"/api/charges/?cursor={cursor}"), 404, "not_found")
