"""Section 6 of the checklist: each refund to its final word, and never two at once."""

from typing import Any

from core.models import PaymentTransaction, Refund
from zelton_backend.sign_off.checks.refund import sent, state_of
from zelton_backend.sign_off.proofs import Proof, expect, expect_that
from zelton_backend.sign_off.requirements import requirement
from zelton_backend.sign_off.uat import Order, Uat, at_the_same_moment

LENIENT_FAULTS = ("extra_fields", "nulls", "text_amount", "unknown_mode")
# Our own timetable, as docs/architecture.md has it: PhonePe leaves the pace of refunds to the merchant.
FIRST_DAY = (30, 60, 120, 300, 600, 1800, *range(3600, 86_401, 3600))


def latest() -> Refund:
    return Refund.objects.latest("pk")


def asked(uat: Uat, refund: Refund) -> list[float]:
    """Return when PhonePe was asked about a refund, in seconds after its call."""
    [began] = [call.at for call in uat.phonepe.calls("refund") if refund.merchant_refund_id in str(call.request.body)]
    calls = uat.phonepe.calls("refund_status", about=refund.merchant_refund_id)
    return [(call.at - began).total_seconds() for call in calls]


def at_next_check(uat: Uat) -> None:
    """Go to the moment at which PhonePe is asked about the latest refund next."""
    due = latest().next_check_at
    expect_that(due is not None, "Nobody will ask about the refund again.")
    assert due is not None  # noqa: S101 - just seen
    uat.pass_time((due - uat.clock.now()).total_seconds())


@requirement("T1", "No strict deserialization of refund status")
def reads_whatever_is_added_or_missing(uat: Uat) -> Proof:
    for number, fault in enumerate(LENIENT_FAULTS):
        order = uat.start_paid_by_another(f"lenient{number}")
        uat.phonepe.fails_with(fault, "refund_status", merchant_order_id=order.id)
        uat.refund(order)
        uat.pass_time(31)
        expect(f"State after an answer with {fault}", latest().state, "COMPLETED")
    order = uat.start_paid_by_another("odd")
    uat.refund(order)
    odd: dict[str, Any] = {"state": "COMPLETED", "amount": 10_50, "paymentDetails": "none", "rail": [], "news": {}}
    uat.phonepe.says("refund_status", odd)
    uat.pass_time(31)
    expect("State after an answer without ids and with malformed parts", latest().state, "COMPLETED")
    return uat.proof("Unknown keys and modes, nulls, texts for numbers, missing ids: each refund ended COMPLETED.")


@requirement("T2", "The root state decides; PENDING and CONFIRMED are in progress")
def confirmed_is_not_the_end(uat: Uat) -> Proof:
    uat.phonepe.keeps_refunds_open()
    order = uat.start_paid()
    uat.refund(order)
    for state in ("PENDING", "CONFIRMED"):
        about = {"merchantRefundId": latest().merchant_refund_id, "amount": 10_50, "originalMerchantOrderId": order.id}
        uat.phonepe.says("refund_status", {**about, "state": state, "paymentDetails": [{"state": "COMPLETED"}]})
        at_next_check(uat)
        expect(f"State after {state} with a completed attempt", latest().state, state)
        uat.expect_status(order, "completed")
        expect_that(latest().next_check_at is not None, f"After {state} nobody asks again.")
    uat.phonepe.ends_refund(latest().merchant_refund_id, "success")
    at_next_check(uat)
    uat.expect_status(order, "partially_refunded")
    other = uat.start_paid_by_another()
    uat.refund(other)
    uat.phonepe.ends_refund(latest().merchant_refund_id, "failure")
    at_next_check(uat)
    expect("State after FAILED", latest().state, "FAILED")
    expect("Paise being refunded after FAILED", refunding(other), 0)
    return uat.proof(
        "PENDING and CONFIRMED left the refund in progress, whatever its attempt said; COMPLETED finished it; FAILED "
        "ended it and gave its amount free again."
    )


def refunding(order: Order) -> int:
    return PaymentTransaction.objects.get(merchant_order_id=order.id).refunding_paise


@requirement("T3", "Refund status is called with merchantRefundId until COMPLETED or FAILED")
def asks_until_the_final_word(uat: Uat) -> Proof:
    uat.phonepe.keeps_refunds_open()
    order = uat.start_paid()
    uat.refund(order)
    for _ in range(10):
        at_next_check(uat)
    offsets = asked(uat, latest())
    expect("Questions while it was CONFIRMED", len(offsets), 10)
    paths = {call.request.path.split("/")[-2] for call in uat.phonepe.calls("refund_status")}
    expect("Ids in the path", paths, {latest().merchant_refund_id})
    uat.phonepe.ends_refund(latest().merchant_refund_id, "success")
    at_next_check(uat)
    expect("State", state_of(uat, order), "COMPLETED")
    uat.pass_time(10 * 24 * 3600)
    expect("Questions in the ten days after the final word", len(asked(uat, latest())) - 11, 0)
    uat.record.saw("Questions about the refund", seconds=asked(uat, latest()))
    return uat.proof(
        "Ten questions while it was CONFIRMED, one that found it COMPLETED, none in the ten days after it."
    )


@requirement("T4", "A scheduler exists; its pace is the merchant's choice")
def the_scheduler_keeps_its_timetable(uat: Uat) -> Proof:
    uat.phonepe.keeps_refunds_open()
    order = uat.start_paid()
    uat.refund(order)
    uat.pass_time(86_401)
    seen = asked(uat, latest())
    uat.record.add(
        {"kind": "timetable", "about": "refund", "due": list(FIRST_DAY), "asked": seen, "tolerance_seconds": 1.0}
    )
    expect("Questions on the first day", len(seen), len(FIRST_DAY))
    late = [due for due, at in zip(FIRST_DAY, seen, strict=True) if abs(at - due) > 1]
    expect("Questions that were not in time", late, [])
    return uat.proof(
        f"A refund that stayed CONFIRMED was asked about {len(seen)} times on its first day: after 30 s, 1, 2, 5, 10 "
        "and 30 minutes, then every hour."
    )


@requirement("T5", "No second refund of a transaction while one is PENDING or CONFIRMED")
def one_refund_at_a_time(uat: Uat) -> Proof:
    uat.phonepe.keeps_refunds_open()
    order = uat.start_paid()
    uat.refund(order)
    for state in ("PENDING", "CONFIRMED"):
        if state == "CONFIRMED":
            uat.pass_time(31)
        expect("State of the refund", latest().state, state)
        expect(
            f"The answer to a second refund while one is {state}", uat.owner.refunds(order.payment_id, "5").status, 409
        )
        expect(f"Refund calls while one is {state}", len(sent(uat)), 1)
    other = uat.start_paid_by_another()
    answers = at_the_same_moment(lambda: uat.owner.refunds(other.payment_id, "10.50").status, 4)
    expect("Answers to the same refund four times at once", sorted(answers), [202, 409, 409, 409])
    about_it = [body for body in sent(uat) if body["originalMerchantOrderId"] == other.id]
    expect("Refund calls for it", len(about_it), 1)
    return uat.proof(
        "A second refund was refused with 409 while the first was PENDING, and while it was CONFIRMED; of four at the "
        "same moment one was sent."
    )


@requirement("T6", "COMPLETED: processed")
def a_completed_refund_is_shown(uat: Uat) -> Proof:
    order = uat.start_paid()
    uat.refund(order)
    uat.pass_time(31)
    shown = uat.payment(order)
    expect("Status of the payment", shown["status"], "partially_refunded")
    expect("Refunded amount", shown["refunded_amount"], "10.50")
    expect("State of the refund", shown["refunds"][0]["state"], "COMPLETED")
    uat.pass_time(3600)
    expect("Status calls after it", len(uat.phonepe.calls("refund_status")), 1)
    uat.expect_books_agree()
    return uat.proof("The payer's payment shows ₹10.50 as refunded, once, and the books agree.")


@requirement("T7", "FAILED: again with a new merchantRefundId")
def a_failed_refund_goes_again(uat: Uat) -> Proof:
    uat.phonepe.keeps_refunds_open()
    order = uat.start_paid()
    uat.refund(order)
    uat.phonepe.ends_refund(latest().merchant_refund_id, "failure")
    uat.pass_time(31)
    expect("State of the first refund", latest().state, "FAILED")
    uat.refund(order)
    uat.phonepe.ends_refund(latest().merchant_refund_id, "success")
    uat.pass_time(31)
    first, second = sent(uat)
    expect_that(first["merchantRefundId"] != second["merchantRefundId"], "The second refund has the id of the first.")
    same = ("originalMerchantOrderId", "amount")
    expect("Order and amount of the second", [second[key] for key in same], [first[key] for key in same])
    expect("State of the second refund", latest().state, "COMPLETED")
    refunded = uat.phonepe.simulator.record()[order.id]["refunded"]
    expect("Paise refunded at PhonePe", refunded, 10_50)
    uat.expect_books_agree()
    return uat.proof("After FAILED the same amount went back under a new id; PhonePe refunded it once.")
