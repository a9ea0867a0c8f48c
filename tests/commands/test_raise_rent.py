"""manage.py raise_rent"""

from datetime import UTC, date, datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from time_machine import Traveller

from core.models import RentCharge, Tenancy


def runs(*flags: str) -> str:
    out = StringIO()
    call_command("raise_rent", *flags, stdout=out)
    return out.getvalue()


def charges() -> list[tuple[str, str, int]]:
    rows = RentCharge.objects.order_by("month").values_list("month", "due_on", "amount_paise")
    return [(month.isoformat(), due_on.isoformat(), paise) for month, due_on, paise in rows]


@pytest.fixture
def uncharged(tenancy: Tenancy) -> Tenancy:
    """A tenancy since 20 January, its rent due on the 31st, that was never charged."""
    tenancy.charges.all().delete()
    tenancy.starts_on, tenancy.due_day = date(2026, 1, 20), 31
    tenancy.save()
    return tenancy


class TestRaiseRent:
    def test_it_charges_month_by_month(self, uncharged: Tenancy) -> None:
        assert runs() == "Charged 4 months of rent.\n"

        assert charges() == [
            ("2026-01-01", "2026-01-31", 15_000_00),
            ("2026-02-01", "2026-02-28", 15_000_00),
            ("2026-03-01", "2026-03-31", 15_000_00),
            ("2026-04-01", "2026-04-30", 15_000_00),
        ]

    def test_twice_charges_nothing_twice(self, uncharged: Tenancy) -> None:
        runs()
        before = charges()

        assert runs() == "Charged 0 months of rent.\n"
        assert charges() == before

    def test_the_first_is_not_due_before_it_begins(self, uncharged: Tenancy) -> None:
        Tenancy.objects.update(due_day=5)
        runs("--through", "2026-02-01")

        assert [due_on for _, due_on, _ in charges()] == ["2026-01-20", "2026-02-05"]

    @pytest.mark.parametrize(
        ("ends_on", "last"), [("2026-02-01", "2026-02-01"), ("2026-01-31", "2026-01-01"), ("2026-12-31", "2026-04-01")]
    )
    def test_an_ended_tenancy_is_charged_to_its_last_month(self, uncharged: Tenancy, ends_on: str, last: str) -> None:
        Tenancy.objects.update(ends_on=ends_on)
        runs()

        assert charges()[-1][0] == last

    def test_one_that_has_not_begun_is_not_charged(self, uncharged: Tenancy) -> None:
        Tenancy.objects.update(starts_on=date(2026, 4, 11))

        assert runs() == "Charged 0 months of rent.\n"

    def test_another_rent_counts_for_later_months(self, uncharged: Tenancy) -> None:
        runs("--through", "2026-02-28")
        Tenancy.objects.update(monthly_rent_paise=16_000_00)
        runs()

        assert [paise for _, _, paise in charges()] == [15_000_00, 15_000_00, 16_000_00, 16_000_00]

    def test_a_leap_february(self, uncharged: Tenancy) -> None:
        Tenancy.objects.update(starts_on=date(2028, 2, 1))
        runs("--through", "2028-02-29")

        assert charges() == [("2028-02-01", "2028-02-29", 15_000_00)]

    def test_the_month_begins_when_it_does_in_india(self, tenancy: Tenancy, traveller: Traveller) -> None:
        traveller.move_to(datetime(2026, 4, 30, 18, 29, tzinfo=UTC))
        assert runs() == "Charged 0 months of rent.\n"

        traveller.move_to(datetime(2026, 4, 30, 18, 30, tzinfo=UTC))

        assert runs() == "Charged 1 months of rent.\n"

    @pytest.mark.parametrize("day", ["today", "2026-02-30", "01.04.2026", ""])
    def test_a_day_that_is_none_is_refused(self, db: None, day: str) -> None:
        if day:
            with pytest.raises(CommandError, match="--through"):
                runs("--through", day)
