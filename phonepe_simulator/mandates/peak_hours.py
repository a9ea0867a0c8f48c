"""When debits are retried: PhonePe and the banks do it outside the peak hours, in Indian time."""

from datetime import UTC, datetime, time, timedelta

from phonepe_simulator.ids import IST

LONGEST_RETRYING = timedelta(hours=48)
RETRY_AFTER = timedelta(hours=1, minutes=30)
MOST_TRIES = 4
# From the first to the last minute of each; the first goes on past midnight.
QUIET = ((time(21, 31), time(9, 59)), (time(13, 1), time(16, 59)))


def is_quiet(moment: datetime) -> bool:
    at = moment.astimezone(IST).time().replace(second=0, microsecond=0)
    return at >= QUIET[0][0] or at <= QUIET[0][1] or QUIET[1][0] <= at <= QUIET[1][1]


def next_quiet(moment: datetime) -> datetime:
    """Return the moment itself, or the first one after it at which a retry may be made."""
    if is_quiet(moment):
        return moment
    local = moment.astimezone(IST)
    opens = QUIET[1][0] if local.time() < QUIET[1][0] else QUIET[0][0]
    return datetime.combine(local.date(), opens, IST).astimezone(UTC)
