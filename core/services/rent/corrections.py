"""Take back what was charged: by a person's decision, or because the days of a tenancy were others."""

from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction

from core.errors import AlreadyReversed, MissingPermission, OwnRent
from core.models import RentCharge, ReversalCause, Tenancy, User
from core.services.ledger import posting
from core.services.operations.trace import note_action
from core.services.rent.charges import charge_month
from core.services.rent.days import Term

PERMISSION = "core.reverse_rentcharge"


def reverse_charge(charge: RentCharge, *, reason: str, by: User, now: datetime) -> None:
    """Let a tenant off a charge: it is owed no more, and is not raised again.

    :raises AlreadyReversed: if somebody else has done it
    :raises MissingPermission, OwnRent: if it is not theirs to decide
    """
    refuse_unless_allowed(charge.tenancy, by)
    with transaction.atomic():
        Tenancy.objects.select_for_update().get(pk=charge.tenancy_id)
        charge.refresh_from_db()
        if not charge.stands:
            raise AlreadyReversed
        _reverse(charge, ReversalCause.PERSON, reason=reason, by=by, now=now)
        about, detail = f"tenancy:{charge.tenancy_id}", {"charge": charge.pk, "amount_paise": charge.amount_paise}
        note_action("reverse_charge", by=by, reason=reason, about=about, detail=detail, now=now)


@dataclass(slots=True)
class Corrected:
    """The charges that were reversed because the days of a tenancy changed, and those that took their place."""

    reversed: list[RentCharge] = field(default_factory=list)
    charged: list[RentCharge] = field(default_factory=list)


def change_dates(
    tenancy: Tenancy, *, starts_on: date, ends_on: date | None, reason: str, by: User, now: datetime
) -> Corrected:
    """Move the first or the last day of a tenancy, and correct what was charged.

    Months that are no longer rented are reversed. One of which other days are rented than before is reversed and
    charged anew, at the rent that it was charged at. What is rented again is charged again, unless a person had let the
    tenant off it. Months that were never charged are left to `raise_charges`.

    :raises MissingPermission, OwnRent: if that reverses something and is not theirs to decide
    """
    corrected = Corrected()
    with transaction.atomic():
        tenancy = Tenancy.objects.select_for_update().get(pk=tenancy.pk)
        before = Term.of(tenancy)
        tenancy.starts_on, tenancy.ends_on = starts_on, ends_on
        tenancy.save(update_fields=["starts_on", "ends_on"])
        for charge in _latest_of_changed_months(tenancy, before, Term.of(tenancy)):
            if charge.stands:
                refuse_unless_allowed(tenancy, by)
                _reverse(charge, ReversalCause.DAYS, reason=reason, by=by, now=now)
                corrected.reversed.append(charge)
            if charge.reversal_cause == ReversalCause.DAYS and Term.of(tenancy).days_charged(charge.month):
                corrected.charged.append(charge_month(tenancy, charge.month, charge.whole_month_paise, now=now))
    return corrected


def charges_to_reverse(tenancy: Tenancy, before: Term, after: Term) -> list[RentCharge]:
    """Return the charges that a change of a tenancy's days would reverse."""
    return [charge for charge in _latest_of_changed_months(tenancy, before, after) if charge.stands]


def _latest_of_changed_months(tenancy: Tenancy, before: Term, after: Term) -> list[RentCharge]:
    """Return the last charge of each month, standing or reversed, of which other days are rented than before."""
    latest = {charge.month: charge for charge in tenancy.charges.order_by("month", "pk")}
    return [charge for month, charge in latest.items() if before.days_charged(month) != after.days_charged(month)]


def refuse_unless_allowed(tenancy: Tenancy, by: User) -> None:
    """:raises MissingPermission, OwnRent: if somebody may not reverse what this tenancy was charged"""
    if tenancy.tenant.user_id == by.pk:
        raise OwnRent if by.may(PERMISSION) else MissingPermission(PERMISSION)
    is_owner = not by.is_staff and tenancy.unit.property.owner.user_id == by.pk  # to whom the rent is owed
    if not is_owner and not by.may(PERMISSION):
        raise MissingPermission(PERMISSION)


def _reverse(charge: RentCharge, cause: ReversalCause, *, reason: str, by: User, now: datetime) -> None:
    """Reverse a charge and post it. Called under the tenancy's lock."""
    charge.reversed_at, charge.reversed_by, charge.reversal_cause, charge.reversal_reason = now, by, cause, reason
    charge.save(update_fields=["reversed_at", "reversed_by", "reversal_cause", "reversal_reason"])
    posting.record_reversal(charge, at=now)
