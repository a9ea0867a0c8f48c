"""When a mandate is looked at again, and what a look finds out by itself."""

from datetime import timedelta

from django.utils import timezone

from core.models import MandateDebit
from core.services.worker import MANDATES, Tally, do_due
from core.tasks import renew_subscriptions
from phonepe_simulator import Fault
from tests.mandates.autopay import Autopay
from tests.meanwhile import Meanwhile

DAY = timedelta(days=1)


def waits(autopay: Autopay) -> float:
    """Return in how many minutes the mandate is looked at again."""
    again = autopay.mandate.next_check_at
    assert again is not None
    return (again - timezone.now()).total_seconds() / 60


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
