"""Make the few people and things that a demonstration needs."""

import json
from datetime import date
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from core.india import day_in_india
from core.models import Owner, PricingPlan, Property, Tenancy, Tenant, Unit, User
from core.money import rupees
from core.services.operations.log_ins import log_in
from core.services.rent.charges import raise_charges

PASSWORD = "demo-Keys-2026"  # noqa: S105 - printed for the demonstration, refused in PRODUCTION
RENT_PAISE = 15_000_00
PLANS = (("Starter", 499_00, 4_990_00, 10), ("Growth", 1_499_00, 14_990_00, 50))


class Command(BaseCommand):
    help = (
        "Make (once) a demo owner, property, unit and tenant with rent due, strangers to them, staff and pricing "
        "plans; print their names, passwords and fresh tokens. Refuses to run in PRODUCTION. "
        "Example: manage.py seed_demo --json"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("seed_demo makes users with known passwords and does not run in PRODUCTION.")
        with transaction.atomic():
            seeded = seed()
        if options["json"]:
            self.stdout.write(json.dumps(seeded))
            return
        for who in ("tenant", "owner", "other_tenant", "other_owner", "staff"):
            self.stdout.write("{username:14} {password}  Token {token}".format(**seeded[who]))
        self.stdout.write(f"Tenancy {seeded['tenancy_id']} has ₹{seeded['outstanding']} outstanding.")


def seed() -> dict[str, Any]:
    """Return who there is, with fresh tokens."""
    today = day_in_india(timezone.now())
    users = {name: _user(f"demo_{name}") for name in ("tenant", "owner", "other_tenant", "other_owner", "staff")}
    User.objects.filter(pk=users["staff"].pk).update(is_staff=True, is_superuser=True)
    tenancy = _let(users["owner"], users["tenant"], "Lakeview House", today)
    _let(users["other_owner"], users["other_tenant"], "Hillside Court", today)
    raise_charges(through=today)
    plans = [_plan(*plan) for plan in PLANS]
    return {
        **{name: _credentials(user) for name, user in users.items()},
        "tenancy_id": tenancy.pk,
        "outstanding": rupees(tenancy.outstanding_paise()),
        "plans": [
            {
                "id": plan.pk,
                "name": plan.name,
                "monthly_price": rupees(plan.monthly_price_paise),
                "yearly_price": rupees(plan.yearly_price_paise),
            }
            for plan in plans
        ],
    }


def _user(username: str) -> User:
    user, is_new = User.objects.get_or_create(username=username)
    if is_new:
        user.email = f"{username}@zelton.example"
        user.set_password(PASSWORD)
        user.save(update_fields=["email", "password"])
    return user


def _let(owner_user: User, tenant_user: User, name: str, today: date) -> Tenancy:
    owner, _ = Owner.objects.get_or_create(user=owner_user, defaults={"name": f"Owner of {name}"})
    tenant, _ = Tenant.objects.get_or_create(user=tenant_user, defaults={"name": f"Tenant of {name}"})
    house, _ = Property.objects.get_or_create(owner=owner, name=name)
    unit, _ = Unit.objects.get_or_create(property=house, name="Flat 1")
    tenancy, _ = Tenancy.objects.get_or_create(
        tenant=tenant, unit=unit, defaults={"starts_on": today.replace(day=1), "monthly_rent_paise": RENT_PAISE}
    )
    return tenancy


def _plan(name: str, monthly: int, yearly: int, units: int) -> PricingPlan:
    plan, _ = PricingPlan.objects.get_or_create(
        name=name,
        defaults={
            "monthly_price_paise": monthly,
            "yearly_price_paise": yearly,
            "max_units": units,
            "features": [f"Up to {units} units", "Rent through PhonePe", "Receipts"],
        },
    )
    return plan


def _credentials(user: User) -> dict[str, str]:
    _, token = log_in(user)
    return {"username": user.username, "password": PASSWORD, "token": token}
