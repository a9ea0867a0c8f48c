"""Setting AutoPay up: one current setup, what it costs, who may, and what is left open."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from core.models import OwnerSubscription, OwnerSubscriptionPayment, PaymentTransaction, PricingPlan, Refund
from core.services import worker
from phonepe_simulator import Fault
from tests.mandates.autopay import AUTOPAY
from tests.mandates.steps import announced, at_the_end
from tests.people import Caller
from tests.subscriptions import pays_a_period


def test_a_second_tap_gets_the_same_setup(autopay):
    first, again = autopay.sets_up(), autopay.sets_up()

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert len(autopay.calls("setup")) == 1


@pytest.mark.parametrize("other", [{"period": "yearly"}, {"target_app": "com.other.app"}, {"upi_id": "asha@ybl"}])
def test_another_setup_has_to_wait(autopay, other):
    autopay.sets_up()

    refused = autopay.sets_up(**other)

    assert (refused.status_code, refused.json()["code"]) == (409, "autopay_setup_waits")
    assert len(autopay.calls("setup")) == 1


def test_after_ten_minutes_it_may_be_another(autopay):
    first = autopay.sets_up().json()
    autopay.pass_by(minutes=11)

    second = autopay.sets_up(period="yearly")

    assert second.status_code == 201
    assert second.json()["merchant_subscription_id"] != first["merchant_subscription_id"]


@pytest.mark.parametrize("way", [{}, {"upi_id": "asha@ybl"}])
def test_one_that_has_a_minute_left_or_that_a_fast_clock_began_is_not_handed_back(autopay, way):
    first = autopay.sets_up(**way)
    autopay.pass_by(minutes=8, seconds=59)
    again = autopay.sets_up(**way)
    assert (again.status_code, again.json()) == (200, first.json())

    autopay.pass_by(seconds=1)
    second = autopay.sets_up(**way)
    autopay.pass_by(minutes=-20)
    third = autopay.sets_up(**way)

    assert [second.status_code, third.status_code] == [201, 201]
    assert len({told.json()["merchant_order_id"] for told in (first, second, third)}) == 3


def test_a_upi_id_is_asked_without_a_link(autopay):
    started = autopay.sets_up(upi_id="success@ybl")
    assert (started.status_code, started.json()["intent_url"]) == (201, "")
    assert autopay.mandate.upi_id == "success@ybl"

    autopay.delivers()

    assert autopay.mandate.upi_id == "", "it is needed no more"

    assert (autopay.mandate.state, autopay.subscription.status) == ("ACTIVE", "active")
    assert autopay.mandate.umn_masked == ""
    autopay.works_until(autopay.end - timedelta(days=3), every=timedelta(days=7))
    assert "****@ybl" in autopay.mandate.umn_masked


def test_a_declined_setup_can_be_tried_again(autopay):
    autopay.sets_up()
    autopay.phonepe.simulator.mandates.decline(str(autopay.mandate))
    autopay.delivers()
    assert autopay.mandate.state == "FAILED"

    assert autopay.sets_up().status_code == 201
    assert OwnerSubscription.objects.get().status == ""


def test_while_a_period_is_paid_two_rupees_check_the_account_and_go_back(autopay):
    pays_a_period(autopay.caller(), autopay.plan, autopay.phonepe)
    before = autopay.end

    autopay.sets_up()
    autopay.approves()

    setup = autopay.mandate.setup()
    assert (setup.transaction.captured_paise, setup.transaction.surplus_paise) == (200, 200)
    assert (autopay.end, autopay.mandate.is_in_use) == (before, True)
    autopay.works_until(before - timedelta(days=20), every=timedelta(days=1))
    assert [(refund.amount_paise, refund.state) for refund in Refund.objects.all()] == [(200, "COMPLETED")]


def test_a_setup_whose_answer_was_lost_is_replaced_and_the_later_one_stays(autopay):
    autopay.phonepe.simulator.faults.add(Fault("timeout_after", call="subscription_setup", times=1))
    assert autopay.sets_up().status_code == 503
    first = autopay.mandate
    autopay.pass_by(seconds=15)

    again = autopay.sets_up()

    assert again.status_code == 201
    second = autopay.mandate
    assert first != second
    autopay.approves(first)
    autopay.approves(second)
    autopay.works()
    autopay.works_until(autopay.end - timedelta(days=25), every=timedelta(hours=6))
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, first.is_in_use, second.state, second.is_in_use) == ("CANCELLED", False, "ACTIVE", True)
    assert [refund.transaction for refund in Refund.objects.filter(state="COMPLETED")] == [first.setup().transaction]
    assert OwnerSubscription.objects.get().periods.count() == 1


def test_a_setup_that_phonepe_refuses_has_failed_at_once(autopay):
    autopay.phonepe.simulator.faults.add(Fault("refused", call="subscription_setup"))

    assert autopay.sets_up().status_code == 502

    assert (autopay.mandate.state, autopay.mandate.setup().status) == ("FAILED", "failed")


def test_a_setup_that_never_arrived_is_given_up(autopay):
    autopay.phonepe.simulator.faults.add(Fault("timeout_before", call="subscription_setup"))
    assert autopay.sets_up().status_code == 503

    autopay.works_until(autopay.mandate.created_at + timedelta(hours=2), every=timedelta(minutes=10))

    assert (autopay.mandate.state, autopay.mandate.setup().status) == ("FAILED", "cancelled")
    assert autopay.phonepe.simulator.orders == {}


BAD = [
    ({"pricing_plan_id": 9999}, "pricing_plan_id"),
    ({"period": "weekly"}, "period"),
    ({"device_os": "SYMBIAN"}, "device_os"),
    ({"target_app": "PHONEPE"}, "target_app"),
    ({"device_os": "IOS"}, "target_app"),
    ({"upi_id": "asha"}, "upi_id"),
    ({"upi_id": "asha@ybl", "target_app": "com.phonepe.app"}, "target_app"),
]


@pytest.mark.parametrize(("body", "field"), BAD)
def test_wrong_bodies_are_refused_before_phonepe_is_called(autopay, body, field):
    refused = autopay.sets_up(**body)

    assert (refused.status_code, [*refused.json()["errors"]]) == (400, [field])
    assert autopay.phonepe.simulator.calls == []


def test_a_withdrawn_plan_is_no_choice_but_for_who_has_it(autopay):
    PricingPlan.objects.update(is_offered=False)
    refused = autopay.sets_up()
    assert (refused.status_code, [*refused.json()["errors"]]) == (400, ["pricing_plan_id"])
    assert autopay.phonepe.simulator.calls == []
    PricingPlan.objects.update(is_offered=True)
    pays_a_period(autopay.caller(), autopay.plan, autopay.phonepe)
    PricingPlan.objects.update(is_offered=False)

    assert autopay.sets_up().status_code == 201
    autopay.approves()
    assert autopay.mandate.is_in_use


def test_a_plan_above_the_limit_takes_a_pin_each_time(autopay):
    PricingPlan.objects.update(yearly_price_paise=15_000_01)

    refused = autopay.sets_up(period="yearly")

    assert (refused.status_code, refused.json()["code"]) == (409, "autopay_not_possible")
    assert "₹15,000.00" in refused.json()["detail"]


def test_the_maximum_is_half_as_much_again_up_to_the_limit(autopay):
    PricingPlan.objects.update(yearly_price_paise=12_000_00)

    autopay.sets_up(period="yearly")

    assert autopay.mandate.max_amount_paise == 15_000_00


def test_what_is_set_up_need_not_be_set_up_again(subscribed):
    refused = subscribed.sets_up()

    assert (refused.status_code, refused.json()["code"]) == (409, "autopay_running")


def test_a_subscription_that_is_cancelled_is_resumed_first(subscribed):
    subscribed.caller().post("/api/owner-subscriptions/cancel/")

    refused = subscribed.sets_up()

    assert (refused.status_code, refused.json()["code"]) == (409, "autopay_not_possible")
    assert "Resume it first" in refused.json()["error"]


def test_another_plan_than_the_one_that_goes_on(autopay, plan):
    pays_a_period(autopay.caller(), plan, autopay.phonepe)

    refused = autopay.sets_up(period="yearly")

    assert (refused.status_code, refused.json()["code"]) == (409, "autopay_not_possible")
    assert autopay.calls("setup") == []


def test_only_owners_may(autopay, tenant: Caller):
    wish = {"pricing_plan_id": autopay.plan.pk, "period": "monthly", "device_os": "ANDROID", "target_app": "a.b"}

    assert tenant.post(AUTOPAY, wish).status_code == 403
    assert tenant.delete(AUTOPAY).status_code == 403
    assert autopay.calls("setup") == []


def test_the_same_key_has_one_effect(autopay):
    wish = {"pricing_plan_id": autopay.plan.pk, "period": "monthly", "device_os": "ANDROID", "target_app": "a.b"}
    caller = autopay.caller()

    answers = [caller.post(AUTOPAY, wish, **{"Idempotency-Key": "k"}) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()


def test_the_database_holds_one_current_setup_and_one_payment_beside_a_check_of_the_account(autopay):
    autopay.sets_up()
    OwnerSubscriptionPayment.objects.update(purpose="check")
    payment = OwnerSubscriptionPayment.objects.get()
    order = payment.transaction

    def added(**changes):
        order.pk = payment.pk = None
        order.merchant_order_id = payment.merchant_order_id = f"ZLT-{PaymentTransaction.objects.count()}"
        order.save(force_insert=True)
        payment.transaction = order
        for name, value in changes.items():
            setattr(payment, name, value)
        with transaction.atomic():
            payment.save(force_insert=True)

    with pytest.raises(IntegrityError, match=r"one_current_setup|UNIQUE"):
        added()
    added(mandate=None, purpose="first")
    with pytest.raises(IntegrityError, match=r"one_current_payment|UNIQUE"):
        added(mandate=None, purpose="first")
    added(mandate=autopay.mandate, renews_from=order.expire_at)
    with pytest.raises(IntegrityError, match=r"one_debit_pays_a_period|UNIQUE"):
        added(mandate=autopay.mandate, renews_from=order.expire_at)


def test_a_webhook_alone_activates_nothing(autopay):
    autopay.sets_up()
    autopay.phonepe.simulator.send_webhook(
        "subscription.setup.order.completed", autopay.mandate.setup().merchant_order_id, payload={"state": "COMPLETED"}
    )

    autopay.delivers()
    worker.tick()

    assert autopay.mandate.state == "ACTIVATION_IN_PROGRESS"


def told_of(autopay):
    """Return the latest payment as the list and the verification have it; they say the same."""
    (listed, *_) = autopay.caller().get("/api/owner-subscriptions/payments/").json()["results"]
    path = f"/api/owner-subscriptions/verify-payment/{listed['merchant_order_id']}/"
    verified = autopay.caller().get(path).json()["payment"]
    assert (listed["kind"], listed["goes_back"]) == (verified["kind"], verified["goes_back"])
    return verified["kind"], verified["goes_back"]


def test_an_order_says_whether_it_sets_autopay_up_and_whether_it_pays_for_anything(autopay):
    pays_a_period(autopay.caller(), autopay.plan, autopay.phonepe)
    assert told_of(autopay) == ("payment", False)

    autopay.sets_up()

    assert told_of(autopay) == ("autopay_setup", True)


def test_a_setup_that_pays_the_first_period_says_so_and_a_debit_is_a_debit(autopay):
    autopay.sets_up()
    assert told_of(autopay) == ("autopay_setup", False)
    autopay.approves()

    autopay.works_until(autopay.end - timedelta(days=2), every=timedelta(days=1))

    assert told_of(autopay) == ("autopay_debit", False)


def test_a_setup_that_waits_is_ended_and_waits_no_more(autopay):
    autopay.sets_up(upi_id="meera@upi")

    assert autopay.cancels().json()["state"] == "CANCEL_IN_PROGRESS"

    told = autopay.caller().get("/api/owner-subscriptions/").json()
    assert told["autopay"]["state"] == "CANCEL_IN_PROGRESS"
    (setup,) = autopay.caller().get("/api/owner-subscriptions/payments/").json()["results"]
    assert setup["failure"]["code"] == "CLOSED"  # its owner was asked, so it had begun
    assert autopay.sets_up(upi_id="meera@ybl").status_code == 201


def test_once_the_paid_time_is_over_it_pays_the_next_also_before_the_clock_has_come_by(autopay):
    pays_a_period(autopay.caller(), autopay.plan, autopay.phonepe)
    autopay.go_to(autopay.end)

    assert autopay.sets_up().status_code == 201

    setup = autopay.mandate.setup()
    assert (setup.purpose, setup.transaction.amount_paise) == ("renewal", 499_00)


def test_one_for_a_dearer_price_leaves_the_debit_alone_that_was_announced(subscribed):
    debit = announced(subscribed)
    PricingPlan.objects.update(monthly_price_paise=800_00)

    assert subscribed.sets_up().status_code == 201

    assert subscribed.mandate.setup().purpose == "check"
    at_the_end(subscribed)
    debit.refresh_from_db()
    assert (debit.status, debit.transaction.captured_paise) == ("completed", 499_00)
