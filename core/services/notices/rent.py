"""Remind tenants of rent that is due soon, and of rent that is overdue. Days are those of India."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from core.india import day_in_india
from core.models import NotificationKind, RentCharge, Tenancy
from core.money import rupees_for_people
from core.services.notices.writing import tell

BEFORE, OVERDUE_FOR = timedelta(days=3), timedelta(days=14)
BATCH = 500


def remind(*, now: datetime) -> int:
    """Tell every tenant whose unpaid rent falls due within three days, or did within two weeks; of each charge once.

    Returns how many charges were looked at. Late, twice or on several machines it tells the same.
    """
    today, looked_at = day_in_india(now), 0
    near = RentCharge.objects.filter(
        due_on__gte=today - OVERDUE_FOR, due_on__lte=today + BEFORE, reversed_at__isnull=True
    )
    owing: Any = Tenancy.objects.with_outstanding().filter(pk__in=near.values("tenancy"))
    people = owing.select_related("tenant__user", "unit__property").prefetch_related("charges")
    for tenancy in people.filter(outstanding__gt=0).iterator(BATCH):
        with transaction.atomic():
            for charge, left_paise in _unpaid(tenancy):
                if today - OVERDUE_FOR <= charge.due_on <= today + BEFORE:
                    looked_at += 1
                    _tell(tenancy, charge, left_paise, is_overdue=charge.due_on < today, now=now)
    return looked_at


def _unpaid(tenancy: Any) -> list[tuple[RentCharge, int]]:
    """Return the charges that are not fully paid, oldest first, with what is left of each."""
    unpaid, paid = [], tenancy.paid_paise
    for charge in sorted(tenancy.charges.all(), key=lambda charge: charge.month):
        if charge.stands:
            left = min(charge.amount_paise, max(0, charge.amount_paise - paid))
            paid = max(0, paid - charge.amount_paise)
            if left:
                unpaid.append((charge, left))
    return unpaid


def _tell(tenancy: Tenancy, charge: RentCharge, left_paise: int, *, is_overdue: bool, now: datetime) -> None:
    amount, due = rupees_for_people(left_paise), f"{charge.due_on.day} {charge.due_on:%B %Y}"
    kind = NotificationKind.RENT_OVERDUE if is_overdue else NotificationKind.RENT_DUE
    was = "was" if is_overdue else "is"
    tell(
        tenancy.tenant.user,
        kind,
        about=f"charge:{charge.pk}",
        subject=f"Rent of {amount} {was} due on {due}",
        sentence=f"Rent of {amount} for {charge.for_which_days} {was} due on {due}. You can pay it in the app.",
        facts={"Unit": str(tenancy.unit), "Due": due, "Amount": amount},
        now=now,
    )
