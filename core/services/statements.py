"""Statements of account, from the ledger alone: what stood on the first day, what moved, what stands on the last.

Amounts are what the reader expects them to be. Of a tenancy, positive is owed by the tenant, as in the books; of an
owner, positive is held for them, which the books call a credit.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import models
from django.db.models import F, Func, Subquery, Value
from django.db.models.functions import Coalesce

from core.errors import DomainError, InvalidField, NotFound
from core.india import INDIA, day_in_india
from core.models import LedgerLine, Owner, RentCharge, Role, Tenancy, Tenant, User
from core.models.accounts import payable, receivable


class Kind(models.TextChoices):
    """What moved an account."""

    CHARGE = "charge", "rent fell due"
    PAYMENT = "payment", "PhonePe took money from the tenant"
    REFUND = "refund", "money goes back to the tenant, or could not"
    OTHER = "other"


KIND_OF_SOURCE = {"charge": Kind.CHARGE, "capture": Kind.PAYMENT, "placing": Kind.PAYMENT, "refund": Kind.REFUND}


class Subject(models.TextChoices):
    """Whose account it is, and with that what a positive amount means."""

    TENANCY = "tenancy", "positive: the tenant owes it"
    OWNER = "owner", "positive: Zelton holds it for the owner"


class HasNoStatement(DomainError):
    code = "permission_denied"
    status_code = 403

    def __init__(self) -> None:
        super().__init__("Only tenants, owners and Zelton's staff have statements.")


class DoesNotAddUp(Exception):
    """Opening balance and movements do not make the closing balance: a defect, and nothing is shown."""


@dataclass(frozen=True, slots=True)
class Days:
    """Days of the Indian calendar, both inclusive."""

    first: date
    last: date

    @property
    def start(self) -> datetime:
        return datetime.combine(self.first, time.min, INDIA)

    @property
    def end(self) -> datetime:
        """Return the instant after the last day."""
        return datetime.combine(self.last + timedelta(days=1), time.min, INDIA)


@dataclass(frozen=True, slots=True)
class Movement:
    """One line of a statement. `reference` is a merchant's order or refund id, or the month of rent."""

    day: date
    kind: Kind
    description: str
    reference: str
    tenancy: int | None  # None in an owner's statement
    amount_paise: int
    balance_paise: int  # after it


@dataclass(frozen=True, slots=True)
class Statement:
    subject: Subject
    name: str
    slug: str  # "tenancy-7", "tenant-7" or "owner-7"
    units: tuple[str, ...]
    days: Days
    opening_paise: int
    movements: Sequence[Movement]
    closing_paise: int

    def __post_init__(self) -> None:
        if self.opening_paise + sum(movement.amount_paise for movement in self.movements) != self.closing_paise:
            raise DoesNotAddUp(f"{self.slug}, {self.days.first} to {self.days.last}")

    @property
    def totals(self) -> dict[Kind, int]:
        """Return what each kind moved; together they are closing less opening balance."""
        sums: Counter[Kind] = Counter()
        for movement in self.movements:
            sums[movement.kind] += movement.amount_paise
        return {kind: sums[kind] for kind in Kind}


def statement_for(user: User, days: Days, *, tenancy: int | None = None, owner: int | None = None) -> Statement:
    """Return the statement that is meant: of a tenancy, of an owner, or of who asks.

    :raises NotFound: if it is not theirs to see
    :raises InvalidField: if staff name nobody, or anybody names both
    :raises HasNoStatement: if who asks is nobody
    """
    if tenancy is not None and owner is not None:
        raise InvalidField("owner", "Name a tenancy or an owner, not both.")
    if tenancy is not None:
        return _of_tenancy(_visible_tenancy(user, tenancy), days)
    role = user.role
    if owner is not None or role == Role.OWNER:
        return _of_owner(_visible_owner(user, role, owner), days)
    if role == Role.TENANT:
        return _of_tenant(Tenant.objects.get(user=user), days)
    if role == Role.STAFF:
        raise InvalidField("tenancy", "Say whose statement you want: name a tenancy or an owner.")
    raise HasNoStatement


def _visible_tenancy(user: User, number: int) -> Tenancy:
    found = Tenancy.objects.visible_to(user).select_related("tenant", "unit__property").filter(pk=number).first()
    if found is None:
        raise NotFound("tenancy")
    return found


def _visible_owner(user: User, role: Role, number: int | None) -> Owner:
    visible = Owner.objects.all() if role == Role.STAFF else Owner.objects.filter(user=user)
    found = (visible if number is None else visible.filter(pk=number)).first()
    if found is None:
        raise NotFound("owner")
    return found


def _of_tenancy(tenancy: Tenancy, days: Days) -> Statement:
    return _statement(
        Subject.TENANCY, tenancy.tenant.name, f"tenancy-{tenancy.pk}", {receivable(tenancy.pk): tenancy}, days
    )


def _of_tenant(tenant: Tenant, days: Days) -> Statement:
    tenancies = tenant.tenancies.select_related("unit__property").order_by("pk")
    accounts = {receivable(tenancy.pk): tenancy for tenancy in tenancies}
    return _statement(Subject.TENANCY, tenant.name, f"tenant-{tenant.pk}", accounts, days)


def _of_owner(owner: Owner, days: Days) -> Statement:
    return _statement(Subject.OWNER, owner.name, f"owner-{owner.pk}", {payable(owner.pk): None}, days)


def _statement(subject: Subject, name: str, slug: str, accounts: Mapping[str, Tenancy | None], days: Days) -> Statement:
    sign = -1 if subject == Subject.OWNER else 1
    opening, rows, closing = _read(list(accounts), days)
    months = _months_of_rent(accounts)
    movements, balance = [], sign * opening
    for row in rows:
        balance += sign * row.amount_paise
        movements.append(_movement(row, accounts, months, sign * row.amount_paise, balance))
    units = tuple(str(tenancy.unit) for tenancy in accounts.values() if tenancy)
    return Statement(subject, name, slug, units, days, sign * opening, movements, sign * closing)


def _movement(
    row: Any, accounts: Mapping[str, Tenancy | None], months: Mapping[str, date], amount_paise: int, balance_paise: int
) -> Movement:
    event, _, rest = row.entry__source.partition(":")
    kind = KIND_OF_SOURCE.get(event, Kind.OTHER)
    reference = f"{months[rest]:%Y-%m}" if kind == Kind.CHARGE and rest in months else rest.partition(":")[0]
    description = f"Payment: {row.entry__description}" if kind == Kind.PAYMENT else row.entry__description
    tenancy = accounts[row.account]
    if tenancy and len(accounts) > 1 and str(tenancy.unit) not in description:
        description = f"{description} ({tenancy.unit})"
    day, number = day_in_india(row.entry__at), tenancy.pk if tenancy else None
    return Movement(day, kind, description, reference, number, amount_paise, balance_paise)


def _months_of_rent(accounts: Mapping[str, Tenancy | None]) -> dict[str, date]:
    """Return the month of each charge, by the charge's id as the ledger names it."""
    tenancies = [tenancy for tenancy in accounts.values() if tenancy]
    charges = RentCharge.objects.filter(tenancy__in=tenancies).values_list("pk", "month")
    return {str(pk): month for pk, month in charges}


def _read(accounts: Sequence[str], days: Days) -> tuple[int, list[Any], int]:
    """Return what accounts stood at before the days, their lines within, and what they stood at after.

    One query reads all three, so that money which comes meanwhile is in all of them or in none.
    """
    lines = LedgerLine.objects.filter(account__in=accounts)
    before, until = lines.filter(entry__at__lt=days.start), lines.filter(entry__at__lt=days.end)
    within = until.filter(entry__at__gte=days.start).order_by("entry__at", "entry", "pk")
    rows: list[Any] = list(
        within.annotate(opening=_sum(before), closing=_sum(until)).values_list(
            "entry__at", "entry__source", "entry__description", "account", "amount_paise", "opening", "closing",
            named=True,
        )
    )  # fmt: skip
    if rows:
        return int(rows[0].opening), rows, int(rows[0].closing)
    balance = before.aggregate(sum=models.Sum("amount_paise"))["sum"] or 0
    return balance, [], balance


def _sum(lines: models.QuerySet[LedgerLine]) -> Coalesce:
    """Return the sum of lines as part of another query; Sum would group it by line."""
    total = Func(F("amount_paise"), function="SUM", output_field=models.BigIntegerField())
    return Coalesce(Subquery(lines.annotate(total=total).values("total")), Value(0))
