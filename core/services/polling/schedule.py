"""When PhonePe is asked about an order or a refund. Offsets are seconds since it was initiated.

Source: "Reconciliation" in PhonePe's sign-off checklist, mandatory while an order is pending. After
`expire_at` the checklist is silent: a closing check, then ever more slowly until there is a final word.
"""

from bisect import bisect_right
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import accumulate, chain, repeat, starmap, takewhile
from random import uniform

from core.models.mandates import Mandate
from core.models.orders import Flow, PaymentTransaction
from core.models.reconciled import ASK_AT_MOST_EVERY, Reconciled

FIRST_CHECK = 20
WINDOWS = ((3, 10), (6, 10), (10, 6), (30, 2))  # every so many seconds, so many times
LAST_STEP = 60
CLOSING_CHECK = 5  # seconds after expiry, because the last poll can miss the final change
NEVER_REACHED_AFTER = timedelta(seconds=60)  # after expiry; then PhonePe cannot have the order any more
LAST_LOOK_AFTER = timedelta(hours=24)
SILENT_AFTER = timedelta(minutes=5)  # after expiry
AFTER_EXPIRY = (CLOSING_CHECK, 60, 300, 900, 3600, 3 * 3600, 6 * 3600, 12 * 3600)
SLOW_STEP = 24 * 3600
FURTHEST_AHEAD = timedelta(seconds=SLOW_STEP) + timedelta(hours=1)  # no check is put off for longer than a slow step
LONGEST_BACKOFF = 300
TICK_MAY_BE_LATE = timedelta(seconds=1)

# A debit waits for days, first for its notice and then for the banks: seldom, because webhooks tell of what happens.
DEBIT_OFFSETS = (20, 60, 300, 900, 3600, 4 * 3600, 12 * 3600)
# While PhonePe does not answer about a mandate; with an answer it is looked at when something is due.
MANDATE_OFFSETS = (60, 300, 900, 3600)

# PhonePe leaves the pace of refunds to the merchant: live ones take 5 to 7 working days.
REFUND_OFFSETS = (30, 60, 120, 300, 600, 1800, *range(3600, 86401, 3600), *range(108000, 864001, 21600))
REFUND_SILENT_AFTER = timedelta(days=10)
# When a surplus refund that failed is tried again: what a bank could not do, it can seldom do a minute later.
REFUND_RETRY_AFTER = timedelta(hours=4)


@lru_cache(maxsize=64)
def mandatory_offsets(expire_after: int) -> tuple[int, ...]:
    """Return the checklist's polls for an order that lives so many seconds."""
    steps = chain(*starmap(repeat, WINDOWS), repeat(LAST_STEP))
    return tuple(takewhile(lambda offset: offset < expire_after, accumulate(steps, initial=FIRST_CHECK)))


@lru_cache(maxsize=64)
def _order_offsets(expire_after: int) -> tuple[int, ...]:
    return mandatory_offsets(expire_after) + tuple(expire_after + late for late in AFTER_EXPIRY)


def first_check(order: PaymentTransaction) -> datetime:
    return order.initiated_at + timedelta(seconds=FIRST_CHECK)


def next_check(row: Reconciled, *, after: datetime) -> datetime:
    """Return the first moment of a row's schedule later than `after`; missed ones are skipped."""
    elapsed = (after - row.initiated_at).total_seconds()
    offsets = offsets_of(row)
    if elapsed < 0:  # a machine whose clock is ahead initiated it, and nobody knows when
        return after + timedelta(seconds=offsets[0])
    index = bisect_right(offsets, elapsed)
    if index < len(offsets):
        return row.initiated_at + timedelta(seconds=offsets[index])
    days = int((elapsed - offsets[-1]) // SLOW_STEP) + 1
    return row.initiated_at + timedelta(seconds=offsets[-1] + days * SLOW_STEP)


def check_after_answer(row: Reconciled, *, now: datetime) -> datetime:
    """Return when to ask again after the clock's check; what a late check comes too close to, it serves too."""
    return next_check(row, after=now + ASK_AT_MOST_EVERY - TICK_MAY_BE_LATE - timedelta(microseconds=1))


def offsets_of(row: Reconciled) -> tuple[int, ...]:
    """Return when a row is checked, up to where the slow step takes over."""
    if isinstance(row, Mandate):
        return MANDATE_OFFSETS
    if not isinstance(row, PaymentTransaction):
        return REFUND_OFFSETS
    return DEBIT_OFFSETS if row.flow == Flow.REDEMPTION else _order_offsets(row.expire_after)


def check_after_silence(row: Reconciled, *, now: datetime) -> datetime:
    """Return when to try again after PhonePe did not answer: on the schedule, but ever more slowly."""
    longest = min(LONGEST_BACKOFF, 3 * 2 ** min(row.unanswered_count, 10))
    jittered = timedelta(seconds=uniform(longest / 2, longest))  # noqa: S311 - spreads load, guards nothing
    return max(next_check(row, after=now), now + max(ASK_AT_MOST_EVERY, jittered))
