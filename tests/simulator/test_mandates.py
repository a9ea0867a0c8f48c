"""Mandates: set up, approved or declined, paused, withdrawn, cancelled."""

import pytest

from phonepe_simulator import MandateState, NotPossibleError
from tests.simulator.people import fixture, read
from tests.simulator.subscribers import active, cancel, mandate_of, notify, order_of, set_up, setup

COLLECT = {"type": "UPI_COLLECT", "details": {"type": "VPA", "vpa": "success@ybl"}}


def keys(document):
    return {key for key, value in document.items() if value is not None}


def test_a_setup_waits_for_the_payer(merchant):
    answer = read(set_up(merchant))

    assert (answer["state"], answer["orderId"][:3]) == ("PENDING", "OMO")
    assert answer["intentUrl"].startswith("upi://mandate?mn=Autopay&")
    assert "am=750.00" in answer["intentUrl"]
    assert "fam=500.00" in answer["intentUrl"]
    assert (mandate_of(merchant)["state"], order_of(merchant, "SETUP-1")["state"]) == (
        "ACTIVATION_IN_PROGRESS",
        "PENDING",
    )


def test_the_answers_have_what_phonepes_samples_have(merchant):
    made = read(set_up(merchant))
    merchant.sim.mandates.approve("MS-1")

    assert set(made) == set(fixture("autopay_setup_response_upi_intent"))
    assert set(mandate_of(merchant)) == set(fixture("autopay_subscription_status_active"))
    sample = fixture("autopay_order_status_setup_completed")
    shown = order_of(merchant, "SETUP-1")
    assert keys(sample) - keys(shown) == {"metaInfo"}
    assert keys(sample["paymentFlow"]) <= keys(shown["paymentFlow"])
    assert keys(sample["paymentDetails"][0]["rail"]) <= keys(shown["paymentDetails"][0]["rail"])


def test_an_approved_mandate_has_paid_the_first_period(merchant):
    active(merchant)

    assert (mandate_of(merchant)["state"], order_of(merchant, "SETUP-1")["state"]) == ("ACTIVE", "COMPLETED")
    assert merchant.sim.record()["SETUP-1"]["captured"] == 50000
    assert merchant.events() == ["subscription.setup.order.completed"]
    sample = fixture("webhook_subscription_setup_order_completed")["payload"]
    assert set(sample) == set(merchant.inbox[0].document["payload"])
    with pytest.raises(NotPossibleError):
        merchant.sim.mandates.decline("MS-1")


def test_a_declined_one_says_why(merchant):
    set_up(merchant)

    merchant.sim.mandates.decline("MS-1", "INSUFFICIENT_BALANCE")
    merchant.sim.tick()

    order = order_of(merchant, "SETUP-1")
    assert (order["state"], order["errorCode"], order["detailedErrorCode"]) == ("FAILED", "INSUFFICIENT_BALANCE", "Z9")
    assert mandate_of(merchant)["state"] == "FAILED"
    assert merchant.events() == ["subscription.setup.order.failed"]


def test_a_setup_that_nobody_decides_runs_out_and_the_bank_may_still_say_yes(merchant, clock):
    set_up(merchant)
    clock.advance(601)
    merchant.sim.tick()
    assert (mandate_of(merchant)["state"], order_of(merchant, "SETUP-1")["state"]) == ("FAILED", "FAILED")

    merchant.sim.mandates.approve("MS-1")
    merchant.sim.tick()

    assert (mandate_of(merchant)["state"], order_of(merchant, "SETUP-1")["state"]) == ("ACTIVE", "COMPLETED")
    assert merchant.events() == ["subscription.setup.order.failed", "subscription.setup.order.completed"]


def test_an_intent_lives_a_quarter_of_an_hour_at_most(merchant, clock):
    set_up(merchant, setup(expireAt=1807681114000))

    clock.advance(899)
    assert order_of(merchant, "SETUP-1")["state"] == "PENDING"
    clock.advance(2)
    assert order_of(merchant, "SETUP-1")["state"] == "FAILED"


@pytest.mark.parametrize(
    ("vpa", "state"), [("success@ybl", "ACTIVE"), ("failure@ybl", "FAILED"), ("asha@okbank", "ACTIVATION_IN_PROGRESS")]
)
def test_a_upi_id_of_the_sandbox_decides_by_itself(merchant, vpa, state):
    mode = {"type": "UPI_COLLECT", "details": {"type": "VPA", "vpa": vpa}}
    body = setup(flow={"paymentMode": mode})
    del body["deviceContext"]

    answer = read(set_up(merchant, body))

    assert set(answer) == {"orderId", "state"}
    assert mandate_of(merchant)["state"] == state


def test_a_penny_drop_is_paid_and_can_be_paid_back(merchant):
    set_up(merchant, setup(amount=200, flow={"authWorkflowType": "PENNY_DROP"}))
    merchant.sim.mandates.approve("MS-1")

    assert merchant.refund(amount=200, original="SETUP-1").status == 200


WRONG = {
    "an amount below one rupee": setup(amount=99),
    "a penny drop of another amount": setup(flow={"authWorkflowType": "PENNY_DROP"}),
    "another workflow": setup(flow={"authWorkflowType": "PENNY DROP"}),
    "another flow": setup(flow={"type": "PG_CHECKOUT"}),
    "another kind of amount": setup(flow={"amountType": "ANY"}),
    "a maximum below the first debit": setup(flow={"maxAmount": 49999}),
    "no maximum": setup(flow={"maxAmount": None}),
    "another frequency": setup(flow={"frequency": "NOW AND THEN"}),
    "no subscription id": setup(flow={"merchantSubscriptionId": " "}),
    "an end that has passed": setup(expireAt=170905854),
    "a mandate that has ended": setup(flow={"expireAt": 1}),
    "no device": setup(deviceContext=None),
    "another device": setup(deviceContext={"deviceOS": "SYMBIAN"}),
    "no app": setup(flow={"paymentMode": {"type": "UPI_INTENT"}}),
    "an app that iOS has not": setup(deviceContext={"deviceOS": "IOS"}),
    "another mode": setup(flow={"paymentMode": {"type": "CARD"}}),
    "no UPI id": setup(flow={"paymentMode": {"type": "UPI_COLLECT", "details": {"type": "VPA", "vpa": "asha"}}}),
    "a name that no order can have": setup("A/B"),
    "no object": [],
}


@pytest.mark.parametrize("body", WRONG.values(), ids=WRONG)
def test_a_wrong_setup_is_refused(merchant, body):
    answer = set_up(merchant, body)

    assert (answer.status, read(answer)["code"]) == (400, "BAD_REQUEST")
    assert (dict(merchant.sim.mandates), merchant.sim.orders) == ({}, {})


def test_ids_are_used_once(merchant):
    set_up(merchant)

    assert read(set_up(merchant, setup("SETUP-1", "MS-2")))["code"] == "ORDER_ALREADY_EXISTS"
    assert read(set_up(merchant, setup("SETUP-2", "MS-1")))["code"] == "BAD_REQUEST"
    assert read(merchant.pay(merchant_order_id="SETUP-1"))["code"] == "ORDER_ALREADY_EXISTS"


def test_a_mandate_nobody_knows(merchant):
    for answer in (merchant.call("GET", "/subscriptions/v2/MS-9/status"), cancel(merchant, "MS-9"), notify(merchant)):
        assert (answer.status, read(answer)["code"]) == (404, "SUBSCRIPTION_NOT_FOUND")


def test_its_orders_are_on_no_other_path_and_others_not_on_its(merchant):
    set_up(merchant)
    merchant.pay()

    assert merchant.status("SETUP-1")["code"] == "INVALID_MERCHANT_ORDER_ID"
    assert order_of(merchant, "RENT-1")["code"] == "ORDER_NOT_FOUND"


def test_a_payer_pauses_it_and_goes_on(merchant):
    active(merchant)

    merchant.sim.mandates.pause("MS-1")
    merchant.sim.tick()
    paused = mandate_of(merchant)
    assert (paused["state"], paused["pauseStartDate"] is None, paused["pauseEndDate"]) == ("PAUSED", False, None)
    assert read(notify(merchant))["code"] == "BAD_REQUEST"
    merchant.sim.mandates.unpause("MS-1")
    merchant.sim.tick()

    assert mandate_of(merchant)["state"] == "ACTIVE"
    assert merchant.events()[1:] == ["subscription.paused", "subscription.unpaused"]
    payloads = [delivery.document["payload"] for delivery in merchant.inbox[1:]]
    assert [payload["state"] for payload in payloads] == ["PAUSED", "ACTIVE"]
    assert set(payloads[0]) == set(fixture("webhook_subscription_paused")["payload"])


def test_a_pause_with_an_end_ends_by_itself(merchant, clock):
    active(merchant)
    merchant.sim.mandates.pause("MS-1", seconds=3600)

    clock.advance(3601)

    assert mandate_of(merchant)["state"] == "ACTIVE"


def test_a_withdrawn_mandate_cannot_be_cancelled(merchant):
    active(merchant)
    merchant.sim.mandates.revoke("MS-1")
    merchant.sim.tick()

    assert merchant.events()[-1] == "subscription.revoked"
    assert read(cancel(merchant))["code"] == "BAD_REQUEST"
    with pytest.raises(NotPossibleError):
        merchant.sim.mandates.unpause("MS-1")


def test_cancelling_it_twice_is_harmless(merchant):
    active(merchant)

    first, again = cancel(merchant), cancel(merchant)
    merchant.sim.tick()

    assert [(answer.status, answer.body) for answer in (first, again)] == [(204, b"")] * 2
    assert mandate_of(merchant)["state"] == "CANCELLED"
    assert merchant.events()[1:] == ["subscription.cancelled"]


def test_a_setup_that_waits_cannot_be_cancelled(merchant):
    set_up(merchant)

    assert read(cancel(merchant))["code"] == "BAD_REQUEST"


def test_a_move_can_take_time(merchant, clock):
    active(merchant)
    merchant.sim.change_settings(mandate_moves_after=60)

    cancel(merchant)

    assert mandate_of(merchant)["state"] == "CANCEL_IN_PROGRESS"
    clock.advance(61)
    assert mandate_of(merchant)["state"] == "CANCELLED"


def test_a_mandate_expires(merchant, clock):
    set_up(merchant, setup(flow={"expireAt": 1769904000000}))
    merchant.sim.mandates.approve("MS-1")

    clock.advance(40 * 86400)
    merchant.log_in()

    assert mandate_of(merchant)["state"] == "EXPIRED"
    assert merchant.sim.mandates["MS-1"].state is MandateState.EXPIRED
