"""manage.py raise_rent"""

from datetime import UTC, date, datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from time_machine import Traveller

from core import tasks
from core.management.commands import raise_rent
from core.models import Alert, JournalEntry, RentCharge, Tenancy
from core.services.rent.charges import raise_charges
from tests.bars import bars_of
from tests.people import make_tenancy


def runs(*flags: str) -> str:
    out = StringIO()
    call_command("raise_rent", *flags, stdout=out)
    return out.getvalue()


def charges() -> list[tuple[str, str, int]]:
    rows = RentCharge.objects.order_by("month").values_list("month", "due_on", "amount_paise")
    return [(month.isoformat(), due_on.isoformat(), paise) for month, due_on, paise in rows]


@pytest.fixture
def uncharged(tenancy: Tenancy) -> Tenancy:
    """A tenancy since 20 January, its rent due on the 31st and by whole months, that was never charged."""
    tenancy.charges.all().delete()
    tenancy.starts_on, tenancy.due_day, tenancy.prorate = date(2026, 1, 20), 31, False
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

    def test_a_bar_tells_how_far_it_has_come(
        self, uncharged: Tenancy, other_tenancy: Tenancy, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Of those that have begun, also of one of which nothing is left to charge."""
        bars = bars_of(raise_rent, monkeypatch)
        make_tenancy(other_tenancy.unit.property.owner, other_tenancy.tenant, starts_on=date(2026, 4, 11))

        runs()

        [bar] = bars
        assert (bar.n, bar.total, bar.unit) == (2, 2, "tenancies")

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

        assert runs() == "Charged 1 month of rent.\n"

    @pytest.mark.parametrize("day", ["today", "2026-02-30", "01.04.2026", ""])
    def test_a_day_that_is_none_is_refused(self, db: None, day: str) -> None:
        if day:
            with pytest.raises(CommandError, match="--through"):
                runs("--through", day)


class TestByDay:
    """The first and the last month cost their share of days, unless the tenancy says otherwise."""

    @pytest.mark.parametrize(
        ("starts_on", "ends_on", "expected"),
        [
            ("2026-01-20", None, [5_806_45, 15_000_00, 15_000_00, 15_000_00]),  # 12 of 31 days
            ("2026-03-31", None, [483_87, 15_000_00]),
            ("2026-03-01", None, [15_000_00, 15_000_00]),
            ("2026-03-02", "2026-04-15", [14_516_13, 7_500_00]),  # 30 of 31 days, 15 of 30
            ("2026-02-01", "2026-02-28", [15_000_00]),
            ("2026-02-27", "2026-03-01", [1_071_43, 483_87]),
            ("2026-02-10", "2026-02-19", [5_357_14]),  # its first month is its last
            ("2026-02-10", "2026-02-10", [535_71]),  # one day
        ],
    )
    def test_both_ends_are_inclusive(
        self, uncharged: Tenancy, starts_on: str, ends_on: str | None, expected: list[int]
    ) -> None:
        Tenancy.objects.update(starts_on=starts_on, ends_on=ends_on, prorate=True)
        runs()

        assert [paise for _, _, paise in charges()] == expected

    @pytest.mark.parametrize(
        ("rent_paise", "starts_on", "expected"),
        [
            (100_01, "2026-04-16", 50_01),  # half of it is 50.005, which is rounded up
            (100_03, "2026-04-16", 50_02),
            (100_00, "2026-04-21", 33_33),
            (200_00, "2026-04-21", 66_67),
            (100, "2026-04-30", 3),
        ],
    )
    def test_half_a_paisa_is_rounded_up(
        self, uncharged: Tenancy, rent_paise: int, starts_on: str, expected: int
    ) -> None:
        Tenancy.objects.update(starts_on=starts_on, monthly_rent_paise=rent_paise, prorate=True)
        runs("--through", "2026-04-30")

        assert [paise for _, _, paise in charges()] == [expected]

    def test_a_leap_february_has_29_days(self, uncharged: Tenancy) -> None:
        Tenancy.objects.update(starts_on="2028-02-15", prorate=True)
        runs("--through", "2028-02-29")

        assert [paise for _, _, paise in charges()] == [7_758_62]

    def test_the_charge_says_for_how_many_days(self, uncharged: Tenancy) -> None:
        Tenancy.objects.update(prorate=True)
        runs()

        first, second = RentCharge.objects.order_by("month")[:2]
        assert (str(first), first.days) == (f"January 2026 (12 of 31 days), {uncharged}", 12)
        assert (str(second), second.days) == (f"February 2026, {uncharged}", None)
        entry = JournalEntry.objects.get(source=f"charge:{first.pk}")
        assert entry.description == "Rent for January 2026 (12 of 31 days)"

    def test_a_new_tenancy_is_charged_so_unless_told_otherwise(self, tenancy: Tenancy) -> None:
        assert tenancy.prorate is True


class TestLongAgo:
    """241 charges were raised by writing 2006 in place of 2026."""

    @pytest.fixture
    def long_ago(self, uncharged: Tenancy) -> Tenancy:
        Tenancy.objects.update(starts_on=date(2006, 4, 1))
        return uncharged

    def test_it_is_not_charged_and_named(self, long_ago: Tenancy) -> None:
        assert runs() == (
            "Charged 0 months of rent.\n"
            f"Tenancy {long_ago.pk} is not charged, because it starts more than 24 months back, on 2006-04-01. "
            "Confirm its start in the admin, or use --confirm-old-starts.\n"
        )
        assert charges() == []

    def test_the_flag_confirms_it(self, long_ago: Tenancy) -> None:
        assert runs("--confirm-old-starts") == "Charged 241 months of rent.\n"

    def test_so_does_the_tenancy_itself(self, long_ago: Tenancy) -> None:
        Tenancy.objects.update(start_is_confirmed=True)

        assert runs() == "Charged 241 months of rent.\n"

    @pytest.mark.parametrize(("starts_on", "months"), [("2024-04-10", 25), ("2024-04-09", 0)])
    def test_24_months_to_the_day_are_not_too_many(self, uncharged: Tenancy, starts_on: str, months: int) -> None:
        Tenancy.objects.update(starts_on=starts_on)

        assert runs().startswith(f"Charged {months} months of rent.\n")

    def test_one_that_has_been_charged_ever_since_goes_on(self, long_ago: Tenancy, traveller: Traveller) -> None:
        runs("--confirm-old-starts")
        traveller.move_to(datetime(2026, 5, 1, tzinfo=UTC))

        assert runs() == "Charged 1 month of rent.\n"

    def test_others_are_charged_all_the_same(self, long_ago: Tenancy, other_tenancy: Tenancy) -> None:
        assert runs("--through", "2026-05-01").startswith("Charged 1 month of rent.\n")

    @pytest.mark.parametrize("mended", [{"start_is_confirmed": True}, {"starts_on": "2026-03-01"}])
    def test_the_alert_ends_when_it_is_mended(self, long_ago: Tenancy, mended: dict[str, object]) -> None:
        tasks.raise_rent()
        Tenancy.objects.filter(pk=long_ago.pk).update(**mended)
        tasks.raise_rent()

        assert Alert.objects.get().resolved_at

    def test_the_alert_ends_when_all_are_confirmed(self, long_ago: Tenancy) -> None:
        tasks.raise_rent()
        runs("--confirm-old-starts")

        assert Alert.objects.get().resolved_at

    def test_the_alert_stays_while_others_are_charged(self, long_ago: Tenancy, other_tenancy: Tenancy) -> None:
        tasks.raise_rent()
        raise_charges(through=date(2026, 5, 1), among=Tenancy.objects.filter(pk=other_tenancy.pk))

        assert Alert.objects.get().resolved_at is None

    def test_the_nightly_task_tells_an_operator_once(self, long_ago: Tenancy) -> None:
        for _ in range(2):
            tasks.raise_rent()

        alert = Alert.objects.get()
        assert (alert.kind, alert.subject) == ("rent", f"tenancy:{long_ago.pk}")
        assert "starts more than 24 months back, on 2006-04-01" in alert.sentence
