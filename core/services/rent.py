"""Rent: raise what is due month by month, and let a tenant pay it."""

import calendar
from collections.abc import Iterator
from datetime import date
from typing import Any

from dateutil.relativedelta import relativedelta
from django.db import models, transaction
from django.db.models import BigIntegerField
from django.utils import timezone

from core.errors import AmountAboveDue, InvalidField, NotFound, RestTooSmall
from core.models import IdempotencyKey, Payment, PaymentTransaction, RentCharge, Tenancy
from core.money import SMALLEST_PAYMENT_PAISE
from core.prepared import Param, Prepared, insert
from core.services import ledger
from core.services.checkout import ROOT, Slot, Started, Wish, start

BATCH = 500


def raise_charges(*, through: date, among: models.QuerySet[Tenancy] | None = None) -> int:
    """Charge every month of every tenancy up to the month of `through`, once; return how many were new.

    Months are those of the Indian calendar. Running it again, or twice at once, charges nothing twice.

    :param among: these tenancies alone
    """
    new = 0
    tenancies = Tenancy.objects.all() if among is None else among
    for tenancy in tenancies.filter(starts_on__lte=through).prefetch_related("charges").iterator(BATCH):
        for charge in _missing_charges(tenancy, through):
            new += _raise(charge)
    return new


def _raise(charge: RentCharge) -> int:
    """Charge a month and post it to the books, unless somebody else has."""
    with transaction.atomic():
        written, is_new = RentCharge.objects.get_or_create(
            tenancy=charge.tenancy,
            month=charge.month,
            defaults={"due_on": charge.due_on, "amount_paise": charge.amount_paise},
        )
        if is_new:
            ledger.record_charge(written, at=timezone.now())
    return int(is_new)


def _missing_charges(tenancy: Tenancy, through: date) -> Iterator[RentCharge]:
    charged = {charge.month for charge in tenancy.charges.all()}
    for month in months(tenancy.starts_on, min(through, tenancy.ends_on or through)):
        if month not in charged:
            due_on = max(due_date(month, tenancy.due_day), tenancy.starts_on)
            yield RentCharge(tenancy=tenancy, month=month, due_on=due_on, amount_paise=tenancy.monthly_rent_paise)


def months(first: date, last: date) -> Iterator[date]:
    """Yield the first day of every month from `first` to `last`."""
    month = first.replace(day=1)
    while month <= last:
        yield month
        month += relativedelta(months=1)


def due_date(month: date, due_day: int) -> date:
    """Return the due day in a month; a day the month does not have is its last."""
    return month.replace(day=min(due_day, calendar.monthrange(month.year, month.month)[1]))


def next_due_date(tenancy: Tenancy, paid_paise: int, today: date) -> date | None:
    """Return when the oldest charge that is not fully paid is due, else the next month's due day."""
    for charge in sorted(tenancy.charges.all(), key=lambda charge: charge.month):
        paid_paise -= charge.amount_paise
        if paid_paise < 0:
            return charge.due_on
    following = next(month for month in months(today, date.max) if due_date(month, tenancy.due_day) > today)
    due = due_date(following, tenancy.due_day)
    return due if tenancy.ends_on is None or following <= tenancy.ends_on else None


def start_rent_payment(*, tenant: int, tenancy: int | None, wish: Wish, key: IdempotencyKey | None = None) -> Started:
    """Let a tenant pay rent: hand back the current order or open one.

    :param tenant: primary key
    :param tenancy: primary key; None for the tenant's only one
    :raises NotFound, InvalidField: if that is not one of the tenant's, or not just one
    :raises AmountAboveDue, RestTooSmall: before PhonePe is called
    """
    return start(RentSlot(tenant, tenancy, wish), wish, key=key)


TENANT = Param("tenant", BigIntegerField())
_OWN = Prepared(
    lambda: Tenancy.objects.filter(tenant=TENANT).order_by("pk").values_list("pk", flat=True).select_for_update()[:2]
)
_NAMED = Prepared(
    lambda: Tenancy.objects.filter(tenant=TENANT, pk=ROOT).values_list("pk", flat=True).select_for_update()
)


class RentSlot(Slot, attempts=Payment, root="tenancy"):
    """The current rent payment of a tenancy: of the one that is wanted, or of the tenant's only one."""

    def __init__(self, tenant: int, wanted: int | None, wish: Wish) -> None:
        super().__init__(wanted or 0)
        self._tenant, self._wanted, self._wish = tenant, wanted, wish

    def lock_root(self) -> None:
        """:raises NotFound, InvalidField: if there is no such root of this tenant"""
        if self._wanted:
            found = _NAMED.rows(tenant=self._tenant, root=self._wanted)
            if not found:
                raise NotFound("tenancy")
        else:
            found = _OWN.rows(tenant=self._tenant)
            if len(found) != 1:
                raise InvalidField("tenancy", "Say which tenancy you pay for." if found else "You have no tenancy.")
        (self._root,) = found

    @classmethod
    def roots(cls) -> models.QuerySet[Tenancy, dict[str, Any]]:
        return Tenancy.objects.with_outstanding().values("outstanding")  # type: ignore[misc]

    def create(self, order: PaymentTransaction) -> Payment:
        payment = Payment(tenancy_id=self._root, transaction=order, merchant_order_id=order.merchant_order_id)
        insert(payment)
        return payment

    def refuse_if_wrong(self, books: dict[str, Any]) -> None:
        due = books["outstanding"]
        rest = due - self._wish.amount_paise
        if rest < 0:
            raise AmountAboveDue(due)
        if 0 < rest < SMALLEST_PAYMENT_PAISE:
            raise RestTooSmall(rest)
