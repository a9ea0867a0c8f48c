"""What a tenant or an owner sees first, each in a fixed number of statements.

Money that came and went is told from the ledger, and so as statements of account tell it.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from dateutil.relativedelta import relativedelta
from django.db.models import F, Q, Sum
from django.db.models.functions import TruncMonth

from core.errors import DomainError
from core.india import INDIA, day_in_india
from core.models import LedgerLine, Owner, Payment, PaymentStatus, RentCharge, Tenancy, Tenant, User
from core.models.ledger_accounts import owner_payable, tenancy_receivable
from core.services.ledger.statements import KIND_OF_ENTRY, Kind

MONTHS = 12


class HasNoDashboard(DomainError):
    """Only tenants and owners have a dashboard."""

    code = "permission_denied"
    status_code = 403

    def __init__(self) -> None:
        super().__init__("Only tenants and owners have a dashboard.")


@dataclass(frozen=True, slots=True)
class Month:
    """What came and what went back in a month of the Indian calendar."""

    month: date
    received_paise: int
    refunded_paise: int


@dataclass(frozen=True, slots=True)
class TenantDashboard:
    """:ivar due: charges that are not paid in full, the oldest first, each with its `outstanding`"""

    due: list[RentCharge]
    months: list[Month]
    open_payment: Payment | None
    outstanding_paise: int


@dataclass(frozen=True, slots=True)
class OwnerDashboard:
    """:ivar units: tenancies that run or owe something, each with its `outstanding`"""

    units: list[Tenancy]
    months: list[Month]
    held_paise: int

    @property
    def outstanding_paise(self) -> int:
        """Return what tenants owe; what one has paid ahead does not lower what another owes."""
        return sum(max(0, tenancy.outstanding) for tenancy in self.units)  # type: ignore[attr-defined]


def dashboard_for(user: User, *, now: datetime) -> TenantDashboard | OwnerDashboard:
    """:raises HasNoDashboard: if somebody is neither tenant nor owner"""
    if hasattr(user, "owner"):
        return _of_owner(user.owner, now=now)
    if hasattr(user, "tenant"):
        return _of_tenant(user.tenant, now=now)
    raise HasNoDashboard


def _of_owner(owner: Owner, *, now: datetime) -> OwnerDashboard:
    own = Tenancy.objects.filter(unit__property__owner=owner).with_outstanding()
    running = Q(ends_on__isnull=True) | Q(ends_on__gte=day_in_india(now))
    units = own.filter(running | ~Q(outstanding=0)).select_related("unit__property", "tenant")
    lines = LedgerLine.objects.filter(account=owner_payable(owner.pk))
    held = lines.aggregate(sum=Sum("amount_paise"))["sum"] or 0
    named = units.order_by("unit__property__name", "unit__name", "pk")
    return OwnerDashboard(list(named), _months([owner_payable(owner.pk)], now=now), -held)


def _of_tenant(tenant: Tenant, *, now: datetime) -> TenantDashboard:
    tenancies = list(tenant.tenancies.with_outstanding().values_list("pk", "outstanding"))  # type: ignore[misc]
    keys = [key for key, _ in tenancies]
    charges = RentCharge.objects.standing().filter(tenancy__in=keys).with_outstanding()
    due = charges.filter(outstanding__gt=0).select_related("tenancy__unit__property")  # type: ignore[misc]
    still_open = Payment.objects.filter(tenancy__in=keys, status=PaymentStatus.PENDING)
    shown = still_open.select_related("transaction", *Payment.display_relations).order_by("-created_at", "-pk")
    return TenantDashboard(
        list(due.order_by("month", "pk")),
        _months([tenancy_receivable(key) for key in keys], now=now),
        shown.first(),
        sum(max(0, outstanding) for _, outstanding in tenancies),
    )


def _months(accounts: Iterable[str], *, now: datetime) -> list[Month]:
    """Return the last twelve months, the oldest first and the running one last, also those in which nothing moved."""
    this_month = day_in_india(now).replace(day=1)
    first = this_month - relativedelta(months=MONTHS - 1)
    lines = LedgerLine.objects.filter(account__in=accounts, entry__at__gte=datetime.combine(first, time.min, INDIA))
    by_month = lines.annotate(month=TruncMonth("entry__at", tzinfo=INDIA), kind=F("entry__kind"))
    sums: defaultdict[tuple[date, Any], int] = defaultdict(int)
    for row in by_month.values("month", "kind").annotate(sum=Sum("amount_paise")):
        sums[row["month"].date(), KIND_OF_ENTRY.get(row["kind"], Kind.OTHER)] += row["sum"]
    every = [first + relativedelta(months=number) for number in range(MONTHS)]
    # Whoever's account it is: what comes is a credit there, and what goes back a debit.
    return [Month(month, -sums[month, Kind.PAYMENT], sums[month, Kind.REFUND]) for month in every]
