"""What Celery runs. The broker only hurries: every task finds its work in the database, and may run twice."""

from datetime import datetime

from celery import shared_task
from django.utils import timezone

from core.india import day_in_india
from core.models import Cause, PaymentTransaction
from core.services import idempotency, reconciliation, rent
from core.services.claims import Ticket

CLAIM_AT_ONCE = 200


@shared_task
def tick() -> None:
    """Read stored webhooks, then claim what is due and hand every order to a worker of its own."""
    reconciliation.process_webhooks()
    for ticket in reconciliation.claim_due(due_by=timezone.now(), limit=CLAIM_AT_ONCE):
        check_order.apply_async((ticket.row.pk, ticket.schedule), expires=ticket.schedule)


@shared_task
def check_order(pk: int, claim: datetime | str) -> None:
    """Ask PhonePe about one claimed order."""
    schedule = datetime.fromisoformat(claim) if isinstance(claim, str) else claim
    order = PaymentTransaction.objects.get(pk=pk)
    ticket = Ticket(order, Cause.CLOCK, schedule, keeps_time=True)
    reconciliation.check([ticket], reconciliation.Tally())


@shared_task
def raise_rent() -> int:
    """Charge this month's rent to every tenancy that has not been charged."""
    return rent.raise_charges(through=day_in_india(timezone.now()))


@shared_task
def forget_idempotency_keys() -> int:
    return idempotency.forget_old(now=timezone.now())
