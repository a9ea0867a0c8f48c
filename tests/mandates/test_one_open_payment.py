"""One period is paid once: a first payment by AutoPay and an ordinary checkout are never open beside each other."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from core.models import OwnerSubscriptionPayment, PaymentStatus, PaymentTransaction, Refund
from phonepe_simulator import Fault
from tests.subscriptions import changes_plan, pays_a_period, subscribes

DAY = timedelta(days=1)


def still_open() -> list[OwnerSubscriptionPayment]:
    return list(OwnerSubscriptionPayment.objects.filter(status=PaymentStatus.PENDING))


def test_autopay_takes_the_place_of_a_checkout_and_what_is_paid_there_all_the_same_goes_back(autopay):
    checkout = subscribes(autopay.caller(), autopay.plan)

    assert autopay.sets_up().status_code == 201

    assert [payment.mandate for payment in still_open()] == [autopay.mandate]
    autopay.approves()
    autopay.phonepe.pays(checkout)
    autopay.works_until(timezone.now() + DAY)
    assert autopay.subscription.periods.count() == 1
    [refund] = Refund.objects.all()
    assert (refund.transaction.merchant_order_id, refund.state) == (checkout.json()["merchant_order_id"], "COMPLETED")


def test_a_checkout_that_is_paid_already_is_not_paid_again_by_autopay(autopay):
    autopay.phonepe.pays(subscribes(autopay.caller(), autopay.plan))

    refused = autopay.sets_up()

    assert (refused.status_code, refused.json()["code"]) == (409, "already_paid")
    assert autopay.calls("setup") == []


@pytest.mark.parametrize("way", [{}, {"upi_id": "success@ybl"}])
def test_a_setup_that_can_be_approved_keeps_a_checkout_waiting(autopay, way):
    autopay.sets_up(**way)

    refused = subscribes(autopay.caller(), autopay.plan)

    assert (refused.status_code, refused.json()["code"]) == (409, "autopay_setup_waits")
    assert "₹499.00" in refused.json()["detail"]
    assert autopay.phonepe.orders_taken() == []


def test_whoever_cancels_the_setup_may_pay_at_once(autopay):
    autopay.sets_up()
    autopay.cancels()

    assert subscribes(autopay.caller(), autopay.plan).status_code == 201


def test_a_setup_that_has_run_out_makes_room(autopay):
    autopay.sets_up()
    setup = autopay.mandate.setup()
    autopay.pass_by(minutes=11)

    checkout = subscribes(autopay.caller(), autopay.plan)

    assert checkout.status_code == 201
    setup.refresh_from_db()
    assert setup.status != "pending"


def test_a_setup_whose_answer_was_lost_makes_room_and_goes_back_if_it_is_approved(autopay):
    autopay.phonepe.simulator.faults.add(Fault("timeout_after", call="subscription_setup", times=1))
    autopay.sets_up()
    autopay.pass_by(seconds=15)

    paid = pays_a_period(autopay.caller(), autopay.plan, autopay.phonepe)
    autopay.approves()
    autopay.works_until(timezone.now() + DAY)

    assert [period.payment for period in autopay.subscription.periods.all()] == [paid]
    assert autopay.mandate.state == "CANCELLED"
    assert [refund.state for refund in Refund.objects.all()] == ["COMPLETED"]


def test_checking_the_account_and_paying_ahead_keep_out_of_each_others_way(autopay):
    pays_a_period(autopay.caller(), autopay.plan, autopay.phonepe)
    before = autopay.end
    checkout = subscribes(autopay.caller(), autopay.plan)

    assert autopay.sets_up().status_code == 201
    again = subscribes(autopay.caller(), autopay.plan)

    assert (again.status_code, again.json()["merchant_order_id"]) == (200, checkout.json()["merchant_order_id"])
    autopay.phonepe.pays(checkout)
    autopay.approves()
    autopay.works()
    assert (autopay.end - before > 27 * DAY, autopay.mandate.is_in_use) == (True, True)


def test_past_due_autopay_and_a_checkout_pay_one_period(autopay):
    pays_a_period(autopay.caller(), autopay.plan, autopay.phonepe)
    autopay.go_to(autopay.end + DAY)
    autopay.works()
    autopay.sets_up()

    assert subscribes(autopay.caller(), autopay.plan).status_code == 409
    assert changes_plan(autopay.caller(), autopay.plan, "yearly").status_code == 409
    assert len(still_open()) == 1


@pytest.mark.parametrize("purpose", ["first", "renewal"])
def test_the_database_holds_it(autopay, purpose):
    autopay.sets_up()
    payment = OwnerSubscriptionPayment.objects.get()
    order = payment.transaction
    order.pk = payment.pk = None
    order.merchant_order_id = payment.merchant_order_id = f"ZLT-{PaymentTransaction.objects.count()}"
    order.save(force_insert=True)
    payment.transaction, payment.mandate, payment.purpose = order, None, purpose

    with pytest.raises(IntegrityError, match=r"one_current_payment|UNIQUE"), transaction.atomic():
        payment.save(force_insert=True)
