"""When PhonePe is asked: the sign-off checklist's table, and what holds for every moment of every order."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.models import Flow, Mandate, PaymentTransaction, Refund
from core.models.reconciled import Reconciled
from core.services.polling import schedule
from core.services.polling.schedule import (
    check_after_answer,
    check_after_silence,
    first_check,
    mandatory_offsets,
    next_check,
)

START = datetime(2026, 4, 10, 6, 30, tzinfo=UTC)
HOUR, DAY = 3600, 24 * 3600
LIVES = st.integers(300, 3600)
AT_EASE = settings(max_examples=150, deadline=None, derandomize=True)

FIRST_MINUTES = [
    *(20,),
    *(23, 26, 29, 32, 35, 38, 41, 44, 47, 50),
    *(56, 62, 68, 74, 80, 86, 92, 98, 104, 110),
    *(120, 130, 140, 150, 160, 170),
    *(200, 230),
]
EVERY_MINUTE = [290, 350, 410, 470, 530, 590, 650, 710, 770, 830, 890, 950, 1010, 1070, 1130, 1190]
AFTER_EXPIRY = [5, 60, 300, 900, 3600, 3 * 3600, 6 * 3600, 12 * 3600]


def order(life: int = 1200, unanswered: int = 0) -> PaymentTransaction:
    expire_at = START + timedelta(seconds=life)
    return PaymentTransaction(initiated_at=START, expire_at=expire_at, unanswered_count=unanswered)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def later(moment: datetime) -> float:
    return (moment - START).total_seconds()


def followed(row: Reconciled, until: float) -> list[float]:
    """Follow the timetable from initiation, each check on time."""
    checks: list[float] = []
    while (check := later(next_check(row, after=at(checks[-1] if checks else 0)))) <= until:
        checks.append(check)
    return checks


class TestTheMandatoryTable:
    def test_an_order_of_twenty_minutes_is_asked_about_45_times(self) -> None:
        assert list(mandatory_offsets(1200)) == FIRST_MINUTES + EVERY_MINUTE
        assert len(mandatory_offsets(1200)) == 45

    @pytest.mark.parametrize(
        ("life", "count", "last"),
        [(300, 30, 290), (480, 33, 470), (600, 35, 590), (720, 37, 710), (1200, 45, 1190), (3600, 85, 3590)],
    )
    def test_other_lives_count_as_the_checklist_says(self, life: int, count: int, last: int) -> None:
        offsets = mandatory_offsets(life)

        assert (len(offsets), offsets[-1]) == (count, last)
        assert list(offsets[:45]) == (FIRST_MINUTES + EVERY_MINUTE)[:count]

    def test_the_first_check_comes_after_20_to_25_seconds(self) -> None:
        assert first_check(order()) == next_check(order(), after=START) == at(20)

    @AT_EASE
    @given(LIVES)
    def test_no_poll_comes_after_expiry_and_none_is_missing_before_it(self, life: int) -> None:
        offsets = mandatory_offsets(life)

        assert offsets[-1] < life <= offsets[-1] + 60
        assert list(offsets) == [*FIRST_MINUTES, *range(290, life, 60)]


class TestAfterExpiry:
    def test_a_closing_check_and_then_ever_more_slowly(self) -> None:
        checks = followed(order(1200), until=1200 + 4 * DAY)

        after = [check - 1200 for check in checks if check > 1200]
        assert after[: len(AFTER_EXPIRY)] == AFTER_EXPIRY
        steps = [second - first for first, second in pairwise(after)]
        assert steps == sorted(steps)
        assert steps[-1] == DAY

    @AT_EASE
    @given(LIVES, st.floats(0, 400))
    def test_it_never_ends(self, life: int, days: float) -> None:
        after = at(life + days * DAY)

        assert timedelta(0) < next_check(order(life), after=after) - after <= timedelta(days=1)


class TestOtherRows:
    """PhonePe leaves their pace to the merchant."""

    def test_a_refund_from_half_a_minute_to_a_day(self) -> None:
        first_hours = [30, 60, 120, 300, 600, 1800, *(hour * HOUR for hour in range(1, 25))]
        ten_days = [*range(30 * HOUR, 10 * DAY + 1, 6 * HOUR)]

        assert followed(Refund(initiated_at=START), 12 * DAY) == [*first_hours, *ten_days, 11 * DAY, 12 * DAY]

    def test_a_debit_seldom_for_webhooks_tell_of_what_happens(self) -> None:
        debit = PaymentTransaction(initiated_at=START, expire_at=at(2 * DAY), flow=Flow.REDEMPTION)

        hours = [HOUR, 4 * HOUR, 12 * HOUR, 36 * HOUR, 60 * HOUR]
        assert followed(debit, 3 * DAY) == [20, 60, 300, 900, *hours]

    def test_a_mandate_about_which_phonepe_does_not_answer(self) -> None:
        assert followed(Mandate(initiated_at=START), 2 * DAY) == [60, 300, 900, HOUR, 25 * HOUR]


class TestNextCheck:
    @AT_EASE
    @given(LIVES, st.floats(0, 3 * DAY))
    def test_it_is_later_and_on_the_timetable_and_skips_none_but_missed_ones(self, life: int, elapsed: float) -> None:
        timetable = followed(order(life), until=5 * DAY)
        moment = at(elapsed)

        check = next_check(order(life), after=moment)

        assert check > moment
        assert later(check) == next(offset for offset in timetable if at(offset) > moment)

    @pytest.mark.parametrize(
        ("after", "check"), [(0.5, 20), (19.9, 20), (20, 23), (20.1, 23), (90, 92), (1190, 1205), (1203, 1205)]
    )
    def test_a_check_that_is_just_now_is_not_the_next_one(self, after: float, check: int) -> None:
        assert next_check(order(), after=at(after)) == at(check)

    def test_before_initiation_it_is_the_first(self) -> None:
        assert next_check(order(), after=at(-5)) == at(15)  # a clock that is ahead made it


@pytest.mark.parametrize(("asked", "again"), [(20, 23), (21, 23), (21.001, 26), (25, 29), (1190, 1205)])
def test_after_an_answer_what_a_late_check_came_too_close_to_is_left_out(asked: float, again: int) -> None:
    assert check_after_answer(order(), now=at(asked)) == at(again)


class TestAfterSilence:
    @AT_EASE
    @given(LIVES, st.floats(0, 2 * DAY), st.integers(0, 1000))
    def test_it_is_never_earlier_than_the_timetable_and_not_in_five_minutes_more(
        self, life: int, elapsed: float, unanswered: int
    ) -> None:
        row, now = order(life, unanswered), at(elapsed)
        on_time = next_check(row, after=now)

        again = check_after_silence(row, now=now)

        assert on_time <= again <= max(on_time, now + timedelta(seconds=300))

    def test_it_waits_longer_with_every_silence(self) -> None:
        now = at(31)
        shortest = [min(check_after_silence(order(1200, n), now=now) for _ in range(40)) - now for n in range(8)]

        assert shortest == sorted(shortest)
        assert shortest[0] <= timedelta(seconds=3)
        assert shortest[-1] >= timedelta(seconds=150)

    def test_it_is_twice_as_long_each_time_up_to_five_minutes(self, monkeypatch: pytest.MonkeyPatch) -> None:
        drawn: list[tuple[float, float]] = []
        monkeypatch.setattr(schedule, "uniform", lambda *span: drawn.append(span) or span[1])

        waits = [later(check_after_silence(order(1200, n), now=at(1300))) - 1300 for n in (0, 1, 2, 3, 6, 7, 8, 999)]

        assert waits == [200] * 5 + [300] * 3  # the next check was due in 200 s anyway
        assert drawn == [(longest / 2, longest) for longest in (3, 6, 12, 24, 192, 300, 300, 300)]

    def test_it_is_three_seconds_at_least(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(schedule, "uniform", min)

        assert check_after_silence(order(1200), now=at(31)) == at(34)  # the next check was due at 32

    def test_it_is_spread_by_chance(self) -> None:
        assert len({check_after_silence(order(1200, 8), now=at(31)) for _ in range(20)}) > 1
