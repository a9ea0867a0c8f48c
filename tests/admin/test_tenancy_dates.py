"""A tenancy that began long ago, ends early, or was written down wrong: what was charged is corrected."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from time_machine import Traveller

from core.admin.property import CONFIRM_START
from core.models import Payment, Property, RentCharge, Tenancy, Tenant, User
from core.services import audit
from core.services.rent.charges import Raised, raise_charges
from tests.admin.desk import Desk, clerk, errors, sentences, words
from tests.people import make_owner, make_tenant
from tests.phonepe import Days, PhonePe

Charged = list[tuple[str, int, bool]]


@pytest.fixture
def letting(days: Days, db: None) -> dict[str, Any]:
    """A form that lets a new unit to a new tenant."""
    unit = Property.objects.create(owner=make_owner("asha"), name="Lakeview").units.create(name="1A")
    return {
        "tenant": make_tenant("ravi").pk,
        "unit": unit.pk,
        "starts_on": "2026-04-01",
        "monthly_rent_paise": "15000",
        "due_day": "5",
        "prorate": "on",
    }


@pytest.fixture
def in_any_order(db: None) -> Iterator[None]:
    """Let the database tell in reverse what it is asked for in no order; PostgreSQL does what it likes anyway."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA reverse_unordered_selects = ON")
        yield
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA reverse_unordered_selects = OFF")


@pytest.fixture
def let(desk: Desk, letting: dict[str, Any], traveller: Traveller) -> Tenancy:
    """A tenancy of ₹15,000.00 a month that was charged from April to November 2026."""
    assert desk.saves(Tenancy, letting).status_code == 302
    traveller.move_to(datetime(2026, 11, 20, 6, 0, tzinfo=UTC))
    raise_charges(through=date(2026, 11, 20))
    return Tenancy.objects.get()


def form_of(tenancy: Tenancy, **changed: str) -> dict[str, str]:
    """Return the tenancy's form as it stands, but for what is changed."""
    form = {
        "tenant": str(tenancy.tenant_id),
        "unit": str(tenancy.unit_id),
        "starts_on": f"{tenancy.starts_on}",
        "ends_on": f"{tenancy.ends_on or ''}",
        "monthly_rent_paise": f"{tenancy.monthly_rent_paise // 100}",
        "due_day": f"{tenancy.due_day}",
    }
    return {**form, **({"prorate": "on"} if tenancy.prorate else {}), **changed}


def charged(tenancy: Tenancy) -> Charged:
    """Return month, paise and whether it stands of every charge."""
    rows = RentCharge.objects.filter(tenancy=tenancy).order_by("month", "pk")
    return [(f"{charge.month:%m}", charge.amount_paise, charge.reversed_at is None) for charge in rows]


class TestAStartLongAgo:
    def test_it_asks_to_be_confirmed(self, desk: Desk, letting: dict[str, Any]) -> None:
        answer = desk.saves(Tenancy, {**letting, "starts_on": "2006-04-01"})

        assert errors(answer) == [CONFIRM_START]
        assert not Tenancy.objects.exists()

    def test_confirmed_it_is_saved_and_charged(self, desk: Desk, letting: dict[str, Any]) -> None:
        form = {**letting, "starts_on": "2006-04-01", "start_is_confirmed": "on"}

        assert desk.saves(Tenancy, form).status_code == 302

        assert raise_charges(through=date(2026, 4, 10)).new == 241

    @pytest.mark.parametrize(("starts_on", "status"), [("2024-04-10", 302), ("2024-04-09", 200)])
    def test_24_months_to_the_day_need_no_confirmation(
        self, desk: Desk, letting: dict[str, Any], starts_on: str, status: int
    ) -> None:
        assert desk.saves(Tenancy, {**letting, "starts_on": starts_on}).status_code == status

    def test_an_old_tenancy_is_changed_without_another_confirmation(self, desk: Desk, let: Tenancy) -> None:
        Tenancy.objects.update(starts_on="2020-01-01")  # from before there was a question
        let.refresh_from_db()

        assert desk.saves(let, form_of(let, due_day="7")).status_code == 302
        assert errors(desk.saves(let, form_of(let, starts_on="2019-12-31")))

    def test_a_day_of_next_month_needs_none(self, desk: Desk, letting: dict[str, Any]) -> None:
        assert desk.saves(Tenancy, {**letting, "starts_on": "2026-05-01"}).status_code == 302

    def test_the_action_names_what_it_leaves_out(self, desk: Desk, let: Tenancy) -> None:
        RentCharge.objects.all().delete()
        Tenancy.objects.update(starts_on="2006-04-01")

        page = desk.does("raise_rent_charges", let)

        assert sentences(page)[-2:] == [
            "Charged 0 months of rent to the 1 chosen tenancies.",
            *Raised(unconfirmed=[Tenancy.objects.get()]).sentences(),
        ]


class TestAnEarlyMoveOut:
    @pytest.mark.parametrize(
        ("ends_on", "expected"),
        [
            # The last day counts: 15 of 30 days.
            ("2026-11-15", [("10", 15_000_00, True), ("11", 15_000_00, False), ("11", 7_500_00, True)]),
            ("2026-11-30", [("10", 15_000_00, True), ("11", 15_000_00, True)]),
            ("2026-10-31", [("10", 15_000_00, True), ("11", 15_000_00, False)]),
            (
                "2026-10-01",
                [("10", 15_000_00, False), ("10", 483_87, True), ("11", 15_000_00, False)],
            ),
        ],
    )
    def test_what_was_charged_beyond_the_last_day_is_reversed(
        self, desk: Desk, let: Tenancy, ends_on: str, expected: Charged
    ) -> None:
        assert desk.saves(let, form_of(let, ends_on=ends_on, reason="Moved out early")).status_code == 302

        assert [row for row in charged(let) if row[0] >= "10"] == expected
        assert all(stands for month, _, stands in charged(let) if month < "10")
        standing = sum(paise for _, paise, stands in charged(let) if stands)
        assert let.outstanding_paise() == standing
        assert not list(audit.differences())

    def test_nothing_is_charged_after_it(self, desk: Desk, let: Tenancy) -> None:
        desk.saves(let, form_of(let, ends_on="2026-11-15", reason="Moved out early"))
        before = charged(let)

        assert raise_charges(through=date(2027, 3, 1)).new == 0
        assert charged(let) == before

    def test_whole_months_stay_whole_where_the_tenancy_says_so(self, desk: Desk, let: Tenancy) -> None:
        Tenancy.objects.update(prorate=False)
        let.refresh_from_db()

        assert desk.saves(let, form_of(let, ends_on="2026-10-15", reason="Moved out early")).status_code == 302

        assert charged(let)[-2:] == [("10", 15_000_00, True), ("11", 15_000_00, False)]

    def test_another_rent_since_then_is_not_what_was_charged(self, desk: Desk, let: Tenancy) -> None:
        Tenancy.objects.update(monthly_rent_paise=20_000_00)
        let.refresh_from_db()

        desk.saves(let, form_of(let, ends_on="2026-11-15", reason="Moved out early"))

        assert charged(let)[-1] == ("11", 7_500_00, True)

    def test_it_asks_why(self, desk: Desk, let: Tenancy) -> None:
        answer = desk.saves(let, form_of(let, ends_on="2026-10-15"))

        assert errors(answer) == ["This reverses 2 charges, ₹30,000.00 in all. Say why."]
        let.refresh_from_db()
        assert let.ends_on is None
        assert all(stands for *_, stands in charged(let))

    def test_it_takes_the_right_to_reverse(self, let: Tenancy) -> None:
        other = clerk("view_tenancy", "change_tenancy")

        answer = other.saves(let, form_of(let, ends_on="2026-10-15", reason="Moved out early"))

        (said,) = errors(answer)
        assert said.startswith("This reverses 2 charges, ₹30,000.00 in all. This takes the permission")
        assert other.saves(let, form_of(let, due_day="7")).status_code == 302

    def test_nobody_lets_themselves_off(self, let: Tenancy) -> None:
        tenant = clerk("view_tenancy", "change_tenancy", "reverse_rentcharge")
        Tenant.objects.filter(pk=let.tenant_id).update(user=User.objects.latest("pk"))

        answer = tenant.saves(let, form_of(let, ends_on="2026-10-15", reason="Moved out early"))

        assert "This is your own rent" in errors(answer)[0]
        assert all(stands for *_, stands in charged(let))

    @pytest.mark.parametrize("changed", [{"monthly_rent_paise": "100"}, {"due_day": "28"}, {"ends_on": "2026-12-31"}])
    def test_nor_makes_their_own_rent_less(self, let: Tenancy, changed: dict[str, str]) -> None:
        User.objects.filter(pk=let.tenant.user_id).update(is_staff=True, is_superuser=True)
        desk, as_it_was = Desk(User.objects.get(pk=let.tenant.user_id)), Tenancy.objects.values().get()

        answer = desk.saves(let, form_of(let, **changed))

        assert "This is your own rent" in errors(answer)[0]
        assert Tenancy.objects.values().get() == as_it_was
        assert desk.saves(let, form_of(let)).status_code == 302, "nothing changes, so nothing is refused"

    def test_nor_lets_to_themselves(self, letting: dict[str, Any]) -> None:
        User.objects.filter(tenant=letting["tenant"]).update(is_staff=True, is_superuser=True)

        answer = Desk(User.objects.get(tenant=letting["tenant"])).saves(Tenancy, letting)

        assert "This is your own rent" in errors(answer)[0]
        assert not Tenancy.objects.exists()

    def test_it_is_written_down_by_whom_and_why(self, desk: Desk, let: Tenancy) -> None:
        desk.saves(let, form_of(let, ends_on="2026-10-31", reason="Moved out early"))

        charge = RentCharge.objects.get(reversed_at__isnull=False)
        assert (str(charge.reversed_by), charge.reversal_reason) == ("operator", "Moved out early")
        assert any("Reversed 1 charges: Moved out early" in entry.change_message for entry in LogEntry.objects.all())

    def test_who_stays_after_all_is_charged_again(self, desk: Desk, let: Tenancy) -> None:
        desk.saves(let, form_of(let, ends_on="2026-09-15", reason="Moved out early"))
        let.refresh_from_db()

        assert desk.saves(let, form_of(let, ends_on="", reason="Stays after all")).status_code == 302

        assert [row for row in charged(let) if row[2]] == [(f"{month:02d}", 15_000_00, True) for month in range(4, 12)]
        assert let.outstanding_paise() == 8 * 15_000_00
        assert not list(audit.differences())

    def test_a_later_end_charges_what_it_adds(self, desk: Desk, let: Tenancy) -> None:
        desk.saves(let, form_of(let, ends_on="2026-09-15", reason="Moved out early"))
        let.refresh_from_db()

        desk.saves(let, form_of(let, ends_on="2026-10-10", reason="Moved out later"))

        assert [row for row in charged(let) if row[2]][-2:] == [("09", 15_000_00, True), ("10", 4_838_71, True)]

    def test_what_a_person_reversed_stays_so(self, desk: Desk, let: Tenancy) -> None:
        """A month that was let off is not charged again because the end moves."""
        april = RentCharge.objects.get(month="2026-04-01")
        desk.does("reverse", april, reason="The roof leaked", confirmed="yes")
        desk.saves(let, form_of(let, ends_on="2026-10-15", reason="Moved out early"))
        let.refresh_from_db()
        desk.saves(let, form_of(let, ends_on="", reason="Stays after all"))

        assert [row for row in charged(let) if row[0] == "04"] == [("04", 15_000_00, False)]

    def test_what_a_person_reversed_stays_so_if_other_days_of_it_are_rented(self, desk: Desk, let: Tenancy) -> None:
        november = RentCharge.objects.get(month="2026-11-01")
        desk.does("reverse", november, reason="The roof leaked", confirmed="yes")

        assert desk.saves(let, form_of(let, ends_on="2026-11-15")).status_code == 302

        assert [row for row in charged(let) if row[0] == "11"] == [("11", 15_000_00, False)]

    def test_a_month_is_corrected_again_and_again(self, desk: Desk, let: Tenancy, in_any_order: None) -> None:
        """The last charge of a month counts, in whatever order the database tells them."""
        for ends_on in ("2026-11-15", "2026-11-10", "2026-11-20"):
            assert desk.saves(let, form_of(let, ends_on=ends_on, reason="Moved out early")).status_code == 302
            let.refresh_from_db()

        assert [row for row in charged(let) if row[0] == "11"] == [
            ("11", 15_000_00, False),
            ("11", 7_500_00, False),
            ("11", 5_000_00, False),
            ("11", 10_000_00, True),
        ]
        assert let.outstanding_paise() == 7 * 15_000_00 + 10_000_00

    def test_paid_rent_becomes_credit(self, desk: Desk, payment: Payment, phonepe: PhonePe, days: Days) -> None:
        phonepe.pays(payment)
        days.tick_for(21)
        tenancy = payment.tenancy

        assert desk.saves(tenancy, form_of(tenancy, ends_on="2026-04-10", reason="Moved out early")).status_code == 302

        assert tenancy.outstanding_paise() == -10_000_00
        assert not list(audit.differences())

    def test_it_cannot_end_before_it_starts(self, desk: Desk, let: Tenancy) -> None:
        answer = desk.saves(let, form_of(let, ends_on="2026-03-31", reason="Never came"))

        assert errors(answer) == ["A tenancy cannot end before it starts."]

    def test_the_form_says_that_the_last_day_counts(self, desk: Desk, let: Tenancy) -> None:
        assert "The last day, inclusive." in words(desk.looks_at(let))


class TestAWrongStart:
    def test_2006_becomes_2026(self, desk: Desk, let: Tenancy) -> None:
        Tenancy.objects.update(starts_on="2006-11-05", start_is_confirmed=True)
        raise_charges(through=date(2026, 11, 20))
        let.refresh_from_db()
        assert let.outstanding_paise() > 30_00_000_00

        answer = desk.saves(let, form_of(let, starts_on="2026-11-05", reason="2006 was a slip of the hand"))

        assert answer.status_code == 302
        assert [row for row in charged(let) if row[2]] == [("11", 13_000_00, True)]  # 26 of 30 days
        assert let.outstanding_paise() == 13_000_00
        assert not list(audit.differences())

    def test_an_earlier_start_charges_the_rest_of_its_month_and_the_months_before(
        self, desk: Desk, let: Tenancy
    ) -> None:
        desk.saves(let, form_of(let, starts_on="2026-04-16", reason="Began later"))
        let.refresh_from_db()
        assert next(row for row in charged(let) if row[2]) == ("04", 7_500_00, True)

        desk.saves(let, form_of(let, starts_on="2026-03-18", reason="Began earlier"))
        raise_charges(through=date(2026, 11, 20))

        assert [row for row in charged(let) if row[2]][:2] == [("03", 6_774_19, True), ("04", 15_000_00, True)]
        assert not list(audit.differences())
