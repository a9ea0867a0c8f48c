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
from django.db.models import Exists, F, Func, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce

from core.errors import DomainError, InvalidField, NotFound
from core.india import INDIA, day_in_india
from core.models import EntryKind, LedgerLine, Owner, RentCharge, Tenancy, Tenant, User
from core.models.ledger import REFUND_KINDS
from core.models.ledger_accounts import OWNERS, owner_payable, tenancy_receivable


class Kind(models.TextChoices):
    """What moved an account."""

    CHARGE = "charge", "rent fell due"
    PAYMENT = "payment", "PhonePe took money from the tenant"
    REVERSAL = "reversal", "rent that had fallen due is owed no more"
    REFUND = "refund", "money goes back to the tenant, or could not"
    OTHER = "other"


KIND_OF_ENTRY = {
    EntryKind.CHARGE: Kind.CHARGE,
    EntryKind.REVERSAL: Kind.REVERSAL,
    EntryKind.CAPTURE: Kind.PAYMENT,
    EntryKind.PLACING: Kind.PAYMENT,
    EntryKind.PLACEMENT: Kind.PAYMENT,
    **dict.fromkeys(REFUND_KINDS, Kind.REFUND),
}
OF_A_MONTH = (Kind.CHARGE, Kind.REVERSAL)


EARLIER = {Kind.PAYMENT: "Paid to", Kind.REFUND: "Refunded by"}


class Subject(models.TextChoices):
    """Whose account it is, and with that what a positive amount means."""

    TENANCY = "tenancy", "positive: the tenant owes it"
    OWNER = "owner", "positive: Zelton holds it for the owner"


PERMISSION = "core.view_statement"  # to see anybody's statement


class HasNoStatement(DomainError):
    """Whoever asks is neither a tenant nor an owner, and may not see those of others."""

    code = "permission_denied"
    status_code = 403

    def __init__(self) -> None:
        super().__init__(f"Only tenants and owners have statements; staff see them with the permission {PERMISSION}.")


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
    :raises HasNoStatement: if who asks is neither tenant nor owner, and may not see those of others
    """
    sees_all = user.may(PERMISSION)
    if not (sees_all or hasattr(user, "owner") or hasattr(user, "tenant")):
        raise HasNoStatement
    if tenancy is not None and owner is not None:
        raise InvalidField("owner", "Name a tenancy or an owner, not both.")
    if tenancy is not None:
        visible_tenancies = Tenancy.objects.all() if sees_all else Tenancy.objects.concerning(user.pk)
        return _of_tenancy(_one_tenancy(visible_tenancies, tenancy), days, None if sees_all else user)
    if owner is not None:
        visible_owners = Owner.objects.all() if sees_all else Owner.objects.filter(user=user)
        return _of_owner(_one_owner(visible_owners, owner), days)
    if hasattr(user, "owner"):
        return _of_owner(user.owner, days)
    if hasattr(user, "tenant"):
        return _of_tenant(user.tenant, days)
    raise InvalidField("tenancy", "Say whose statement you want: name a tenancy or an owner.")


def _one_tenancy(visible: models.QuerySet[Tenancy], number: int) -> Tenancy:
    found = visible.select_related("tenant", "unit__property").filter(pk=number).first()
    if found is None:
        raise NotFound("tenancy")
    return found


def _one_owner(visible: models.QuerySet[Owner], number: int) -> Owner:
    found = visible.filter(pk=number).first()
    if found is None:
        raise NotFound("owner")
    return found


def _of_tenancy(tenancy: Tenancy, days: Days, user: User | None) -> Statement:
    """Return a tenancy's statement. Its owner sees that an earlier one was paid, so that it adds up, and no more."""
    accounts, is_tenant = {tenancy_receivable(tenancy.pk): tenancy}, user and user.pk == tenancy.tenant.user_id
    reader = owner_payable(tenancy.unit.property.owner_id) if user and not is_tenant else None
    return _statement(Subject.TENANCY, tenancy.tenant.name, f"tenancy-{tenancy.pk}", accounts, days, reader=reader)


def _of_tenant(tenant: Tenant, days: Days) -> Statement:
    tenancies = tenant.tenancies.select_related("unit__property").order_by("pk")
    accounts = {tenancy_receivable(tenancy.pk): tenancy for tenancy in tenancies}
    return _statement(Subject.TENANCY, tenant.name, f"tenant-{tenant.pk}", accounts, days)


def _of_owner(owner: Owner, days: Days) -> Statement:
    return _statement(Subject.OWNER, owner.name, f"owner-{owner.pk}", {owner_payable(owner.pk): None}, days)


def _statement(
    subject: Subject,
    name: str,
    slug: str,
    accounts: Mapping[str, Tenancy | None],
    days: Days,
    *,
    reader: str | None = None,
) -> Statement:
    """:param reader: the account of the owner who reads it; left out: a reader who may see what was paid to anybody"""
    sign = -1 if subject == Subject.OWNER else 1
    opening, rows, closing = _read(list(accounts), days, reader)
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
    subject = row.entry__subject
    kind = KIND_OF_ENTRY.get(row.entry__kind, Kind.OTHER)
    reference = f"{months[subject]:%Y-%m}" if kind in OF_A_MONTH and subject in months else subject
    description = f"Payment: {row.entry__description}" if kind == Kind.PAYMENT else row.entry__description
    tenancy = accounts[row.account]
    if tenancy and len(accounts) > 1 and str(tenancy.unit) not in description:
        description = f"{description} ({tenancy.unit})"
    if row.is_anothers:
        description, reference = f"{EARLIER[kind]} an earlier owner", ""
    day, number = day_in_india(row.entry__at), tenancy.pk if tenancy else None
    return Movement(day, kind, description, reference, number, amount_paise, balance_paise)


def _months_of_rent(accounts: Mapping[str, Tenancy | None]) -> dict[str, date]:
    """Return the month of each charge, by the charge's id as the ledger names it."""
    tenancies = [tenancy for tenancy in accounts.values() if tenancy]
    charges = RentCharge.objects.filter(tenancy__in=tenancies).values_list("pk", "month")
    return {str(pk): month for pk, month in charges}


def _read(accounts: Sequence[str], days: Days, reader: str | None) -> tuple[int, list[Any], int]:
    """Return what accounts stood at before the days, their lines within, and what they stood at after.

    One query reads all three, so that money which comes meanwhile is in all of them or in none.
    """
    lines = LedgerLine.objects.filter(account__in=accounts)
    before, until = lines.filter(entry__at__lt=days.start), lines.filter(entry__at__lt=days.end)
    within = until.filter(entry__at__gte=days.start).order_by("entry__at", "entry", "pk")
    owners = LedgerLine.objects.filter(entry=OuterRef("entry"), account__startswith=OWNERS)
    others = Exists(owners.exclude(account=reader)) if reader else Value(value=False)
    rows: list[Any] = list(
        within.annotate(opening=_sum(before), closing=_sum(until), is_anothers=others).values_list(
            "entry__at", "entry__kind", "entry__subject", "entry__description", "account", "amount_paise",
            "opening", "closing", "is_anothers", named=True,
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
