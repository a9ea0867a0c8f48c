"""The tick: read what came, then ask PhonePe about what is due. The schedule is in the database.

Any number of beats, workers and commands may tick at once: a due row is claimed by one of them, by moving
its `next_check_at` behind the longest a call can take. A claim whose worker died lapses by itself.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from core.models import Alert, Cause, PaymentTransaction
from core.models.orders import ASK_AT_MOST_EVERY, OrderQuerySet
from core.services import webhooks
from core.services.orders import Ticket, Told, ask

logger = structlog.get_logger(__name__)

CLAIM_BEYOND_CALL = timedelta(seconds=5)
AT_ONCE = 10  # orders claimed together; asked about one after the other, within the claim's lease
WEBHOOKS_AT_ONCE = 200


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
    while tickets := _claim(_rested().unsettled().filter(pk__gt=done).order_by("pk"), AT_ONCE, Cause.COMMAND):
        check(tickets, tally)
        done = tickets[-1].order.pk
    tally.alerts = Alert.objects.filter(raised_at__gte=started).count()
    return tally


def process_webhooks() -> int:
    return webhooks.process_waiting(now=timezone.now(), limit=WEBHOOKS_AT_ONCE)


def claim_due(*, due_by: datetime, limit: int, cause: Cause = Cause.CLOCK) -> list[Ticket]:
    """Claim orders that are due, the longest waiting first."""
    return _claim(PaymentTransaction.objects.due(due_by), limit, cause)


def check(tickets: list[Ticket], tally: Tally) -> None:
    """Ask PhonePe about claimed orders; the worst of them does not stop the rest."""
    for ticket in tickets:
        now = timezone.now()
        if ticket.schedule is not None and now >= ticket.schedule:
            continue  # the claim has lapsed while the others were asked about: the order comes up again
        try:
            tally.add(ask(ticket, now=now), ticket.order.merchant_order_id)
        except Exception:
            # A defect of ours: the claim lapses and the order comes up again.
            logger.exception("check_failed", order=ticket.order.merchant_order_id)
            tally.failed += 1


def _rested() -> OrderQuerySet:
    just_now = timezone.now() - ASK_AT_MOST_EVERY
    return PaymentTransaction.objects.filter(Q(asked_at__isnull=True) | Q(asked_at__lte=just_now))


def _claim(rows: OrderQuerySet, limit: int, cause: Cause) -> list[Ticket]:
    now = timezone.now()
    lapses_at = now + timedelta(seconds=settings.PHONEPE_TIMEOUT) + CLAIM_BEYOND_CALL
    skip = connection.features.has_select_for_update_skip_locked
    with transaction.atomic():
        orders = list(rows.select_for_update(skip_locked=skip)[:limit])
        claimed = PaymentTransaction.objects.filter(pk__in=[order.pk for order in orders])
        claimed.update(next_check_at=lapses_at, asked_at=now)
    return [Ticket(order, cause, lapses_at, keeps_time=True) for order in orders]
