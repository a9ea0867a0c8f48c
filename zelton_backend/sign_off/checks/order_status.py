"""Section 3 of the checklist: what decides, when PhonePe is asked, and that nobody else is believed."""

from typing import Any

from core.models import PaymentTransaction
from core.services import worker
from zelton_backend.sign_off.proofs import Proof, expect, expect_that
from zelton_backend.sign_off.requirements import requirement
from zelton_backend.sign_off.schedule import COUNTS, compare, mandatory_polls
from zelton_backend.sign_off.uat import Uat, at_the_same_moment

AMOUNT = 15_000_00
DENSE = 120  # seconds in which the worker ticks in every second, as beat has it; then it leaps to what is due
LENIENT_FAULTS = ("extra_fields", "nulls", "unknown_mode", "text_amount")
MALFORMED: tuple[dict[str, Any], ...] = (
    {"metaInfo": None, "paymentDetails": None},
    {"paymentDetails": {}},
    {"paymentDetails": [None, 7, {"state": None, "rail": []}]},
    {"paymentDetails": [{"paymentMode": "BY_CAMEL", "state": "COMPLETED", "splitInstruments": {}}]},
    {"expireAt": "soon", "feeAmount": "x", "merchantOrderId": None},
)


@requirement("S1", "No strict deserialization of order status")
def reads_whatever_is_added_or_missing(uat: Uat) -> Proof:
    for number, kind in enumerate(LENIENT_FAULTS):
        order = uat.start_payment(by=uat.caller(uat.let(f"lenient{number}").tenant.user))
        uat.phonepe.is_paid(order.id)
        uat.phonepe.fails_with(kind, "order_status", merchant_order_id=order.id)
        uat.pass_time(21)
        expect(f"Moves of an order whose answer has {kind}", uat.moves(order), ["completed"])
    for number, odd in enumerate(MALFORMED):
        order = uat.start_payment(by=uat.caller(uat.let(f"odd{number}").tenant.user))
        answer = {"orderId": order.order_id, "state": "COMPLETED", "amount": AMOUNT, **odd}
        uat.phonepe.says("order_status", answer)
        uat.pass_time(21)
        expect(f"Moves of an order whose answer has {odd}", uat.moves(order), ["completed"])
    return uat.proof(
        f"{len(LENIENT_FAULTS) + len(MALFORMED)} answers with unknown keys and modes, nulls, texts for numbers and "
        "missing or malformed parts: each ended in the right state."
    )


@requirement("S2", "The root state alone decides")
def the_root_state_decides(uat: Uat) -> Proof:
    odd = "an error code and a failed attempt"
    cases: tuple[tuple[str, dict[str, Any], list[str]], ...] = (
        (f"COMPLETED with {odd}", {"state": "COMPLETED", "errorCode": "ZM", "paymentDetails": [{"state": "FAILED"}]},
         ["completed"]),
        ("PENDING with a failed attempt", {"state": "PENDING", "paymentDetails": [{"state": "FAILED"}]}, []),
        ("PENDING with a completed attempt", {"state": "PENDING", "paymentDetails": [{"state": "COMPLETED"}]}, []),
        ("FAILED with a completed attempt", {"state": "FAILED", "paymentDetails": [{"state": "COMPLETED"}]},
         ["failed"]),
        ("a state that nobody documented", {"state": "EXPIRED"}, []),
        ("another such state", {"state": "completed"}, []),
    )  # fmt: skip
    for number, (name, says, moves) in enumerate(cases):
        order = uat.start_payment(by=uat.caller(uat.let(f"tenant{number}").tenant.user))
        uat.phonepe.says("order_status", {"orderId": order.order_id, "amount": AMOUNT, **says})
        uat.pass_time(21)
        expect(f"Moves after {name}", uat.moves(order), moves)
        if not moves:
            waits = PaymentTransaction.objects.get(merchant_order_id=order.id).next_check_at
            expect_that(waits is not None, f"After {name} nobody asks again.")
            uat.phonepe.expires(order.id)
            uat.pass_time(30)
        uat.record.saw(name, moves=moves)
    return uat.proof(
        "COMPLETED was paid in spite of an error code; PENDING stayed open whatever its attempts said; FAILED failed; "
        "an unknown state was not final, and the order was asked about again."
    )


@requirement("S3", "PENDING: shown as pending, reconciled on, fulfilled if it completes (option 2)")
def pending_is_fulfilled_once_it_completes(uat: Uat) -> Proof:
    order = uat.start_payment()
    uat.phonepe.is_paid(order.id, outcome="pending")
    uat.pass_time(30)
    page = uat.door.request("browser", "GET", f"/payments/return/{order.id}/")
    expect_that("Confirming your payment" in page.text, "The payer who returns is not told that it is pending.")
    expect("State shown to the client", uat.tenant.verifies(order.id).json()["state"], "PENDING")
    uat.pass_time(270)
    uat.phonepe.decides(order.id, "success")
    uat.pass_time(60)

    uat.expect_status(order, "completed")
    expect("Moves of the payment", uat.moves(order), ["completed"])
    expect("Captures in the ledger", uat.captures(), 1)
    expect("Refund calls", len(uat.phonepe.calls("refund")), 0)
    return uat.proof(
        "An order that completed 300 s after it began was shown as pending until then, fulfilled once and not refunded."
    )


@requirement("S4", "The mandatory reconciliation schedule while PENDING")
def polls_on_the_mandatory_schedule(uat: Uat) -> Proof:
    counts = {life: len(mandatory_polls(life)) for life in COUNTS}
    expect("Polls counted from the rule, beside the checklist's own table", counts, COUNTS)
    for life in (1200, 300):
        with uat.configured(PHONEPE_ORDER_EXPIRE_AFTER=life):
            order = uat.start_payment(by=uat.caller(uat.let(f"tenant{life}").tenant.user))
        uat.phonepe.fails_with("unknown_state", "order_status", merchant_order_id=order.id)  # no final word, ever
        uat.pass_time(DENSE if life == 1200 else 0, every_second=True)
        uat.pass_time(life - uat.since(order))
        polls = uat.polls(order, expire_after=life)
        expect_that(polls.fits, f"expireAfter {life}: {polls.sentence()}")
    return uat.proof(
        f"Never final for 1200 s: all {COUNTS[1200]} polls of the table within 1 s, and none beside it. The same with "
        f"expireAfter 300: {COUNTS[300]} polls."
    )


@requirement("S5", "Polling stops at a terminal state, or at expireAfter")
def polling_stops(uat: Uat) -> Proof:
    for outcome in ("success", "failure"):
        order = uat.start_payment(by=uat.caller(uat.let(outcome).tenant.user))
        uat.pass_time(100)
        uat.phonepe.is_paid(order.id) if outcome == "success" else uat.phonepe.expires(order.id)
        uat.pass_time(12)
        asked = uat.phonepe.polls_of(order.id)
        expect_that(100 < asked[-1] <= 112, f"The final state came at 100 s, and the last poll is at {asked[-1]:g} s.")
        uat.pass_time(2 * 24 * 3600)
        late = [offset for offset in uat.phonepe.polls_of(order.id) if offset > asked[-1]]
        expect(f"Polls after the final word ({outcome})", late, [])
        uat.record.saw(f"Polls of the order that ended in {outcome} at 100 s", seconds=asked)
    with uat.configured(PHONEPE_ORDER_EXPIRE_AFTER=300):
        order = uat.start_payment()
    uat.phonepe.fails_with("unknown_state", "order_status", merchant_order_id=order.id)
    uat.pass_time(303)
    last = uat.phonepe.polls_of(order.id)[-1]
    expect_that(230 < last < 300, f"The last scheduled poll before expiry at 300 s is at {last:g} s.")
    uat.record.saw("Last scheduled poll of an order that was never final", seconds=last)
    return uat.proof(
        "A paid and a failed order were polled until their final word was seen, and not in the two days after it; the "
        "last scheduled poll of one that was never final came before expiry."
    )


@requirement("S6", "Reconciliation starts without the payer coming back")
def polls_without_the_payer(uat: Uat) -> Proof:
    order = uat.start_payment()
    uat.phonepe.is_paid(order.id)
    uat.pass_time(26)
    asked = uat.phonepe.polls_of(order.id)
    expect_that(asked and 19 <= asked[0] <= 26, f"PhonePe was first asked at {asked[:1]} s.")
    uat.expect_status(order, "completed")
    return uat.proof(f"Nobody opened the return page and no webhook came: PhonePe was asked after {asked[0]:g} s.")


@requirement("S7", "Reconciliation survives a restart, and several workers")
def survives_restart_and_many_workers(uat: Uat) -> Proof:
    order = uat.start_payment()
    uat.pass_time(60)
    before = len(uat.phonepe.polls_of(order.id))
    uat.nothing_runs(30)
    worker.tick()
    uat.pass_time(60)
    asked = uat.phonepe.polls_of(order.id)[before:]
    expect("First poll after the restart at 90 s", asked[0], 90.0)
    due = [poll.offset for poll in mandatory_polls(1200) if 93 <= poll.offset <= 150]
    missed = [each for each in due if not any(abs(each - offset) <= 1 for offset in asked)]
    expect("Polls of the schedule that were missed after it", missed, [])
    uat.record.saw("Polls after 30 s in which nothing ran", seconds=asked)
    uat.phonepe.expires(order.id)
    uat.pass_time(30)

    crowded = uat.start_payment()
    for _ in range(35):
        uat.clock.shift(1)
        at_the_same_moment(worker.tick, 3)
    polls = compare(uat.phonepe.polls_of(crowded.id), 1200, until=35)
    uat.record.add(polls.entry())
    expect_that(polls.fits, f"Three workers tick in the same moment: {polls.sentence()}")
    return uat.proof(
        "Down from 60 to 90 s: one poll at once, then the schedule went on. Three workers that tick in the same moment "
        "asked each due question once."
    )


@requirement("S8", "A closing call after expiry settles the order")
def the_closing_call_settles(uat: Uat) -> Proof:
    order = uat.start_payment()
    uat.pass_time(1230)
    closing = [offset for offset in uat.phonepe.polls_of(order.id) if offset >= 1200]
    expect_that(closing, "Nobody asked after expiry.")
    uat.expect_status(order, "failed")
    uat.record.saw("Closing call", seconds=closing)
    with uat.configured(PHONEPE_ORDER_EXPIRE_AFTER=300):
        again = uat.start_payment()
    uat.pass_time(295)
    uat.phonepe.is_paid(again.id)
    uat.pass_time(30)
    uat.expect_status(again, "completed")
    return uat.proof(
        f"Nobody paid: a call at {closing[0]:g} s found it FAILED, and the next payment could begin. Paid 5 s before "
        "expiry: the closing call found it."
    )


@requirement("S9", "Redirect and client results are never trusted")
def only_phonepe_is_believed(uat: Uat) -> Proof:
    order = uat.start_payment()
    uat.clock.shift(5)
    page = uat.door.request("browser", "GET", f"/payments/return/{order.id}/?state=COMPLETED&code=PAYMENT_SUCCESS")
    expect_that("Confirming your payment" in page.text, "The return page of an unpaid order says otherwise.")
    claims = {"state": "COMPLETED", "status": "SUCCESS", "code": "PAYMENT_SUCCESS", "amount": AMOUNT}
    for name in ({"merchant_order_id": order.id}, {"orderId": order.order_id}):
        uat.clock.shift(5)
        answer = uat.tenant.post("/api/payments/handle-payment-callback/", {**name, **claims})
        expect("State told to an app that reports success", answer.json()["state"], "PENDING")
        worker.tick()
    uat.clock.shift(5)
    answer = uat.tenant.get(f"/api/payments/verify-payment/{order.id}/?state=COMPLETED")
    expect("State of the unpaid order", answer.json()["state"], "PENDING")
    uat.expect_status(order, "pending")
    expect("Captures in the ledger", uat.captures(), 0)
    return uat.proof(
        "Return page with a success in its query, an app's report of success by either id: PhonePe was asked each "
        "time, and the unpaid order stayed PENDING."
    )
