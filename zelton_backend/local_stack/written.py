"""What the API says, as a person reads it: rupees in Indian grouping, days in India."""

from datetime import datetime
from zoneinfo import ZoneInfo

from core.money import paise_from_text, rupees_for_people


def in_rupees(amount: str) -> str:
    """Return "₹1,50,000.00" for "150000.00"."""
    return rupees_for_people(paise_from_text(amount, least=0))


def in_india(instant: str) -> str:
    """Return "28 December 2026" for an instant of that day in India."""
    return f"{datetime.fromisoformat(instant).astimezone(ZoneInfo('Asia/Kolkata')):%-d %B %Y}"
