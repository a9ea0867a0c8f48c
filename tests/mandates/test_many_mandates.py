"""More mandates than one worker looks at together: others help, a little at a time."""

import time
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from core import tasks
from core.models import Mandate, PricingPlan
from core.services.phonepe.rate_limit import RateLimit, rate_limit, use
from tests.mandates.autopay import Autopay
from tests.people import make_owner
from tests.phonepe import Days, PhonePe

Called = list[tuple[Any, ...]]


@pytest.fixture
def three_due(plan: PricingPlan, phonepe: PhonePe, days: Days, traveller: time_machine.Traveller) -> None:
    """Three owners have AutoPay, and their mandates are due."""
    for name in ("asha", "bina", "chitra"):
        autopay = Autopay(make_owner(name).user, plan, phonepe, traveller)
        autopay.sets_up()
        autopay.approves()
    Mandate.objects.update(next_check_at=days.now())


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> Called:
    """Whom a task calls for help, one mandate being as many as a worker claims at first."""
    calls: Called = []
    monkeypatch.setattr(tasks, "AT_ONCE", 1)
    monkeypatch.setattr(tasks.look_at_mandates, "apply_async", lambda args, **_: calls.append(args))
    return calls


@pytest.mark.usefixtures("three_due")
def test_others_are_called_for_what_one_does_not_claim_at_first(called: Called, phonepe: PhonePe) -> None:
    asked = len(phonepe.simulator.calls_to("subscription_status"))

    tasks.renew_subscriptions()

    assert len(called) == 2
    assert len(phonepe.simulator.calls_to("subscription_status")) == asked + 3
    tasks.look_at_mandates(*called[0])  # late: nothing is left
    assert len(called) == 2


@pytest.mark.usefixtures("three_due")
def test_they_leave_some_calls_of_a_second_to_others(phonepe: PhonePe, settings: Any) -> None:
    asked = len(phonepe.simulator.calls_to("subscription_status"))
    settings.PHONEPE_CALLS_PER_SECOND = 2
    use(RateLimit(lambda: timezone.now().timestamp()))

    tasks.renew_subscriptions()

    assert len(phonepe.simulator.calls_to("subscription_status")) == asked + 1
    assert rate_limit().permits(2) == 1


@pytest.mark.usefixtures("three_due")
@pytest.mark.parametrize(("left", "again"), [(50, 1), (-1, 0)])
def test_one_who_helps_goes_on_until_the_next_run(
    called: Called, monkeypatch: pytest.MonkeyPatch, left: float, again: int
) -> None:
    monkeypatch.setattr(tasks, "do_due", _looks_at_one)

    tasks.look_at_mandates(time.time() + left)

    assert len(called) == again


@pytest.mark.usefixtures("three_due")
def test_nobody_goes_on_while_phonepe_may_not_be_asked(called: Called, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limit(), "permits", lambda *_, **__: 0)

    tasks.look_at_mandates(time.time() + 50)

    assert not called


def _looks_at_one(_work: Any, tally: Any, **_: Any) -> bool:
    tally.asked += 1
    return False
