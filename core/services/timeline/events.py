"""One thing that happened, as the timeline shows it, and the story that such things make."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
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


@dataclass(frozen=True, slots=True)
class Story:
    """A subject, its events in order of time, and what can be done.

    :ivar subject: its id and facts, ready for JSON
    :ivar next_steps: sentences, each one thing that can be done or that will happen by itself
    """

    subject: dict[str, Any]
    events: list[Event]
    next_steps: list[str]

    def as_json(self) -> dict[str, Any]:
        """Return it as `explain --json` prints it; times in UTC."""
        return {
            "subject": {**self.subject, "next": self.next_steps},
            "events": [
                {"at": written(event.at), "kind": str(event.kind), "text": event.text, "cause": event.cause,
                 "detail": event.detail}
                for event in self.events
            ],
        }  # fmt: skip


def written(moment: datetime) -> str:
    """Return a moment as 2026-11-27T10:15:00.123Z."""
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"
