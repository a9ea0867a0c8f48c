"""The Indian calendar: due days, receipts and the financial year. Instants stay in UTC."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

INDIA = ZoneInfo("Asia/Kolkata")


def in_india(moment: datetime) -> datetime:
    return moment.astimezone(INDIA)


def day_in_india(moment: datetime) -> date:
    return in_india(moment).date()


def day_written(moment: datetime) -> str:
    """Return "2 July 2026", the day of a moment in India."""
    day = day_in_india(moment)
    return f"{day.day} {day:%B %Y}"


def months_later(moment: datetime, months: int) -> datetime:
    """Return the same day and hour so many months later; a day that the month does not have is its last."""
    return in_india(moment) + relativedelta(months=months)


def months_between(earlier: datetime, later: datetime) -> int:
    """Return how many months the month of one moment comes after that of another."""
    first, last = in_india(earlier), in_india(later)
    return 12 * (last.year - first.year) + last.month - first.month
