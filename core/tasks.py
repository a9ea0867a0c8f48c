"""What Celery runs. The broker only hurries: every task finds its work in the database, and may run twice."""

import time
from functools import partial

from celery import shared_task
from django.utils import timezone

from core.india import day_in_india
from core.services import audit, idempotency, watching
from core.services.notices.rent import remind
from core.services.operations import delivery, guessing, liveness, log_ins, outbox
from core.services.phonepe import call_record
from core.services.rent import charges
from core.services.settlements.importing import match_what_changed
from core.services.subscriptions import renewing
from core.services.webhooks import archive
from core.services.worker import (
    AT_ONCE,
    MANDATES,
    ORDERS,
    REFUNDS,
    REPORTED_REFUNDS,
    WEBHOOKS,
    Tally,
    Work,
    do_due,
    process_webhooks,
    recover,
    survives,
    what_waits,
)

WORK = {"refunds": REFUNDS, "orders": ORDERS, "reported refunds": REPORTED_REFUNDS}
WATCH_FOR = 0.95  # seconds; then beat's next tick goes on
LOOK_EVERY = 0.1
RENEW_FOR = 50.0  # seconds; the next run, a minute later, goes on
DRAIN_FOR = 0.3  # seconds; then the next tick finds a thread that is free
MOST_DRAINS = 5  # called for at each look; more only lie in the queue, where each costs a millisecond


@shared_task
def tick() -> None:
    """For one second read webhooks as they come, and check what becomes due, on time to a tenth of a second."""
    ends = time.monotonic() + WATCH_FOR
    survives("recovery", recover)
    liveness.note_tick(timezone.now())
    survives("watch", lambda: watching.look(now=timezone.now()))
    survives("notifications", delivery.deliver_beside)
    while True:
        looked = time.monotonic()
        if not _do_what_waits() or looked + LOOK_EVERY >= ends:
            return
        time.sleep(max(0.0, looked + LOOK_EVERY - time.monotonic()))


def _do_what_waits() -> bool:
    """Read webhooks, and check what is due, as far as there is any; tell whether all went well.

    Ten times a second there mostly is nothing: one statement says so. If it cannot, each is looked at by itself.
    """
    waiting: set[str] = set()
    went_well = survives("look", lambda: waiting.update(what_waits(timezone.now())))
    if WEBHOOKS in waiting or not went_well:
        went_well &= survives(WEBHOOKS, process_webhooks)
        went_well &= survives("look", lambda: waiting.update(what_waits(timezone.now())))  # they make rows due
    for name, work in WORK.items():
        if name in waiting or not went_well:
            went_well &= survives(name, partial(_check_due, name, work))
    return went_well


def _check_due(name: str, work: Work) -> None:
    """Check what is due, and call on other workers for what is more than this one checks at once."""
    if due := work.count_due(timezone.now(), MOST_DRAINS * AT_ONCE):
        survives("call for help", partial(_call_for_help, name, times=due // AT_ONCE))
        do_due(work, Tally(), seconds=LOOK_EVERY)


def _call_for_help(name: str, *, times: int) -> None:
    for _ in range(times):
        drain.apply_async((name,), expires=2 * LOOK_EVERY)


@shared_task
def drain(name: str) -> None:
    """Check what is due, beside others that do the same."""
    do_due(WORK[name], Tally(), seconds=DRAIN_FOR)


@shared_task
def raise_rent() -> int:
    """Charge this month's rent to every tenancy that has not been charged."""
    return charges.raise_charges(through=day_in_india(timezone.now())).new


@shared_task
def remind_of_rent() -> int:
    """Tell tenants of rent that is due in three days or overdue."""
    return remind(now=timezone.now())


@shared_task
def renew_subscriptions() -> int:
    """Do what is due for owners' subscriptions by their own times: debits first, for what is paid is not past due."""
    survives("mandates", _look_at_mandates)
    return renewing.renew_due(now=timezone.now()).looked_at


def _look_at_mandates() -> None:
    """Look at the mandates that are due, and call on other workers for what is more than one claim of them."""
    due = MANDATES.count_due(timezone.now(), (MOST_DRAINS + 1) * AT_ONCE)
    until = time.time() + RENEW_FOR
    for _ in range((due - 1) // AT_ONCE):
        survives("call for help", partial(look_at_mandates.apply_async, (until,), expires=RENEW_FOR))
    do_due(MANDATES, Tally(), seconds=RENEW_FOR)


@shared_task
def look_at_mandates(until: float) -> None:
    """Look at mandates beside others that do the same, a little at a time: ticks are to find a thread that is free.

    :param until: seconds since 1970; then the next run of `renew_subscriptions` calls for help again
    """
    tally = Tally()
    is_over = do_due(MANDATES, tally, seconds=DRAIN_FOR)
    if not is_over and tally.asked and time.time() < until:
        look_at_mandates.apply_async((until,), expires=RENEW_FOR)


@shared_task
def compare_settlements() -> int:
    """Compare settlements anew of whose differing lines more is known by now."""
    return match_what_changed(now=timezone.now())


@shared_task
def check_books() -> int:
    """Compare what is new in the ledger with everything else, and alert if they differ."""
    return len(audit.check_and_alert(now=timezone.now()))


@shared_task
def check_all_books() -> int:
    """Compare the whole ledger, and take nothing for proved."""
    return len(audit.check_and_alert(now=timezone.now(), everything=True))


@shared_task
def forget_idempotency_keys() -> int:
    return idempotency.forget_old(now=timezone.now())


@shared_task
def forget_log_ins() -> int:
    """Delete tokens and sessions that have expired, and guesses at passwords that count no more."""
    return log_ins.forget_expired(now=timezone.now()) + guessing.forget_old(now=timezone.now())


@shared_task
def forget_calls() -> int:
    """Delete the rows of calls to PhonePe that were kept long enough."""
    return call_record.forget_old(now=timezone.now())


@shared_task
def forget_messages() -> int:
    """Delete the messages to people that were kept long enough."""
    return outbox.forget_old(now=timezone.now())


@shared_task
def archive_webhooks() -> int:
    """Move old webhook bodies to WEBHOOK_ARCHIVE, if it is set."""
    return archive.archive_if_wanted(now=timezone.now())
