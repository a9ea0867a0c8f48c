"""What a webhook says and what follows from it: one reader for each kind of event, found by its prefix.

A reader believes nothing about money. It names the row that PhonePe is to be asked about, and what a person has to
see; `processing` does the rest. A new kind of event is one more line in READERS.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from core.models import AlertKind, OrderState, PaymentTransaction, RefundState, SettlementState
from core.models.attempts import Attempt
from core.models.reconciled import Reconciled
from core.models.webhooks import WebhookOutcome
from core.money import rupees_for_people
from core.services.operations.alerts import NewAlert
from core.services.phonepe.fields import paise, text
from core.services.phonepe.responses import read_attempts
from core.services.refunds.dashboard import CAN_BE_ASKED
from core.services.webhooks.known_rows import KnownRows

NEEDS_A_PERSON = ("created", "action.required")  # disputes
NAMES = ("merchantOrderId", "merchantRefundId", "refundId", "orderId", "merchantSubscriptionId")
FINAL_REFUND_STATES = {RefundState.COMPLETED, RefundState.FAILED}


@dataclass(frozen=True, slots=True)
class Delivery:
    """A webhook's content: how PhonePe names the event, and what it says about it.

    :ivar name: the event's name as it was written
    """

    name: str
    payload: Any

    @classmethod
    def of(cls, content: Any) -> "Delivery":
        """Take a body apart. `type` is going away, but some samples have no `event`, and some no `payload`."""
        payload = content.get("payload") if isinstance(content, Mapping) else None
        name = text(content, "event") or text(content, "type")
        return cls(name[:64], payload if isinstance(payload, Mapping) else content)

    @property
    def event(self) -> str:
        """Return the event's name in one spelling: as `event` it is pg.refund.failed, as `type` PG_REFUND_FAILED."""
        return self.name.lower().replace("_", ".")

    def text(self, key: str) -> str:
        return text(self.payload, key)[:64]

    def paise(self, key: str) -> int | None:
        return paise(self.payload, key)

    def amount(self, key: str) -> str:
        told = self.paise(key)
        return "money" if told is None else rupees_for_people(told)


@dataclass(frozen=True, slots=True)
class Reading:
    """What follows from a delivery.

    :ivar merchant_order_id: the order of ours that it is about, if it is about one
    :ivar due: the row that PhonePe is to be asked about
    :ivar ended_dispute: what the alert about an open dispute is about, if the dispute has ended
    :ivar attempts: what it says of attempts to pay, each with the key of its order
    :ivar reported_refund: a refund that was not requested here, which PhonePe is to be asked about
    """

    outcome: WebhookOutcome
    merchant_order_id: str = ""
    due: Reconciled | None = None
    reported_refund: str = ""
    alert: NewAlert | None = None
    ended_dispute: str = ""
    attempts: tuple[tuple[int, Attempt], ...] = ()


Reader = Callable[[Delivery, KnownRows], Reading]


def read(delivery: Delivery, known: KnownRows) -> Reading:
    """Let the reader of its event read a delivery."""
    return next(reader for prefix, reader in READERS.items() if delivery.event.startswith(prefix))(delivery, known)


def read_refund(delivery: Delivery, known: KnownRows) -> Reading:
    refund = known.refund(delivery.payload)
    if refund is None:
        return _refund_made_elsewhere(delivery, known)
    order_id = refund.transaction.merchant_order_id
    if refund.is_in_flight:
        return Reading(WebhookOutcome.ASKED, order_id, due=refund)
    alert = None
    if delivery.text("state") in FINAL_REFUND_STATES - {refund.state}:
        sentence = f"The webhook {delivery.name} says otherwise than our books, where this refund is {refund.state}."
        alert = NewAlert(AlertKind.CONTRADICTION, refund.merchant_refund_id, sentence)
    outcome = WebhookOutcome.CONTRADICTS if alert else WebhookOutcome.SETTLED
    return Reading(outcome, order_id, due=None if refund.awaits_approval else refund, alert=alert)


def _refund_made_elsewhere(delivery: Delivery, known: KnownRows) -> Reading:
    """Have PhonePe asked about a refund that was not requested here. It can be asked by the merchant's id alone."""
    name, reported = delivery.text("merchantRefundId"), known.reported_refund(delivery.payload)
    order = known.refunded_order(delivery.payload)
    order_id = order.merchant_order_id if order is not None else ""
    if reported is not None:
        return Reading(WebhookOutcome.ASKED, order_id, due=reported)
    if CAN_BE_ASKED.fullmatch(name):
        return Reading(WebhookOutcome.ASKED, order_id, reported_refund=name)
    return _about_nothing_we_know(delivery)


def read_order(delivery: Delivery, known: KnownRows) -> Reading:
    order = known.order(delivery.payload)
    if order is None:
        return _about_nothing_we_know(delivery)
    attempts = tuple((order.pk, attempt) for attempt in read_attempts(delivery.payload))
    return replace(_read_known_order(delivery, order), attempts=attempts)


def _read_known_order(delivery: Delivery, order: PaymentTransaction) -> Reading:
    """Have PhonePe asked, unless it says what our books say: also about one that an operator decides about."""
    if order.state != OrderState.COMPLETED:
        return Reading(WebhookOutcome.ASKED, order.merchant_order_id, due=order)
    if not delivery.event.startswith("checkout.order.") or _agrees(delivery, order):
        return Reading(WebhookOutcome.SETTLED, order.merchant_order_id)
    sentence = f"The webhook {delivery.name} says otherwise than our books, where this order is paid."
    alert = NewAlert(AlertKind.CONTRADICTION, order.merchant_order_id, sentence)
    return Reading(WebhookOutcome.CONTRADICTS, order.merchant_order_id, due=order, alert=alert)


def _agrees(delivery: Delivery, paid: PaymentTransaction) -> bool:
    return delivery.text("state") == OrderState.COMPLETED and delivery.paise("amount") in (None, paid.captured_paise)


def read_mandate(delivery: Delivery, known: KnownRows) -> Reading:
    """Read an event of AutoPay: about an order, of a setup or a debit, or about the mandate itself."""
    if delivery.text("merchantOrderId"):
        return read_order(delivery, known)
    mandate = known.mandate(delivery.payload)
    if mandate is None:
        return _about_nothing_we_know(delivery)
    return Reading(WebhookOutcome.ASKED, due=mandate)


def read_settlement(delivery: Delivery, known: KnownRows) -> Reading:
    """Show a failed payout to a person. Only the settlement's report moves money in the books."""
    settlement_id, state = delivery.text("settlementId"), delivery.text("state")
    settlement = known.settlement(delivery.payload)
    has_it_said = settlement is not None and settlement.state == state
    outcome, alert = WebhookOutcome.SETTLED if has_it_said else WebhookOutcome.NOTED, None
    if state == SettlementState.ATTEMPT_FAILED and settlement_id:
        why = delivery.text("lastAttemptErrorDescription") or delivery.text("lastAttemptErrorCode")
        sentence = f"PhonePe could not pay out {delivery.amount('amount')}: {why or 'no reason given'}"
        alert = NewAlert(AlertKind.SETTLEMENT_FAILED, settlement_id, sentence)
        if settlement is not None and settlement.is_paid_out:
            outcome = WebhookOutcome.CONTRADICTS
    return Reading(outcome, alert=alert)


def read_dispute(delivery: Delivery, known: KnownRows) -> Reading:
    """Show a dispute to a person. The settlement that takes the money back moves it in the books.

    Its alerts are about the order, if that is ours, so that they stand in its story.
    """
    order = known.order(delivery.payload)
    dispute, order_id = delivery.text("disputeId"), delivery.text("merchantOrderId")
    about = f"Dispute {dispute} about {delivery.amount('disputeAmount')} of order {order_id}"
    subject = (dispute or order_id) if order is None else order.merchant_order_id
    word, alert, ended = delivery.event.removeprefix("payment.dispute."), None, ""
    # A sample calls a lost dispute "under_review"; its status says more than its name.
    if word == "lost" or delivery.text("status") == "LOST":
        sentence = f"{about} is lost. The books follow with the settlement that takes the money."
        alert, ended = NewAlert(AlertKind.DISPUTE_LOST, subject, sentence), subject
    elif word in NEEDS_A_PERSON:
        sentence = f"{about}. Answer it on PhonePe's dashboard in time."
        alert = NewAlert(AlertKind.DISPUTE, subject, sentence)
    elif word == "won":
        ended = subject
    if order is None:
        return Reading(WebhookOutcome.UNKNOWN, alert=alert, ended_dispute=ended)
    return Reading(WebhookOutcome.NOTED, order.merchant_order_id, alert=alert, ended_dispute=ended)


def read_by_ids(delivery: Delivery, known: KnownRows) -> Reading:
    """Read an order's event, and one of which we know no more than the ids in it: whatever it says, ask."""
    return (read_order if known.refund(delivery.payload) is None else read_refund)(delivery, known)


# The first prefix that fits decides.
READERS: dict[str, Reader] = {
    "pg.refund.": read_refund,
    "subscription.": read_mandate,
    "settlement.": read_settlement,
    "payment.dispute.": read_dispute,
    "": read_by_ids,
}


def _about_nothing_we_know(delivery: Delivery) -> Reading:
    names = (delivery.text(key) for key in NAMES)
    about = next(filter(None, names), "")
    if not about:
        return Reading(WebhookOutcome.IGNORED)
    sentence = f"The webhook {delivery.name} is about something that is not in our books. Money may have moved."
    return Reading(WebhookOutcome.UNKNOWN, alert=NewAlert(AlertKind.UNKNOWN_WEBHOOK, about, sentence))
