"""What is believed of stored instants: they were written by machines whose clocks may be wrong.

A clock that ran an hour ahead leaves behind leases that seem to run for an hour and questions that are yet to be
asked. Neither may keep everybody else waiting until then.
"""

from datetime import datetime, timedelta

CLOCKS_DIFFER_BY = timedelta(seconds=1)  # at most, between machines that keep their time


def is_ahead(instant: datetime | None, *, now: datetime) -> bool:
    """Tell whether an instant that should be past is yet to come, by more than clocks differ."""
    return instant is not None and instant > now + CLOCKS_DIFFER_BY


def still_runs(until: datetime | None, *, length: timedelta, now: datetime) -> bool:
    """Tell whether a lease runs. One that is further ahead than its own length has lapsed: a wrong clock wrote it.

    :param now: taken after the lease was read, or a lease given meanwhile would seem too long
    """
    return until is not None and now < until <= now + length + CLOCKS_DIFFER_BY
