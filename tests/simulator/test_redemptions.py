"""Debits of a mandate: announced, executed, retried, failed."""

from datetime import UTC, datetime, timedelta

import pytest

from phonepe_simulator import Fault
from phonepe_simulator.clock import epoch_millis
from phonepe_simulator.mandates.peak_hours import is_quiet, next_quiet
from tests.simulator.people import fixture, read
from tests.simulator.subscribers import (
    NOTICE,
    active,
    announced,
    mandate_of,
    notice,
    notify,
    order_of,
    redeem,
    set_up,
    setup,
)


def test_a_debit_is_announced_and_executed_a_day_later(merchant, clock):
    active(merchant)
    answer = read(notify(merchant))
    assert answer["state"] == "NOTIFICATION_IN_PROGRESS"
    assert set(answer) == set(fixture("autopay_notify_response"))
    clock.advance(2)
    assert order_of(merchant)["state"] == "NOTIFIED"
    clock.advance(NOTICE)

    assert set(read(redeem(merchant))) == set(fixture("autopay_redeem_response"))
    assert order_of(merchant)["state"] == "PENDING"
    clock.advance(2)
    merchant.sim.tick()

    order = order_of(merchant)
    assert (order["state"], order["paymentDetails"][0]["paymentMode"]) == ("COMPLETED", "UPI_AUTO_PAY")
    assert order["paymentDetails"][0]["rail"]["umn"] == merchant.sim.mandates["MS-1"].umn
    assert merchant.sim.record()["DEBIT-1"]["captured"] == 50000
    assert merchant.events()[1:] == [
        "subscription.notification.completed",
        "subscription.redemption.transaction.completed",
        "subscription.redemption.order.completed",
    ]


@pytest.mark.parametrize("part", ["notification_completed", "redemption_order_failed"])
def test_the_webhooks_have_what_phonepes_samples_have(merchant, clock, part):
    announced(merchant, clock, redemptionRetryStrategy="CUSTOM", autoDebit=False)
    merchant.sim.mandates.fail_debits("MS-1")
    redeem(merchant)
    clock.advance(5 * 86400)
    merchant.sim.tick()

    event = f"subscription.{part.replace('_', '.')}"
    sent = next(delivery.document["payload"] for delivery in merchant.inbox if delivery.event == event)

    sample = fixture(f"webhook_subscription_{part}")["payload"]
    assert set(sample) <= set(sent)
    assert set(sample["paymentFlow"]) <= set(sent["paymentFlow"])
    assert set(sample.get("paymentDetails", [{}])[0]) <= set(sent.get("paymentDetails", [{}])[0])


def test_it_is_not_executed_before_a_day_has_passed(merchant, clock):
    active(merchant)
    notify(merchant)
    clock.advance(NOTICE)

    early = redeem(merchant)

    assert (early.status, read(early)["code"]) == (400, "BAD_REQUEST")
    assert "24 hours" in early.headers["X-Simulator-Reason"]
    assert merchant.sim.orders["DEBIT-1"].attempts == []


def test_nor_while_the_mandate_is_paused(merchant, clock):
    announced(merchant, clock)
    merchant.sim.mandates.pause("MS-1")

    assert "PAUSED" in redeem(merchant).headers["X-Simulator-Reason"]


def test_asking_for_it_again_debits_once(merchant, clock):
    announced(merchant, clock)

    first = read(redeem(merchant))
    again = read(redeem(merchant))
    clock.advance(10)
    after = read(redeem(merchant))

    assert {first["transactionId"], again["transactionId"], after["transactionId"]} == {first["transactionId"]}
    assert after["state"] == "COMPLETED"
    assert merchant.sim.record()["DEBIT-1"]["captured"] == 50000


def test_a_debit_nobody_announced(merchant):
    answer = redeem(merchant, "NONE")

    assert (answer.status, read(answer)["code"]) == (400, "ORDER_NOT_FOUND")


def test_a_notice_that_does_not_arrive_ends_the_order(merchant, clock):
    active(merchant)
    merchant.sim.mandates.fail_notices("MS-1")
    notify(merchant)
    clock.advance(2)
    merchant.sim.tick()

    assert order_of(merchant)["state"] == "FAILED"
    assert merchant.events()[1:] == ["subscription.notification.failed"]
    assert redeem(merchant).status == 400


def test_an_order_that_is_never_redeemed_runs_out_after_48_hours(merchant, clock):
    active(merchant)
    notify(merchant)

    clock.advance(48 * 3600 + 1)

    assert order_of(merchant)["state"] == "FAILED"


def test_auto_debit_debits_by_itself(merchant, clock):
    announced(merchant, clock, autoDebit=True)

    clock.advance(10)

    assert order_of(merchant)["state"] == "COMPLETED"


def test_phonepe_retries_by_itself_outside_the_peak_hours(merchant, clock):
    announced(merchant, clock)  # 05:30 in India, a day later
    merchant.sim.mandates.fail_debits("MS-1", times=2)
    redeem(merchant)
    clock.advance(3600)
    assert (order_of(merchant)["state"], len(merchant.sim.orders["DEBIT-1"].attempts)) == ("PENDING", 1)
    assert read(redeem(merchant))["code"] == "BAD_REQUEST"

    clock.advance(86400)
    merchant.sim.tick()

    attempts = merchant.sim.orders["DEBIT-1"].attempts
    assert [attempt.state.value for attempt in attempts] == ["FAILED", "FAILED", "COMPLETED"]
    assert all(is_quiet(attempt.at) for attempt in attempts[1:])
    assert merchant.events()[-4:] == [
        "subscription.redemption.transaction.failed",
        "subscription.redemption.transaction.failed",
        "subscription.redemption.transaction.completed",
        "subscription.redemption.order.completed",
    ]


def test_after_four_tries_it_has_failed(merchant, clock):
    announced(merchant, clock)
    merchant.sim.mandates.fail_debits("MS-1", "AUTHORIZATION_ERROR", times=9)
    redeem(merchant)

    clock.advance(2 * 86400)
    merchant.sim.tick()

    order = order_of(merchant)
    assert (order["state"], order["errorCode"], len(order["paymentDetails"])) == ("FAILED", "AUTHORIZATION_ERROR", 4)
    assert merchant.events()[-1] == "subscription.redemption.order.failed"


def test_under_custom_the_merchant_retries_within_the_rules(merchant, clock):
    announced(merchant, clock, redemptionRetryStrategy="CUSTOM")
    merchant.sim.mandates.fail_debits("MS-1")
    redeem(merchant)
    clock.advance(3600)
    assert "an hour and a half apart" in redeem(merchant).headers["X-Simulator-Reason"]
    clock.move_to(datetime(2026, 1, 2, 5, 30, tzinfo=UTC))
    assert "13:01 to 16:59" in redeem(merchant).headers["X-Simulator-Reason"]
    clock.move_to(datetime(2026, 1, 2, 7, 31, tzinfo=UTC))

    assert redeem(merchant).status == 200
    clock.advance(2)

    assert order_of(merchant)["state"] == "COMPLETED"


def test_a_mandate_that_is_paused_meanwhile_is_not_debited(merchant, clock):
    announced(merchant, clock)
    redeem(merchant)
    merchant.sim.mandates.pause("MS-1")

    clock.advance(3)
    merchant.sim.tick()

    assert merchant.sim.orders["DEBIT-1"].attempts[0].error_code == "PAYMENT_ERROR"
    assert merchant.sim.record()["DEBIT-1"]["captured"] == 0


def test_the_bank_may_decide_late(merchant, clock):
    merchant.sim.change_settings(debit_outcome="pending")
    announced(merchant, clock, days=2)
    redeem(merchant)
    clock.advance(2 * 86400)
    assert order_of(merchant)["state"] == "FAILED"

    merchant.sim.conclude("DEBIT-1", "success")

    assert order_of(merchant)["state"] == "COMPLETED"


WRONG = {
    "more than the mandate allows": notice(amount=75001),
    "less than a rupee": notice(amount=99),
    "another flow": notice(flow={"type": "SUBSCRIPTION_SETUP"}),
    "another strategy": notice(flow={"redemptionRetryStrategy": "NEVER"}),
    "a word in place of true": notice(flow={"autoDebit": "true"}),
    "an end that has passed": notice(expireAt=1620891733101),
    "no order": notice(""),
    "no object": "x",
}


@pytest.mark.parametrize("body", WRONG.values(), ids=WRONG)
def test_a_wrong_notice_is_refused(merchant, body):
    active(merchant)

    answer = notify(merchant, body)

    assert (answer.status, read(answer)["code"]) == (400, "BAD_REQUEST")
    assert list(merchant.sim.orders) == ["SETUP-1"]


def test_a_fixed_mandate_is_debited_by_its_amount(merchant):
    set_up(merchant, setup(flow={"amountType": "FIXED", "maxAmount": 50000}))
    merchant.sim.mandates.approve("MS-1")

    assert notify(merchant, notice("LESS", amount=40000)).status == 400
    assert notify(merchant).status == 200


def test_a_mandate_that_waits_is_not_debited(merchant):
    set_up(merchant)

    assert "ACTIVATION_IN_PROGRESS" in notify(merchant).headers["X-Simulator-Reason"]


@pytest.mark.parametrize(("kind", "made"), [("timeout_before", False), ("timeout_after", True)])
def test_a_notice_can_time_out_before_and_after_its_effect(merchant, kind, made):
    active(merchant)
    merchant.sim.faults.add(Fault(kind, call="subscription_notify"))

    assert notify(merchant).fate == "timeout"

    assert ("DEBIT-1" in merchant.sim.orders) is made


def test_a_cancellation_can_time_out_after_its_effect(merchant):
    active(merchant)
    merchant.sim.faults.add(Fault("timeout_after", call="subscription_cancel", merchant_order_id="SETUP-1"))

    assert merchant.call("POST", "/subscriptions/v2/MS-1/cancel").fate == "timeout"

    assert mandate_of(merchant)["state"] == "CANCELLED"


@pytest.mark.parametrize(
    ("at", "quiet"),
    [("21:30", False), ("21:31", True), ("09:59", True), ("10:00", False), ("13:00", False), ("16:59", True)],
)
def test_when_debits_are_retried(at, quiet):
    moment = datetime.fromisoformat(f"2026-03-01T{at}:30+05:30")

    assert is_quiet(moment) is quiet
    later = next_quiet(moment)
    assert is_quiet(later)
    assert later - moment < timedelta(hours=5)


def test_its_notice_says_from_when_to_when_it_may_be_executed(merchant, clock):
    active(merchant)
    until = epoch_millis(clock.now() + timedelta(days=4))
    notify(merchant, notice(expireAt=until))
    clock.advance(2)

    flow = order_of(merchant)["paymentFlow"]

    assert (flow["validAfter"] - flow["notifiedAt"], flow["validUpto"]) == (NOTICE * 1000, until)
    assert flow["notifiedAt"] == epoch_millis(clock.now())
