"""What happens to AutoPay at the same moment, from threads with connections of their own."""

from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from core.models import OwnerSubscriptionPayment, PaymentStatus
from core.services import worker
from core.tasks import renew_subscriptions
from tests.at_once import at_once
from tests.mandates.autopay import AUTOPAY, Autopay
from tests.mandates.steps import soon
from tests.subscriptions import subscribes

pytestmark = pytest.mark.django_db(transaction=True)


def still_open() -> list[OwnerSubscriptionPayment]:
    return list(OwnerSubscriptionPayment.objects.filter(status=PaymentStatus.PENDING, renews_from=None))


class TestSetupAndCheckoutAtOnce:
    def test_one_of_them_is_open_in_the_end(self, autopay: Autopay) -> None:
        setting_up, paying = autopay.caller(), autopay.caller()

        at_once(
            partial(autopay.sets_up, by=setting_up),
            partial(subscribes, paying, autopay.plan),
            partial(subscribes, paying, autopay.plan),
        )

        assert len(still_open()) == 1


class TestTheClockTwice:
    def test_two_runs_at_once_announce_once_and_execute_once(self, subscribed: Autopay) -> None:
        subscribed.go_to(subscribed.end - timedelta(days=3))
        for _ in range(3):
            at_once(*[renew_subscriptions] * 3)
            subscribed.pass_by(minutes=2)
            subscribed.works()
        assert len(subscribed.calls("notify")) == 1

        subscribed.go_to(subscribed.end)
        at_once(*[renew_subscriptions] * 3)
        soon(subscribed)

        assert len(subscribed.calls("redeem")) == 1
        assert [debit.status for debit in subscribed.debits] == ["completed"]


class TestOwnerAndPayerAtOnce:
    def test_approving_cancelling_and_setting_up_again_leave_one_period_and_one_mandate(self, autopay: Autopay) -> None:
        autopay.sets_up()
        name, owner = str(autopay.mandate), autopay.caller()
        autopay.phonepe.simulator.mandates.approve(name)

        at_once(
            autopay.phonepe.delivers,
            worker.tick,
            partial(owner.delete, AUTOPAY),
            partial(autopay.sets_up, by=owner, target_app="com.other.app"),
        )
        autopay.works_until(timezone.now() + timedelta(hours=3), every=timedelta(minutes=20))

        subscription = autopay.subscription
        assert subscription.mandates.filter(is_in_use=True).count() <= 1
        kept = sum(payment.kept_paise() for payment in subscription.payments.all())
        assert kept == 499_00 * subscription.periods.count()
        assert subscription.periods.count() <= 1
