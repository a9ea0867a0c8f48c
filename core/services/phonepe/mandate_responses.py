"""PhonePe's answers about mandates and debits in our words. Sources: the AutoPay pages of its documentation."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog

from core.models.mandates import NOTICE, MandateState
from core.services.phonepe.errors import PhonePeOutcomeUnknown
from core.services.phonepe.fields import instant, mappings, storable, text
from core.services.phonepe.responses import LONGEST_ID, Checkout, state_for

logger = structlog.get_logger(__name__)
A_MOMENT = timedelta(minutes=1)  # by which PhonePe's clock may be ahead of ours


@dataclass(frozen=True, slots=True)
class MandateStatus:
    """What PhonePe says about a mandate.

    :ivar state: one of MandateState, or the word as it came if we do not know it: that decides nothing
    """

    state: str
    subscription_id: str
    raw: Mapping[str, Any] = field(repr=False)

    @property
    def known_state(self) -> MandateState | None:
        return MandateState(self.state) if self.state in MandateState.values else None


@dataclass(frozen=True, slots=True)
class DebitAnswer:
    """What PhonePe answers to a notice, or to the order to execute a debit."""

    order_id: str
    state: str


def read_setup(answer: Any, *, is_intent: bool) -> Checkout:
    """:raises PhonePeOutcomeUnknown: if the answer names no order, or no link for the UPI app that is to be opened"""
    order_id, link = text(answer, "orderId"), text(answer, "intentUrl")
    if not order_id or len(order_id) > LONGEST_ID or (is_intent and not link):
        raise PhonePeOutcomeUnknown("PhonePe's answer names no order, or no way to approve the mandate")
    return Checkout(order_id, state_for(text(answer, "state")), instant(answer, "expireAt"), link)


def read_mandate_status(merchant_subscription_id: str, answer: Any) -> MandateStatus:
    """:raises PhonePeOutcomeUnknown: if the answer has no state, or is about another mandate"""
    told, state = text(answer, "merchantSubscriptionId"), text(answer, "state")
    if not state or (told and told != merchant_subscription_id):
        raise PhonePeOutcomeUnknown("PhonePe's answer is not about this mandate")
    if state not in MandateState.values:
        logger.warning("phonepe_state_unknown", state=state[:32])
    return MandateStatus(state[:32], text(answer, "subscriptionId")[:LONGEST_ID], storable(answer))


def read_debit_answer(answer: Any) -> DebitAnswer:
    """:raises PhonePeOutcomeUnknown: if the answer has no state"""
    state = text(answer, "state")
    if not state:
        raise PhonePeOutcomeUnknown("PhonePe's answer tells no state")
    return DebitAnswer(text(answer, "orderId")[:LONGEST_ID], state[:32])


def valid_after(answer: Any, *, now: datetime) -> datetime | None:
    """Return from when on a debit may be executed: a day after its payer was told, or None while that has not happened.

    :param answer: an order's status
    """
    flow = answer.get("paymentFlow") if isinstance(answer, Mapping) else None
    notified_at = instant(flow, "notifiedAt")
    if notified_at is None:
        if text(answer, "state") != "NOTIFIED":
            return None
        notified_at = now
    earliest = min(notified_at, now + A_MOMENT) + NOTICE
    told = instant(flow, "validAfter")
    return max(earliest, told) if told else earliest


def umn_in(answer: Any) -> str:
    """Return a mandate's name at the banks, most of it hidden; empty if the order's status has none."""
    for detail in mappings(answer, "paymentDetails"):
        for part in [detail, *mappings(detail, "splitInstruments")]:
            umn = text(part.get("rail"), "umn")
            name, _, bank = umn.partition("@")
            if bank:
                return f"{name[:4]}****@{bank}"[:64]
    return ""
