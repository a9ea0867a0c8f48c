"""The tick: read what came, then ask PhonePe about what is due. The schedule is in the database.

Any number of beats, workers and commands may tick at once, see `claims`. How fast they may ask, see `pace`.
"""

import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.utils import timezone

from core.models import Alert, Cause, PaymentTransaction, Refund
from core.models.reconciled import ReconciledQuerySet
from core.services import orders, refunds, webhooks
from core.services.claims import Ticket, Told, claim, give_back, may_still_ask
from core.services.pace import pace
from core.services.pending_answers import PendingAnswers

logger = structlog.get_logger(__name__)

AT_ONCE = 10  # rows claimed together at first, and at most so many times MORE_AT_ONCE
MORE_AT_ONCE = 4
WORTH = 0.4  # seconds of asking that are claimed together; what is asked last may be late by so much
OLDEST_FIRST = 5  # every so many claims the longest waiting rows come first, whatever is more urgent
FRESH = timedelta(minutes=5)  # a payer waits for such an order, and the timetable is dense
WEBHOOKS_AT_ONCE = 200
LOOK_AGAIN = 0.1  # seconds, while there is no permit


@dataclass(frozen=True, slots=True)
class Work:
    """A kind of row that PhonePe is asked about, the most urgent kinds first, and how one is checked.

    :ivar part: of the calls of a second, how many may be for this work; the rest is kept for what comes after it
    """

    urgent: tuple[Callable[[], ReconciledQuerySet], ...]
    check: Callable[..., Told]
    part: float = 1.0
    turns: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def rows(self) -> ReconciledQuerySet:
        return self.urgent[-1]()

    def claim_due(
        self,
        *,
        due_by: datetime,
        limit: int,
        cause: Cause = Cause.CLOCK,
        kinds: list[Callable[[], ReconciledQuerySet]] | None = None,
    ) -> list[Ticket[Any]]:
        """Claim rows that are due: urgent ones first, and among these the longest waiting.

        :param kinds: which kinds to look at; those of which nothing is left are taken out
        """
        kinds = list(self.urgent) if kinds is None else kinds
        tickets: list[Ticket[Any]] = []
        for rows in tuple(kinds if next(self.turns) % OLDEST_FIRST else kinds[-1:]):
            wanted = limit - len(tickets)
            found: list[Ticket[Any]] = claim(rows().due(due_by), wanted, cause) if wanted else []
            tickets += found
            if len(found) < wanted and rows is kinds[-1]:
                kinds.clear()  # the last kind is all of them
            elif len(found) < wanted:
                kinds.remove(rows)
        return tickets

    def claim_unsettled(self, *, after: int) -> list[Ticket[Any]]:
        """Claim rows that are not settled, due or not, unless PhonePe was asked about them just now."""
        rows = self.rows().rested(timezone.now()).unsettled().filter(pk__gt=after).order_by("pk")
        return claim(rows, AT_ONCE, Cause.COMMAND)


def _fresh_orders() -> ReconciledQuerySet:
    return PaymentTransaction.objects.filter(initiated_at__gt=timezone.now() - FRESH)


def _refunds_never_sent() -> ReconciledQuerySet:
    return Refund.objects.filter(sent_at__isnull=True)


ORDERS = Work((_fresh_orders, PaymentTransaction.objects.all), orders.ask, part=0.8)
REFUNDS = Work((_refunds_never_sent, Refund.objects.all), refunds.check)


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
    left: int = 0  # still due, because PhonePe does not answer
    unanswered_ids: list[str] = field(default_factory=list)

    def add(self, told: Told, name: str) -> None:
        if told == Told.NOT_ASKED:
            return
        self.asked += 1
        setattr(self, told.value, getattr(self, told.value) + 1)
        if told == Told.UNANSWERED:
            self.unanswered_ids.append(name)


def tick() -> None:
    """Do all that is due now, in this process, as far as PhonePe may be asked."""
    process_webhooks()
    for work in (ORDERS, REFUNDS):
        do_due(work, Tally())


def process_webhooks() -> int:
    return webhooks.process_waiting(now=timezone.now(), limit=WEBHOOKS_AT_ONCE)


def do_due(
    work: Work,
    tally: Tally,
    *,
    due_by: datetime | None = None,
    cause: Cause = Cause.CLOCK,
    seconds: float = float("inf"),
) -> bool:
    """Check the rows that are due, left out: at this moment; tell whether all of them were.

    Stops when there is no permit to ask, or after so many seconds.
    """
    due_by, ends, batch = due_by or timezone.now(), time.monotonic() + seconds, AT_ONCE
    kinds = list(work.urgent)
    while kinds and time.monotonic() < ends and (permits := pace().permits(batch, part=work.part)):
        tickets = work.claim_due(due_by=due_by, limit=permits, cause=cause, kinds=kinds)
        pace().give_back(permits - len(tickets))
        if tickets:
            began = time.monotonic()
            looked_at = check(work, tickets, tally)
            if looked_at < len(tickets):
                kinds = list(work.urgent)  # the rest is due again
            each = (time.monotonic() - began) / max(1, looked_at)
            batch = max(1, min(MORE_AT_ONCE * AT_ONCE, round(WORTH / max(each, 0.001))))
    return not kinds


def do_all(work: Work, tally: Tally) -> None:
    """Check every row that is not settled, due or not, whether PhonePe answers or not."""
    done = 0
    while tickets := work.claim_unsettled(after=done):
        pace().spend(len(tickets))
        if looked_at := check(work, tickets, tally):
            done = tickets[looked_at - 1].row.pk


def run(work: Work, *, everything: bool) -> Tally:
    """Do what an operator's command does: read webhooks, check rows, and say what came of it."""
    tally, started = Tally(), timezone.now()
    tally.webhooks = process_webhooks()
    if everything:
        do_all(work, tally)
    else:
        while not do_due(work, tally, due_by=started, cause=Cause.COMMAND) and not pace().breaker.is_open:
            time.sleep(LOOK_AGAIN)
        tally.left = work.rows().due(started).count()
    tally.alerts = Alert.objects.filter(raised_at__gte=started).count()
    return tally


def check(work: Work, tickets: list[Ticket[Any]], tally: Tally) -> int:
    """Check claimed rows; the worst of them does not stop the rest.

    What its claim leaves no time for, because PhonePe took long for those before it, is given back; return how many
    were not.
    """
    with PendingAnswers() as pending:
        for number, ticket in enumerate(tickets):
            now = timezone.now()
            if not ticket.outlasts_a_call(now):
                give_back(tickets[number:])
                return number
            if not may_still_ask(ticket, now=now):
                continue  # somebody else has minded it since; if need be it comes up again
            try:
                tally.add(work.check(ticket, now=now, pending=pending), str(ticket.row))
            except Exception:
                # A defect of ours: the claim lapses and the row comes up again.
                logger.exception("check_failed", row=str(ticket.row))
                tally.failed += 1
    return len(tickets)
