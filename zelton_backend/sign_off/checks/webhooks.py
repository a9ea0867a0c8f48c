"""Section 4 of the checklist: who is let in, what a webhook may do, and what it may never do alone."""

import json
from datetime import timedelta
from hashlib import sha256
from ipaddress import ip_address, ip_network
from time import perf_counter
from typing import Any

from django.conf import settings

from core.models import Alert, AlertKind, PaymentTransaction, WebhookEvent
from zelton_backend.sign_off.front_door import WEBHOOK_PATH
from zelton_backend.sign_off.proofs import Proof, expect, expect_that
from zelton_backend.sign_off.requirements import requirement
from zelton_backend.sign_off.uat import (
    ATTEMPT_FAILED,
    COMPLETED,
    FAILED,
    PRODUCTION,
    Order,
    Uat,
    in_threads,
)
from zelton_backend.sign_off.webhook_request import webhook_digest

ODD: tuple[dict[str, Any], ...] = (
    {"loyaltyPoints": 12, "newBlock": {"deep": [1, {"a": None}]}},
    {"metaInfo": None, "paymentDetails": None, "expireAt": None},
    {"paymentDetails": [{"paymentMode": "BY_CAMEL", "state": "NEVER_SEEN", "rail": 7}]},
    {"paymentDetails": "none", "metaInfo": []},
    {"amount": "1500000", "expireAt": "1775804400000"},
    {"merchantId": 7},
)
LETTERS, SENDERS, SLOWEST = 100, 8, 3.0  # webhooks, threads, seconds
# "Webhook" in PhonePe's documentation publishes both; the first list is wider than the second.
SINGLE = [
    *(f"103.116.33.{last}" for last in (8, 9, 10, 11, 136, 137, 138, 139)),
    *(f"103.116.32.{last}" for last in range(16, 30)),
    *(f"103.116.34.{last}" for last in (1, *range(16, 24))),
    "103.243.35.242",
]
RANGES = ["103.116.34.16/29", "103.116.32.16/29", "103.116.33.8/30", "103.116.33.136/30"]


def paid_order(uat: Uat, name: str) -> Order:
    """Return an order that is paid at PhonePe and not yet here, five seconds after it began."""
    order = uat.start_payment(by=uat.caller(uat.let(name).tenant.user))
    uat.phonepe.is_paid(order.id)
    uat.clock.shift(5)
    return order


def read(uat: Uat) -> None:
    """Let the worker read what came, and ask: long before the first poll of the schedule."""
    uat.pass_time(4, every_second=True)


@requirement("W1", "No strict deserialization of webhooks")
def reads_whatever_is_added_or_missing(uat: Uat) -> Proof:
    for number, odd in enumerate(ODD):
        order = paid_order(uat, f"tenant{number}")
        answer = uat.knock(uat.webhook(COMPLETED, order, **{"state": "COMPLETED", **odd}))
        expect(f"The answer to a webhook with {odd}", answer.status, 200)
        read(uat)
        expect(f"Moves after a webhook with {odd}", uat.moves(order), ["completed"])
    return uat.proof(f"{len(ODD)} bodies with unknown, missing or malformed parts: each brought its order to its end.")


@requirement("W2", "payload.state alone decides")
def a_failed_attempt_leaves_the_order_open(uat: Uat) -> Proof:
    order = uat.start_payment()
    uat.phonepe.is_paid(order.id, outcome="failure")
    uat.clock.shift(5)
    [sent] = uat.webhooks_arrive()
    expect(
        "The webhook of a failed attempt", (sent.event, sent.document["payload"]["state"]), (ATTEMPT_FAILED, "PENDING")
    )
    expect_that(sent.document["payload"]["errorCode"], "The webhook has no error code to be misled by.")
    expect("Moves after it", uat.moves(order), [])
    uat.expect_status(order, "pending")
    uat.phonepe.is_paid(order.id)
    uat.clock.shift(5)
    uat.webhooks_arrive()
    expect("Moves after the next attempt, which succeeds", uat.moves(order), ["completed"])
    return uat.proof(
        f"{ATTEMPT_FAILED} with a root errorCode and state PENDING left the order open; the next attempt paid it."
    )


@requirement("W3", "event names the event; type is ignored")
def the_type_is_ignored(uat: Uat) -> Proof:
    named: tuple[tuple[str, dict[str, str]], ...] = (
        ("type says failed", {"event": COMPLETED, "type": "CHECKOUT_ORDER_FAILED"}),
        ("without type", {"event": COMPLETED}),
        ("without event", {"type": "CHECKOUT_ORDER_COMPLETED"}),
    )
    for number, (name, words) in enumerate(named):
        order = paid_order(uat, f"tenant{number}")
        body = uat.webhook(COMPLETED, order, state="COMPLETED")
        expect(f"The answer ({name})", uat.knock({**words, "payload": body["payload"]}).status, 200)
        read(uat)
        expect(f"Moves ({name})", uat.moves(order), ["completed"])
    known = WebhookEvent.objects.order_by("pk").values_list("event", flat=True)[:2]
    expect("Events as they were understood", list(known), [COMPLETED] * 2)
    return uat.proof(f"{COMPLETED} with type CHECKOUT_ORDER_FAILED was read as completed; a body without type, too.")


@requirement("W4", "expireAt and timestamp are read as epoch milliseconds")
def milliseconds_are_instants(uat: Uat) -> Proof:
    order = uat.start_payment()
    uat.clock.shift(7.25)
    paid_at = uat.clock.now()
    uat.phonepe.is_paid(order.id)
    uat.clock.shift(5)
    [sent] = uat.webhooks_arrive()
    [told] = sent.document["payload"]["paymentDetails"]
    row = PaymentTransaction.objects.get(merchant_order_id=order.id)
    assert row.paid_at is not None  # noqa: S101 - for mypy; the next line says it to people
    expect("Time of payment in our books", row.paid_at, paid_at)
    expect("timestamp of the webhook, as an instant", round(row.paid_at.timestamp() * 1000), told["timestamp"])
    expect("expireAt of the webhook", round(row.expire_at.timestamp() * 1000), sent.document["payload"]["expireAt"])
    expect("Life of the order", row.expire_at - row.initiated_at, timedelta(seconds=1200))
    uat.record.saw("Stored", paid_at=f"{row.paid_at}", expire_at=f"{row.expire_at}", timestamp=told["timestamp"])
    return uat.proof(
        f"timestamp {told['timestamp']} is stored as {row.paid_at:%d %B %Y %H:%M:%S} UTC, to the millisecond, and "
        "expireAt as 1200 s after the order began."
    )


@requirement("W5", "Authorization must equal SHA-256 of username:password")
def only_our_digest_is_let_in(uat: Uat) -> Proof:
    order = paid_order(uat, "stranger")
    pair = settings.PHONEPE_WEBHOOK_CREDENTIALS[0]
    username, password = pair.split(":")
    good, body = webhook_digest(), uat.webhook(COMPLETED, order, state="COMPLETED")
    wrong = [
        "",
        password,
        pair,
        f"Basic {pair}",
        f"SHA256 {good}",
        f"Bearer {good}",
        good.upper(),
        good[:-1],
        good + "0",
    ]
    wrong += [sha256(other.encode()).hexdigest() for other in (f"{username}:another4pass", f"x{pair}", ":", "")]
    for header in wrong:
        expect("The answer to another Authorization header", uat.knock(body, header).status, 401)
    read(uat)
    expect("Webhooks stored", WebhookEvent.objects.count(), 0)
    expect("Questions to PhonePe about it", uat.phonepe.polls_of(order.id), [])
    expect("Moves of the order", uat.moves(order), [])
    with uat.configured(PHONEPE_WEBHOOK_CREDENTIALS=[]):
        for pair in ("", ":", "None:None"):
            expect(
                "The answer without configured credentials", uat.knock(body, webhook_digest(pair or ":")).status, 401
            )
    expect("The answer to the right header", uat.knock(body).status, 200)
    read(uat)
    expect("Moves of the order", uat.moves(order), ["completed"])
    return uat.proof(
        f"{len(wrong)} other headers (none, the plain password, Basic, other digests, other spellings) got 401 and "
        "changed nothing; with no credentials configured every header does; the right digest was let in."
    )


@requirement("W6", "On a mismatch discard, and consult order status")
def a_forged_webhook_is_discarded(uat: Uat) -> Proof:
    order = uat.start_payment()
    uat.clock.shift(5)
    refused = uat.knock(uat.webhook(COMPLETED, order, state="COMPLETED"), "0" * 64)
    expect("The answer to a forged webhook", refused.status, 401)
    read(uat)
    expect("Moves after it", uat.moves(order), [])
    for event, state in ((COMPLETED, "COMPLETED"), (FAILED, "FAILED")):
        expect("The answer to an untrue webhook", uat.knock(uat.webhook(event, order, state=state)).status, 200)
        before = len(uat.phonepe.polls_of(order.id))
        read(uat)
        expect_that(len(uat.phonepe.polls_of(order.id)) > before, "PhonePe was not asked after a webhook.")
        expect("Moves after an untrue webhook with the right header", uat.moves(order), [])
    expect("Captures in the ledger", uat.captures(), 0)
    uat.phonepe.is_paid(order.id)
    uat.pass_time(30)
    expect("Moves after the payment", uat.moves(order), ["completed"])
    return uat.proof(
        "A forged COMPLETED got 401 and changed nothing. Even with the right header untrue webhooks (COMPLETED, "
        "FAILED) only made PhonePe be asked; the order followed its answer alone."
    )


@requirement("W7", "The webhook is configured for UAT and for production")
def the_webhook_can_be_configured(uat: Uat) -> Proof:
    for method in ("GET", "PUT", "DELETE"):
        expect(f"The answer to {method}", uat.knock(b"", method=method).status, 405)
    for name, value in (("USERNAME", "hook"), ("PASSWORD", "onlyletters"), ("PASSWORD", "short4u")):
        sentence = uat.refusal(**{**PRODUCTION, f"PHONEPE_WEBHOOK_{name}": value})
        expect_that(
            sentence, f"Production starts with PHONEPE_WEBHOOK_{name}={value}, which PhonePe's dashboard refuses."
        )
    expect("A start in production with credentials that it takes", uat.refusal(**PRODUCTION), None)
    return uat.proof(
        f"{WEBHOOK_PATH} takes POST alone; production does not start with a user name or password that PhonePe's "
        "dashboard would refuse.",
        left=f"Register https://<host>{WEBHOOK_PATH} with PhonePe's team for UAT (or with the dashboard in test mode) "
        "and on the dashboard for production, and see one webhook arrive over https with a valid certificate.",
    )


@requirement("W8", "2xx within 3 to 5 s")
def webhooks_are_answered_in_time(uat: Uat) -> Proof:
    order = uat.start_payment()
    uat.phonepe.fails_with("timeout_before", "order_status")

    def send(number: int) -> tuple[int, float]:
        body = uat.webhook(ATTEMPT_FAILED, order, state="PENDING", number=number)
        began = perf_counter()
        status = uat.knock(body, noted=number < 3).status
        return status, perf_counter() - began

    answers = in_threads(send, range(LETTERS), at_once=SENDERS)
    expect("Statuses", {status for status, _ in answers}, {200})
    seconds = sorted(taken for _, taken in answers)
    p50, p99 = seconds[LETTERS // 2], seconds[LETTERS * 99 // 100 - 1]
    measured = {"p50": f"{p50 * 1000:.0f} ms", "p99": f"{p99 * 1000:.0f} ms", "slowest": f"{seconds[-1] * 1000:.0f} ms"}
    uat.record.saw(f"{LETTERS} webhooks from {SENDERS} senders at once, while PhonePe answers nothing", **measured)
    expect_that(p99 < SLOWEST, f"p99 of {LETTERS} webhooks is {p99:.1f} s, and should be below {SLOWEST:g} s.")
    expect("Webhooks stored", WebhookEvent.objects.count(), LETTERS)
    return uat.proof(
        f"{LETTERS} webhooks from {SENDERS} senders at once, while PhonePe's API was silent: all stored and "
        f"answered 200, p50 {p50 * 1000:.0f} ms, p99 {p99 * 1000:.0f} ms."
    )


@requirement("W9", "Duplicates are harmless")
def duplicates_have_one_effect(uat: Uat) -> Proof:
    order = paid_order(uat, "repeated")
    body = json.dumps(uat.webhook(COMPLETED, order, state="COMPLETED")).encode()
    answers = in_threads(lambda _: uat.knock(body).status, range(10), at_once=10)
    read(uat)
    answers.append(uat.knock(body).status)
    uat.pass_time(30)
    expect("Answers to the same webhook eleven times", set(answers), {200})
    expect("Webhooks stored", WebhookEvent.objects.count(), 1)
    expect("Deliveries counted", WebhookEvent.objects.get().deliveries, 11)
    expect("Moves of the payment", uat.moves(order), ["completed"])
    expect("Captures in the ledger", uat.captures(), 1)
    uat.record.saw("The same webhook ten times at once and once more", stored=1, deliveries=11, moves=1, captures=1)
    uat.expect_books_agree()
    return uat.proof("The same body ten times at once, and once more later: one fulfilment, one capture in the ledger.")


@requirement("W10", "Late or reordered webhooks do not undo a final state")
def a_final_state_stays(uat: Uat) -> Proof:
    order = uat.start_paid()
    uat.webhooks_arrive()
    expect("The answer to a late webhook", uat.knock(uat.webhook(FAILED, order, state="FAILED")).status, 200)
    read(uat)
    uat.expect_status(order, "completed")
    expect("Moves of the payment", uat.moves(order), ["completed"])
    kinds = {str(kind) for kind in Alert.objects.values_list("kind", flat=True)}
    expect("Alerts to a person", kinds, {str(AlertKind.CONTRADICTION.value)})

    other = uat.start_payment(by=uat.caller(uat.let("overtaken").tenant.user))
    uat.phonepe.fails_with("webhook_reordered", ATTEMPT_FAILED)
    uat.phonepe.is_paid(other.id, outcome="failure")
    uat.phonepe.is_paid(other.id)
    uat.clock.shift(5)
    sent = [letter.event for letter in uat.webhooks_arrive()]
    expect("Webhooks in the order of their arrival", sent, [COMPLETED, ATTEMPT_FAILED])
    expect("Moves of the other payment", uat.moves(other), ["completed"])
    return uat.proof(
        "FAILED after COMPLETED changed nothing and raised an alert; a completed webhook that overtook that of the "
        "failed attempt before it ended completed."
    )


@requirement("W11", "PhonePe's source addresses are allowed")
def operators_are_told_the_addresses(uat: Uat) -> Proof:
    page = settings.BASE_DIR / "docs" / "phonepe-addresses.md"
    listed = [ip_network(line.strip()) for line in page.read_text().splitlines() if line[:1].isdigit()]
    allowed = {address for network in listed for address in network}
    published = {ip_address(single) for single in SINGLE} | {each for part in RANGES for each in ip_network(part)}
    expect("Published addresses that are not listed", sorted(map(str, published - allowed)), [])
    expect("Listed addresses that are not published", sorted(map(str, allowed - published)), [])
    uat.record.saw("docs/phonepe-addresses.md", networks=[str(network) for network in listed])
    return uat.proof(
        f"docs/phonepe-addresses.md lists exactly the {len(published)} addresses that PhonePe publishes.",
        left="Allow them where the firewall or the proxy in front of the webhook's address filters by source.",
    )


@requirement("W12", "amount, merchantId and order of the body are compared with the stored order")
def what_it_claims_is_compared(uat: Uat) -> Proof:
    lies: tuple[tuple[str, dict[str, Any]], ...] = (
        ("another amount", {"amount": 1}),
        ("a larger amount", {"amount": 99_999_900}),
        ("another merchant", {"merchantId": "ANOTHERMERCHANT"}),
        ("another orderId", {"orderId": "OMO0000000000000000000000"}),
    )
    for number, (name, lie) in enumerate(lies):
        payer = uat.caller(uat.let(f"tenant{number}").tenant.user)
        order = uat.start_payment(by=payer)
        uat.clock.shift(5)
        answer = uat.knock(uat.webhook(COMPLETED, order, **{"state": "COMPLETED", **lie}))
        expect(f"The answer to a webhook with {name}", answer.status, 200)
        read(uat)
        expect(f"Moves after a webhook with {name}", uat.moves(order), [])
        told = payer.verifies(order.id).json()
        expect(f"Under review after a webhook with {name}", told.get("under_review", False), expected=False)
    unknown = uat.webhook(COMPLETED, order, state="COMPLETED", merchantOrderId="NOT-OURS", orderId="OMO-NOT-OURS")
    expect("The answer to a webhook about nothing we know", uat.knock(unknown).status, 200)
    read(uat)
    expect("Moves of the order", uat.moves(order), [])
    expect("Captures in the ledger", uat.captures(), 0)
    kinds = {str(kind) for kind in Alert.objects.values_list("kind", flat=True)}
    expect_that(str(AlertKind.UNKNOWN_WEBHOOK.value) in kinds, "Nobody was alerted to the unknown order.")
    uat.record.saw("Alerts raised", kinds=sorted(kinds))
    return uat.proof(
        "COMPLETED with another amount, merchant or orderId, and about an order that is not ours: answered 200, "
        "nothing fulfilled, and a person alerted."
    )
