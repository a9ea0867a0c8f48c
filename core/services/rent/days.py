"""Which days of a month are rented, and what a part of a month costs."""

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from dateutil.relativedelta import relativedelta

from core.models import Tenancy


@dataclass(frozen=True, slots=True)
class Term:
    """The days of a tenancy, both ends inclusive; a month that is not rented whole counts by day if `prorate`."""

    starts_on: date
    ends_on: date | None
    prorate: bool

    @classmethod
    def of(cls, tenancy: Tenancy) -> "Term":
        return cls(tenancy.starts_on, tenancy.ends_on, tenancy.prorate)

    def days_charged(self, month: date) -> int:
        """Return how many days of a month are charged.

        :param month: its first day
        """
        last = month.replace(day=length(month))
        first, last = max(month, self.starts_on), min(last, self.ends_on or last)
        rented = max(0, (last - first).days + 1)
        return length(month) if rented and not self.prorate else rented

    def months(self, through: date) -> Iterator[date]:
        """Yield the first day of every month that is charged, up to that of `through`."""
        return months(self.starts_on, min(through, self.ends_on or through))


def share(rent_paise: int, days: int, month: date) -> int:
    """Return what so many days of a month cost, rounded half up to the paisa."""
    return (2 * rent_paise * days + length(month)) // (2 * length(month))


def months(first: date, last: date) -> Iterator[date]:
    """Yield the first day of every month from `first` to `last`."""
    month = first.replace(day=1)
    while month <= last:
        yield month
        month += relativedelta(months=1)


def due_date(month: date, due_day: int) -> date:
    """Return the due day in a month; a day the month does not have is its last."""
    return month.replace(day=min(due_day, length(month)))


def length(month: date) -> int:
    """Return how many days a month has."""
    return calendar.monthrange(month.year, month.month)[1]
