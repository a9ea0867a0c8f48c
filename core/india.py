"""The Indian calendar: due days, receipts and the financial year. Instants stay in UTC."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

INDIA = ZoneInfo("Asia/Kolkata")


def in_india(moment: datetime) -> datetime:
    return moment.astimezone(INDIA)


def day_in_india(moment: datetime) -> date:
    return in_india(moment).date()
