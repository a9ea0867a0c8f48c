"""One thing that happened, as the timeline shows it."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class EventKind(StrEnum):
    """What kind of trace an event was told from; of several at one moment, in this order."""

    OPERATOR = "operator"
    INITIATED = "initiated"
    WEBHOOK = "webhook"
    CALL = "call"
    ATTEMPT = "attempt"
    STATUS = "status"
    REFUND = "refund"
    LEDGER = "ledger"
    SETTLEMENT = "settlement"
    ALERT = "alert"
    NOTIFICATION = "notification"


ORDER = {kind: number for number, kind in enumerate(EventKind)}


@dataclass(frozen=True, slots=True)
class Event:
    """One event.

    :ivar at: in UTC
    :ivar text: one sentence
    :ivar cause: what made it happen, in one word
    :ivar detail: more facts, ready for JSON; amounts in paise
    """

    at: datetime
    kind: EventKind
    text: str
    cause: str = ""
    detail: dict[str, Any] = field(default_factory=dict)


def in_order(events: list[Event]) -> list[Event]:
    """Return events in order of time."""
    return sorted(events, key=lambda event: (event.at, ORDER[event.kind]))
