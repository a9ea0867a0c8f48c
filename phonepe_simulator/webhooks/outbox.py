"""Which webhooks are waiting to be sent, which were sent, and when one is sent again."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count

from phonepe_simulator.recent_log import RecentLog
from phonepe_simulator.webhooks.delivery import WebhookDelivery

# Enough for any test; a simulator that serves for weeks must not grow without limit.
KEPT_DELIVERIES = 50_000


@dataclass(slots=True)
class QueuedDelivery:
    delivery: WebhookDelivery
    due_at: datetime
    # Breaks ties between deliveries that are due at the same instant.
    sequence: int
    is_retried: bool = True
    # True while it is held back until the next webhook has overtaken it.
    is_held: bool = False


@dataclass(slots=True)
class Outbox:
    """Deliveries in the order in which they are due."""

    waiting: list[QueuedDelivery] = field(default_factory=list)
    sent: RecentLog[WebhookDelivery] = field(default_factory=lambda: RecentLog(KEPT_DELIVERIES))
    _sequence: Iterator[int] = field(default_factory=count)

    def add(
        self, delivery: WebhookDelivery, due_at: datetime, *, is_retried: bool = True, is_held: bool = False
    ) -> None:
        """Queue a delivery. One that is held leaves right after the next one that is queued, or when it is due."""
        held = [each for each in self.waiting if each.is_held]
        queued = QueuedDelivery(delivery, due_at, next(self._sequence), is_retried=is_retried, is_held=is_held)
        self.waiting.append(queued)
        for each in held:
            each.due_at, each.sequence, each.is_held = due_at, next(self._sequence), False

    def next_due(self) -> datetime | None:
        return min((each.due_at for each in self.waiting), default=None)

    def take_due(self, now: datetime) -> list[QueuedDelivery]:
        due = [each for each in self.waiting if each.due_at <= now]
        if due:
            self.waiting = [each for each in self.waiting if each.due_at > now]
        return sorted(due, key=lambda each: (each.due_at, each.sequence))

    def record_answer(
        self, queued: QueuedDelivery, answered: int | None, *, now: datetime, retry_delays: tuple[float, ...]
    ) -> WebhookDelivery:
        """Record how a delivery was answered, and queue it again if the merchant did not accept it."""
        done = replace(queued.delivery, at=now, answered=answered)
        self.sent.append(done)
        is_accepted = answered is not None and 200 <= answered < 300
        if not is_accepted and queued.is_retried and done.attempt <= len(retry_delays):
            due_at = now + timedelta(seconds=retry_delays[done.attempt - 1])
            again = replace(queued.delivery, attempt=done.attempt + 1)
            self.waiting.append(QueuedDelivery(again, due_at, next(self._sequence)))
        return done
