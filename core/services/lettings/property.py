"""What owners keep of their own: properties and units, as many as their plan has."""

from datetime import datetime

from django.db import transaction
from django.db.models import ProtectedError

from core.errors import DomainError, InvalidField
from core.models import Owner, PricingPlan, Property, Unit
from core.services.subscriptions.checkout import plan_of


class TooManyUnits(DomainError):
    """The owner's plan has no more units."""

    code = "unit_limit"
    status_code = 409
    figures = ("plan", "units", "wanted")

    def __init__(self, plan: PricingPlan, wanted: int) -> None:
        larger = (
            PricingPlan.objects.filter(is_offered=True, max_units__gte=wanted).order_by("monthly_price_paise").first()
        )
        way_out = (
            f"The {larger} plan has {larger.max_units}." if larger else f"No plan has {wanted}; ask Zelton for one."
        )
        super().__init__(
            f"The {plan} plan has {plan.max_units} units; with this there would be {wanted}. {way_out}",
            params={"plan": str(plan), "units": plan.max_units, "wanted": wanted},
        )


class HasPast(DomainError):
    """What was let or has units is not deleted: its payments, receipts and statements go on naming it."""

    code = "has_past"
    status_code = 409

    def __init__(self, what: str) -> None:
        super().__init__(f"This {what} cannot be deleted, because something belongs to it. It can be renamed.")


def add_unit(house: Property, name: str, *, now: datetime) -> Unit:
    """:raises TooManyUnits, InvalidField: if the plan has no more, or there is one of that name"""
    with transaction.atomic():
        owner = Owner.objects.select_for_update().get(pk=house.owner_id)
        refuse_too_many(owner, more=1, now=now)
        refuse_name_twice(house, name)
        return Unit.objects.create(property=house, name=name)


def refuse_name_twice(house: Property, name: str, *, but: Unit | None = None) -> None:
    """:raises InvalidField: if the property has another unit of this name"""
    others = house.units.filter(name=name)
    if (others.exclude(pk=but.pk) if but is not None else others).exists():
        raise InvalidField("name", f"{house} already has a unit {name}.")


def units_of(owner: Owner) -> int:
    return Unit.objects.filter(property__owner=owner).count()


def limiting_plan(owner: Owner, *, now: datetime) -> PricingPlan | None:
    """Return the plan whose units an owner may have: the running one; without one, the smallest on offer counts."""
    return plan_of(owner, now=now) or PricingPlan.objects.filter(is_offered=True).order_by("max_units").first()


def refuse_too_many(owner: Owner, *, more: int, now: datetime) -> None:
    """Refuse units beyond those of the plan that counts.

    :raises TooManyUnits: if there would be more
    """
    plan = limiting_plan(owner, now=now)
    wanted = units_of(owner) + more
    if plan is not None and wanted > plan.max_units:
        raise TooManyUnits(plan, wanted)


def delete(thing: Property | Unit) -> None:
    """:raises HasPast: if something belongs to it"""
    try:
        with transaction.atomic():
            thing.delete()
    except ProtectedError:
        raise HasPast(type(thing).__name__.lower()) from None
