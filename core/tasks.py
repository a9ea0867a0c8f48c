"""What Celery runs. The broker only hurries: every task finds its work in the database, and may run twice."""

import time

from celery import shared_task
from django.utils import timezone

from core.india import day_in_india
from core.services import books, idempotency, log_ins, rent, retention
from core.services.reconciliation import AT_ONCE, ORDERS, REFUNDS, Tally, do_due, process_webhooks

WORK = {"refunds": REFUNDS, "orders": ORDERS}
WATCH_FOR = 0.95  # seconds; then beat's next tick goes on
LOOK_EVERY = 0.1
DRAIN_FOR = 0.3  # seconds; then the next tick finds a thread that is free
MOST_DRAINS = 5  # called for at each look; more only lie in the queue, where each costs a millisecond


@shared_task
def tick() -> None:
    """For one second read webhooks as they come, and check what becomes due, on time to a tenth of a second."""
    ends = time.monotonic() + WATCH_FOR
    while True:
        looked = time.monotonic()
        process_webhooks()
        for name, work in WORK.items():
            if due := work.rows().due(timezone.now())[: MOST_DRAINS * AT_ONCE].count():
                for _ in range(due // AT_ONCE):  # others help with what is more than we do ourselves at once
                    drain.apply_async((name,), expires=2 * LOOK_EVERY)
                do_due(work, Tally(), seconds=LOOK_EVERY)
        if looked + LOOK_EVERY >= ends:
            return
        time.sleep(max(0.0, looked + LOOK_EVERY - time.monotonic()))


@shared_task
def drain(name: str) -> None:
    """Check what is due, beside others that do the same."""
    do_due(WORK[name], Tally(), seconds=DRAIN_FOR)


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


@shared_task
def forget_log_ins() -> int:
    """Delete tokens and sessions that have expired."""
    return log_ins.forget_expired(now=timezone.now())


@shared_task
def archive_webhooks() -> int:
    """Move old webhook bodies to WEBHOOK_ARCHIVE, if it is set."""
    return retention.archive_if_wanted(now=timezone.now())
