"""The tick: read what came, then ask PhonePe about what is due. The schedule is in the database.

Any number of beats, workers and commands may tick at once, see `claims`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog
from django.utils import timezone

from core.models import Alert, Cause, PaymentTransaction, Refund
from core.models.reconciled import ReconciledQuerySet
from core.services import orders, refunds, webhooks
from core.services.claims import Ticket, Told, claim, may_still_ask

logger = structlog.get_logger(__name__)

AT_ONCE = 10  # rows claimed together; asked about one after the other, within the claim's lease
WEBHOOKS_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Work:
    """A kind of row that PhonePe is asked about, the most urgent kinds first, and how one is checked."""

    urgent: tuple[Callable[[], ReconciledQuerySet], ...]
    check: Callable[..., Told]

    def claim_due(self, *, due_by: datetime, limit: int, cause: Cause = Cause.CLOCK) -> list[Ticket[Any]]:
        """Claim rows that are due, the longest waiting first."""
        tickets: list[Ticket[Any]] = []
        for rows in self.urgent:
            if len(tickets) < limit:
                tickets += claim(rows().due(due_by), limit - len(tickets), cause)
        return tickets

    def claim_unsettled(self, *, after: int) -> list[Ticket[Any]]:
        """Claim rows that are not settled, due or not, unless PhonePe was asked about them just now."""
        rows = self.urgent[-1]().rested(timezone.now()).unsettled().filter(pk__gt=after).order_by("pk")
        return claim(rows, AT_ONCE, Cause.COMMAND)


ORDERS = Work((PaymentTransaction.objects.all,), orders.ask)
REFUNDS = Work((lambda: Refund.objects.filter(sent_at__isnull=True), Refund.objects.all), refunds.check)


@dataclass(slots=True)
class Tally:
    """What a run did, for the command's summary."""

    webhooks: int = 0
    asked: int = 0
    final: int = 0
    pending: int = 0
    not_found: int = 0
    unanswered: int = 0
    failed: int = 0
    alerts: int = 0
    unanswered_ids: list[str] = field(default_factory=list)

    def add(self, told: Told, name: str) -> None:
        if told == Told.NOT_ASKED:
            return
        self.asked += 1
        setattr(self, told.value, getattr(self, told.value) + 1)
        if told == Told.UNANSWERED:
            self.unanswered_ids.append(name)


def tick() -> None:
    """Do all that is due now, in this process."""
    process_webhooks()
    for work in (ORDERS, REFUNDS):
        do_due(work, Tally())


def process_webhooks() -> int:
    return webhooks.process_waiting(now=timezone.now(), limit=WEBHOOKS_AT_ONCE)


def do_due(work: Work, tally: Tally, *, cause: Cause = Cause.CLOCK) -> None:
    """Check every row that is due at this moment."""
    started = timezone.now()
    while tickets := work.claim_due(due_by=started, limit=AT_ONCE, cause=cause):
        check(work, tickets, tally)


def do_all(work: Work, tally: Tally) -> None:
    """Check every row that is not settled, due or not."""
    done = 0
    while tickets := work.claim_unsettled(after=done):
        check(work, tickets, tally)
        done = tickets[-1].row.pk


def run(work: Work, *, everything: bool) -> Tally:
    """Do what an operator's command does: read webhooks, check rows, and say what came of it."""
    tally, started = Tally(), timezone.now()
    tally.webhooks = process_webhooks()
    if everything:
        do_all(work, tally)
    else:
        do_due(work, tally, cause=Cause.COMMAND)
    tally.alerts = Alert.objects.filter(raised_at__gte=started).count()
    return tally


def check(work: Work, tickets: list[Ticket[Any]], tally: Tally) -> None:
    """Check claimed rows; the worst of them does not stop the rest."""
    for ticket in tickets:
        now = timezone.now()
        if ticket.has_lapsed(now) or not may_still_ask(ticket, now=now):
            continue  # while the others were asked about: the row comes up again
        try:
            tally.add(work.check(ticket, now=now), str(ticket.row))
        except Exception:
            # A defect of ours: the claim lapses and the row comes up again.
            logger.exception("check_failed", row=str(ticket.row))
            tally.failed += 1
