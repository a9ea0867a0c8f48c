"""GET /api/tenancies/"""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from time_machine import Traveller

from core.models import Payment, Tenancy
from core.services.rent.charges import raise_charges
from core.services.rent.corrections import reverse_charge
from tests.people import Caller, make_tenancy, make_tenant
from tests.phonepe import Days, PhonePe

NUMBER_OF_QUERIES = 3  # token and user, tenancies with what is outstanding, charges


def only(answer: Any) -> dict[str, Any]:
    [tenancy] = answer.json()
    return dict(tenancy)


class TestTenancies:
    def test_a_tenant_sees_what_is_due(self, tenant: Caller, tenancy: Tenancy) -> None:
        assert only(tenant.get("/api/tenancies/")) == {
            "id": tenancy.pk,
            "unit_id": tenancy.unit_id,
            "unit": tenancy.unit.name,
            "property": tenancy.unit.property.name,
            "tenant": tenancy.tenant.name,
            "monthly_rent": "15000.00",
            "due_day": 5,
            "starts_on": "2026-04-01",
            "ends_on": None,
            "outstanding": "15000.00",
            "next_due_date": "2026-04-05",
            "has_signed_up": tenancy.tenant.user.has_usable_password(),
        }

    def test_everybody_sees_their_own(
        self, tenant: Caller, owner: Caller, stranger: Caller, other_owner: Caller, operator: Caller
    ) -> None:
        def ids(caller: Caller) -> list[int]:
            return [tenancy["id"] for tenancy in caller.get("/api/tenancies/").json()]

        assert ids(tenant) == ids(owner)
        assert ids(stranger) == ids(other_owner)
        assert ids(operator) == ids(tenant) + ids(stranger)

    def test_payments_of_rent_lower_what_is_outstanding(self, tenant: Caller, paid: Payment) -> None:
        told = only(tenant.get("/api/tenancies/"))

        assert told["outstanding"] == "0.00"
        assert told["next_due_date"] == "2026-05-05"

    def test_a_partly_paid_month_stays_the_next_due(self, tenant: Caller, phonepe: PhonePe, days: Days) -> None:
        phonepe.pays(tenant.starts_rent("14999.00"))
        days.tick_for(25)

        told = only(tenant.get("/api/tenancies/"))

        assert told["outstanding"] == "1.00"
        assert told["next_due_date"] == "2026-04-05"

    def test_an_open_payment_lowers_nothing(self, tenant: Caller, payment: Payment) -> None:
        assert only(tenant.get("/api/tenancies/"))["outstanding"] == "15000.00"

    def test_a_longer_list_asks_no_more(self, owner: Caller, tenancy: Tenancy, django_assert_num_queries: Any) -> None:
        owner.get("/api/tenancies/")
        with django_assert_num_queries(NUMBER_OF_QUERIES):
            owner.get("/api/tenancies/")
        for number in range(5):
            make_tenancy(tenancy.unit.property.owner, make_tenant(f"t{number}"), starts_on=date(2026, 1, 1))

        with django_assert_num_queries(NUMBER_OF_QUERIES):
            assert len(owner.get("/api/tenancies/").json()) == 6


class TestNextDueDate:
    @pytest.mark.parametrize(
        ("now", "charged_through", "due_day", "expected"),
        [
            ("2026-02-10", "2026-02-10", 31, "2026-02-28"),
            ("2028-02-10", "2028-02-10", 31, "2028-02-29"),
            ("2026-02-28", None, 31, "2026-03-31"),
            ("2026-02-27", None, 31, "2026-02-28"),
            ("2026-04-04", None, 5, "2026-04-05"),
            ("2026-04-05", None, 5, "2026-05-05"),
            ("2026-12-31", None, 5, "2027-01-05"),
        ],
    )
    def test_it_knows_the_calendar(
        self,
        tenancy: Tenancy,
        traveller: Traveller,
        now: str,
        charged_through: str | None,
        due_day: int,
        expected: str,
    ) -> None:
        today = date.fromisoformat(now)
        tenancy.charges.all().delete()
        starts_on = today.replace(day=1)
        Tenancy.objects.filter(pk=tenancy.pk).update(due_day=due_day, starts_on=starts_on)
        if charged_through:
            raise_charges(through=date.fromisoformat(charged_through))
        traveller.move_to(datetime(today.year, today.month, today.day, 12, tzinfo=UTC))

        assert only(Caller(tenancy.tenant.user).get("/api/tenancies/"))["next_due_date"] == expected

    def test_the_day_is_counted_in_india(self, tenancy: Tenancy, traveller: Traveller) -> None:
        tenancy.charges.all().delete()
        traveller.move_to(datetime(2026, 5, 4, 18, 29, tzinfo=UTC))
        assert only(Caller(tenancy.tenant.user).get("/api/tenancies/"))["next_due_date"] == "2026-05-05"

        traveller.move_to(datetime(2026, 5, 4, 18, 30, tzinfo=UTC))

        assert only(Caller(tenancy.tenant.user).get("/api/tenancies/"))["next_due_date"] == "2026-06-05"

    @pytest.mark.parametrize(("ends_on", "expected"), [("2026-04-30", None), ("2026-05-01", "2026-05-05")])
    def test_an_ended_tenancy_that_owes_nothing_has_none(
        self, tenant: Caller, tenancy: Tenancy, paid: Payment, ends_on: str, expected: str | None
    ) -> None:
        """Its last day counts: a month of which one day is rented falls due."""
        Tenancy.objects.filter(pk=tenancy.pk).update(ends_on=ends_on)

        assert only(tenant.get("/api/tenancies/"))["next_due_date"] == expected

    @pytest.mark.parametrize(
        ("starts_on", "due_day", "expected"),
        [
            ("2026-04-20", 15, "2026-04-20"),  # today is the 10th
            ("2026-04-20", 5, "2026-04-20"),
            ("2026-04-20", 25, "2026-04-25"),
            ("2026-08-17", 5, "2026-08-17"),
            ("2026-08-17", 31, "2026-08-31"),
        ],
    )
    def test_one_that_has_not_begun_is_first_due_once_it_has(
        self, tenant: Caller, tenancy: Tenancy, starts_on: str, due_day: int, expected: str
    ) -> None:
        tenancy.charges.all().delete()
        Tenancy.objects.filter(pk=tenancy.pk).update(starts_on=starts_on, due_day=due_day)

        assert only(tenant.get("/api/tenancies/"))["next_due_date"] == expected
        raise_charges(through=date(2026, 8, 31))
        assert only(tenant.get("/api/tenancies/"))["next_due_date"] == expected

    def test_a_month_that_was_charged_and_paid_ahead_is_not_due_again(
        self, tenant: Caller, tenancy: Tenancy, phonepe: PhonePe, days: Days
    ) -> None:
        raise_charges(through=date(2026, 6, 1))
        phonepe.pays(tenant.starts_rent("45000.00"))
        days.tick_for(25)

        told = only(tenant.get("/api/tenancies/"))

        assert (told["outstanding"], told["next_due_date"]) == ("0.00", "2026-07-05")

    def test_a_month_that_the_tenant_was_let_off_is_not_due(
        self, tenant: Caller, tenancy: Tenancy, operator: Caller, days: Days
    ) -> None:
        Tenancy.objects.filter(pk=tenancy.pk).update(due_day=20)
        reverse_charge(tenancy.charges.get(), reason="Repairs", by=operator.user, now=days.now())

        assert only(tenant.get("/api/tenancies/"))["next_due_date"] == "2026-05-20"
