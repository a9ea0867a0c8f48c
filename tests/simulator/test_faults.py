import json

import pytest

from phonepe_simulator import Fault
from phonepe_simulator.faults.fault import read_fault
from phonepe_simulator.faults.kinds import KINDS
from tests.simulator.people import Merchant, fixture, read


@pytest.mark.parametrize("kind", ["timeout", "cut"])
@pytest.mark.parametrize(("side", "orders"), [("before", []), ("after", ["RENT-1"])])
def test_an_answer_that_never_comes_with_and_without_effect(merchant, kind, side, orders):
    merchant.sim.faults.add(Fault(f"{kind}_{side}", call="pay", times=1))

    assert merchant.pay().fate == kind

    assert list(merchant.sim.orders) == orders
    assert merchant.sim.calls_to("pay")[0].status is None
    assert merchant.pay(merchant_order_id="RENT-2").fate == "answer"


@pytest.mark.parametrize(
    ("kind", "status", "content_type"),
    [
        ("rate_limited", 429, "application/json"),
        ("server_error", 500, "application/json"),
        ("bad_gateway", 502, "text/html"),
        ("unavailable", 503, "text/plain"),
        ("html_answer", 200, "text/html"),
    ],
)
@pytest.mark.parametrize("call", ["oauth", "pay"])
def test_a_refusal_of_another_machine(merchant, kind, status, content_type, call):
    if call == "pay":
        merchant.log_in()
    merchant.sim.faults.add(Fault(kind, call=call))

    response = merchant.log_in() if call == "oauth" else merchant.pay()

    assert (response.status, response.headers["Content-Type"]) == (status, content_type)
    assert merchant.sim.orders == {}


def test_the_500_has_phonepes_body(merchant):
    merchant.log_in()
    merchant.sim.faults.add(Fault("server_error"))

    assert read(merchant.pay()) == fixture("error_internal_server_error")


@pytest.mark.parametrize("kind", ["server_error_after", "bad_gateway_after"])
def test_an_error_that_hides_a_success(merchant, kind):
    merchant.sim.faults.add(Fault(kind, call="pay", times=1))

    assert merchant.pay().status in (500, 502)
    assert merchant.status()["state"] == "PENDING"


def test_an_effect_that_comes_after_nobody_waits_for_it(merchant, clock):
    merchant.sim.faults.add(Fault("late_effect", call="pay", times=1, seconds=30))

    assert merchant.pay().fate == "timeout"
    assert merchant.status()["code"] == "INVALID_MERCHANT_ORDER_ID"

    clock.advance(30)
    assert merchant.status()["state"] == "PENDING"


def test_what_could_be_taken_is_refused(merchant):
    merchant.sim.faults.add(Fault("refused", call="pay", times=1))

    assert (merchant.pay().status, merchant.sim.orders) == (400, {})
    assert merchant.pay().status == 200


@pytest.mark.parametrize("call", ["order_status", "refund_status"])
def test_what_is_there_is_forgotten_for_a_while(merchant, call):
    merchant.pay()
    merchant.sim.attempt("RENT-1")
    merchant.refund()
    status = merchant.status if call == "order_status" else merchant.refund_status
    truth = status()
    merchant.sim.faults.add(Fault("forgotten", call=call, times=1))

    assert "No entry found" in status()["message"]
    assert status() == truth


def test_answers_that_cannot_be_read(merchant):
    merchant.log_in()
    merchant.sim.faults.add(Fault("broken_json", times=1))
    with pytest.raises(json.JSONDecodeError):
        read(merchant.pay())

    merchant.sim.faults.add(Fault("empty_object", times=1))
    assert merchant.status() == {}


def spoiled(merchant, kind, **options):
    merchant.sim.faults.add(Fault(kind, call="order_status", times=1, **options))
    return merchant.status()


def test_answers_that_lie_or_surprise(merchant):
    merchant.pay()
    merchant.sim.attempt("RENT-1")
    truth = merchant.status()

    assert spoiled(merchant, "wrong_amount")["amount"] == 150100
    assert spoiled(merchant, "wrong_amount", value=-1)["amount"] == 149999
    assert spoiled(merchant, "wrong_order_id")["orderId"] != truth["orderId"]
    assert spoiled(merchant, "unknown_state")["state"] not in ("PENDING", "COMPLETED", "FAILED")
    assert spoiled(merchant, "unknown_mode")["paymentDetails"][0]["paymentMode"] == "BARTER"
    assert set(spoiled(merchant, "extra_fields")) > set(truth)
    assert spoiled(merchant, "nulls")["metaInfo"] is None
    assert spoiled(merchant, "text_amount")["amount"] == "150000"
    assert merchant.status() == truth


def test_a_pay_page_url_that_is_easy_to_break(merchant):
    merchant.sim.faults.add(Fault("awkward_url"))

    url = read(merchant.pay())["redirectUrl"]

    assert "%2B" in url
    assert url.endswith("==")
    assert len(url) > 1500


def test_a_revoked_token_costs_one_new_one(merchant):
    merchant.log_in()
    merchant.sim.faults.add(Fault("token_revoked", call="pay", times=1))

    assert merchant.pay().status == 401
    merchant.log_in()
    assert merchant.pay().status == 200


def test_latency_joins_another_fault(merchant):
    merchant.log_in()
    merchant.sim.faults.add(Fault("latency", seconds=2.5))
    merchant.sim.faults.add(Fault("server_error"))

    response = merchant.pay()

    assert (response.delay, response.status) == (2.5, 500)


def test_two_latencies_add_up(merchant):
    merchant.log_in()
    merchant.sim.faults.add(Fault("latency", seconds=1))
    merchant.sim.faults.add(Fault("latency", seconds=2))

    assert merchant.pay().delay == 3


def test_who_is_limited_is_told_when_to_come_back(merchant):
    merchant.log_in()
    merchant.sim.faults.add(Fault("rate_limited"))

    assert merchant.pay().headers["Retry-After"] == "1"


@pytest.mark.parametrize("kind", ["wrong_amount", "unknown_state", "extra_fields", "broken_json", "empty_object"])
def test_a_refusal_stays_as_it_is(merchant, kind):
    merchant.log_in()
    merchant.sim.faults.add(Fault(kind))

    assert read(merchant.pay(amount=1)) == fixture("error_bad_request")


def test_a_fault_can_concern_one_order_only(merchant):
    merchant.log_in()
    merchant.sim.faults.add(Fault("server_error", merchant_order_id="RENT-2"))

    assert merchant.pay().status == 200
    assert merchant.pay(merchant_order_id="RENT-2").status == 500


def test_chance_strikes_sometimes_and_leaves_the_ids_alone(merchant, clock):
    other = Merchant(clock)
    other.sim.faults.add(Fault("latency", chance=0.5))
    answers = [(merchant.pay(merchant_order_id=f"R{n}"), other.pay(merchant_order_id=f"R{n}")) for n in range(40)]

    assert 5 < sum(struck.delay > 0 for _, struck in answers) < 35
    assert all(calm.body == struck.body for calm, struck in answers)


def pay_with(merchant, kind, **options):
    merchant.sim.faults.add(Fault(kind, times=1, **options))
    merchant.pay()
    merchant.sim.attempt("RENT-1", outcome="failure")
    merchant.sim.attempt("RENT-1")
    merchant.sim.tick()
    return merchant.events()


FAILED, PAID = "checkout.transaction.attempt.failed", "checkout.order.completed"


def test_a_webhook_can_get_lost(merchant):
    assert pay_with(merchant, "webhook_lost", call=PAID) == [FAILED]


def test_a_webhook_can_come_late(merchant, clock):
    assert pay_with(merchant, "webhook_late", call=PAID, seconds=90) == [FAILED]
    clock.advance(90)
    merchant.sim.tick()
    assert merchant.events() == [FAILED, PAID]


def test_a_webhook_can_come_more_than_once(merchant):
    assert pay_with(merchant, "webhook_repeated", call=PAID, value=3) == [FAILED, PAID, PAID, PAID]


def test_a_webhook_can_be_overtaken(merchant):
    assert pay_with(merchant, "webhook_reordered") == [PAID, FAILED]


def test_a_webhook_can_come_from_somebody_else(merchant):
    pay_with(merchant, "webhook_forged", call=PAID)

    assert merchant.inbox[1].headers["Authorization"] != merchant.sim.webhook_target.authorization


def test_a_webhook_can_name_a_wrong_amount(merchant):
    pay_with(merchant, "webhook_wrong_amount", call=PAID, value=5)

    assert merchant.inbox[1].document["payload"]["amount"] == 150005


@pytest.mark.parametrize("kind", KINDS)
def test_no_kind_breaks_the_simulator_itself(merchant, kind):
    merchant.log_in()
    merchant.sim.faults.add(Fault(kind))
    merchant.pay()
    merchant.call("GET", "/checkout/v2/order/RENT-1/status")
    merchant.sim.tick()
    merchant.sim.faults.clear()
    merchant.log_in()

    merchant.pay(merchant_order_id="RENT-2")
    assert merchant.status("RENT-2")["state"] == "PENDING"


def test_faults_on_the_command_line():
    assert read_fault("timeout_after,call=pay,times=2,chance=0.5") == Fault("timeout_after", "pay", 2, 0.5)
    for wrong in ("nothing", "latency,often=1", "latency,times=x", "latency,times=0", "latency,chance=2"):
        with pytest.raises(ValueError, match=r"fault|times|chance"):
            read_fault(wrong)
