"""Let a unit, and end that."""

from dataclasses import dataclass
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from core.errors import DomainError, InvalidField
from core.india import day_in_india
from core.models import Tenancy, Unit, User
from core.services.lettings.invitations import Invited, Person, invited
from core.services.rent.charges import raise_charges, starts_long_ago
from core.services.rent.corrections import change_dates

LONGEST_AHEAD = 366  # days; a tenancy that begins later than that is a slip


class AlreadyLet(DomainError):
    """The unit is let to somebody in that time."""

    code = "already_let"
    status_code = 409

    def __init__(self) -> None:
        super().__init__("This unit is already let in that time. End the other tenancy first.")


@dataclass(frozen=True, slots=True)
class Terms:
    """What a unit is let for, and from when."""

    monthly_rent_paise: int
    due_day: int
    starts_on: date


def let(unit: Unit, person: Person, terms: Terms, *, now: datetime) -> tuple[Tenancy, Invited]:
    """Let a unit, invite who rents it, and charge what is due by today.

    :raises AlreadyLet, InvalidField: if it cannot be let so
    """
    today = day_in_india(now)
    if starts_long_ago(terms.starts_on, now=now):
        raise InvalidField("starts_on", "This is more than 24 months back. Let Zelton's staff enter such a tenancy.")
    if (terms.starts_on - today).days > LONGEST_AHEAD:
        raise InvalidField("starts_on", "This is more than a year ahead. Check the year.")
    with transaction.atomic():
        unit = Unit.objects.select_for_update().get(pk=unit.pk)
        guest = invited(person, by=unit.property.owner, now=now)
        tenancy = Tenancy(
            tenant=guest.tenant,
            unit=unit,
            starts_on=terms.starts_on,
            monthly_rent_paise=terms.monthly_rent_paise,
            due_day=terms.due_day,
        )
        _refuse_overlap(tenancy)
        tenancy.save()
        raise_charges(through=today, among=Tenancy.objects.filter(pk=tenancy.pk))
    return tenancy, guest


def end(tenancy: Tenancy, ends_on: date, *, by: User, now: datetime) -> None:
    """End a tenancy with a day; what was charged for days after it is reversed.

    :raises AlreadyLet, InvalidField: if it cannot end so
    """
    if ends_on < tenancy.starts_on:
        raise InvalidField("ends_on", f"The tenancy begins on {tenancy.starts_on}; it cannot end before that.")
    with transaction.atomic():
        Unit.objects.select_for_update().get(pk=tenancy.unit_id)
        tenancy = Tenancy.objects.get(pk=tenancy.pk)
        tenancy.ends_on = ends_on
        _refuse_overlap(tenancy)
        reason = "The owner ended the tenancy"
        change_dates(tenancy, starts_on=tenancy.starts_on, ends_on=ends_on, reason=reason, by=by, now=now)


def _refuse_overlap(tenancy: Tenancy) -> None:
    try:
        tenancy.clean()
    except ValidationError:
        raise AlreadyLet from None
