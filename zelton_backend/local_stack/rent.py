"""Rent to pay in a run after the first, when the seeded tenant owes nothing any more."""

from datetime import date
from decimal import Decimal
from typing import Any

from zelton_backend.local_stack.journey import Journey, WentWrong
from zelton_backend.local_stack.stack import Stack

MONTHS_TRIED = 12


def raise_if_nothing_is_due(journey: Journey, stack: Stack) -> str | None:
    """Charge the month after the last paid one; return what was done, or None if rent was due already."""
    if Decimal(journey.outstanding()):
        return None
    first, paid = _paid_months(journey)
    for ahead in range(paid, paid + MONTHS_TRIED):
        month = _month_after(first, ahead)
        stack.manage("raise_rent", "--through", month.isoformat())
        if Decimal(journey.outstanding()):
            return f"Nothing was due any more: rent charged up to {month:%B %Y}"
    raise WentWrong("The tenant owes nothing, and charging more rent did not change that.")


def _paid_months(journey: Journey) -> tuple[date, int]:
    """Return the month of the first payment, and how many months' rent has been paid since."""
    payments = _all_payments(journey)
    paid = sum(Decimal(each["amount"]) for each in payments if each["status"] == "completed")
    first = min(each["created_at"][:10] for each in payments)
    return date.fromisoformat(first), int(paid // Decimal(journey.tenancy()["monthly_rent"]))


def _all_payments(journey: Journey) -> list[dict[str, Any]]:
    path, found = "payments/", []
    while path:
        page = journey.api(path)
        found += page["results"]
        path = (page["next"] or "").partition("/api/")[2]
    return found


def _month_after(first: date, months: int) -> date:
    years, month = divmod(first.month - 1 + months, 12)
    return date(first.year + years, month + 1, 1)
