import re

import pytest

from tests.simulator.people import fixture, read


@pytest.fixture
def paid(merchant):
    merchant.pay()
    merchant.sim.attempt("RENT-1", "UPI_QR")
    return merchant


def test_a_refund_goes_back_in_steps(paid, clock):
    answer = read(paid.refund())

    assert set(answer) == set(fixture("refund_response_pending"))
    assert re.fullmatch(r"OMR260101053000000\d{7}", answer["refundId"])
    states = []
    for _ in range(3):
        states.append(paid.refund_status()["state"])
        clock.advance(3)
    assert states == ["PENDING", "CONFIRMED", "COMPLETED"]
    assert paid.sim.record()["RENT-1"] == {"captured": 150000, "refunded": 50000, "refunding": 0}


def test_a_completed_refund_has_the_documented_shape(paid, clock):
    paid.refund()
    clock.advance(10)

    status, documented = paid.refund_status(), fixture("refund_status_completed_net_banking")

    assert set(documented) <= set(status)
    assert set(documented["paymentDetails"][0]) <= set(status["paymentDetails"][0])
    assert status["paymentDetails"][0]["transactionId"] == status["refundId"]


def test_a_failed_refund_leaves_the_money_to_be_refunded_again(paid, clock):
    paid.sim.change_settings(refund_outcome="failure")
    paid.refund(amount=150000)
    clock.advance(10)

    assert {"errorCode", "detailedErrorCode"} <= set(paid.refund_status())
    assert paid.refund_status()["state"] == "FAILED"
    assert paid.refund("BACK-2", amount=150000).status == 200


def test_no_more_goes_back_than_came_in(paid):
    paid.refund(amount=100000)

    response = paid.refund("BACK-2", amount=50001)

    assert (response.status, read(response)["code"]) == (400, "REFUND_AMOUNT_EXCEEDS_ORIGINAL")
    assert paid.refund("BACK-3", amount=50000).status == 200


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"amount": 99}, "BAD_REQUEST"),
        ({"merchant_refund_id": ""}, "BAD_REQUEST"),
        ({"merchant_refund_id": "A" * 64}, "BAD_REQUEST"),
        ({"original": "NONE"}, "INVALID_MERCHANT_ORDER_ID"),
        ({"original": None}, "BAD_REQUEST"),
    ],
)
def test_what_a_refund_must_have(paid, fields, code):
    response = paid.refund(**fields)

    assert (response.status, read(response)["code"]) == (400, code)


def test_an_unpaid_order_is_not_refunded(merchant):
    merchant.pay()

    assert read(merchant.refund())["code"] == "BAD_REQUEST"


def test_an_id_is_used_once(paid):
    paid.refund()

    assert read(paid.refund(amount=100))["code"] == "BAD_REQUEST"
    assert paid.sim.record()["RENT-1"]["refunding"] == 50000


def test_refund_status_also_takes_post(paid):
    paid.refund()

    assert read(paid.call("POST", "/payments/v2/refund/BACK-1/status")) == paid.refund_status()
    assert paid.call("GET", "/payments/v2/refund/NONE/status").status == 400


def test_a_refund_can_be_ended_by_hand(paid, clock):
    paid.sim.change_settings(refund_outcome="pending")
    paid.refund()
    clock.advance(1_000_000)
    paid.log_in()
    assert paid.refund_status()["state"] == "PENDING"

    paid.sim.conclude_refund("BACK-1", "success")

    assert paid.refund_status()["state"] == "COMPLETED"


def test_the_webhooks_of_a_refund(paid, clock):
    paid.inbox.clear()
    paid.refund()
    paid.sim.change_settings(refund_outcome="failure")
    paid.refund("BACK-2")
    clock.advance(10)
    paid.sim.tick()

    payloads = {delivery.event: delivery.document["payload"] for delivery in paid.inbox[1:]}
    accepted, failed = payloads["pg.refund.accepted"], payloads["pg.refund.failed"]
    assert set(accepted) == set(fixture("webhook_pg_refund_accepted")["payload"])
    assert set(failed) == set(fixture("webhook_pg_refund_failed_upi")["payload"])
    assert (failed["originalMerchantOrderId"], "merchantRefundId" in failed) == ("", False)
    assert payloads["pg.refund.completed"]["merchantRefundId"] == "BACK-1"


def test_what_has_gone_back_cannot_go_back_again(paid, clock):
    paid.refund(amount=100000)
    clock.advance(10)
    assert paid.refund_status()["state"] == "COMPLETED"

    assert read(paid.refund("BACK-2", amount=50001))["code"] == "REFUND_AMOUNT_EXCEEDS_ORIGINAL"
    assert paid.refund("BACK-3", amount=50000).status == 200


@pytest.mark.parametrize("name", [" ", "\t", "   "])
def test_an_id_of_spaces_is_none(paid, name):
    assert read(paid.refund(name))["code"] == "BAD_REQUEST"


@pytest.mark.parametrize(("outcome", "state"), [("success", "COMPLETED"), ("failure", "FAILED")])
def test_what_was_ended_by_hand_stays_ended(paid, clock, outcome, state):
    paid.sim.tick()
    paid.inbox.clear()
    paid.refund()
    paid.sim.conclude_refund("BACK-1", outcome)
    clock.advance(100)
    paid.sim.tick()

    assert paid.refund_status()["state"] == state
    assert paid.events() == [f"pg.refund.{state.lower()}"]
    with pytest.raises(ValueError, match=f"{state} already"):
        paid.sim.conclude_refund("BACK-1", "success")


def test_a_refund_has_a_utr_of_its_own(paid, clock):
    paid.refund()
    clock.advance(10)

    there = paid.status()["paymentDetails"][0]["rail"]["utr"]
    back = paid.refund_status()["paymentDetails"][0]["rail"]["utr"]
    assert len(back) == len(there) == 12
    assert back != there
