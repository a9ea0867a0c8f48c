"""Setting AutoPay up: one current setup, what it costs, who may, and what is left open."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from core.models import OwnerSubscription, OwnerSubscriptionPayment, PaymentTransaction, PricingPlan, Refund
from core.services import worker
from core.tasks import renew_subscriptions
from phonepe_simulator import Fault
from tests.mandates.autopay import AUTOPAY, Autopay
from tests.mandates.steps import announced, at_the_end
from tests.meanwhile import Meanwhile
from tests.people import Caller, make_plan
from tests.subscriptions import pays_a_period, subscribes


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


def test_it_has_failed_as_soon_as_its_order_is_given_up(autopay):
    autopay.phonepe.simulator.faults.add(Fault("timeout_before", call="subscription_setup"))
    autopay.sets_up()
    order = autopay.mandate.setup().transaction

    autopay.go_to(order.expire_at + timedelta(seconds=60))
    worker.tick()

    assert (autopay.mandate.setup().status, autopay.mandate.state) == ("cancelled", "FAILED")


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


@pytest.mark.parametrize(
    ("way", "app", "upi_id"), [({}, "com.phonepe.app", ""), ({"upi_id": "asha@ybl"}, "", "asha@ybl")]
)
def test_its_rows_and_the_call_say_what_is_asked_for(
    autopay: Autopay, way: dict[str, str], app: str, upi_id: str
) -> None:
    now = timezone.now()

    started = autopay.sets_up("yearly", **way)

    mandate, setup = autopay.mandate, autopay.mandate.setup()
    order = setup.transaction
    assert started.json() == {
        "success": True,
        "merchant_order_id": setup.merchant_order_id,
        "merchant_subscription_id": str(mandate),
        "intent_url": order.redirect_url,
        "state": "ACTIVATION_IN_PROGRESS",
        "expire_at": (now + timedelta(minutes=10)).isoformat().replace("+00:00", "Z"),
    }
    assert bool(order.redirect_url) == (not upi_id)
    assert (mandate.owner_subscription, mandate.plan, mandate.period) == (autopay.subscription, autopay.plan, "yearly")
    assert (mandate.workflow, mandate.max_amount_paise) == ("TRANSACTION", 7_485_00)
    assert (mandate.device_os, mandate.target_app, mandate.upi_id) == ("ANDROID", app, upi_id)
    assert (mandate.initiated_at, mandate.next_check_at) == (now, now + timedelta(minutes=15))
    assert (mandate.is_in_use, mandate.cancel_at, mandate.check_count) == (False, None, 0)
    assert str(mandate).startswith("ZLM-")
    assert setup.merchant_order_id == order.merchant_order_id
    assert setup.merchant_order_id.startswith("ZLT-")
    assert (setup.subscription, setup.plan, setup.period) == (autopay.subscription, autopay.plan, "yearly")
    assert (setup.status, setup.purpose, setup.renews_from, setup.goes_back) == ("pending", "first", None, False)
    assert (order.flow, order.channel, order.amount_paise) == ("mandate_setup", "redirect", 4_990_00)
    assert (order.initiated_at, order.expire_at) == (now, now + timedelta(minutes=10))
    [call] = autopay.calls("setup")
    assert (call.body["amount"], call.body["expireAt"]) == (4_990_00, order.expire_at.timestamp() * 1000)
    flow = call.body["paymentFlow"]
    assert (flow["merchantSubscriptionId"], flow["authWorkflowType"]) == (str(mandate), "TRANSACTION")
    assert (flow["amountType"], flow["maxAmount"], flow["frequency"]) == ("VARIABLE", 7_485_00, "YEARLY")


def test_a_check_of_the_account_is_for_two_rupees_and_asks_for_the_price_of_a_period_at_most(autopay: Autopay) -> None:
    paid = pays_a_period(autopay.caller(), autopay.plan, autopay.phonepe)

    autopay.sets_up()

    mandate, setup = autopay.mandate, autopay.mandate.setup()
    assert (mandate.workflow, mandate.max_amount_paise, setup.purpose) == ("PENNY_DROP", 748_50, "check")
    assert setup.transaction.amount_paise == 2_00
    [call] = autopay.calls("setup")
    assert (call.body["amount"], call.body["paymentFlow"]["maxAmount"]) == (2_00, 748_50)
    assert paid.status == "completed"


def test_a_plan_just_at_the_limit_takes_no_pin(autopay: Autopay) -> None:
    PricingPlan.objects.update(yearly_price_paise=15_000_00)

    assert autopay.sets_up("yearly").status_code == 201

    assert (autopay.mandate.max_amount_paise, autopay.mandate.setup().transaction.amount_paise) == (
        *(15_000_00, 15_000_00),
    )


def test_a_price_that_changes_between_two_taps_is_for_the_next_period(autopay: Autopay) -> None:
    autopay.phonepe.simulator.faults.add(Fault("timeout_after", call="subscription_setup", times=1))
    autopay.sets_up()
    autopay.pass_by(seconds=15)
    PricingPlan.objects.update(monthly_price_paise=599_00)

    assert autopay.sets_up().status_code == 201

    assert [call.body["amount"] for call in autopay.calls("setup")] == [499_00, 499_00]
    again = autopay.sets_up()
    assert (again.status_code, autopay.mandate.setup().transaction.amount_paise) == (200, 499_00)


def test_another_period_after_a_setup_has_run_out_costs_what_that_costs(autopay: Autopay) -> None:
    autopay.sets_up()
    autopay.pass_by(minutes=11)

    autopay.sets_up("yearly")

    assert autopay.mandate.setup().transaction.amount_paise == 4_990_00


@pytest.mark.parametrize("seconds", [9 * 60 - 1, 9 * 60])
def test_within_the_last_minute_of_a_setup_there_is_a_new_one(autopay: Autopay, seconds: int) -> None:
    autopay.sets_up()
    autopay.pass_by(seconds=seconds)

    assert autopay.sets_up().status_code == (200 if seconds < 9 * 60 else 201)


def test_past_due_it_pays_what_was_told_or_what_another_plan_costs_today(autopay: Autopay) -> None:
    pays_a_period(autopay.caller(), autopay.plan, autopay.phonepe)
    autopay.go_to(autopay.end + timedelta(hours=1))
    autopay.works()
    PricingPlan.objects.update(monthly_price_paise=599_00)
    growth = make_plan("Growth", monthly_price_paise=899_00)

    autopay.sets_up()

    setup = autopay.mandate.setup()
    assert (setup.purpose, setup.transaction.amount_paise) == ("renewal", 499_00)
    assert autopay.mandate.max_amount_paise == 898_50, "of today's price"
    autopay.cancels()
    autopay.sets_up(pricing_plan_id=growth.pk)
    setup = autopay.mandate.setup()
    assert (setup.plan, setup.purpose, setup.transaction.amount_paise) == (growth, "renewal", 899_00)
    assert autopay.mandate.max_amount_paise == 1_348_50


def test_once_it_has_expired_it_pays_a_first_period_at_the_price_of_today(autopay: Autopay) -> None:
    pays_a_period(autopay.caller(), autopay.plan, autopay.phonepe)
    autopay.go_to(autopay.end + timedelta(days=8))
    autopay.works()
    assert autopay.subscription.status == "expired"
    PricingPlan.objects.update(monthly_price_paise=599_00)

    autopay.sets_up()

    setup = autopay.mandate.setup()
    assert (setup.purpose, setup.transaction.amount_paise) == ("first", 599_00)


def test_a_plan_that_waits_for_the_end_is_what_goes_on_also_when_it_was_withdrawn(autopay: Autopay) -> None:
    pays_a_period(autopay.caller(), autopay.plan, autopay.phonepe)
    nano = make_plan("Nano", monthly_price_paise=199_00)
    OwnerSubscription.objects.update(next_plan=nano, next_period="monthly")
    PricingPlan.objects.update(is_offered=False)

    refused = autopay.sets_up()
    started = autopay.sets_up(pricing_plan_id=nano.pk)

    assert (refused.status_code, started.status_code) == (400, 201)
    assert (autopay.mandate.plan, autopay.mandate.max_amount_paise) == (nano, 298_50)


def test_beside_one_that_is_paused_another_may_be_set_up(subscribed: Autopay) -> None:
    first = subscribed.mandate
    subscribed.phonepe.simulator.mandates.pause(str(first))
    subscribed.works()

    assert subscribed.sets_up().status_code == 201

    subscribed.approves()
    subscribed.works()
    subscribed.pass_by(minutes=1)
    subscribed.works()
    first.refresh_from_db()
    assert (first.is_in_use, first.state, subscribed.mandate.is_in_use) == (False, "CANCELLED", True)


@pytest.mark.parametrize(("price", "status"), [(748_50, 409), (748_51, 201)])
def test_what_is_set_up_covers_up_to_its_maximum(subscribed: Autopay, price: int, status: int) -> None:
    PricingPlan.objects.update(monthly_price_paise=price)

    assert subscribed.sets_up().status_code == status


def test_a_setup_is_refused_whose_paid_time_ends_while_phonepe_is_asked(autopay: Autopay, meanwhile: Meanwhile) -> None:
    pays_a_period(autopay.caller(), autopay.plan, autopay.phonepe)
    end = autopay.end
    autopay.go_to(end - timedelta(minutes=5))
    autopay.phonepe.simulator.faults.add(Fault("timeout_after", call="subscription_setup", times=1))
    autopay.sets_up()
    autopay.pass_by(seconds=15)
    meanwhile.after("order_status", lambda: autopay.go_to(end))

    refused = autopay.sets_up()

    assert (refused.status_code, refused.json()["code"]) == (409, "autopay_not_possible")
    assert "Please try again" in refused.json()["detail"]
    assert len(autopay.calls("setup")) == 1


def test_a_checkout_for_the_same_is_no_setup_to_hand_back(autopay: Autopay) -> None:
    checkout = subscribes(autopay.caller(), autopay.plan).json()["merchant_order_id"]

    started = autopay.sets_up()

    assert (started.status_code, started.json()["merchant_order_id"] != checkout) == (201, True)
    assert OwnerSubscriptionPayment.objects.get(merchant_order_id=checkout).status == "cancelled"


def test_a_setup_of_another_way_takes_the_place_of_one_that_can_be_approved_no_more(autopay: Autopay) -> None:
    autopay.sets_up()
    first = autopay.mandate
    autopay.pass_by(minutes=9, seconds=30)

    assert autopay.sets_up(upi_id="asha@ybl").status_code == 201

    assert (first.setup().status, autopay.mandate.upi_id) == ("cancelled", "asha@ybl")


def test_a_setup_is_refused_of_a_subscription_that_is_cancelled_while_phonepe_is_asked(
    autopay: Autopay, meanwhile: Meanwhile
) -> None:
    pays_a_period(autopay.caller(), autopay.plan, autopay.phonepe)
    autopay.phonepe.simulator.faults.add(Fault("timeout_after", call="subscription_setup", times=1))
    autopay.sets_up()
    autopay.pass_by(seconds=15)
    meanwhile.after("order_status", lambda: autopay.caller().post("/api/owner-subscriptions/cancel/"))

    refused = autopay.sets_up()

    assert (refused.status_code, refused.json()["code"]) == (409, "autopay_not_possible")
    assert "Resume it first" in refused.json()["detail"]


def test_while_phonepe_has_not_confirmed_a_cancellation_another_may_be_set_up(subscribed: Autopay) -> None:
    subscribed.phonepe.simulator.faults.add(Fault("timeout_before", call="subscription_cancel"))
    subscribed.cancels()
    assert subscribed.mandate.state == "ACTIVE"

    assert subscribed.sets_up().status_code == 201


def test_past_due_it_leaves_a_debit_alone_that_was_announced(subscribed: Autopay) -> None:
    subscribed.go_to(subscribed.end + timedelta(days=1))
    renew_subscriptions()
    subscribed.pass_by(minutes=1)
    renew_subscriptions()
    PricingPlan.objects.update(monthly_price_paise=800_00)

    assert subscribed.sets_up().status_code == 201

    assert subscribed.mandate.setup().purpose == "renewal"
    assert [debit.status for debit in subscribed.debits] == ["pending"]
