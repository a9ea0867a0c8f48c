"""Hear what PhonePe tells about settlements and disputes: kept, shown to a person, and never posted.

A webhook alone moves no money. The settlement's report does, the chargeback of a lost dispute included.
"""

from datetime import datetime
from typing import Any

from core.models import AlertKind, Outcome, PaymentTransaction, Settlement, SettlementState, WebhookEvent
from core.money import rupees_for_people
from core.services.alerts import alert
from core.services.phonepe_reports import paise, text

NEEDS_A_PERSON = ("created", "action_required")


def hear(event: WebhookEvent, payload: Any, *, now: datetime) -> Outcome | None:
    """Return what became of the delivery, None if it is about something else."""
    if event.event.startswith("settlement."):
        return _hear_settlement(payload, now=now)
    if event.event.startswith("payment.dispute."):
        return _hear_dispute(event, payload, now=now)
    return None


def _hear_settlement(payload: Any, *, now: datetime) -> Outcome:
    settlement_id, state = text(payload, "settlementId")[:64], text(payload, "state")
    known = Settlement.objects.filter(settlement_id=settlement_id).first()
    if state == SettlementState.ATTEMPT_FAILED and settlement_id:
        why = text(payload, "lastAttemptErrorDescription") or text(payload, "lastAttemptErrorCode") or "no reason given"
        sentence = f"PhonePe could not pay out {_amount(payload, 'amount')}: {why[:200]}"
        alert(AlertKind.SETTLEMENT_FAILED, settlement_id, sentence, now=now)
        if known is not None and known.is_paid_out:
            return Outcome.CONTRADICTS
    return Outcome.SETTLED if known is not None and known.state == state else Outcome.NOTED


def _hear_dispute(event: WebhookEvent, payload: Any, *, now: datetime) -> Outcome:
    order = PaymentTransaction.objects.filter(merchant_order_id=text(payload, "merchantOrderId")[:64]).first()
    event.merchant_order_id = order.merchant_order_id if order else ""
    word, dispute = event.event.removeprefix("payment.dispute."), text(payload, "disputeId")[:64]
    told = (
        f"Dispute {dispute} about {_amount(payload, 'disputeAmount')} of order {text(payload, 'merchantOrderId')[:64]}"
    )
    subject = dispute or text(payload, "merchantOrderId")[:64]
    # A sample calls a lost dispute "under_review"; its status says more than its name.
    if word == "lost" or text(payload, "status") == "LOST":
        sentence = f"{told} is lost. The books follow with the settlement that takes the money."
        alert(AlertKind.DISPUTE_LOST, subject, sentence, now=now)
    elif word in NEEDS_A_PERSON:
        alert(AlertKind.DISPUTE, subject, f"{told}. Answer it on PhonePe's dashboard in time.", now=now)
    return Outcome.NOTED if order else Outcome.UNKNOWN


def _amount(payload: Any, key: str) -> str:
    told = paise(payload, key)
    return "money" if told is None else rupees_for_people(told)
