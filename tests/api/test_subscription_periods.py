"""Which days a paid subscription runs: periods are whole months from one day, in India's calendar."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from time_machine import Traveller

from core.india import INDIA, in_india
from core.models import (
    LedgerLine,
    OwnerSubscription,
    OwnerSubscriptionPayment,
    PaymentStatus,
    PricingPlan,
    SubscriptionPeriod,
)
from tests.people import Caller
from tests.phonepe import Days, PhonePe
from tests.subscriptions import is_refunded, pays_a_period

Pay = Callable[..., OwnerSubscriptionPayment]


@pytest.fixture
def pays(owner: Caller, plan: PricingPlan, phonepe: PhonePe) -> Pay:
    return lambda period="monthly": pays_a_period(owner, plan, phonepe, period)


@pytest.fixture
def refunds(operator: Caller, days: Days) -> Callable[..., None]:
    return lambda payment, amount=None: is_refunded(payment, amount, operator, days)


def noon(day: str) -> datetime:
    """Return noon of a day in India."""
    return datetime.fromisoformat(f"{day}T12:00:00").replace(tzinfo=INDIA)


def ends() -> list[str]:
    """Return the last day of each period, in the order they were paid for."""
    return [f"{in_india(period.ends_at):%Y-%m-%d}" for period in SubscriptionPeriod.objects.order_by("pk")]


class TestMonths:
    @pytest.mark.parametrize(
        ("first", "expected"),
        [
            ("2026-01-31", ["2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31"]),
            ("2026-01-29", ["2026-02-28", "2026-03-29", "2026-04-29"]),
            ("2028-01-30", ["2028-02-29", "2028-03-30"]),
            ("2026-02-28", ["2026-03-28", "2026-04-28"]),
            ("2026-12-15", ["2027-01-15", "2027-02-15"]),
        ],
    )
    def test_a_short_month_shortens_no_later_one(
        self, pays: Pay, traveller: Traveller, first: str, expected: list[str]
    ) -> None:
        traveller.move_to(noon(first))
        for _ in expected:
            pays()

        assert ends() == expected

    def test_each_paid_just_before_the_last_one_ends(self, pays: Pay, traveller: Traveller) -> None:
        traveller.move_to(noon("2026-01-31"))
        for _ in range(3):
            pays()
            traveller.move_to(SubscriptionPeriod.objects.latest("pk").ends_at - timedelta(hours=1))

        assert ends() == ["2026-02-28", "2026-03-31", "2026-04-30"]

    def test_twelve_months_are_a_year(self, pays: Pay, traveller: Traveller) -> None:
        traveller.move_to(noon("2026-01-31"))
        for _ in range(12):
            pays()

        assert SubscriptionPeriod.objects.latest("ends_at").ends_at == noon("2027-01-31")

    def test_a_year_from_29_february_comes_back_to_it(self, pays: Pay, traveller: Traveller) -> None:
        traveller.move_to(noon("2028-02-29"))
        for _ in range(4):
            pays("yearly")

        assert ends() == ["2029-02-28", "2030-02-28", "2031-02-28", "2032-02-29"]

    def test_months_and_years_follow_each_other(self, pays: Pay, traveller: Traveller) -> None:
        traveller.move_to(noon("2027-01-31"))
        for period in ("monthly", "yearly", "monthly", "monthly"):
            pays(period)

        assert ends() == ["2027-02-28", "2028-02-29", "2028-03-31", "2028-04-30"]

    def test_the_day_is_indias(self, pays: Pay, traveller: Traveller) -> None:
        """Early on 31 March in India it is still the 30th in UTC."""
        traveller.move_to(datetime(2026, 3, 30, 20, 0, tzinfo=UTC))
        pays()
        pays()

        last = SubscriptionPeriod.objects.order_by("pk").last()
        assert last is not None
        assert (last.starts_at, last.ends_at) == (
            datetime(2026, 4, 29, 20, 0, tzinfo=UTC),
            datetime(2026, 5, 30, 20, 0, tzinfo=UTC),
        )


class TestTheAnchor:
    def test_it_is_kept_by_who_renews_in_time(self, pays: Pay, traveller: Traveller) -> None:
        traveller.move_to(noon("2026-01-31"))
        pays()
        traveller.move_to(noon("2026-02-28"))  # to the second
        pays()

        assert OwnerSubscription.objects.get().anchor == noon("2026-01-31")
        assert ends() == ["2026-02-28", "2026-03-31"]

    def test_it_is_kept_by_who_renews_within_the_grace_days(self, pays: Pay, traveller: Traveller) -> None:
        traveller.move_to(noon("2026-01-31"))
        pays()
        traveller.move_to(noon("2026-03-07") - timedelta(seconds=1))  # seven days after the end, all but a second
        pays()

        assert OwnerSubscription.objects.get().anchor == noon("2026-01-31")
        assert ends() == ["2026-02-28", "2026-03-31"]

    def test_once_expired_it_is_the_day_on_which_the_money_came(self, pays: Pay, traveller: Traveller) -> None:
        traveller.move_to(noon("2026-01-31"))
        pays()
        traveller.move_to(noon("2026-03-07"))
        pays()
        pays()

        assert OwnerSubscription.objects.get().anchor == noon("2026-03-07")
        assert ends() == ["2026-02-28", "2026-04-07", "2026-05-07"]
        assert SubscriptionPeriod.objects.order_by("pk")[1].starts_at == noon("2026-03-07")

    def test_operators_see_it(self, pays: Pay, operator: Caller, traveller: Traveller, client: Any) -> None:
        traveller.move_to(noon("2026-01-31"))
        pays()
        client.force_login(operator.user)

        page = client.get(f"/admin/core/ownersubscription/{OwnerSubscription.objects.get().pk}/change/")

        assert "Anchor" in page.content.decode()


class TestRefunds:
    def test_half_the_price_is_half_of_the_whole_period(
        self, pays: Pay, refunds: Callable[..., None], traveller: Traveller
    ) -> None:
        """The second one has 31 days, from 28 February to 31 March; counted by itself it would have 28."""
        traveller.move_to(noon("2026-01-31"))
        pays()
        second = pays()
        refunds(second, "249.50")

        period = SubscriptionPeriod.objects.get(payment=second)
        assert period.ends_at - period.starts_at == timedelta(days=15.5)

    def test_a_part_of_a_dear_year_is_its_share_of_it_too(
        self, pays: Pay, refunds: Callable[..., None], plan: PricingPlan, traveller: Traveller
    ) -> None:
        """A year times its price in paise is more days than Python's time can count, from ₹27,397 on."""
        PricingPlan.objects.filter(pk=plan.pk).update(yearly_price_paise=9_99_999_99)
        traveller.move_to(noon("2026-01-31"))
        payment = pays("yearly")

        refunds(payment, "99999.99")

        payment.refresh_from_db()
        period = SubscriptionPeriod.objects.get(payment=payment)
        assert payment.status == PaymentStatus.PARTIALLY_REFUNDED
        assert abs(period.ends_at - period.starts_at - timedelta(days=365) * 0.9) < timedelta(minutes=5)

    def test_two_halves_are_all_of_it(self, pays: Pay, refunds: Callable[..., None], traveller: Traveller) -> None:
        traveller.move_to(noon("2026-01-31"))
        pays()
        second = pays()
        refunds(second, "249.50")
        refunds(second)

        period = SubscriptionPeriod.objects.get(payment=second)
        assert period.ends_at == period.starts_at == noon("2026-02-28")

    def test_a_late_one_does_not_prolong_what_has_ended(
        self, pays: Pay, refunds: Callable[..., None], traveller: Traveller
    ) -> None:
        traveller.move_to(noon("2026-01-31"))
        first = pays()
        traveller.move_to(noon("2026-06-01"))

        refunds(first, "249.50")

        assert ends() == ["2026-02-28"]

    def test_days_that_have_passed_are_not_taken_back(
        self, pays: Pay, refunds: Callable[..., None], traveller: Traveller
    ) -> None:
        traveller.move_to(noon("2026-01-31"))
        first = pays()
        traveller.move_to(noon("2026-02-20"))

        refunds(first, "400.00")  # a fifth of the period is left, which was over on 5 February

        assert ends() == ["2026-02-20"]

    def test_after_a_shortened_period_months_are_counted_from_its_end(
        self, pays: Pay, refunds: Callable[..., None], traveller: Traveller
    ) -> None:
        traveller.move_to(noon("2026-01-31"))
        refunds(pays(), "249.50")
        third = pays()

        period = SubscriptionPeriod.objects.get(payment=third)
        assert (period.starts_at, period.ends_at) == (noon("2026-02-14"), noon("2026-03-14"))
        assert OwnerSubscription.objects.get().anchor == noon("2026-02-14")

    def test_what_was_refunded_whole_before_it_began_leaves_no_trace(
        self, pays: Pay, refunds: Callable[..., None], traveller: Traveller
    ) -> None:
        traveller.move_to(noon("2026-01-31"))
        pays()
        refunds(pays())
        pays()
        pays()

        assert ends() == ["2026-02-28", "2026-02-28", "2026-03-31", "2026-04-30"]

    def test_where_the_first_goes_back_too_the_next_one_begins_at_once(
        self, pays: Pay, refunds: Callable[..., None], traveller: Traveller
    ) -> None:
        traveller.move_to(noon("2026-01-31"))
        first, second = pays(), pays()
        refunds(second)
        refunds(first)
        traveller.move_to(noon("2026-02-05"))

        period = SubscriptionPeriod.objects.get(payment=pays())
        assert (period.starts_at, period.ends_at) == (noon("2026-02-05"), noon("2026-03-05"))


def test_the_next_one_follows_the_end_that_comes_last(pays: Pay, traveller: Traveller) -> None:
    """Whichever period began last: an operator may have prolonged an earlier one."""
    traveller.move_to(noon("2026-01-31"))
    first = pays()
    pays()
    SubscriptionPeriod.objects.filter(payment=first).update(ends_at=noon("2026-05-31"))

    third = pays()

    assert SubscriptionPeriod.objects.get(payment=third).starts_at == noon("2026-05-31")


def test_the_tax_within_the_price_is_rounded_half_up(pays: Pay) -> None:
    pays()

    [posted] = LedgerLine.objects.filter(account="gst")  # 18/118 of ₹499.00 are ₹76.1186
    assert posted.amount_paise == -76_12


def test_a_refund_takes_its_share_of_income_and_tax_to_the_paisa(pays: Pay, refunds: Callable[..., None]) -> None:
    """₹100.00 of ₹499.00 are twice ₹7.6273 of the tax, each half rounded by itself, and income for the rest."""
    refunds(pays(), "100.00")

    posted = LedgerLine.objects.filter(entry__kind="refund_started", amount_paise__gt=0)
    assert dict(posted.values_list("account", "amount_paise")) == {"subscription_income": 84_74, "gst": 15_26}
