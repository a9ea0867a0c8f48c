"""Rent: raise what is due, month by month."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime

from dateutil.relativedelta import relativedelta
from django.db import models, transaction
from django.utils import timezone

from core.india import day_in_india
from core.models import AlertKind, RentCharge, Tenancy
from core.services.ledger import posting
from core.services.operations.alerts import alert, end_alerts
from core.services.rent.days import Term, due_date, length, months, share

BATCH = 500
LONG_AGO = relativedelta(months=24)  # charges for a start before that are raised only if somebody confirms it


@dataclass(slots=True)
class Raised:
    """How many charges were raised, and the tenancies that were left out until their start is confirmed."""

    new: int = 0
    unconfirmed: list[Tenancy] = field(default_factory=list)

    def sentences(self) -> list[str]:
        return [
            f"Tenancy {tenancy.pk} is not charged, because it starts more than 24 months back, on {tenancy.starts_on}. "
            "Confirm its start in the admin, or use --confirm-old-starts."
            for tenancy in self.unconfirmed
        ]


def raise_charges(
    *,
    through: date,
    among: models.QuerySet[Tenancy] | None = None,
    confirm_old_starts: bool = False,
    done: Callable[[int], object] = bool,
) -> Raised:
    """Charge every month of every tenancy up to the month of `through`, once.

    Months are those of the Indian calendar. Running it again, or twice at once, charges nothing twice, and a charge
    that was reversed stays reversed. A tenancy that was never charged since a start more than 24 months back is left
    out, and an operator told, unless that start is confirmed.

    :param among: these tenancies alone
    :param done: called with 1 after each tenancy, for whoever shows how far it has come
    """
    now, raised = timezone.now(), Raised()
    tenancies = Tenancy.objects.all() if among is None else among
    for tenancy in tenancies.filter(starts_on__lte=through).prefetch_related("charges").iterator(BATCH):
        done(1)
        missing = _missing_months(tenancy, through)
        if not missing:
            continue
        if (
            starts_long_ago(max(missing[0], tenancy.starts_on), now=now)
            and not tenancy.start_is_confirmed
            and not confirm_old_starts
        ):
            raised.unconfirmed.append(tenancy)
        else:
            raised.new += _raise(tenancy, through, now=now)
    if among is None:
        end_alerts(AlertKind.RENT, but={_about(tenancy) for tenancy in raised.unconfirmed}, now=now)
    for tenancy, sentence in zip(raised.unconfirmed, raised.sentences(), strict=True):
        alert(AlertKind.RENT, _about(tenancy), sentence, now=now)
    return raised


def _about(tenancy: Tenancy) -> str:
    """Return what an alert about a tenancy is about."""
    return f"tenancy:{tenancy.pk}"


def starts_long_ago(day: date, *, now: datetime) -> bool:
    """Tell whether a tenancy's first day is so far back that somebody has to confirm it."""
    return day < day_in_india(now) - LONG_AGO


@transaction.atomic
def _raise(tenancy: Tenancy, through: date, *, now: datetime) -> int:
    """Charge what is missing of a tenancy under its lock; return how many charges that were."""
    tenancy = Tenancy.objects.select_for_update().get(pk=tenancy.pk)
    missing = _missing_months(tenancy, through)
    for month in missing:
        charge_month(tenancy, month, tenancy.monthly_rent_paise, now=now)
    return len(missing)


def _missing_months(tenancy: Tenancy, through: date) -> list[date]:
    charged = {charge.month for charge in tenancy.charges.all()}
    return [month for month in Term.of(tenancy).months(through) if month not in charged]


def charge_month(tenancy: Tenancy, month: date, rent_paise: int, *, now: datetime) -> RentCharge:
    """Charge a month, or the days of it that are rented, and post it. Called under the tenancy's lock.

    :param rent_paise: of the whole month
    """
    days = Term.of(tenancy).days_charged(month)
    is_whole = days == length(month)
    charge = RentCharge.objects.create(
        tenancy=tenancy,
        month=month,
        due_on=_due_on(tenancy, month),
        amount_paise=rent_paise if is_whole else share(rent_paise, days, month),
        days=None if is_whole else days,
        monthly_rent_paise=rent_paise,
    )
    posting.record_charge(charge, at=now)
    return charge


def next_due_date(tenancy: Tenancy, paid_paise: int, today: date) -> date | None:
    """Return when the oldest charge that is not fully paid is due, else the next due day of a month to be charged."""
    standing = [charge for charge in tenancy.charges.all() if charge.stands]
    for charge in sorted(standing, key=lambda charge: charge.month):
        paid_paise -= charge.amount_paise
        if paid_paise < 0:
            return charge.due_on
    # Not of a month that was charged before its time, or that the tenant was let off.
    charged = {charge.month for charge in tenancy.charges.all()}
    ahead = months(max(today, tenancy.starts_on), tenancy.ends_on or date.max)
    due = (_due_on(tenancy, month) for month in ahead if month not in charged)
    return next((day for day in due if day > today), None)


def _due_on(tenancy: Tenancy, month: date) -> date:
    """Return when the rent of a month is due: never before the tenancy begins."""
    return max(due_date(month, tenancy.due_day), tenancy.starts_on)
