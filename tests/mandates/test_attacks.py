"""What goes wrong between the steps of AutoPay, and pays nothing twice."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from core.models import Alert, Mandate, OwnerSubscription, OwnerSubscriptionPayment, PricingPlan, Refund
from core.services.timeline import story_of
from phonepe_simulator import Fault
from phonepe_simulator.mandates.mandate import MandateState
from tests.mandates.autopay import Autopay
from tests.mandates.steps import announced, at_the_end, soon
from tests.people import make_plan
from tests.subscriptions import changes_plan, subscribes

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def refunded() -> list[tuple[str, int, str]]:
    return [(str(refund.transaction), refund.amount_paise, refund.state) for refund in Refund.objects.all()]


def test_a_checkout_that_is_paid_after_the_debit_came_goes_back(subscribed):
    subscribed.phonepe.simulator.change_settings(debit_outcome="pending")
    debit = announced(subscribed)
    end = subscribed.end
    at_the_end(subscribed)
    checkout = subscribes(subscribed.caller(), subscribed.plan)
    subscribed.phonepe.simulator.conclude(debit.merchant_order_id, "success")
    soon(subscribed)

    subscribed.phonepe.pays(checkout)
    subscribed.works_until(timezone.now() + DAY, every=6 * HOUR)

    assert subscribed.subscription.periods.count() == 2
    assert subscribed.end - end < 32 * DAY
    assert refunded() == [(checkout.json()["merchant_order_id"], 499_00, "COMPLETED")]


def test_whoever_pays_ahead_after_the_debit_came_is_paid_ahead(subscribed):
    announced(subscribed)
    at_the_end(subscribed)
    end = subscribed.end

    subscribed.phonepe.pays(subscribes(subscribed.caller(), subscribed.plan))
    soon(subscribed)

    assert (subscribed.end - end > 27 * DAY, refunded()) == (True, [])


def test_a_setup_that_is_approved_after_a_later_one_goes_back(autopay):
    autopay.sets_up()
    first = autopay.mandate
    autopay.works_until(timezone.now() + timedelta(minutes=25), every=timedelta(minutes=5))
    first.refresh_from_db()
    assert first.state == "FAILED"
    autopay.sets_up()
    second = autopay.mandate
    autopay.approves(second)

    autopay.phonepe.simulator.conclude(first.setup().merchant_order_id, "success")
    autopay.works_until(timezone.now() + DAY, every=HOUR)

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, first.is_in_use, second.state, second.is_in_use) == ("CANCELLED", False, "ACTIVE", True)
    assert autopay.subscription.periods.count() == 1
    assert refunded() == [(first.setup().merchant_order_id, 499_00, "COMPLETED")]


@pytest.mark.parametrize(("decision", "state"), [("--refund=Not ours", "CANCELLED"), ("--accept", "ACTIVE")])
def test_a_setup_whose_money_an_operator_sends_back_leaves_no_mandate(autopay, decision, state):
    autopay.phonepe.simulator.faults.add(Fault("wrong_amount", call="order_status", value=1_00))
    autopay.sets_up()
    autopay.approves()
    setup = autopay.mandate.setup()
    autopay.pass_by(minutes=1)

    call_command("resolve_mismatch", setup.merchant_order_id, decision, stdout=StringIO())
    autopay.works_until(timezone.now() + 2 * HOUR, every=timedelta(minutes=10))

    at_phonepe = autopay.phonepe.simulator.mandates[str(autopay.mandate)]
    assert (autopay.mandate.state, at_phonepe.state, autopay.mandate.is_in_use) == (state, state, state == "ACTIVE")


def test_what_is_heard_of_the_mandate_meanwhile_is_not_taken_for_how_its_setup_was_paid(autopay):
    autopay.phonepe.simulator.faults.add(Fault("wrong_amount", call="order_status", value=1_00))
    autopay.sets_up()
    autopay.approves()
    order = autopay.mandate.setup().transaction
    assert order.reconciliation_status == "mismatch"
    autopay.phonepe.simulator.mandates.revoke(str(autopay.mandate))
    autopay.works_until(order.expire_at + HOUR, every=timedelta(minutes=20))
    assert order.changes.latest("pk").what == "mandate"
    autopay.phonepe.simulator.faults.add(Fault("unavailable", call="order_status"))

    call_command("resolve_mismatch", order.merchant_order_id, "--accept", stdout=StringIO())

    paid, order = order, autopay.mandate.setup().transaction
    attempt = autopay.phonepe.simulator.orders[paid.merchant_order_id].attempts[-1]
    assert (order.payment_mode, order.paid_at) == ("UPI_INTENT", attempt.at)


def test_a_mandate_that_stands_at_the_bank_and_is_not_in_use_can_be_cancelled(subscribed):
    """Such as were left when an operator sent back what came with them."""
    Mandate.objects.update(is_in_use=False)

    assert subscribed.cancels().status_code == 202
    subscribed.works()

    assert subscribed.phonepe.simulator.mandates[str(subscribed.mandate)].state == "CANCELLED"


class TestDebitWhoseMoneyComesAfterPhonepeCalledItFailed:
    def test_it_pays_the_period_in_place_of_the_one_that_was_announced_after_it(self, subscribed):
        first, _ = self.announced_anew(subscribed)

        subscribed.phonepe.simulator.conclude(first.merchant_order_id, "success")
        soon(subscribed)
        subscribed.works_until(timezone.now() + 4 * DAY, every=12 * HOUR)

        assert [each.status for each in subscribed.debits] == ["completed", "cancelled"]
        assert (subscribed.subscription.status, subscribed.subscription.periods.count()) == ("active", 2)
        assert (len(subscribed.calls("redeem")), refunded()) == (1, [])

    def test_it_goes_back_when_the_one_after_it_has_paid_the_period(self, subscribed):
        first, _ = self.announced_anew(subscribed)
        subscribed.phonepe.simulator.change_settings(debit_outcome="success")
        subscribed.works_until(timezone.now() + 30 * HOUR, every=3 * HOUR)
        assert [each.status for each in subscribed.debits] == ["failed", "completed"]

        subscribed.phonepe.simulator.conclude(first.merchant_order_id, "success")
        soon(subscribed)
        subscribed.works_until(timezone.now() + DAY, every=6 * HOUR)

        assert subscribed.subscription.periods.count() == 2
        assert refunded() == [(first.merchant_order_id, 499_00, "COMPLETED")]

    def test_so_does_another_amount_that_an_operator_keeps(self, subscribed):
        first, second = self.announced_anew(subscribed)
        subscribed.phonepe.simulator.faults.add(Fault("wrong_amount", call="order_status", value=1_00))
        subscribed.phonepe.simulator.conclude(first.merchant_order_id, "success")
        soon(subscribed)
        assert [each.transaction.reconciliation_status for each in subscribed.debits] == ["mismatch", "open"]

        call_command("resolve_mismatch", first.merchant_order_id, "--accept", stdout=StringIO())

        assert [each.status for each in subscribed.debits] == ["completed", "cancelled"]
        assert second.transaction.changes.get(new="cancelled").cause == "replaced"
        assert subscribed.subscription.periods.count() == 2

    def announced_anew(self, autopay: Autopay) -> list[OwnerSubscriptionPayment]:
        """Let the bank leave a debit open until PhonePe gives it up, and another be announced."""
        autopay.phonepe.simulator.change_settings(debit_outcome="pending")
        announced(autopay)
        at_the_end(autopay)
        autopay.works_until(autopay.end + 49 * HOUR, every=7 * HOUR)
        autopay.works_until(timezone.now() + HOUR, every=20 * HOUR / 60)
        assert [each.status for each in autopay.debits] == ["failed", "pending"]
        return autopay.debits


class TestOwnerWhoseAccountIsDeactivated:
    def test_is_not_debited_for_what_was_announced_and_goes_on_once_it_is_active_again(self, subscribed):
        debit, end = announced(subscribed), subscribed.end
        self.becomes(subscribed, is_active=False)

        subscribed.go_to(end)
        subscribed.works_until(end + 8 * DAY, every=DAY)
        debit.refresh_from_db()
        assert (debit.status, subscribed.calls("redeem"), len(subscribed.debits)) == ("cancelled", [], 1)
        assert (subscribed.subscription.status, subscribed.mandate.state) == ("expired", "ACTIVE")

        self.becomes(subscribed, is_active=True)
        subscribed.phonepe.pays(subscribes(subscribed.caller(), subscribed.plan))
        soon(subscribed)
        announced(subscribed)
        at_the_end(subscribed)
        assert [each.status for each in subscribed.debits] == ["cancelled", "completed"]

    def test_operators_are_told_once_until_it_is_active_again(self, subscribed):
        self.becomes(subscribed, is_active=False)
        subscribed.works_until(timezone.now() + 16 * DAY, every=2 * DAY)

        told = Alert.objects.get(kind="debit_withheld")
        assert (told.subject, told.resolved_at) == (str(subscribed.mandate), None)
        assert f"owner:{subscribed.subscription.owner_id}" in told.sentence
        assert "what is paid ends on 10 May 2026. Activate the account" in told.sentence
        assert any("debits nothing" in event.text for event in story_of(subscribed.mandate).events)

        self.becomes(subscribed, is_active=True)
        subscribed.works_until(timezone.now() + 2 * DAY, every=DAY)
        told.refresh_from_db()
        assert told.resolved_at is not None

    def test_operators_are_told_no_more_once_the_mandate_has_ended(self, subscribed):
        self.becomes(subscribed, is_active=False)
        subscribed.works_until(timezone.now() + 8 * DAY, every=2 * DAY)
        subscribed.phonepe.simulator.mandates.revoke(str(subscribed.mandate))
        subscribed.works_until(timezone.now() + 2 * DAY, every=DAY)

        assert subscribed.mandate.state == "REVOKED"
        assert not Alert.objects.filter(resolved_at=None).exists()

    def test_is_not_tried_again(self, subscribed, settings):
        settings.AUTOPAY_RETRIES = "custom"
        subscribed.phonepe.simulator.change_settings(debit_outcome="failure")
        announced(subscribed)
        at_the_end(subscribed)
        assert len(subscribed.calls("redeem")) == 1
        self.becomes(subscribed, is_active=False)

        subscribed.works_until(timezone.now() + 2 * DAY, every=6 * HOUR)

        assert (len(subscribed.calls("redeem")), len(subscribed.debits)) == (1, 1)

    def becomes(self, autopay: Autopay, *, is_active: bool) -> None:
        autopay.user.is_active = is_active
        autopay.user.save(update_fields=["is_active"])


def test_nothing_is_debited_while_phonepe_says_what_nobody_knows(subscribed):
    subscribed.phonepe.simulator.faults.add(Fault("unknown_state", call="subscription_status"))
    subscribed.go_to(subscribed.end - 3 * DAY)
    subscribed.works_until(subscribed.end - 2 * DAY, every=3 * HOUR)
    assert (subscribed.debits, subscribed.calls("notify")) == ([], [])

    subscribed.phonepe.simulator.faults.clear()
    subscribed.works_until(timezone.now() + 2 * HOUR, every=timedelta(minutes=20))
    assert [debit.status for debit in subscribed.debits] == ["pending"]
    subscribed.phonepe.simulator.faults.add(Fault("unknown_state", call="subscription_status"))
    at_the_end(subscribed)
    assert subscribed.calls("redeem") == []
    subscribed.phonepe.simulator.faults.clear()
    subscribed.works_until(timezone.now() + 3 * HOUR)

    assert [debit.status for debit in subscribed.debits] == ["completed"]


def test_a_mandate_whose_state_lags_behind_its_setup_stays_in_use(autopay):
    autopay.sets_up()
    known = autopay.phonepe.simulator.mandates[str(autopay.mandate)]
    autopay.approves()
    known.state = MandateState.ACTIVATION_IN_PROGRESS

    autopay.works()

    assert (autopay.mandate.state, autopay.mandate.is_in_use) == ("ACTIVE", True)
    assert autopay.mandate.next_check_at == timezone.now() + HOUR, "the next look finds it active"
    known.state = MandateState.ACTIVE
    announced(autopay)


def test_a_plan_that_changes_after_the_notice_is_announced_anew_and_not_debited_as_it_was(subscribed):
    nano = make_plan("Nano", monthly_price_paise=199_00, yearly_price_paise=1_990_00, max_units=2)
    first = announced(subscribed)

    assert changes_plan(subscribed.caller(), nano).status_code == 200
    soon(subscribed)
    first.refresh_from_db()
    assert first.status == "cancelled"
    end = subscribed.end
    subscribed.works_until(end + 2 * HOUR, every=3 * HOUR)

    second = subscribed.debits[-1]
    assert (second.status, second.plan, second.transaction.amount_paise) == ("completed", nano, 199_00)
    assert [debit.status for debit in subscribed.debits] == ["cancelled", "completed"]
    assert OwnerSubscription.objects.get().status == "active"


def test_a_price_that_changes_after_the_notice_is_for_the_next_one(subscribed):
    debit = announced(subscribed)
    PricingPlan.objects.update(monthly_price_paise=699_00)

    at_the_end(subscribed)

    debit.refresh_from_db()
    assert (debit.status, debit.transaction.captured_paise) == ("completed", 499_00)


@pytest.mark.parametrize("by", ["app", "subscription"])
def test_cancelling_while_the_debit_is_under_way(subscribed: Autopay, by: str) -> None:
    """Who ends AutoPay alone has a paid period; who ends the subscription gets the money back."""
    subscribed.phonepe.simulator.change_settings(debit_outcome="pending")
    debit = announced(subscribed)
    end = subscribed.end
    at_the_end(subscribed)
    if by == "app":
        subscribed.cancels()
    else:
        assert subscribed.caller().post("/api/owner-subscriptions/cancel/").status_code == 200

    subscribed.phonepe.simulator.conclude(debit.merchant_order_id, "success")
    subscribed.works_until(timezone.now() + DAY, every=6 * HOUR)

    debit.refresh_from_db()
    expected = ("completed", True) if by == "app" else ("refunded", False)
    assert (debit.status, subscribed.end > end) == expected
    assert subscribed.mandate.state == "CANCELLED"
