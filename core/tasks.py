"""What Celery runs. The broker only hurries: every task finds its work in the database, and may run twice."""

from datetime import datetime

from celery import shared_task
from django.utils import timezone

from core.india import day_in_india
from core.models import Cause
from core.services import books, idempotency, rent
from core.services.claims import Ticket
from core.services.reconciliation import ORDERS, REFUNDS, Tally, check, process_webhooks

CLAIM_AT_ONCE = 200
WORK = {"order": ORDERS, "refund": REFUNDS}


@shared_task
def tick() -> None:
    """Read stored webhooks, then claim what is due and hand every row to a worker of its own."""
    process_webhooks()
    for name, work in WORK.items():
        for ticket in work.claim_due(due_by=timezone.now(), limit=CLAIM_AT_ONCE):
            check_row.apply_async((name, ticket.row.pk, ticket.schedule), expires=ticket.schedule)


@shared_task
def check_row(name: str, pk: int, claim: datetime | str) -> None:
    """Ask PhonePe about one claimed row."""
    work = WORK[name]
    schedule = datetime.fromisoformat(claim) if isinstance(claim, str) else claim
    ticket = Ticket(work.urgent[-1]().get(pk=pk), Cause.CLOCK, schedule, keeps_time=True)
    check(work, [ticket], Tally())


@shared_task
def raise_rent() -> int:
    """Charge this month's rent to every tenancy that has not been charged."""
    return rent.raise_charges(through=day_in_india(timezone.now()))


@shared_task
def check_books() -> int:
    """Compare the ledger with everything else, and alert if they differ."""
    return len(books.check_and_alert(now=timezone.now()))


@shared_task
def forget_idempotency_keys() -> int:
    return idempotency.forget_old(now=timezone.now())
