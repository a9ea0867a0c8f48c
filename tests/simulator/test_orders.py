import re
from datetime import timedelta

import pytest

from phonepe_simulator import NotPayableError
from phonepe_simulator.clock import epoch_millis
from tests.simulator.people import RETURN_URL, fixture, order, read


def test_a_new_order_is_pending(merchant):
    answer = read(merchant.pay(expireAfter=900))

    assert set(answer) == set(fixture("pay_response_standard"))
    assert re.fullmatch(r"OMO260101053000000\d{7}", answer["orderId"])
    assert (answer["state"], answer["expireAt"]) == ("PENDING", 1767225600000 + 900_000)
    assert merchant.sim.orders["RENT-1"].redirect_url == RETURN_URL


def test_the_same_id_twice_is_refused(merchant):
    merchant.pay()

    response = merchant.pay(amount=5000)

    assert (response.status, read(response)["code"]) == (400, "ORDER_ALREADY_EXISTS")
    assert merchant.sim.orders["RENT-1"].amount == 150000


def test_nobody_has_tried_yet(merchant):
    merchant.pay(metaInfo={"udf1": "June"})

    status = merchant.status()

    assert set(status) == set(fixture("order_status_pending_no_attempt"))
    assert (status["state"], status["paymentDetails"], status["metaInfo"]) == ("PENDING", [], {"udf1": "June"})


@pytest.mark.parametrize(
    ("mode", "sample"),
    [
        ("UPI_INTENT", "order_status_completed_upi_intent"),
        ("UPI_QR", "order_status_completed_upi_qr"),
        ("CARD", "order_status_completed_credit_card"),
        ("NET_BANKING", "order_status_completed_net_banking"),
    ],
)
def test_a_paid_order_has_the_documented_shape(merchant, mode, sample):
    merchant.pay(metaInfo={"udf1": "a"})
    merchant.sim.attempt("RENT-1", mode)

    status, documented = merchant.status(), fixture(sample)

    assert status["state"] == "COMPLETED"
    assert set(documented) <= set(status)
    attempt, shown = status["paymentDetails"][0], documented["paymentDetails"][0]
    assert set(shown) <= set(attempt)
    assert attempt["paymentMode"] == shown["paymentMode"]
    assert {part: attempt[part]["type"] for part in ("rail", "instrument")} == {
        part: shown[part]["type"] for part in ("rail", "instrument")
    }


def test_a_failed_attempt_does_not_end_the_order(merchant):
    merchant.pay()
    merchant.sim.attempt("RENT-1", outcome="failure")

    assert merchant.status()["state"] == "PENDING"
    merchant.sim.attempt("RENT-1", "CARD")
    status = merchant.status(details="True")
    assert [attempt["state"] for attempt in status["paymentDetails"]] == ["FAILED", "COMPLETED"]
    assert len(merchant.status(details="false")["paymentDetails"]) == 1


@pytest.mark.parametrize("place", ["root", "flow"])
def test_without_retry_a_failed_attempt_is_the_end(merchant, place):
    switched_off = {"disablePaymentRetry": True}
    merchant.pay(**(switched_off if place == "root" else {"flow": switched_off}), metaInfo={"udf1": "a"})
    merchant.sim.attempt("RENT-1", "UPI_COLLECT", vpa="FAILED@ybl")

    status = merchant.status(errorContext="true")

    documented = fixture("order_status_failed_invalid_mpin_error_context")
    assert set(status) == set(documented)
    assert set(status["errorContext"]) == set(documented["errorContext"])
    assert (status["state"], status["errorCode"], status["detailedErrorCode"]) == ("FAILED", "INVALID_MPIN", "ZM")
    assert "errorContext" not in merchant.status()


def test_an_unpaid_order_fails_when_its_time_is_up(merchant, clock):
    merchant.pay(expireAfter=300)
    clock.advance(299)
    assert merchant.status()["state"] == "PENDING"

    clock.advance(1)

    assert merchant.status()["state"] == "FAILED"


def test_a_pending_attempt_can_still_succeed_after_the_end(merchant, clock):
    merchant.pay()
    merchant.sim.attempt("RENT-1", "UPI_COLLECT", vpa="pending@ybl")
    clock.advance(1200)
    assert merchant.status()["state"] == "FAILED"

    merchant.sim.conclude("RENT-1", "success")

    assert merchant.status()["state"] == "COMPLETED"
    assert merchant.sim.record() == {"RENT-1": {"captured": 150000, "refunded": 0, "refunding": 0}}


def test_a_payer_cannot_pay_twice_or_otherwise_than_offered(merchant):
    merchant.pay(flow={"paymentModeConfig": {"enabledPaymentModes": [{"type": "UPI_QR"}]}})
    with pytest.raises(NotPayableError):
        merchant.sim.attempt("RENT-1", "CARD")
    merchant.sim.attempt("RENT-1", "UPI_QR", "pending")
    with pytest.raises(NotPayableError):
        merchant.sim.attempt("RENT-1", "UPI_QR")
    merchant.sim.conclude("RENT-1", "success")
    with pytest.raises(NotPayableError):
        merchant.sim.attempt("RENT-1", "UPI_QR")


@pytest.mark.parametrize(
    ("code", "sample"),
    [
        ("INVALID_MERCHANT_ORDER_ID", "error_invalid_merchant_order_id"),
        ("MERCHANT_ORDER_MAPPING_NOT_FOUND", "error_merchant_order_mapping_not_found"),
        ("ORDER_NOT_FOUND", "error_order_not_found"),
    ],
)
def test_an_unknown_order_has_a_choice_of_answers(merchant, code, sample):
    merchant.sim.change_settings(unknown_order_code=code, not_found_status=404)

    response = merchant.call("GET", "/checkout/v2/order/NONE/status")

    body, documented = read(response), fixture(sample)
    assert (response.status, body["code"], set(body)) == (404, code, set(documented))


def test_web_and_custom_checkout_say_not_found_in_their_own_words(merchant):
    web = merchant.call("GET", "/checkout/v2/order/NONE/status")
    custom = merchant.call("GET", "/payments/v2/order/NONE/status")

    assert (web.status, read(web)) == (400, fixture("error_invalid_merchant_order_id"))
    assert (custom.status, read(custom)["code"]) == (400, "ORDER_NOT_FOUND")


def test_custom_checkout_reads_the_same_order(merchant):
    merchant.pay()

    assert read(merchant.call("GET", "/payments/v2/order/RENT-1/status")) == merchant.status()


@pytest.mark.parametrize("product", ["checkout", "payments", "subscriptions"])
def test_one_attempt_by_its_id(merchant, product):
    merchant.pay()
    merchant.sim.attempt("RENT-1", outcome="failure")
    paid = merchant.sim.attempt("RENT-1")

    answer = read(merchant.call("GET", f"/{product}/v2/transaction/{paid.transaction_id}/status"))

    assert [attempt["transactionId"] for attempt in answer["paymentDetails"]] == [paid.transaction_id]
    assert merchant.call("GET", f"/{product}/v2/transaction/OM1/status").status == 400


def test_paths_and_methods_that_do_not_exist(merchant):
    wrong_method = merchant.call("GET", "/checkout/v2/pay")

    assert (wrong_method.status, wrong_method.headers["Allow"]) == (405, "POST")
    assert merchant.call("GET", "/checkout/v3/pay").status == 404
    assert merchant.call("GET", "/checkout/v2/order/A/status", details="perhaps").status == 400


def test_the_log_knows_every_call(merchant):
    merchant.pay()
    merchant.status(details="True")
    merchant.status("OTHER")

    assert [call.name for call in merchant.sim.calls] == ["oauth", "pay", "order_status", "order_status"]
    (call,) = merchant.sim.calls_to("order_status", "RENT-1")
    assert (call.status, call.query, call.body) == (200, {"details": "True"}, None)
    assert merchant.sim.calls_to("pay")[0].body["amount"] == 150000


def test_no_answer_holds_a_null(merchant, clock):
    """The official PHP SDK stops at a null where it expects a number."""
    answers = [merchant.log_in(), merchant.pay()]
    merchant.sim.attempt("RENT-1", outcome="failure")
    answers.append(merchant.call("GET", "/checkout/v2/order/RENT-1/status", errorContext="true"))
    merchant.sim.attempt("RENT-1")
    answers += [merchant.refund(), merchant.call("GET", "/payments/v2/refund/BACK-1/status")]
    settlement = merchant.sim.settle()
    clock.advance(20)
    answers += [
        merchant.call("GET", "/checkout/v2/order/RENT-1/status", details="true", settlementDetails="true"),
        merchant.call("GET", "/payments/v2/refund/BACK-1/status"),
        merchant.call("GET", f"/settlements/v1/{settlement.settlement_id}/status"),
        merchant.call("GET", "/checkout/v2/order/NONE/status"),
    ]
    merchant.sim.tick()

    assert [answer.body for answer in answers if b"null" in answer.body] == []
    assert [delivery.body for delivery in merchant.inbox if b"null" in delivery.body] == []


@pytest.mark.parametrize("fields", [{}, {"disablePaymentRetry": True}])
def test_a_failure_after_the_order_has_failed_is_not_announced_again(merchant, clock, fields):
    merchant.pay(**fields)
    merchant.sim.attempt("RENT-1", outcome="pending")
    clock.advance(1200)
    merchant.sim.conclude("RENT-1", "failure")
    merchant.sim.tick()

    assert merchant.events() == ["checkout.order.failed"]
    assert merchant.status()["state"] == "FAILED"


def test_an_order_that_is_ended_early_says_when(merchant, clock):
    merchant.pay()
    clock.advance(60)
    merchant.sim.expire("RENT-1")

    assert merchant.status()["expireAt"] == epoch_millis(clock.now())


def test_what_is_found_late_happened_when_it_was_due(merchant, clock):
    merchant.pay()
    clock.advance(5000)

    (queued,) = merchant.sim.take_due_webhooks()

    assert queued.due_at == clock.now() - timedelta(seconds=3800)


def test_custom_checkouts_orders_have_events_of_their_own(merchant, clock):
    for name in ("RENT-1", "RENT-2"):
        merchant.call("POST", "/payments/v2/sdk/order", order(name, flow={"type": "PG"}))
    merchant.sim.attempt("RENT-1", outcome="failure")
    merchant.sim.attempt("RENT-1")
    clock.advance(1200)
    merchant.sim.tick()

    assert merchant.events() == ["pg.transaction.attempt.failed", "pg.order.completed", "pg.order.failed"]


def test_ids_are_never_the_same_even_if_chance_is(merchant, monkeypatch):
    digits = iter(["0000001", "0000001", "0000002"])
    monkeypatch.setattr("phonepe_simulator.ids.IdGenerator.digits", lambda *_: next(digits))

    made = [read(merchant.pay(merchant_order_id=f"RENT-{number}"))["orderId"][-7:] for number in (1, 2)]

    assert made == ["0000001", "0000002"]


def test_instants_are_told_to_the_millisecond(merchant, clock):
    clock.advance(0.123)

    assert read(merchant.pay())["expireAt"] == 1767225600123 + 1_200_000
