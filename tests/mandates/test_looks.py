"""When a mandate is looked at again, and what a look finds out by itself."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone
from time_machine import Traveller

from core.models import (
    Mandate,
    MandateDebit,
    Notification,
    OwnerSubscriptionPayment,
    PricingPlan,
    StateChange,
    User,
)
from core.services import worker
from core.services.worker import MANDATES, Tally, do_due
from core.tasks import renew_subscriptions
from phonepe_simulator import Fault
from phonepe_simulator.mandates.mandate import MandateState
from tests.log_lines import lines_of
from tests.mandates.autopay import Autopay
from tests.mandates.steps import announced, looks, waits
from tests.meanwhile import Meanwhile
from tests.people import Caller, make_owner
from tests.phonepe import Days, PhonePe
from tests.subscriptions import is_refunded, pays_a_period

DAY = timedelta(days=1)
HOUR = 60  # minutes
A_DAY = 24 * HOUR


def test_a_month_of_looks_leads_to_one_notice_and_one_execution(subscribed: Autopay) -> None:
    moments = []

    for _ in range(9):
        looks(subscribed)
        moments.append(f"{subscribed.mandate.next_check_at:%d %b %H:%M:%S}")

    assert moments == [
        "17 Apr 06:30:04",  # once a week
        "24 Apr 06:30:04",
        "01 May 06:30:04",
        "07 May 06:30:00",  # three days before the end of what is paid
        "07 May 06:31:00",  # its owner has been told of the price meanwhile
        "07 May 06:46:00",  # the notice was sent
        "07 May 06:46:03",  # its payer was told
        "10 May 06:30:00",  # the end of what is paid
        "10 May 07:30:00",  # it was executed
    ]
    assert [len(subscribed.calls(name)) for name in ("status", "notify", "redeem")] == [9, 1, 1]
    subscribed.go_to(subscribed.end + timedelta(seconds=30))
    subscribed.works()
    assert (subscribed.end.month, waits(subscribed)) == (6, 7 * A_DAY)


def test_while_phonepe_does_not_answer_it_is_ever_longer_up_to_ten_minutes(subscribed):
    subscribed.phonepe.simulator.faults.add(Fault("server_error", call="subscription_status"))
    waited = []

    for _ in range(6):
        subscribed.go_to(subscribed.mandate.next_check_at)
        renew_subscriptions()
        waited.append(waits(subscribed))

    assert waited == [1, 2, 4, 8, 10, 10]


def test_after_a_notice_it_is_when_its_payer_was_told_and_phonepe_is_asked_for_that(subscribed):
    subscribed.go_to(subscribed.end - 3 * DAY)
    subscribed.works()
    subscribed.pass_by(minutes=2)

    renew_subscriptions()

    assert len(subscribed.calls("notify")) == 1
    assert waits(subscribed) == 15
    assert MandateDebit.objects.get().valid_after is None
    subscribed.pass_by(minutes=15)
    renew_subscriptions()
    assert MandateDebit.objects.get().valid_after is not None


def test_one_that_is_cancelled_while_phonepe_is_asked_is_left_to_the_next(subscribed, meanwhile: Meanwhile):
    subscribed.go_to(subscribed.end - 3 * DAY)
    meanwhile.after("order_status", subscribed.cancels)
    tally = Tally()

    do_due(MANDATES, tally)

    assert (tally.asked, tally.failed) == (0, 0)
    subscribed.works()
    subscribed.pass_by(minutes=2)
    subscribed.works()
    assert (subscribed.mandate.state, subscribed.calls("notify")) == ("CANCELLED", [])


@pytest.mark.parametrize(
    ("fault", "minutes"), [(None, 1), ("timeout_after", 1), ("refused", HOUR), ("rate_limited", 1)]
)
def test_after_a_cancellation_its_state_is_asked_for(subscribed: Autopay, fault: str | None, minutes: int) -> None:
    if fault is not None:
        subscribed.phonepe.simulator.faults.add(Fault(fault, call="subscription_cancel", times=1))

    answer = subscribed.cancels()

    assert (answer.json()["state"], waits(subscribed)) == ("CANCEL_IN_PROGRESS", minutes)
    subscribed.phonepe.reachable = False
    for _ in range(2):
        subscribed.go_to(subscribed.mandate.next_check_at)
        renew_subscriptions()
        if subscribed.mandate.has_ended:
            break
    assert (subscribed.mandate.state, subscribed.mandate.next_check_at) == ("CANCELLED", None)
    last = StateChange.objects.filter(what="mandate").latest("pk")
    assert (last.old, last.new, last.cause, last.at) == ("ACTIVE", "CANCELLED", "clock", timezone.now())
    assert last.answer["state"] == "CANCELLED"


@pytest.mark.parametrize(
    ("state", "minutes"),
    [("PAUSED", A_DAY), ("PAUSE_IN_PROGRESS", HOUR), ("UNPAUSE_IN_PROGRESS", HOUR), ("REVOKE_IN_PROGRESS", HOUR)],
)
def test_one_that_is_not_active_is_looked_at_by_the_day_or_while_it_moves_by_the_hour(
    subscribed: Autopay, state: str, minutes: int
) -> None:
    subscribed.phonepe.simulator.mandates[str(subscribed.mandate)].state = MandateState(state)

    assert looks(subscribed) == minutes
    assert (subscribed.mandate.state, subscribed.mandate.is_in_use) == (state, True)


def test_one_of_an_owner_who_is_shut_out_is_looked_at_by_the_day(subscribed: Autopay) -> None:
    User.objects.filter(pk=subscribed.user.pk).update(is_active=False)

    assert looks(subscribed) == A_DAY


def test_one_that_phonepe_does_not_know_any_more_is_kept_and_debits_nothing(subscribed: Autopay) -> None:
    debit = announced(subscribed)
    subscribed.phonepe.simulator.faults.add(Fault("forgotten", call="subscription_status", times=1))
    subscribed.go_to(subscribed.end)
    known = subscribed.mandate

    renew_subscriptions()

    mandate = subscribed.mandate
    assert (waits(subscribed), subscribed.calls("redeem")) == (HOUR, [])
    assert (mandate.state, mandate.is_in_use, mandate.check_count) == ("ACTIVE", True, known.check_count + 1)
    assert mandate.last_checked_at == timezone.now()
    looks(subscribed)
    debit.refresh_from_db()
    assert (debit.status, len(subscribed.calls("redeem"))) == ("pending", 1)


def test_one_whose_money_was_all_refunded_is_looked_at_by_the_week(
    subscribed: Autopay, operator: Caller, days: Days
) -> None:
    is_refunded(subscribed.mandate.setup(), None, operator, days)

    assert looks(subscribed) == 7 * A_DAY
    assert subscribed.debits == []


class TestWithAnother:
    """Bina's mandate, beside Asha's."""

    @pytest.fixture
    def bina(self, subscribed: Autopay, plan: PricingPlan, phonepe: PhonePe, traveller: Traveller) -> Mandate:
        autopay = Autopay(make_owner("bina").user, plan, phonepe, traveller)
        autopay.sets_up()
        autopay.approves()
        renew_subscriptions()
        return autopay.mandate

    def test_silence_about_one_is_not_counted_for_the_other(self, subscribed: Autopay, bina: Mandate) -> None:
        subscribed.phonepe.simulator.faults.add(Fault("server_error", call="subscription_status"))
        Mandate.objects.exclude(pk=bina.pk).update(next_check_at=timezone.now())
        told = StringIO()

        call_command("renew_subscriptions", "--json", stdout=told)

        assert json.loads(told.getvalue()) == {
            "looked_at": 0,
            "failed": 0,
            "mandates": 1,
            "unanswered": 1,
            "steps": {},
        }
        assert list(Mandate.objects.order_by("pk").values_list("unanswered_count", flat=True)) == [1, 0]

    def test_those_that_have_ended_and_those_that_go_on_are_counted(self, subscribed: Autopay, bina: Mandate) -> None:
        subscribed.phonepe.reachable = False
        subscribed.phonepe.simulator.mandates.revoke(str(bina))
        tally = Tally()

        Mandate.objects.filter(pk=bina.pk).update(next_check_at=timezone.now())
        do_due(MANDATES, tally)
        assert (tally.asked, tally.final, tally.pending, tally.failed) == (1, 1, 0, 0)

        Mandate.objects.exclude(pk=bina.pk).update(next_check_at=timezone.now())
        do_due(MANDATES, tally)
        assert (tally.asked, tally.final, tally.pending, tally.failed) == (2, 1, 1, 0)


class TestOneInPlaceOfAnother:
    """Asha declined one, approved one, and sets up a third because the plan costs more."""

    @pytest.fixture
    def three(self, autopay: Autopay) -> list[Mandate]:
        autopay.sets_up()
        autopay.phonepe.simulator.mandates.decline(str(autopay.mandate))
        autopay.delivers()
        autopay.works()
        autopay.sets_up()
        autopay.approves()
        return list(Mandate.objects.order_by("pk"))

    def replaces(self, autopay: Autopay) -> Mandate:
        PricingPlan.objects.update(monthly_price_paise=800_00)
        autopay.sets_up()
        autopay.approves()
        Mandate.objects.filter(pk=autopay.mandate.pk).update(next_check_at=timezone.now() - timedelta(seconds=1))
        return autopay.mandate

    def test_what_was_announced_under_the_one_is_given_up_and_then_announced_under_the_other(
        self, autopay: Autopay, three: list[Mandate], caplog: pytest.LogCaptureFixture
    ) -> None:
        debit = announced(autopay)
        new = self.replaces(autopay)

        renew_subscriptions()  # the new one comes first, and finds that a debit waits

        assert not lines_of(caplog, "check_failed")
        debit.refresh_from_db()
        assert debit.status == "cancelled"
        now, minute = timezone.now(), timedelta(minutes=1)
        looked_at = list(Mandate.objects.order_by("pk").values_list("next_check_at", flat=True))
        assert looked_at == [None, now + minute, now + timedelta(seconds=3)]
        looks(autopay)
        assert [(each.status, each.mandate) for each in autopay.debits] == [("cancelled", three[1]), ("pending", new)]


class TestSetupThatWaits:
    """Nobody has approved it yet."""

    def test_it_is_looked_at_five_minutes_after_its_end(self, autopay: Autopay) -> None:
        autopay.phonepe.reachable = False
        autopay.sets_up()
        assert waits(autopay) == 15
        autopay.go_to(autopay.mandate.next_check_at)

        renew_subscriptions()

        assert (autopay.mandate.state, autopay.mandate.next_check_at) == ("FAILED", None)
        autopay.works()
        assert autopay.mandate.setup().status == "failed"
        assert not Notification.objects.filter(kind__startswith="mandate_").exists()

    @pytest.mark.parametrize(("seconds", "state"), [(660, "ACTIVATION_IN_PROGRESS"), (661, "FAILED")])
    def test_it_never_arrived_once_a_minute_has_passed_since_its_end(
        self, autopay: Autopay, seconds: int, state: str
    ) -> None:
        autopay.phonepe.simulator.faults.add(Fault("timeout_before", call="subscription_setup"))
        autopay.sets_up()
        autopay.pass_by(seconds=seconds)
        Mandate.objects.update(next_check_at=timezone.now())

        renew_subscriptions()

        assert autopay.mandate.state == state
        if state == "FAILED":
            last = StateChange.objects.get(what="mandate")
            assert (last.cause, last.at, last.answer) == ("never_reached_phonepe", timezone.now(), {})
            assert autopay.mandate.next_check_at is None
        else:
            assert waits(autopay) == HOUR

    def test_one_that_was_approved_is_in_use_when_its_order_says_so(self, autopay: Autopay) -> None:
        autopay.sets_up()
        autopay.phonepe.reachable = False
        autopay.phonepe.simulator.mandates.approve(str(autopay.mandate))
        Mandate.objects.update(next_check_at=timezone.now())

        renew_subscriptions()

        # What came with it decides, and nobody has asked about that yet.
        assert (autopay.mandate.state, autopay.mandate.is_in_use) == ("ACTIVATION_IN_PROGRESS", False)
        assert waits(autopay) == HOUR
        autopay.pass_by(minutes=1)
        autopay.works()
        assert (autopay.mandate.state, autopay.mandate.is_in_use) == ("ACTIVE", True)
        assert OwnerSubscriptionPayment.objects.get().status == "completed"

    def test_one_that_was_called_off_is_looked_at_until_its_order_has_ended(self, autopay: Autopay) -> None:
        autopay.sets_up()
        autopay.cancels()
        autopay.pass_by(minutes=1)
        Mandate.objects.update(next_check_at=timezone.now())

        renew_subscriptions()

        assert waits(autopay) == HOUR


def test_one_that_stands_and_is_not_in_use_is_looked_at_no_more(subscribed: Autopay) -> None:
    Mandate.objects.update(is_in_use=False)
    subscribed.go_to(subscribed.mandate.next_check_at)

    renew_subscriptions()

    assert (subscribed.mandate.state, subscribed.mandate.next_check_at) == ("ACTIVE", None)


class TestItsNameAtTheBanks:
    """PhonePe tells it with the setup that was paid, and nowhere else."""

    def test_it_is_known_though_the_first_look_finds_it_paused(self, autopay: Autopay) -> None:
        autopay.sets_up()
        autopay.approves()
        autopay.phonepe.reachable = False
        autopay.phonepe.simulator.mandates.pause(str(autopay.mandate))

        renew_subscriptions()

        known, mandate = autopay.phonepe.simulator.mandates[str(autopay.mandate)], autopay.mandate
        assert (mandate.state, mandate.umn_masked) == ("PAUSED", f"{known.umn[:4]}****@ybl")
        assert mandate.subscription_id == known.subscription_id

    def test_it_is_known_though_what_came_with_it_went_back_before(self, autopay: Autopay) -> None:
        pays_a_period(autopay.caller(), autopay.plan, autopay.phonepe)
        autopay.sets_up()
        autopay.approves()
        for _ in range(3):
            autopay.pass_by(minutes=1)
            worker.tick()
        assert autopay.mandate.setup().status == "refunded"

        renew_subscriptions()

        assert autopay.mandate.umn_masked.endswith("****@ybl")
