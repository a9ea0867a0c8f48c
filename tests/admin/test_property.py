"""Properties with their units, and tenancies."""

from datetime import date
from typing import Any

import pytest

from core.models import Payment, Property, RentCharge, Tenancy, Unit
from tests.admin.desk import Desk, errors, sentences, words
from tests.people import make_owner, make_plan, make_tenant
from tests.phonepe import Days

NO_UNITS = {"units-TOTAL_FORMS": "0", "units-INITIAL_FORMS": "0"}


@pytest.fixture
def letting(days: Days, db: None) -> dict[str, Any]:
    """A form that lets a new unit to a new tenant."""
    house = Property.objects.create(owner=make_owner("asha"), name="Lakeview")
    unit = house.units.create(name="1A")
    return {
        "tenant": make_tenant("ravi").pk,
        "unit": unit.pk,
        "starts_on": "2026-02-01",
        "monthly_rent_paise": "15000.50",
        "due_day": "31",
    }


def test_a_property_is_made_with_its_units(desk: Desk) -> None:
    units = {"units-TOTAL_FORMS": "2", "units-INITIAL_FORMS": "0", "units-0-name": "1A", "units-1-name": "1B"}

    assert desk.saves(Property, {"owner": make_owner("asha").pk, "name": "Lakeview", **units}).status_code == 302

    assert sorted(Property.objects.get().units.values_list("name", flat=True)) == ["1A", "1B"]


class TestTenancy:
    def test_its_rent_is_given_in_rupees_and_kept_in_paise(self, desk: Desk, letting: dict[str, Any]) -> None:
        assert desk.saves(Tenancy, letting).status_code == 302

        tenancy = Tenancy.objects.get()
        assert tenancy.monthly_rent_paise == 15_000_50
        assert 'value="15000.50"' in desk.looks_at(tenancy).content.decode()
        assert "₹15,000.50" in words(desk.looks_at(Tenancy))

    def test_saving_it_again_changes_nothing(self, desk: Desk, letting: dict[str, Any]) -> None:
        desk.saves(Tenancy, letting)
        before = Tenancy.objects.values().get()

        assert desk.saves(Tenancy.objects.get(), letting).status_code == 302

        assert Tenancy.objects.values().get() == before

    @pytest.mark.parametrize(
        ("field", "written", "sentence"),
        [
            ("monthly_rent_paise", "0.99", "The smallest amount is ₹1.00."),
            ("monthly_rent_paise", "1.001", "at most two decimals"),
            ("monthly_rent_paise", "1,5", "Put the commas as in 1,50,000.50"),
            ("monthly_rent_paise", "15,0000", "Put the commas as in 1,50,000.50"),
            ("monthly_rent_paise", "1e3", "at most two decimals"),
            ("monthly_rent_paise", "-5", "at most two decimals"),
            ("monthly_rent_paise", "", "Give an amount of rupees"),
            ("due_day", "0", "greater than or equal to 1"),
            ("due_day", "32", "less than or equal to 31"),
            ("starts_on", "", "This field is required."),
            ("starts_on", "someday", "Enter a valid date."),
            ("ends_on", "2026-01-31", "A tenancy cannot end before it starts."),
            ("unit", "", "This field is required."),
        ],
    )
    def test_what_is_wrong_is_said_in_a_sentence(
        self, desk: Desk, letting: dict[str, Any], field: str, written: str, sentence: str
    ) -> None:
        answer = desk.saves(Tenancy, {**letting, field: written})

        assert any(sentence in error for error in errors(answer)), errors(answer)
        assert not Tenancy.objects.exists()

    @pytest.mark.parametrize(
        ("written", "paise"),
        [("15,000", 15_000_00), ("1,50,000.50", 1_50_000_50), ("₹15,000.00", 15_000_00), ("150,000", 1_50_000_00)],
    )
    def test_it_reads_rupees_as_it_prints_them(
        self, desk: Desk, letting: dict[str, Any], written: str, paise: int
    ) -> None:
        assert desk.saves(Tenancy, {**letting, "monthly_rent_paise": written}).status_code == 302

        assert Tenancy.objects.get().monthly_rent_paise == paise

    def test_a_changed_rent_leaves_what_it_was(self, desk: Desk, letting: dict[str, Any]) -> None:
        desk.saves(Tenancy, letting)
        tenancy = Tenancy.objects.get()

        desk.saves(tenancy, {**letting, "monthly_rent_paise": "16,000"})

        history = words(desk.browser.get(f"/admin/core/tenancy/{tenancy.pk}/history/"))
        assert "Monthly rent in ₹: ₹15,000.50 → ₹16,000.00" in history

    def test_a_unit_is_let_once_at_a_time(self, desk: Desk, letting: dict[str, Any]) -> None:
        desk.saves(Tenancy, letting)

        answer = desk.saves(Tenancy, {**letting, "tenant": make_tenant("farid").pk, "starts_on": "2026-03-01"})

        assert "This unit is already let in that time." in errors(answer)

    @pytest.mark.parametrize(
        ("first", "second", "fit"),
        [
            (("2026-01-01", "2026-03-31"), ("2026-03-31", ""), False),
            (("2026-01-01", "2026-03-31"), ("2026-04-01", ""), True),
            (("2026-03-01", "2026-05-31"), ("2026-01-01", ""), False),
            (("2026-03-01", ""), ("2026-01-01", "2026-03-01"), False),
            (("2026-03-01", ""), ("2026-01-01", "2026-02-28"), True),
            (("2026-03-01", ""), ("2026-04-01", ""), False),
        ],
    )
    def test_it_may_be_let_anew_on_the_day_after_the_last_one(
        self, desk: Desk, letting: dict[str, Any], first: tuple[str, str], second: tuple[str, str], fit: bool
    ) -> None:
        for starts_on, ends_on in (first, second):
            answer = desk.saves(Tenancy, {**letting, "starts_on": starts_on, "ends_on": ends_on})

        assert (answer.status_code == 302) is fit, errors(answer)
        assert Tenancy.objects.count() == (2 if fit else 1)

    def test_it_shows_what_is_outstanding(self, desk: Desk, tenancy: Tenancy) -> None:
        assert "₹15,000.00" in words(desk.looks_at(tenancy)).split("Outstanding")[1]

    def test_once_charged_it_stays_whose_and_where_it_is(self, desk: Desk, payment: Payment) -> None:
        tenancy = payment.tenancy
        moved = {"tenant": make_tenant("farid").pk, "unit": "1", "starts_on": "2026-04-01"}

        answer = desk.saves(tenancy, {**moved, "monthly_rent_paise": "16000", "due_day": "7", "ends_on": "2026-12-31"})

        assert answer.status_code == 302
        now = Tenancy.objects.get(pk=tenancy.pk)
        assert (now.tenant, now.unit) == (tenancy.tenant, tenancy.unit)
        assert (now.monthly_rent_paise, now.due_day, now.ends_on) == (16_000_00, 7, date(2026, 12, 31))


class TestRaiseRentCharges:
    def test_it_charges_the_chosen_tenancies_up_to_this_month(
        self, desk: Desk, tenancy: Tenancy, other_tenancy: Tenancy, days: Days
    ) -> None:
        days.pass_by(60 * 24 * 3600)  # into June

        page = desk.does("raise_rent_charges", tenancy)

        assert sentences(page) == ["Charged 2 months of rent to the 1 chosen tenancies."]
        assert RentCharge.objects.filter(tenancy=tenancy).count() == 3
        assert RentCharge.objects.filter(tenancy=other_tenancy).count() == 1

    def test_twice_charges_nothing_twice(self, desk: Desk, tenancy: Tenancy) -> None:
        page = desk.does("raise_rent_charges", tenancy)

        assert sentences(page) == ["Charged 0 months of rent to the 1 chosen tenancies."]


class TestUnitLimit:
    @pytest.fixture(autouse=True)
    def plans(self, db: None) -> None:
        make_plan(max_units=1)
        make_plan("Growth", monthly_price_paise=1_499_00, max_units=5)

    def test_a_property_has_no_more_units_than_the_plan(self, desk: Desk) -> None:
        units = {"units-TOTAL_FORMS": "2", "units-INITIAL_FORMS": "0", "units-0-name": "1A", "units-1-name": "1B"}

        answer = desk.saves(Property, {"owner": make_owner("asha").pk, "name": "Lakeview", **units})

        assert "The Starter plan has 1 units; with this there would be 2. The Growth plan has 5." in words(answer)
        assert not Property.objects.exists()

    def test_nor_is_one_added_by_itself(self, desk: Desk) -> None:
        house = Property.objects.create(owner=make_owner("asha"), name="Lakeview")
        unit = house.units.create(name="1A")

        assert "The Growth plan has 5." in words(desk.saves(Unit, {"property": house.pk, "name": "1B"}))
        assert desk.saves(unit, {"property": house.pk, "name": "1C"}).status_code == 302
