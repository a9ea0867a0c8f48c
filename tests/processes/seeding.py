"""Fill a deployment's database with people: `python -m tests.processes.seeding TENANTS OWNERS` prints them as JSON."""

import json
import sys
from datetime import date
from typing import Any

import django

RENT = 40_000_00  # paise


def seed(tenants: int, owners: int) -> dict[str, Any]:
    """Let flats to tenants who owe this month's rent; return everybody's tokens, and a plan that owners can buy."""
    from core.models import PricingPlan, User
    from tests.people import Caller, make_owner, make_tenancy, make_tenant

    landlords = [make_owner(f"owner{number}") for number in range(owners)]
    starts_on = date.today().replace(day=1)  # noqa: DTZ011 - which month is due does not matter
    lets = [
        make_tenancy(landlords[number % owners], make_tenant(f"tenant{number}"), starts_on=starts_on, rent_paise=RENT)
        for number in range(tenants)
    ]
    operator = User.objects.create(username="operator", is_staff=True, is_superuser=True)
    return {
        "tenants": [{"tenancy": let.pk, "token": Caller(let.tenant.user).token} for let in lets],
        "owners": [Caller(landlord.user).token for landlord in landlords],
        "operator": Caller(operator).token,
        "plan": PricingPlan.objects.earliest("pk").pk,
    }


if __name__ == "__main__":
    django.setup()
    print(json.dumps(seed(int(sys.argv[1]), int(sys.argv[2]))))
