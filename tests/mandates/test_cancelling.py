"""Ending AutoPay: what is stopped with it and what is not, and what its owner and the operators see of it."""

from datetime import timedelta

import pytest
from django.utils import timezone
from time_machine import Traveller

from core.models import OperatorAction, OwnerSubscriptionPayment, PricingPlan, StateChange, User
from core.services.mandates.cancelling import cancel_mandate
from core.services.operations.permission import MissingPermission
from phonepe_simulator import Fault
from tests.admin.desk import Desk, sentences
from tests.mandates.autopay import Autopay
from tests.mandates.steps import announced
from tests.people import Caller, make_owner
from tests.phonepe import PhonePe
from tests.subscriptions import pays_a_period, subscribes


@pytest.fixture
def bina(autopay: Autopay, plan: PricingPlan, phonepe: PhonePe, traveller: Traveller) -> Autopay:
    """Another owner, who has AutoPay and keeps it."""
    return Autopay(make_owner("bina").user, plan, phonepe, traveller)


def asked(autopay: Autopay) -> list[int]:
    """Return how often PhonePe was asked how a mandate stands, and to cancel one."""
    return [len(autopay.calls(name)) for name in ("status", "cancel")]


def test_who_pays_by_hand_has_nothing_to_cancel(autopay: Autopay) -> None:
    pays_a_period(autopay.caller(), autopay.plan, autopay.phonepe)

    refused = autopay.cancels()

    assert (refused.status_code, refused.json()["code"]) == (404, "not_found")


def test_its_rows_say_since_when_also_while_phonepe_is_silent(subscribed: Autopay) -> None:
    debit = announced(subscribed)
    subscribed.phonepe.simulator.faults.add(Fault("server_error", call="subscription_status"))

    subscribed.cancels()

    now, mandate = timezone.now(), subscribed.mandate
    assert (mandate.state, mandate.is_in_use, mandate.cancel_at) == ("ACTIVE", False, now)
    debit.refresh_from_db()
    change = StateChange.objects.filter(transaction=debit.transaction, what="status").latest("pk")
    assert (debit.status, change.old, change.new, change.cause, change.at) == (
        *("cancelled", "pending", "cancelled"),
        *("replaced", now),
    )
    subscription = subscribed.subscription
    assert (subscription.debit_until, subscription.due_at) == (None, now)
    assert subscribed.cancels().status_code == 202
    assert subscribed.mandate.cancel_at == now


def test_nobody_elses_ends(subscribed: Autopay, bina: Autopay) -> None:
    bina.sets_up()
    bina.approves()
    theirs = subscribed.mandate
    PricingPlan.objects.update(monthly_price_paise=800_00)
    bina.sets_up()
    waiting = bina.mandate

    assert subscribed.cancels().json()["state"] == "CANCEL_IN_PROGRESS"

    theirs.refresh_from_db()
    waiting.refresh_from_db()
    assert (theirs.is_in_use, theirs.cancel_at) == (True, None)
    assert (waiting.setup().status, waiting.shown_state) == ("pending", "ACTIVATION_IN_PROGRESS")
    bina.cancels()
    assert len(bina.calls("cancel")) == 2, "PhonePe is called at once"
    theirs.refresh_from_db()
    assert (theirs.is_in_use, waiting.setup().status) == (False, "cancelled")


def test_a_checkout_that_waits_beside_it_goes_on_waiting(subscribed: Autopay) -> None:
    checkout = subscribes(subscribed.caller(), subscribed.plan)

    subscribed.cancels()

    payment = OwnerSubscriptionPayment.objects.get(merchant_order_id=checkout.json()["merchant_order_id"])
    assert payment.status == "pending"


def test_a_setup_that_waits_is_called_off_and_phonepe_has_nothing_to_cancel_yet(autopay: Autopay) -> None:
    autopay.sets_up()

    answer = autopay.cancels()

    assert (answer.status_code, answer.json()) == (202, {"success": True, "state": "CANCEL_IN_PROGRESS"})
    mandate, setup = autopay.mandate, autopay.mandate.setup()
    change = StateChange.objects.get(transaction=setup.transaction)
    assert (setup.status, change.cause, change.at) == ("cancelled", "replaced", timezone.now())
    assert (mandate.cancel_at, asked(autopay)) == (None, [0, 0])
    assert (mandate.next_check_at, mandate.state) == (timezone.now() + timedelta(minutes=15), "ACTIVATION_IN_PROGRESS")


def test_one_that_was_withdrawn_in_the_upi_app_is_found_so_and_not_cancelled(subscribed: Autopay) -> None:
    subscribed.phonepe.reachable = False
    subscribed.phonepe.simulator.mandates.revoke(str(subscribed.mandate))

    assert subscribed.cancels().json()["state"] == "REVOKED"

    last = StateChange.objects.filter(what="mandate").latest("pk")
    assert (last.old, last.new, last.cause) == ("ACTIVE", "REVOKED", "operator")
    ended = subscribed.mandate
    before = asked(subscribed)
    assert subscribed.cancels().json()["state"] == "REVOKED", "once more does no harm"
    assert (asked(subscribed), subscribed.mandate.cancel_at) == (before, ended.cancel_at)


def test_one_that_had_ended_before_stays_as_it_was(subscribed: Autopay) -> None:
    subscribed.phonepe.simulator.mandates.revoke(str(subscribed.mandate))
    subscribed.works()
    before = asked(subscribed)

    assert subscribed.cancels().json()["state"] == "REVOKED"

    mandate = subscribed.mandate
    assert (mandate.cancel_at, mandate.next_check_at, asked(subscribed)) == (None, None, before)


def test_of_several_the_one_in_use_is_told_of(autopay: Autopay) -> None:
    autopay.sets_up()
    autopay.phonepe.simulator.mandates.decline(str(autopay.mandate))
    autopay.delivers()
    autopay.sets_up()
    autopay.approves()

    assert autopay.cancels().json()["state"] == "CANCEL_IN_PROGRESS"


def test_once_more_while_phonepe_is_silent_is_as_before(subscribed: Autopay) -> None:
    subscribed.phonepe.simulator.faults.add(Fault("timeout_before", call="subscription_cancel"))
    subscribed.cancels()
    subscribed.pass_by(seconds=30)

    assert subscribed.cancels().json()["state"] == "CANCEL_IN_PROGRESS"

    assert subscribed.mandate.cancel_at == timezone.now() - timedelta(seconds=30)


class TestByAnOperator:
    @pytest.fixture
    def desk(self, operator: Caller, quick_passwords: None) -> Desk:
        return Desk(operator.user)

    def test_the_trace_says_who_why_and_about_what(self, desk: Desk, subscribed: Autopay, operator: Caller) -> None:
        desk.acts(subscribed.mandate, "cancel_mandate", reason="The owner phoned")

        setup = subscribed.mandate.setup()
        action = OperatorAction.objects.get()
        assert (action.action, action.by, action.reason) == ("cancel_mandate", operator.user, "The owner phoned")
        assert (action.about, action.order) == (f"subscription_payment:{setup.pk}", setup.transaction)
        assert (action.at, action.refund, action.detail) == (timezone.now(), None, {})

    def test_one_that_is_being_cancelled_or_has_ended_is_refused(self, desk: Desk, subscribed: Autopay) -> None:
        subscribed.phonepe.simulator.faults.add(Fault("timeout_before", call="subscription_cancel"))
        subscribed.cancels()
        told = sentences(desk.acts(subscribed.mandate, "cancel_mandate"))
        assert told[-1].endswith("This mandate is CANCEL_IN_PROGRESS; there is nothing to cancel.")

        subscribed.phonepe.simulator.faults.clear()
        subscribed.pass_by(hours=1)
        subscribed.works()
        subscribed.pass_by(minutes=1)
        subscribed.works()
        told = sentences(desk.acts(subscribed.mandate, "cancel_mandate"))
        assert told[-1].endswith("This mandate is CANCELLED; there is nothing to cancel.")
        assert not OperatorAction.objects.exists()

    def test_what_has_changed_since_the_page_was_opened_counts(self, subscribed: Autopay, operator: Caller) -> None:
        seen = subscribed.mandate
        subscribed.phonepe.simulator.mandates.revoke(str(seen))
        subscribed.works()

        with pytest.raises(Exception, match="This mandate is REVOKED"):
            cancel_mandate(seen, by=operator.user, reason="Asked for", now=timezone.now())

    def test_it_takes_a_permission(self, subscribed: Autopay) -> None:
        clerk = User.objects.create(username="clerk", is_staff=True)

        with pytest.raises(MissingPermission):
            cancel_mandate(subscribed.mandate, by=clerk, reason="Asked for", now=timezone.now())

        assert subscribed.mandate.is_in_use
