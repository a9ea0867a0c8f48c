import hashlib
from datetime import timedelta

from phonepe_simulator import Fault, Simulator
from tests.simulator.people import Merchant, fixture, order


def test_a_paid_order_is_announced_by_the_next_tick(merchant):
    merchant.pay(metaInfo={"udf1": "June"})
    merchant.sim.attempt("RENT-1", "UPI_QR")
    assert merchant.inbox == []

    merchant.sim.tick()

    (delivery,) = merchant.inbox
    document, sample = delivery.document, fixture("webhook_checkout_order_completed")
    assert (document["event"], document["type"]) == ("checkout.order.completed", "CHECKOUT_ORDER_COMPLETED")
    assert set(document["payload"]) == set(sample["payload"])
    assert set(document["payload"]["paymentDetails"][0]) == set(sample["payload"]["paymentDetails"][0])


def test_the_header_is_the_bare_digest(merchant):
    target = merchant.sim.webhook_target
    merchant.pay()
    merchant.sim.attempt("RENT-1")
    merchant.sim.tick()

    expected = hashlib.sha256(f"{target.username}:{target.password}".encode()).hexdigest()
    assert merchant.inbox[0].headers["Authorization"] == expected


def test_a_failed_attempt_is_told_while_the_order_lives_on(merchant):
    merchant.pay(metaInfo={"udf1": "a"})
    merchant.sim.attempt("RENT-1", outcome="failure")
    merchant.sim.tick()

    payload = merchant.inbox[0].document["payload"]
    assert merchant.events() == ["checkout.transaction.attempt.failed"]
    assert set(payload) == set(fixture("webhook_checkout_transaction_attempt_failed")["payload"])
    assert payload["state"] == "PENDING"


def test_the_end_of_an_unpaid_order_is_told(merchant, clock):
    merchant.pay()
    assert merchant.sim.next_due() == clock.now() + timedelta(seconds=1200)
    clock.advance(1200)
    merchant.sim.tick()

    assert merchant.events() == ["checkout.order.failed"]
    assert merchant.inbox[0].document["payload"]["state"] == "FAILED"


def test_mobile_orders_tell_where_the_money_came_from(merchant):
    merchant.call("POST", "/checkout/v2/sdk/order", order())
    merchant.sim.attempt("RENT-1")
    merchant.sim.tick()

    assert "splitInstruments" in merchant.inbox[0].document["payload"]["paymentDetails"][0]


def test_what_is_not_taken_is_sent_again_with_growing_gaps(merchant, clock):
    merchant.answers = [500, None, 302, 401, 404]
    merchant.pay()
    merchant.sim.attempt("RENT-1")
    start = clock.now()

    merchant.sim.tick()
    gaps = []
    while (due := merchant.sim.next_due()) and merchant.sim.webhooks[-1].attempt < 5:
        clock.move_to(due)
        gaps.append((clock.now() - start).total_seconds())
        merchant.sim.tick()
    # The order's own end falls in between and brings nothing: it has been paid.
    assert [gap for gap in gaps if gap != 1200] == [10, 70, 370, 2170]
    assert [each.answered for each in merchant.sim.webhooks] == [500, None, 302, 401, 404]
    assert merchant.sim.next_due() is None
    assert len({each.body for each in merchant.inbox}) == 1


def test_what_is_taken_is_not_sent_again(merchant, clock):
    merchant.answers = [503, 204]
    merchant.pay()
    merchant.sim.attempt("RENT-1")
    merchant.sim.tick()
    clock.advance(10_000)
    merchant.sim.tick()
    clock.advance(10_000)
    merchant.sim.tick()

    assert [each.answered for each in merchant.sim.webhooks] == [503, 204]


def test_they_can_all_be_delayed(merchant, clock):
    merchant.sim.change_settings(webhook_delay=30)
    merchant.pay()
    merchant.sim.attempt("RENT-1")
    clock.advance(29)
    merchant.sim.tick()
    assert merchant.events() == []

    clock.advance(1)
    merchant.sim.tick()
    assert merchant.events() == ["checkout.order.completed"]


def test_a_forged_one_is_not_sent_again(merchant, clock):
    merchant.sim.faults.add(Fault("webhook_forged"))
    merchant.answers = [401]
    merchant.pay()
    merchant.sim.attempt("RENT-1")
    merchant.sim.tick()
    clock.advance(10_000)
    merchant.sim.tick()

    assert [each.answered for each in merchant.sim.webhooks] == [401]


def test_they_leave_in_the_order_in_which_they_are_due(merchant, clock):
    merchant.pay(merchant_order_id="LATE", expireAfter=900)
    merchant.pay(merchant_order_id="SOON", expireAfter=300)
    clock.advance(1000)
    merchant.sim.tick()

    assert [each.merchant_order_id for each in merchant.inbox] == ["SOON", "LATE"]


def test_without_a_target_nothing_waits(clock):
    merchant = Merchant(clock)
    merchant.sim = Simulator(clock=clock)
    merchant.pay()
    merchant.sim.attempt("RENT-1")

    assert merchant.sim.take_due_webhooks() == []


def test_one_can_be_forged_by_hand(merchant):
    merchant.pay()
    lie = {"state": "COMPLETED", "amount": 1}
    merchant.sim.send_webhook("checkout.order.completed", "RENT-1", payload=lie, authorization="wrong")
    merchant.sim.send_webhook("checkout.order.failed", payload={"merchantOrderId": "NOBODY"})
    merchant.sim.tick()

    first, second = merchant.inbox
    assert (first.document["payload"]["amount"], first.headers["Authorization"]) == (1, "wrong")
    assert second.document["payload"] == {"merchantOrderId": "NOBODY"}
    assert merchant.status()["state"] == "PENDING"


def test_a_long_life_keeps_the_latest_only(merchant, monkeypatch):
    monkeypatch.setattr("phonepe_simulator.webhooks.outbox.KEPT_DELIVERIES", 2)
    merchant.sim.reset()
    for number in range(3):
        merchant.sim.send_webhook("checkout.order.failed", payload={"number": number})
    merchant.sim.tick()

    assert [each.document["payload"]["number"] for each in merchant.sim.webhooks] == [1, 2]
