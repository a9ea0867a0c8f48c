"""What a walk through the sandbox proves of each requirement, and why some cannot be proved there."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from itertools import pairwise
from typing import Any

from core.models import (
    JournalEntry,
    PaymentTransaction,
    PhonePeCall,
    Refund,
    StateChange,
    WebhookEvent,
)
from zelton_backend.sign_off.masks import Masks
from zelton_backend.sign_off.proofs import Evidence, NotMet, Proof, Verdict, expect, expect_that
from zelton_backend.sign_off.record import instant
from zelton_backend.sign_off.requirements import BY_HAND, Outcome, Requirement
from zelton_backend.sign_off.sandbox.progress import Progress
from zelton_backend.sign_off.sandbox.walk import AMOUNTS, MOBILE, PAID, REFUNDS, UNPAID
from zelton_backend.sign_off.schedule import compare
from zelton_backend.sign_off.uat import leaves

ON_DEMAND = (
    "PhonePe's sandbox does not {what} on demand; proved beside the simulator by this command without --sandbox."
)
NOT_THERE = {
    "A2": "let a token expire",
    "A4": "refuse a token",
    "P10": "fail or fall silent",
    "S1": "send answers that nobody documented",
    "S2": "send answers whose root and attempts disagree",
    "S3": "complete an order late",
    "W1": "send webhooks that nobody documented",
    "W2": "send a webhook of a failed attempt",
    "W8": "send a hundred webhooks at once",
    "W10": "send webhooks late or out of order",
    "R5": "send a webhook with a refundId alone",
    "T1": "send refund states that nobody documented",
    "T2": "hold a refund in each of its states",
    "T7": "fail a refund",
}
BY_HAND_THERE = {
    "W7": "See on PhonePe's dashboard, or with its team, that the webhook is registered for UAT and for production.",
    "W11": "Allow PhonePe's addresses (docs/phonepe-addresses.md) where something filters by source.",
    "G1": "Send PhonePe's integration team this report, the address of the UAT instance and a tenant's log-in.",
    "G2": "After each finding run this command again in the same environment, and send the new report.",
    "G3": "Keep PhonePe's acknowledgement; then take production's client id, version and secret from its dashboard.",
    "G4": "Set production's credentials and build the app with its SDK in production mode and its logging off.",
}


class NotSeen(Exception):
    """What would prove it has not happened in this walk."""


class Seen:
    """What happened in a walk: the calls of this command, and what the database kept of all processes."""

    def __init__(self, progress: Progress, masks: Masks) -> None:
        self.progress, self._masks = progress, masks
        self.notes = progress.notes

    def calls(self, *names: str) -> Evidence:
        return [e for e in self.progress.entries if e["kind"] == "phonepe_call" and (e["call"] in names or not names)]

    def created(self) -> Evidence:
        """Return the calls that created orders.

        :raises NotSeen: if there are fewer than the walk makes
        """
        return self._enough(self.calls("pay", "sdk_order"), len(AMOUNTS), "The walk was stopped before it had begun.")

    def refunded(self, least: int = 1) -> Evidence:
        return self._enough(self.calls("refund"), least, "Nothing was refunded: the order was not paid.")

    def _enough(self, found: Evidence, least: int, sentence: str) -> Evidence:
        if len(found) < least:
            raise NotSeen(sentence)
        return found

    def id_of(self, part: str) -> str:
        if part not in self.progress.orders:
            raise NotSeen("The walk was stopped before it had begun.")
        return str(self.progress.orders[part]["merchant_order_id"])

    def order(self, part: str, *, state: str = "") -> PaymentTransaction:
        """:raises NotSeen: if it is not in that state"""
        order = PaymentTransaction.objects.get(merchant_order_id=self.id_of(part))
        if state and order.state != state:
            raise NotSeen(f"The order “{part}” is {order.state}, and has not become {state} in this walk.")
        return order

    def about(self, part: str) -> Evidence:
        """Return the exchanges about an order."""
        name = self.id_of(part)
        return [entry for entry in self.progress.entries if name in str(entry)]

    def polls(self, part: str) -> list[float]:
        """Return when any process asked about an order, in seconds after it was initiated."""
        order = self.order(part)
        asked = PhonePeCall.objects.filter(call="order_status", merchant_order_id=order.merchant_order_id)
        moments = asked.order_by("at").values_list("at", flat=True)
        return [round((at - order.initiated_at).total_seconds(), 3) for at in moments]

    def refunds(self) -> list[Refund]:
        return list(Refund.objects.filter(transaction=self.order(PAID)).order_by("pk"))

    def webhooks(self, *events: str) -> list[WebhookEvent]:
        """:raises NotSeen: if none has come"""
        ours = [self.id_of(part) for part in self.progress.orders]
        theirs = WebhookEvent.objects.exclude(digest=self.notes.get("our own webhook", ""))
        found = list(theirs.filter(merchant_order_id__in=ours, event__in=events).order_by("received_at"))
        if not found:
            raise NotSeen(f"No webhook {' or '.join(events)} has arrived: register the webhook's address with PhonePe.")
        return found

    def as_evidence(self, events: Iterable[WebhookEvent]) -> Evidence:
        return [
            {
                "kind": "observation",
                "what": f"Webhook {event.event}, stored {instant(event.received_at)}",
                "outcome": event.outcome,
                "deliveries": event.deliveries,
                "body": self._masks.body(bytes(event.body)),
            }
            for event in events
        ]

    def moves(self, part: str) -> list[str]:
        changes = StateChange.objects.filter(transaction=self.order(part), what="status")
        return list(changes.values_list("new", flat=True))

    def noted(self, name: str) -> Any:
        """:raises NotSeen: if the walk did not come to it"""
        if name not in self.notes:
            raise NotSeen("The walk was stopped before this was tried.")
        return self.notes[name]


Judge = Callable[[Seen], Proof]


def saw(what: str, **seen: Any) -> dict[str, Any]:
    return {"kind": "observation", "what": what, **seen}


def one_token(seen: Seen) -> Proof:
    calls = seen.calls()
    tokens = seen.calls("oauth")
    business = [call for call in calls if call["call"] != "oauth"]
    if len(business) < 5:
        raise NotSeen("Fewer than five calls were made.")
    starts = 1 + len(seen.progress.stops)
    expect_that(len(tokens) <= starts, f"{len(tokens)} token calls in {starts} starts of this command.")
    evidence = [saw("Calls of this command", token_calls=len(tokens), business_calls=len(business)), *tokens]
    return Proof(f"{len(business)} business calls took {len(tokens)} token calls, one for each start.", evidence)


def token_request(seen: Seen) -> Proof:
    tokens, business = seen.calls("oauth"), [call for call in seen.calls() if call["call"] != "oauth"]
    if not tokens or not business:
        raise NotSeen("No call was made.")
    for call in tokens:
        expect(
            "Fields", sorted(call["request"]["body"]), ["client_id", "client_secret", "client_version", "grant_type"]
        )
    schemes = {str(call["request"]["headers"].get("Authorization", "")).partition(" ")[0] for call in business}
    expect("Schemes of business calls", schemes, {"O-Bearer"})
    return Proof("The token call has the four fields; every business call carries O-Bearer.", [*tokens, *business[:3]])


def in_bodies(sentence: str, look: Callable[[dict[str, Any]], None]) -> Judge:
    """Return a judge that looks into every body with which an order was created."""

    def judge(seen: Seen) -> Proof:
        created = seen.created()
        for call in created:
            look(call["request"]["body"])
        return Proof(sentence, created)

    return judge


def look_at_life(body: dict[str, Any]) -> None:
    expect_that(300 <= body.get("expireAfter", 0) <= 3600, f"expireAfter is {body.get('expireAfter')!r}.")


def look_for_empty(body: dict[str, Any]) -> None:
    expect("Empty values", [value for value in leaves(body) if value in (None, "", {}, [])], [])


def look_at_flow(body: dict[str, Any]) -> None:
    expect("paymentFlow.type", body["paymentFlow"]["type"], "PG_CHECKOUT")


def distinct_ids(seen: Seen) -> Proof:
    ids = [call["request"]["body"]["merchantOrderId"] for call in seen.created()]
    expect("Different ids", len(set(ids)), len(ids))
    return Proof(f"{len(ids)} orders, all with different ids.", [saw("merchantOrderIds", ids=ids), *seen.created()])


def paise(seen: Seen) -> Proof:
    [call] = [call for call in seen.created() if call["request"]["body"]["merchantOrderId"] == seen.id_of(PAID)]
    expect("amount of an order of ₹123.45", call["request"]["body"]["amount"], 123_45)
    return Proof("₹123.45 was sent as 12345.", [call])


def redirect(seen: Seen) -> Proof:
    [call] = [call for call in seen.created() if call["request"]["body"]["merchantOrderId"] == seen.id_of(PAID)]
    url = call["request"]["body"]["paymentFlow"]["merchantUrls"]["redirectUrl"]
    expect_that(url.startswith("https://"), f"redirectUrl is {url}: set PHONEPE_REDIRECT_BASE_URL to an https address.")
    expect_that(url.endswith(f"/payments/return/{seen.id_of(PAID)}/"), f"redirectUrl {url} is not this order's page.")
    return Proof(f"redirectUrl is {url}, the page of this order.", [call])


def both_ids(seen: Seen) -> Proof:
    told = {call["request"]["body"]["merchantOrderId"]: call["answer"]["body"]["orderId"] for call in seen.created()}
    ours = PaymentTransaction.objects.filter(merchant_order_id__in=told)
    stored = dict(ours.values_list("merchant_order_id", "phonepe_order_id"))
    expect("PhonePe's ids in our books", stored, told)
    return Proof(
        "Our books hold PhonePe's orderId for each merchantOrderId.", [saw("Ids", stored=stored), *seen.created()]
    )


def pay_page(seen: Seen) -> Proof:
    given, told = seen.noted("pay_page")
    expect("The pay page told to the client", told, given)
    created = [call for call in seen.created() if call["call"] == "pay"]
    return Proof(f"The client got PhonePe's address unchanged: {given}.", [saw("redirectUrl", is_=given), *created])


def modes(seen: Seen) -> Proof:
    [call] = [call for call in seen.created() if call["call"] == "sdk_order"]
    config = call["request"]["body"]["paymentFlow"]["paymentModeConfig"]
    expect("Lists", list(config), ["enabledPaymentModes"])
    cards = [mode for mode in config["enabledPaymentModes"] if mode["type"] == "CARD"]
    expect_that(all(mode.get("cardTypes") for mode in cards), "CARD has no cardTypes.")
    return Proof("One list, in which CARD names its cardTypes.", [call])


def for_the_app(seen: Seen) -> Proof:
    fields = seen.progress.orders.get(MOBILE, {}).get("fields", [])
    created = [call for call in seen.created() if call["call"] == "sdk_order"]
    expect_that("token" in fields and "redirect_url" not in fields, f"The app got {fields}.")
    return Proof("The app got orderId and order token.", [saw("Fields told to the app", names=fields), *created])


def schedule(seen: Seen) -> Proof:
    order = seen.order(UNPAID)
    if order.state == "PENDING":
        raise NotSeen("The unpaid order has not come to its end.")
    final = (order.last_checked_at or order.expire_at) - order.initiated_at
    polls = compare(seen.polls(UNPAID), order.expire_after, until=final.total_seconds())
    if polls.missed:
        still = [due for due in polls.missed if seen.progress.stood_still(order.initiated_at + timedelta(seconds=due))]
        if set(still) == set(polls.missed):
            raise NotSeen(
                "Polls were missed while the walk was stopped and no worker ran. Begin anew in another folder."
            )
        raise NotMet(polls.sentence())
    sentence = (
        f"All {len(polls.rows)} mandatory polls of an order that nobody paid, each within 1 s; others came beside "
    )
    return Proof(f"{sentence}them where something gave a reason to ask.", [polls.entry(), *seen.about(UNPAID)[:6]])


def stops(seen: Seen) -> Proof:
    order = seen.order(PAID, state="COMPLETED")
    polls = seen.polls(PAID)
    final = ((order.last_checked_at or order.initiated_at) - order.initiated_at).total_seconds()
    expect("Polls later than a second after the final answer", [each for each in polls if each > final + 1], [])
    return Proof(
        f"The last of {len(polls)} polls of the paid order is the one that saw COMPLETED.",
        [saw("Polls of the paid order", seconds=polls), *seen.about(PAID)[-4:]],
    )


def without_payer(seen: Seen) -> Proof:
    polls = [each for each in seen.polls(UNPAID) if each >= 19]
    if not polls:
        raise NotSeen("The unpaid order is younger than 20 s.")
    expect_that(polls[0] <= 26, f"The first poll of the schedule is at {polls[0]:g} s.")
    return Proof(f"Nobody came back from the pay page; PhonePe was asked after {polls[0]:g} s.",
                 [saw("Polls", seconds=polls[:5]), *seen.about(UNPAID)[:4]])  # fmt: skip


def restarted(seen: Seen) -> Proof:
    if not seen.progress.stops:
        raise NotSeen("The command was not stopped in this walk. Stop it with Ctrl-C and start it again to prove this.")
    return Proof(
        f"The command was stopped {len(seen.progress.stops)} times, and went on with the same orders.",
        [saw("Stopped from and to", times=seen.progress.stops), saw("Polls", seconds=seen.polls(UNPAID))],
    )


def closed(seen: Seen) -> Proof:
    order = seen.order(UNPAID, state="FAILED")
    expect("Moves", seen.moves(UNPAID), ["failed"])
    return Proof(
        f"The order that nobody paid is FAILED, by a call {seen.polls(UNPAID)[-1]:g} s after it began.",
        [saw("Polls", seconds=seen.polls(UNPAID)[-3:], expire_after=order.expire_after), *seen.about(UNPAID)[-3:]],
    )


def not_believed(seen: Seen) -> Proof:
    told = seen.noted("untrue results")
    expect("The return page says that it is being confirmed", told["page"], expected=True)
    expect("State told to an app that reports success", told["state"], "PENDING")
    expect_that("completed" not in seen.moves(UNPAID), "The unpaid order was fulfilled.")
    return Proof(
        "Neither the return page's query nor the app's report paid the order.",
        [saw("Tried", **told), *seen.about(UNPAID)[:6]],
    )


def named_by_event(seen: Seen) -> Proof:
    events = seen.webhooks("checkout.order.completed")
    expect_that(all(event.outcome in ("asked", "settled") for event in events), "A webhook was not understood.")
    return Proof("PhonePe's webhook was read by its event.", seen.as_evidence(events))


def milliseconds(seen: Seen) -> Proof:
    events, order = seen.webhooks("checkout.order.completed"), seen.order(PAID, state="COMPLETED")
    paid_at = order.paid_at
    if paid_at is None:
        raise NotMet("There is no time of payment in our books.")
    near = abs(paid_at - order.initiated_at) < timedelta(days=1)
    expect_that(near, f"Our books say that it was paid at {paid_at}.")
    return Proof(f"Stored as paid at {paid_at:%d %B %Y %H:%M:%S} UTC.", seen.as_evidence(events))


def headers(seen: Seen) -> Proof:
    told = seen.noted("untrue results")
    expect("Answers to wrong headers", told["wrong headers"], [401, 401, 401])
    events = seen.webhooks("checkout.order.completed")
    return Proof("Wrong headers got 401; PhonePe's own was let in.", [saw("Tried", **told), *seen.as_evidence(events)])


def discarded(seen: Seen) -> Proof:
    told = seen.noted("untrue results")
    expect("Answers to wrong headers", told["wrong headers"], [401, 401, 401])
    expect("State of the unpaid order after untrue webhooks", told["state after all that"], "PENDING")
    return Proof("Untrue webhooks moved nothing; PhonePe was asked.", [saw("Tried", **told), *seen.about(UNPAID)[:8]])


def repeated(seen: Seen) -> Proof:
    seen.webhooks("checkout.order.completed")
    told = seen.noted("sent again")
    expect("Answer to a webhook that had come already", told["status"], 200)
    expect("Moves", seen.moves(PAID), ["completed", *seen.moves(PAID)[1:]])
    captures = JournalEntry.objects.filter(source=f"capture:{seen.id_of(PAID)}").count()
    expect("Captures in the ledger", captures, 1)
    return Proof(
        "A webhook sent again was answered 200 and changed nothing.",
        [saw("Sent again", **told, moves=seen.moves(PAID))],
    )


def compared(seen: Seen) -> Proof:
    told = seen.noted("untrue results")
    expect("Answer to a webhook with another amount", told["untrue webhook"], 200)
    expect("State after it", told["state after all that"], "PENDING")
    return Proof(
        "COMPLETED with another amount, and the right header, fulfilled nothing.",
        [saw("Tried", **told), *seen.about(UNPAID)[:8]],
    )


def refund_ids(seen: Seen) -> Proof:
    calls = seen.refunded(len(REFUNDS))
    ids = [call["request"]["body"]["merchantRefundId"] for call in calls]
    expect("Different ids", len(set(ids)), len(ids))
    return Proof(f"{len(ids)} refunds, all with different ids.", calls)


def refund_order(seen: Seen) -> Proof:
    calls = seen.refunded()
    expect(
        "originalMerchantOrderId",
        {call["request"]["body"]["originalMerchantOrderId"] for call in calls},
        {seen.id_of(PAID)},
    )
    return Proof("Each refund names the order that was paid.", calls)


def refund_paise(seen: Seen) -> Proof:
    calls = seen.refunded()
    expect("amount of a refund of ₹10.50", calls[0]["request"]["body"]["amount"], 10_50)
    return Proof("₹10.50 was sent as 1050.", calls)


def refund_ends(seen: Seen) -> Proof:
    calls, events = seen.refunded(), seen.webhooks("pg.refund.completed", "pg.refund.failed")
    asked = seen.calls("refund_status")
    if not asked or seen.refunds()[0].state not in ("COMPLETED", "FAILED"):
        raise NotSeen("The refund has not come to its end.")
    return Proof(
        "It began PENDING; webhook and refund status told of its end.", [*calls, *asked, *seen.as_evidence(events)]
    )


def refund_asked(seen: Seen) -> Proof:
    seen.refunded()
    first, asked = seen.refunds()[0], seen.calls("refund_status")
    if first.state not in ("COMPLETED", "FAILED"):
        raise NotSeen(f"The refund is {first.state}: the walk goes on when the command is started again.")
    about = [call for call in asked if first.merchant_refund_id in call["request"]["path"]]
    expect_that(about, "Refund status was never asked.")
    expect("Next question", first.next_check_at, None)
    return Proof(f"Asked {len(about)} times until it was {first.state}, and no more.", about)


def refund_scheduler(seen: Seen) -> Proof:
    seen.refunded()
    first = seen.refunds()[0]
    calls = PhonePeCall.objects.filter(call="refund_status", merchant_refund_id=first.merchant_refund_id).order_by("at")
    seconds = [round((call.at - first.initiated_at).total_seconds(), 1) for call in calls]
    expect_that(seconds, "Nobody asked about the refund.")
    return Proof(
        f"The worker asked after {seconds[0]:g} s.", [saw("Questions", seconds=seconds), *seen.calls("refund_status")]
    )


def one_refund(seen: Seen) -> Proof:
    calls, second = seen.refunded(), seen.noted("second refund meanwhile")
    expect("Answer to a second refund while one was in flight", second, 409)
    spans = [(refund.initiated_at, refund.finished_at) for refund in seen.refunds()]
    overlap = [True for (_, end), (start, _) in pairwise(spans) if end is None or start < end]
    expect("Refunds in flight at the same time", len(overlap), 0)
    return Proof("A second refund was refused with 409 while the first was in flight.", calls)


def refund_done(seen: Seen) -> Proof:
    seen.refunded()
    done = [refund for refund in seen.refunds() if refund.state == "COMPLETED"]
    if not done:
        raise NotSeen("No refund has been COMPLETED.")
    expect_that("partially_refunded" in seen.moves(PAID), "The payment does not show the refund.")
    told = saw("Moves of the payment", moves=seen.moves(PAID), completed=len(done))
    return Proof("The payment shows the refund.", [told, *seen.calls("refund_status")])


JUDGES: dict[str, Judge] = {
    "A1": one_token,
    "A3": one_token,
    "A5": token_request,
    "P1": distinct_ids,
    "P2": in_bodies("Every expireAfter is from 300 to 3600 s.", look_at_life),
    "P3": paise,
    "P4": in_bodies("No call has an empty or null value.", look_for_empty),
    "P5": redirect,
    "P6": in_bodies("Every order was created with PG_CHECKOUT.", look_at_flow),
    "P7": both_ids,
    "P8": pay_page,
    "P9": modes,
    "P11": for_the_app,
    "S4": schedule,
    "S5": stops,
    "S6": without_payer,
    "S7": restarted,
    "S8": closed,
    "S9": not_believed,
    "W3": named_by_event,
    "W4": milliseconds,
    "W5": headers,
    "W6": discarded,
    "W9": repeated,
    "W12": compared,
    "R1": refund_ids,
    "R2": refund_order,
    "R3": refund_paise,
    "R4": refund_ends,
    "T3": refund_asked,
    "T4": refund_scheduler,
    "T5": one_refund,
    "T6": refund_done,
}


def judge(requirement: Requirement, seen: Seen, masks: Masks) -> Outcome:
    """Return what a walk proves of one requirement."""
    name = requirement.id
    if name in BY_HAND:
        return Outcome(requirement, Verdict.BY_HAND, f"Left to a person: {BY_HAND_THERE[name]}", [])
    if name in NOT_THERE:
        return Outcome(requirement, Verdict.NOT_RUN, ON_DEMAND.format(what=NOT_THERE[name]), [])
    try:
        proof = JUDGES[name](seen)
    except NotSeen as missing:
        return Outcome(requirement, Verdict.NOT_RUN, str(missing), [])
    except NotMet as missing:
        return Outcome(requirement, Verdict.FAILED, str(missing), seen.calls()[-12:])
    except Exception as problem:  # noqa: BLE001 - one judge's defect is one requirement's
        return Outcome(requirement, Verdict.FAILED, f"Judging crashed: {type(problem).__name__}: {problem}.", [])
    return Outcome(requirement, Verdict.PROVED, proof.sentence, masks.without_secrets(proof.evidence))
