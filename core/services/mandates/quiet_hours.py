"""When a debit may be tried again. Source: "Notify Redemption" and "Execute Redemption" in PhonePe's documentation."""

from datetime import UTC, datetime, time, timedelta

from core.india import in_india

MOST_TRIES = 4
RETRY_AFTER = timedelta(hours=1, minutes=30)  # the last word on the try before
RETRYING_FOR = timedelta(hours=48)
# From the first minute to the end of the last one, in India; the first stretch goes on past midnight.
NIGHT = time(21, 31), time(10, 0)
AFTERNOON = time(13, 1), time(17, 0)


def is_quiet(moment: datetime) -> bool:
    """Tell whether a retry may be made at a moment."""
    at = in_india(moment).time()
    return at >= NIGHT[0] or at < NIGHT[1] or AFTERNOON[0] <= at < AFTERNOON[1]


def next_quiet(moment: datetime) -> datetime:
    """Return the moment itself, or the first after it at which a retry may be made."""
    if is_quiet(moment):
        return moment
    local = in_india(moment)
    opens = AFTERNOON[0] if local.time() < AFTERNOON[0] else NIGHT[0]
    return datetime.combine(local.date(), opens, local.tzinfo).astimezone(UTC)
