"""Section 5 of the checklist: refunds as PhonePe is asked for them, and both ways to their end."""

import json
from typing import Any

from core.models import Refund
from core.money import rupees_for_people
from zelton_backend.sign_off.proofs import Proof, expect, expect_that
from zelton_backend.sign_off.requirements import requirement
from zelton_backend.sign_off.uat import Order, Uat


def sent(uat: Uat) -> list[dict[str, Any]]:
    """Return what PhonePe was asked to refund."""
    return [json.loads(call.request.body) for call in uat.phonepe.calls("refund")]


def state_of(uat: Uat, order: Order) -> str:
    """Return the state of an order's latest refund, as the API shows it."""
    by_id = {each["merchant_refund_id"]: each["state"] for each in uat.refunds_of(order)}
    return str(by_id[Refund.objects.latest("pk").merchant_refund_id])


@requirement("R1", "merchantRefundId is unique per refund")
def every_refund_has_an_id_of_its_own(uat: Uat) -> Proof:
    order = uat.start_paid()
    for _ in range(5):
        uat.refund(order)
        uat.pass_time(61)
    ids = [body["merchantRefundId"] for body in sent(uat)]
    expect("Refund calls", len(ids), 5)
    expect("Different merchantRefundIds", len(set(ids)), 5)
    expect("Ids longer than 63 characters", [each for each in ids if len(each) > 63], [])
    uat.record.saw("merchantRefundIds that PhonePe received", ids=ids)
    return uat.proof("Five refunds of one order, one after the other: five different ids.")


@requirement("R2", "originalMerchantOrderId is the paid order's id")
def refunds_name_the_paid_order(uat: Uat) -> Proof:
    order = uat.start_paid()
    uat.refund(order)
    expect("originalMerchantOrderId", sent(uat)[0]["originalMerchantOrderId"], order.id)
    return uat.proof("The refund call names the merchantOrderId of the order that was paid.")


@requirement("R3", "amount is in paise, and at most what is left")
def refunds_are_paise_and_never_too_much(uat: Uat) -> Proof:
    order = uat.start_paid()
    for amount in ("15000.01", "99999.00"):
        refused = uat.owner.refunds(order.payment_id, amount)
        expect_that(400 <= refused.status < 500, f"A refund of ₹{amount} of ₹15,000.00 was answered {refused.status}.")
    expect("Refund calls", len(sent(uat)), 0)
    uat.refund(order, "10.50")
    amount = sent(uat)[0]["amount"]
    expect("amount of a refund of ₹10.50", (type(amount).__name__, amount), ("int", 10_50))
    uat.pass_time(61)
    refused = uat.owner.refunds(order.payment_id, "15000.00")
    expect_that(400 <= refused.status < 500, f"A refund of more than is left was answered {refused.status}.")
    expect("Refund calls", len(sent(uat)), 1)
    return uat.proof(
        f"{rupees_for_people(10_50)} reached PhonePe as the integer 1050; more than was paid, and more than was left, "
        "was refused here, without a call."
    )


@requirement("R4", "A refund starts PENDING; webhook and refund status both bring it to its end")
def both_ways_lead_to_the_end(uat: Uat) -> Proof:
    uat.phonepe.keeps_refunds_open()
    order = uat.start_paid()
    expect("State of the refund at first", uat.refund(order)["state"], "PENDING")
    uat.clock.shift(5)
    uat.phonepe.ends_refund(Refund.objects.latest("pk").merchant_refund_id, "success")
    uat.webhooks_arrive()
    expect("State soon after the webhook", state_of(uat, order), "COMPLETED")
    before = uat.clock.now() - Refund.objects.latest("pk").initiated_at
    expect_that(before.total_seconds() < 30, "The webhook brought nothing: the schedule was there before.")

    other = uat.start_paid_by_another()
    uat.refund(other)
    uat.phonepe.ends_refund(Refund.objects.latest("pk").merchant_refund_id, "success")
    uat.pass_time(70)  # no webhook arrives
    expect("State without any webhook", state_of(uat, other), "COMPLETED")
    return uat.proof(
        "A refund was PENDING at first. With the webhook it ended within seconds; without one refund status alone "
        "ended it."
    )


@requirement("R5", "refundId is stored, and finds the refund of a webhook without merchantRefundId")
def refund_id_finds_the_refund(uat: Uat) -> Proof:
    uat.phonepe.keeps_refunds_open()
    order = uat.start_paid()
    uat.refund(order)
    refund = Refund.objects.latest("pk")
    theirs = json.loads(uat.phonepe.calls("refund")[0].response.body)["refundId"]
    expect("refundId in our books", refund.refund_id, theirs)
    uat.phonepe.ends_refund(refund.merchant_refund_id, "failure")
    uat.clock.shift(4)
    payload = {"merchantId": "", "originalMerchantOrderId": "", "refundId": theirs, "amount": 10_50, "state": "FAILED"}
    answer = uat.knock({"event": "pg.refund.failed", "payload": {**payload, "errorCode": "UPI_BACKBONE_ERROR"}})
    expect("The answer to the webhook", answer.status, 200)
    uat.pass_time(4, every_second=True)
    expect("State of the refund", state_of(uat, order), "FAILED")
    return uat.proof("pg.refund.failed with refundId alone ended the right refund, long before its first check.")
