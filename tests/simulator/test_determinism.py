from hypothesis import given, settings
from hypothesis import strategies as st

from phonepe_simulator import NotPayableError, VirtualClock
from tests.simulator.conftest import START
from tests.simulator.people import Merchant


def story(seconds):
    clock = VirtualClock(START)
    merchant = Merchant(clock)
    answers = [merchant.log_in(), merchant.pay(expireAfter=300), merchant.pay(merchant_order_id="RENT-2")]
    merchant.sim.attempt("RENT-2", "CARD")
    answers.append(merchant.refund(original="RENT-2"))
    clock.advance(seconds)
    merchant.sim.tick()
    answers.append(merchant.call("GET", "/checkout/v2/order/RENT-2/status"))
    return [answer.body for answer in answers], [delivery.body for delivery in merchant.inbox]


def test_the_same_seed_and_calls_give_the_same_bytes():
    assert story(400) == story(400)


def test_a_reset_starts_the_same_story_again(merchant):
    first = merchant.pay().body
    merchant.sim.reset()
    merchant.log_in()

    assert merchant.pay().body == first


STEPS = st.sampled_from(["success", "failure", "pending", "conclude", "refund", "advance", "fail refunds"])


@settings(max_examples=60, deadline=None)
@given(st.lists(STEPS, max_size=25), st.integers(100, 200_000))
def test_no_paisa_appears_or_vanishes(steps, amount):
    clock = VirtualClock(START)
    merchant = Merchant(clock)
    merchant.pay(amount=amount)
    for number, step in enumerate(steps):
        take(merchant, clock, step, number)
        told = merchant.sim.record()["RENT-1"]
        assert told["captured"] in (0, amount)
        assert 0 <= told["refunded"] + told["refunding"] <= told["captured"]
        order = merchant.sim.orders["RENT-1"]
        assert (order.state == "COMPLETED") == (order.captured == amount)


def take(merchant, clock, step, number):
    try:
        if step == "advance":
            clock.advance(130)
        elif step == "refund":
            merchant.refund(f"BACK-{number}", amount=100)
        elif step == "fail refunds":
            merchant.sim.change_settings(refund_outcome="failure")
        elif step == "conclude":
            merchant.sim.conclude("RENT-1", "success")
        else:
            merchant.sim.attempt("RENT-1", "UPI_QR", step)
    except NotPayableError:
        pass
