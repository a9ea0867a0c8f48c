"""How a subscription moves from state to state: the clock's part, and the table in the documents."""

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from time_machine import Traveller

from core import tasks
from core.india import INDIA
from core.models import (
    SUBSCRIPTION_MOVES,
    OwnerSubscription,
    PricingPlan,
    SubscriptionChange,
    SubscriptionEvent,
    SubscriptionStatus,
)
from core.services.subscriptions import renewing
from core.services.subscriptions.life import advance, amount_due_paise, renewal_of
from core.services.subscriptions.renewing import renew_due
from tests.people import Caller
from tests.phonepe import Days, PhonePe
from tests.subscriptions import is_refunded, pays_a_period

TABLE = Path(__file__).parents[2] / "docs" / "subscriptions.md"


def test_the_table_in_the_documents_is_the_one_in_the_code() -> None:
    names = {label: value for value, label in SubscriptionStatus.choices if not value} | {
        value: value for value in SubscriptionStatus.values if value
    }
    events = {label: value for value, label in SubscriptionEvent.choices}
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", TABLE.read_text(), re.MULTILINE)
    written = {(names[old], events[event], names[new]) for old, event, new in rows if event in events}

    coded = {(str(old), str(event), str(new)) for old, to in SUBSCRIPTION_MOVES.items() for event, new in to.items()}
    assert written == coded


def noon(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T12:00:00").replace(tzinfo=INDIA)


class TestTheClock:
    """Starter, paid for a month on 31 January."""

    @pytest.fixture(autouse=True)
    def starter(self, owner: Caller, plan: PricingPlan, phonepe: PhonePe, traveller: Traveller) -> Any:
        traveller.move_to(noon("2026-01-31"))
        return pays_a_period(owner, plan, phonepe)

    @pytest.fixture
    def at(self, traveller: Traveller) -> Any:
        def at(day: str, *, seconds: int = 0) -> OwnerSubscription:
            traveller.move_to(noon(day) + timedelta(seconds=seconds))
            tasks.renew_subscriptions()
            return OwnerSubscription.objects.get()

        return at

    def test_paid_it_is_active(self) -> None:
        paid = OwnerSubscription.objects.get()

        assert (paid.status, str(paid.plan), paid.period) == ("active", "Starter", "monthly")
        assert (paid.current_period_start, paid.current_period_end) == (noon("2026-01-31"), noon("2026-02-28"))
        assert paid.due_at == noon("2026-02-25")

    def test_it_ends_is_past_due_for_seven_days_and_expires(self, at: Any) -> None:
        assert at("2026-02-28", seconds=-1).status == "active"
        assert at("2026-02-28").status == "past_due"
        assert at("2026-03-07", seconds=-1).status == "past_due"
        over = at("2026-03-07")

        assert (over.status, over.due_at) == ("expired", None)
        moves = SubscriptionChange.objects.values_list("old", "new", "at")
        assert list(moves) == [
            ("", "active", noon("2026-01-31")),
            ("active", "past_due", noon("2026-02-28")),
            ("past_due", "expired", noon("2026-03-07")),
        ]

    def test_a_clock_that_comes_late_makes_the_same_moves(self, at: Any) -> None:
        assert at("2026-06-01").status == "expired"

        moves = SubscriptionChange.objects.values_list("new", "at")
        assert list(moves)[1:] == [("past_due", noon("2026-02-28")), ("expired", noon("2026-03-07"))]

    def test_twice_comes_to_the_same(self, at: Any) -> None:
        at("2026-02-28")
        at("2026-02-28")
        call_command("renew_subscriptions")

        assert SubscriptionChange.objects.count() == 2

    @pytest.mark.parametrize(("day", "status"), [("2026-03-06", "past_due"), ("2026-04-20", "expired")])
    def test_any_payment_makes_it_active(
        self, at: Any, owner: Caller, plan: PricingPlan, phonepe: PhonePe, day: str, status: str
    ) -> None:
        assert at(day).status == status

        pays_a_period(owner, plan, phonepe)

        assert OwnerSubscription.objects.get().status == "active"

    def test_a_renewal_in_time_keeps_it_active(
        self, at: Any, owner: Caller, plan: PricingPlan, phonepe: PhonePe
    ) -> None:
        at("2026-02-26")
        pays_a_period(owner, plan, phonepe)

        rolled = at("2026-03-01")

        assert rolled.status == "active"
        assert (rolled.current_period_start, rolled.current_period_end) == (noon("2026-02-28"), noon("2026-03-31"))
        assert SubscriptionChange.objects.count() == 1

    def test_the_price_of_a_renewal_is_that_of_its_announcement(self, at: Any) -> None:
        before = OwnerSubscription.objects.get()
        assert amount_due_paise(before) == 0
        PricingPlan.objects.update(monthly_price_paise=599_00)

        announced = at("2026-02-25")
        PricingPlan.objects.update(monthly_price_paise=699_00)

        assert amount_due_paise(announced) == 599_00
        owed = renewal_of(at("2026-03-01"))
        assert owed is not None
        assert (owed.amount_paise, owed.starts_at) == (599_00, noon("2026-02-28"))

    def test_an_announced_debit_holds_past_due_off(self, at: Any) -> None:
        OwnerSubscription.objects.update(debit_until=noon("2026-03-02"))

        assert at("2026-02-28").status == "active"
        assert at("2026-03-02").status == "past_due"
        assert SubscriptionChange.objects.latest("pk").at == noon("2026-02-28")

    def test_what_was_refunded_whole_expires_at_once(
        self, starter: Any, owner: Caller, operator: Caller, days: Days
    ) -> None:
        is_refunded(starter, None, operator, days)

        over = OwnerSubscription.objects.get()
        assert (over.status, renewal_of(over)) == ("expired", None)

    def test_one_that_fails_does_not_stop_the_others(self, monkeypatch: pytest.MonkeyPatch, days: Days) -> None:
        def fails(*_: Any, **__: Any) -> None:
            raise ValueError

        monkeypatch.setattr(OwnerSubscription, "bring_up_to_date", fails)
        days.pass_by(40 * 24 * 3600)

        done = renew_due(now=days.now())

        assert (done.looked_at, done.failed) == (1, 1)
        with pytest.raises(SystemExit):
            call_command("renew_subscriptions", "--json")

    def test_a_run_comes_past_those_that_fail_in_every_batch(
        self,
        other_owner: Caller,
        plan: PricingPlan,
        phonepe: PhonePe,
        traveller: Traveller,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """The later row is due first, so that neither keys nor times alone say how far a run has come."""
        traveller.move_to(noon("2026-02-01"))
        pays_a_period(other_owner, plan, phonepe)
        first, second = OwnerSubscription.objects.order_by("pk")
        OwnerSubscription.objects.filter(pk=first.pk).update(due_at=noon("2026-02-03"))
        OwnerSubscription.objects.filter(pk=second.pk).update(due_at=noon("2026-02-02"))
        monkeypatch.setattr(renewing, "BATCH", 1)
        looked_at: list[int] = []

        def fails(key: int, **_: Any) -> None:
            looked_at.append(key)
            if len(looked_at) > 2:
                pytest.fail("it comes round again")
            raise ValueError

        monkeypatch.setattr(renewing, "advance", fails)

        done = renew_due(now=noon("2026-02-04"))

        assert (looked_at, done.failed) == ([second.pk, first.pk], 2)

    def test_two_that_are_due_at_the_same_moment_are_both_done(
        self,
        starter: Any,
        other_owner: Caller,
        plan: PricingPlan,
        phonepe: PhonePe,
        traveller: Traveller,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        pays_a_period(other_owner, plan, phonepe)
        monkeypatch.setattr(renewing, "BATCH", 1)

        done = renew_due(now=noon("2026-02-28"))

        assert (done.looked_at, done.failed, done.steps) == (2, 0, {"ended": 2})
        assert {each.status for each in OwnerSubscription.objects.all()} == {"past_due"}

    def test_nothing_is_looked_at_before_its_time(self) -> None:
        assert renew_due(now=noon("2026-02-25") - timedelta(seconds=1)).looked_at == 0
        assert renew_due(now=noon("2026-02-25")).looked_at == 1
        assert renew_due(now=noon("2026-02-25")).looked_at == 0

    def test_what_another_machine_has_just_done_is_not_done_again(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def advance_after_another(key: int, *, now: datetime) -> Any:
            assert advance(key, now=now)
            return advance(key, now=now)

        monkeypatch.setattr(renewing, "advance", advance_after_another)

        done = renew_due(now=noon("2026-02-28"))

        assert (done.looked_at, done.failed, done.steps) == (1, 0, {})
        assert SubscriptionChange.objects.count() == 2

    def test_the_command_tells_what_it_did(self, traveller: Traveller, capsys: pytest.CaptureFixture[str]) -> None:
        traveller.move_to(noon("2026-03-07"))

        call_command("renew_subscriptions", "--json")
        call_command("renew_subscriptions")

        assert [line for line in capsys.readouterr().out.splitlines() if "ooked" in line] == [
            '{"looked_at": 1, "failed": 0, "mandates": 0, "unanswered": 0, "steps": {"ended": 1, "grace_over": 1}}',
            "Looked at 0 mandates and 0 subscriptions: nothing was due. Failed: 0.",
        ]
