"""A debit to the second: when it is announced, executed and tried again, and what its rows say."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from time_machine import Traveller

from core.india import INDIA
from core.models import (
    MandateDebit,
    Notification,
    PricingPlan,
    StateChange,
)
from core.services import worker
from core.services.phonepe_service import PhonePeService
from core.tasks import renew_subscriptions
from phonepe_simulator import Fault
from phonepe_simulator.mandates import redeeming
from tests.mandates.autopay import Autopay
from tests.mandates.steps import announced, looks, waits
from tests.people import make_owner
from tests.phonepe import PhonePe

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
END = datetime(2026, 5, 10, 6, 30, tzinfo=UTC)  # of what Asha has paid; noon in India
GRACE_ENDS = END + 7 * DAY


def catches_up(autopay: Autopay, at: datetime) -> None:
    """Let workers come back a minute before a moment: first the price is told, at the moment the debit announced."""
    autopay.go_to(at - MINUTE)
    renew_subscriptions()
    autopay.go_to(at)
    renew_subscriptions()


def the_debit() -> MandateDebit:
    return MandateDebit.objects.select_related("payment__transaction").latest("pk")


class TestAnnouncing:
    def test_its_rows_say_who_pays_what_for_when(self, subscribed: Autopay) -> None:
        at = END - 3 * DAY + MINUTE

        catches_up(subscribed, at)

        debit = the_debit()
        payment, order, subscription = debit.payment, debit.order, subscribed.subscription
        assert (payment.status, payment.purpose, payment.period, payment.plan) == (
            *("pending", "renewal", "monthly"),
            subscribed.plan,
        )
        assert (payment.subscription, payment.mandate, payment.renews_from) == (subscription, subscribed.mandate, END)
        assert (order.flow, order.state, order.amount_paise) == ("redemption", "PENDING", 499_00)
        assert payment.merchant_order_id == order.merchant_order_id
        assert order.initiated_at == at
        assert order.next_check_at == at + 20 * SECOND
        assert (debit.mandate, debit.strategy, debit.tries) == (subscribed.mandate, "STANDARD", 0)
        [call] = subscribed.calls("notify")
        assert order.phonepe_order_id == subscribed.phonepe.simulator.orders[str(order)].order_id
        assert (call.body["amount"], call.body["expireAt"]) == (499_00, order.expire_at.timestamp() * 1000)
        assert call.body["paymentFlow"] == {
            "type": "SUBSCRIPTION_REDEMPTION",
            "merchantSubscriptionId": str(subscribed.mandate),
            "redemptionRetryStrategy": "STANDARD",
            "autoDebit": False,
        }

    @pytest.mark.parametrize(
        ("announced_at", "executed_at", "expires_at"),
        [
            (END - 3 * DAY + MINUTE, END, END + 48.5 * HOUR),
            (END - 24.5 * HOUR, END, END + 48.5 * HOUR),
            (END - 24 * HOUR, END + 30 * MINUTE, END + 49 * HOUR),
            (END - SECOND, END + 24.5 * HOUR - SECOND, END + 73 * HOUR - SECOND),
            (END, END + 24.5 * HOUR, END + 73 * HOUR),
            (END + DAY, END + 48.5 * HOUR, END + 97 * HOUR),
            (END + 5 * DAY, END + 6 * DAY + HOUR / 2, GRACE_ENDS),
            (GRACE_ENDS - 26 * HOUR - SECOND, GRACE_ENDS - 1.5 * HOUR - SECOND, GRACE_ENDS),
        ],
    )
    def test_it_may_come_for_two_days_after_a_day_of_notice_as_long_as_grace_lasts(
        self, subscribed: Autopay, announced_at: datetime, executed_at: datetime, expires_at: datetime
    ) -> None:
        catches_up(subscribed, announced_at)

        assert the_debit().order.expire_at == expires_at
        # Announced in time, it keeps the subscription from being past due.
        in_time = announced_at < END
        subscription = subscribed.subscription
        assert subscription.debit_until == (expires_at if in_time else None)
        assert subscription.status == ("active" if in_time else "past_due")
        [told] = Notification.objects.filter(kind="debit_announced")
        assert f"will be debited on {executed_at.astimezone(INDIA):%d %B %Y}".replace(" 0", " ") in told.subject

    def test_with_too_little_grace_left_for_one_more_try_it_is_not(self, subscribed: Autopay) -> None:
        catches_up(subscribed, GRACE_ENDS - 26 * HOUR)

        assert (subscribed.debits, subscribed.calls("notify")) == ([], [])
        assert waits(subscribed) == 7 * 24 * 60

    def test_those_of_owners_whose_time_ends_at_the_same_moment_keep_out_of_each_others_way(
        self, autopay: Autopay, plan: PricingPlan, phonepe: PhonePe, traveller: Traveller
    ) -> None:
        bina = Autopay(make_owner("bina").user, plan, phonepe, traveller)
        for each in (autopay, bina):
            each.sets_up()
            phonepe.simulator.mandates.approve(str(autopay.mandate))
        autopay.delivers()
        phonepe.simulator.faults.add(Fault("timeout_after", call="subscription_notify", times=1))

        catches_up(autopay, END - 3 * DAY + MINUTE)

        assert [(debit.subscription, debit.renews_from) for debit in autopay.debits] == [
            (autopay.subscription, END),
            (bina.subscription, END),
        ]
        orders = [debit.transaction for debit in autopay.debits]
        assert [order.phonepe_order_id for order in orders] == ["", phonepe.simulator.orders[str(orders[1])].order_id]

    def test_one_that_came_though_it_was_given_up_goes_back_and_the_period_is_debited_anew(
        self, subscribed: Autopay
    ) -> None:
        debit, mandates = announced(subscribed), subscribed.phonepe.simulator.mandates
        subscribed.go_to(END - DAY)
        mandates.pause(str(subscribed.mandate))
        subscribed.works()
        mandates.unpause(str(subscribed.mandate))
        PhonePeService().execute_debit(str(debit))  # somebody else did
        subscribed.pass_by(seconds=5)
        subscribed.phonepe.delivers()
        worker.tick()

        renew_subscriptions()

        assert [(each.status, each.goes_back, each.renews_from) for each in subscribed.debits] == [
            ("completed", True, END),
            ("pending", False, END),
        ]
        assert debit.transaction.refunds.get().amount_paise == 499_00

    def test_one_that_phonepe_refuses_has_failed_and_its_owner_is_told(self, subscribed: Autopay) -> None:
        subscribed.phonepe.simulator.faults.add(Fault("refused", call="subscription_notify"))

        catches_up(subscribed, END - 3 * DAY + MINUTE)

        [debit] = subscribed.debits
        assert (debit.status, waits(subscribed)) == ("failed", 0)
        change = StateChange.objects.get(transaction=debit.transaction)
        assert (change.what, change.old, change.new, change.cause) == (
            "status",
            "pending",
            "failed",
            "rejected_by_phonepe",
        )
        assert (change.answer, change.at) == ({"code": "BAD_REQUEST"}, timezone.now())
        assert Notification.objects.filter(kind="debit_failed").count() == 1
        assert subscribed.subscription.debit_until is None
        looks(subscribed)
        assert [each.status for each in subscribed.debits] == ["failed", "failed"]
        assert looks(subscribed) == 7 * 24 * 60, "it is for the owner to pay"

    @pytest.mark.parametrize(("minutes", "status"), [(59, "pending"), (60, "failed")])
    def test_a_refusal_counts_once_an_earlier_notice_can_no_longer_be_on_its_way(
        self, subscribed: Autopay, minutes: int, status: str
    ) -> None:
        faults = subscribed.phonepe.simulator.faults
        faults.add(Fault("timeout_before", call="subscription_notify", times=1))
        catches_up(subscribed, END - 3 * DAY + MINUTE)
        assert waits(subscribed) == 1, "it is asked whether it arrived"
        faults.add(Fault("refused", call="subscription_notify", times=1))
        subscribed.pass_by(minutes=minutes)

        renew_subscriptions()

        [debit] = subscribed.debits
        assert debit.status == status
        assert waits(subscribed) == (15 if status == "pending" else 0)
        assert [call.body["merchantOrderId"] for call in subscribed.calls("notify")] == [str(debit)] * 2

    def test_one_that_did_not_arrive_is_sent_again(self, subscribed: Autopay) -> None:
        subscribed.phonepe.simulator.faults.add(Fault("timeout_before", call="subscription_notify", times=1))
        catches_up(subscribed, END - 3 * DAY + MINUTE)

        assert looks(subscribed) == 15

        assert [call.body["merchantOrderId"] for call in subscribed.calls("notify")] == [str(the_debit())] * 2

    def test_until_its_payer_is_told_it_is_asked_for_by_the_quarter_of_an_hour(self, subscribed: Autopay) -> None:
        subscribed.phonepe.simulator.change_settings(mandate_notified_after=3600)
        subscribed.phonepe.simulator.faults.add(Fault("timeout_after", call="subscription_notify", times=1))
        catches_up(subscribed, END - 3 * DAY + MINUTE)

        assert [looks(subscribed) for _ in range(3)] == [1, 15, 15]

        assert (the_debit().valid_after, len(subscribed.calls("notify"))) == (None, 1)

    def test_one_that_arrived_though_its_answer_did_not_is_found_by_asking(self, subscribed: Autopay) -> None:
        subscribed.phonepe.simulator.faults.add(Fault("timeout_after", call="subscription_notify", times=1))
        catches_up(subscribed, END - 3 * DAY + MINUTE)
        assert the_debit().order.phonepe_order_id == ""

        looks(subscribed)

        order = the_debit().order
        assert order.phonepe_order_id == subscribed.phonepe.simulator.orders[str(order)].order_id
        assert len(subscribed.calls("notify")) == 1


class TestExecuting:
    def test_it_is_noted_before_phonepe_is_called(self, subscribed: Autopay) -> None:
        announced(subscribed)
        subscribed.phonepe.simulator.faults.add(Fault("timeout_before", call="subscription_redeem", times=1))

        assert looks(subscribed) == 60

        debit = the_debit()
        assert (debit.executed_at, debit.last_tried_at, debit.tries) == (END, END, 1)
        assert (debit.order.initiated_at, debit.order.next_check_at) == (END, END + 20 * SECOND)
        assert debit.order.updated_at == END

    def test_one_that_did_not_arrive_is_executed_again_after_half_an_hour(self, subscribed: Autopay) -> None:
        announced(subscribed)
        subscribed.phonepe.simulator.faults.add(Fault("timeout_before", call="subscription_redeem", times=1))
        looks(subscribed)
        subscribed.go_to(END + 10 * MINUTE)
        worker.tick()
        subscribed.phonepe.simulator.mandates.pause(str(subscribed.mandate))
        subscribed.phonepe.simulator.mandates.unpause(str(subscribed.mandate))
        subscribed.phonepe.delivers()  # two reasons to look
        worker.tick()
        renew_subscriptions()
        assert (waits(subscribed), len(subscribed.calls("redeem"))) == (20, 1)

        looks(subscribed)

        again, debit = END + HOUR / 2, the_debit()
        assert [call.at for call in subscribed.calls("redeem")] == [END, again]
        assert (debit.executed_at, debit.last_tried_at, debit.tries) == (END, again, 2)
        assert (debit.order.initiated_at, debit.order.next_check_at) == (again, again + 20 * SECOND)

    @pytest.mark.parametrize(("before", "executed"), [(SECOND, 2), (timedelta(0), 1)])
    def test_not_once_it_may_come_no_more(self, subscribed: Autopay, before: timedelta, executed: int) -> None:
        expires_at = announced(subscribed).transaction.expire_at
        subscribed.phonepe.simulator.faults.add(Fault("timeout_before", call="subscription_redeem", times=1))
        looks(subscribed)

        subscribed.go_to(expires_at - before)
        renew_subscriptions()

        [debit] = subscribed.debits
        assert (len(subscribed.calls("redeem")), debit.status) == (executed, "pending" if before else "failed")

    @pytest.mark.parametrize(("before", "executed"), [(SECOND, 1), (timedelta(0), 0)])
    def test_nor_for_the_first_time_then(self, subscribed: Autopay, before: timedelta, executed: int) -> None:
        expires_at = announced(subscribed).transaction.expire_at

        subscribed.go_to(expires_at - before)
        renew_subscriptions()

        [debit] = subscribed.debits
        assert (len(subscribed.calls("redeem")), debit.status) == (executed, "pending" if executed else "failed")

    def test_one_that_may_come_no_more_is_asked_about_by_the_hour(self, subscribed: Autopay) -> None:
        expires_at = announced(subscribed).transaction.expire_at
        subscribed.phonepe.simulator.faults.add(Fault("server_error", call="order_status"))
        subscribed.go_to(expires_at)

        renew_subscriptions()

        assert (waits(subscribed), subscribed.calls("redeem")) == (60, [])

    def test_told_of_late_it_is_executed_a_day_after_that(self, subscribed: Autopay) -> None:
        catches_up(subscribed, END - HOUR)
        subscribed.pass_by(minutes=15)
        renew_subscriptions()

        looks(subscribed)

        told = the_debit().valid_after
        assert told == END - HOUR + 2 * SECOND + DAY
        assert subscribed.mandate.next_check_at == told
        looks(subscribed)
        assert [call.at for call in subscribed.calls("redeem")] == [told]


class TestTryingAgain:
    """With AUTOPAY_RETRIES=custom; PhonePe itself would take more tries, and later ones."""

    @pytest.fixture(autouse=True)
    def custom(self, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        settings.AUTOPAY_RETRIES = "custom"
        monkeypatch.setattr(redeeming, "MOST_TRIES", 9)
        monkeypatch.setattr(redeeming, "LONGEST_RETRYING", 9 * DAY)

    @pytest.fixture
    def since_two(self, autopay: Autopay) -> Autopay:
        """Asha, who subscribed at two in the afternoon, so that her month ends in a stretch for retries."""
        autopay.pass_by(hours=2)
        autopay.sets_up()
        autopay.approves()
        return autopay

    def fails(self, autopay: Autopay, at: datetime | None = None) -> None:
        """The bank says no, two seconds after it was asked or at a moment."""
        if at is None:
            autopay.pass_by(seconds=2)
        else:
            autopay.go_to(at)
            autopay.phonepe.simulator.conclude(str(the_debit()), "failure")
        autopay.phonepe.delivers()
        worker.tick()

    def is_tried(self, autopay: Autopay, *, looked_at: int = 9) -> bool:
        """Look again and again, each time when it is due, and tell whether PhonePe is asked to debit."""
        tries = len(autopay.calls("redeem"))
        return any(looks(autopay) and len(autopay.calls("redeem")) > tries for _ in range(looked_at))

    def tried(self, autopay: Autopay) -> list[str]:
        """Return when PhonePe was asked to debit, in India; it took each."""
        calls = autopay.calls("redeem")
        assert {call.status for call in calls} <= {200}
        return [f"{call.at.astimezone(INDIA):%H:%M:%S}" for call in calls]

    def test_three_times_and_an_hour_and_a_half_after_each_failure(self, since_two: Autopay) -> None:
        since_two.phonepe.simulator.mandates.fail_debits(str(since_two.mandate), times=9)
        announced(since_two)
        assert the_debit().strategy == "CUSTOM"

        again = []
        for _ in range(5):
            again.append(self.is_tried(since_two))
            self.fails(since_two)

        assert again == [True, True, True, True, False]
        assert self.tried(since_two) == ["14:00:00", "15:30:02", "21:31:00", "23:01:02"]
        assert (the_debit().tries, looks(since_two)) == (4, 60)

    def test_the_hours_in_which_banks_are_busy_are_left_out_also_by_a_worker_that_comes_late(
        self, since_two: Autopay
    ) -> None:
        since_two.phonepe.simulator.mandates.fail_debits(str(since_two.mandate))
        announced(since_two)
        looks(since_two)
        self.fails(since_two)
        since_two.pass_by(hours=3, minutes=30)

        renew_subscriptions()

        assert self.is_tried(since_two)
        assert self.tried(since_two) == ["14:00:00", "21:31:00"]

    def test_never_while_the_bank_has_not_said_its_last_word(self, since_two: Autopay) -> None:
        since_two.phonepe.simulator.change_settings(debit_outcome="pending")
        announced(since_two)
        looks(since_two)

        since_two.pass_by(seconds=20)
        worker.tick()  # PhonePe is asked, and names a try

        assert not self.is_tried(since_two)
        assert [waits(since_two), self.tried(since_two)] == [60, ["14:00:00"]]

    def test_never_by_us_where_phonepe_does_it(self, since_two: Autopay, settings: Any) -> None:
        settings.AUTOPAY_RETRIES = "standard"
        since_two.phonepe.simulator.mandates.fail_debits(str(since_two.mandate))
        announced(since_two)
        looks(since_two)
        self.fails(since_two)

        assert not self.is_tried(since_two, looked_at=3)

    @pytest.mark.parametrize(
        ("executed_late", "failed_after"), [(timedelta(0), 46.5 * HOUR), (HOUR, 47 * HOUR)], ids=["48 hours", "expiry"]
    )
    @pytest.mark.parametrize("before", [SECOND, timedelta(0)])
    def test_not_later_than_two_days_after_the_first_nor_once_it_may_come_no_more(
        self, since_two: Autopay, executed_late: timedelta, failed_after: timedelta, before: timedelta
    ) -> None:
        since_two.phonepe.simulator.change_settings(debit_outcome="pending")
        announced(since_two)
        end = since_two.end
        since_two.go_to(end + executed_late)
        renew_subscriptions()

        self.fails(since_two, end + failed_after - before)
        renew_subscriptions()

        assert self.is_tried(since_two, looked_at=2) == bool(before)
        latest = end + failed_after + 1.5 * HOUR - SECOND
        assert (since_two.calls("redeem")[-1].at == latest) == bool(before)
