"""The tick: read what came, then ask PhonePe about what is due. The schedule is in the database.

Any number of beats, workers and commands may tick at once, see `claims`.
"""

from dataclasses import dataclass, field
from datetime import datetime

import structlog
from django.utils import timezone

from core.models import Alert, Cause, PaymentTransaction
from core.services import webhooks
from core.services.claims import Ticket, claim
from core.services.orders import Told, ask

logger = structlog.get_logger(__name__)

AT_ONCE = 10  # orders claimed together; asked about one after the other, within the claim's lease
WEBHOOKS_AT_ONCE = 200
OrderTicket = Ticket[PaymentTransaction]


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
    unanswered_orders: list[str] = field(default_factory=list)

    def add(self, told: Told, merchant_order_id: str) -> None:
        self.asked += 1
        setattr(self, told.value, getattr(self, told.value) + 1)
        if told == Told.UNANSWERED:
            self.unanswered_orders.append(merchant_order_id)


def tick(*, limit: int = AT_ONCE, cause: Cause = Cause.CLOCK) -> Tally:
    """Do all that is due now, in this process."""
    tally, started = Tally(), timezone.now()
    tally.webhooks = process_webhooks()
    while tickets := claim_due(due_by=started, limit=limit, cause=cause):
        check(tickets, tally)
    tally.alerts = Alert.objects.filter(raised_at__gte=started).count()
    return tally


def ask_about_everything() -> Tally:
    """Ask about every order that is not settled, due or not, unless it was asked just now."""
    tally, started = Tally(), timezone.now()
    tally.webhooks = process_webhooks()
    done = 0
    while tickets := _claim_unsettled(after=done):
        check(tickets, tally)
        done = tickets[-1].row.pk
    tally.alerts = Alert.objects.filter(raised_at__gte=started).count()
    return tally


def process_webhooks() -> int:
    return webhooks.process_waiting(now=timezone.now(), limit=WEBHOOKS_AT_ONCE)


def claim_due(*, due_by: datetime, limit: int, cause: Cause = Cause.CLOCK) -> list[OrderTicket]:
    """Claim orders that are due, the longest waiting first."""
    return claim(PaymentTransaction.objects.due(due_by), limit, cause)


def _claim_unsettled(*, after: int) -> list[OrderTicket]:
    orders = PaymentTransaction.objects.rested(timezone.now()).unsettled().filter(pk__gt=after).order_by("pk")
    return claim(orders, AT_ONCE, Cause.COMMAND)


def check(tickets: list[OrderTicket], tally: Tally) -> None:
    """Ask PhonePe about claimed orders; the worst of them does not stop the rest."""
    for ticket in tickets:
        now = timezone.now()
        if ticket.has_lapsed(now):
            continue  # the claim has lapsed while the others were asked about: the order comes up again
        try:
            tally.add(ask(ticket, now=now), ticket.row.merchant_order_id)
        except Exception:
            # A defect of ours: the claim lapses and the order comes up again.
            logger.exception("check_failed", order=ticket.row.merchant_order_id)
            tally.failed += 1
