"""Who lives in a simulated world: tenants, owners and the operator."""

from dataclasses import dataclass
from datetime import date
from random import Random

from dateutil.relativedelta import relativedelta
from knox.models import get_token_model

from core.models import Owner, PricingPlan, Property, Tenancy, Tenant, Unit, User
from core.services.rent.charges import raise_charges

ORDERS_OF_A_TENANCY = 3
TENANCIES_OF_AN_OWNER = 5
RENTS = (8_000_00, 15_000_00, 15_000_00, 22_500_50)


@dataclass(frozen=True, slots=True, eq=False)
class Payer:
    """Somebody who pays: a tenant for a tenancy, or an owner for a subscription."""

    user: User
    token: str
    owner: Owner
    tenancy: Tenancy | None = None

    def __str__(self) -> str:
        return str(self.user.username)


@dataclass(frozen=True, slots=True)
class People:
    tenants: tuple[Payer, ...]
    owners: tuple[Payer, ...]
    operator: User
    operator_token: str
    plans: tuple[PricingPlan, ...]

    def owner_of(self, payer: Payer) -> Payer:
        return next(each for each in self.owners if each.owner == payer.owner)


def settle(orders: int, *, today: date, rng: Random) -> People:
    """Let people move in, so many that each tenancy has a few orders, and charge their rents until today."""
    tenancies = max(2, orders // ORDERS_OF_A_TENANCY)
    owner_users = _users("owner", max(2, tenancies // TENANCIES_OF_AN_OWNER))
    owners = Owner.objects.bulk_create(Owner(user=user, name=user.username) for user in owner_users)
    tenant_users = _users("tenant", tenancies)
    tenants = Tenant.objects.bulk_create(Tenant(user=user, name=user.username) for user in tenant_users)
    houses = Property.objects.bulk_create(Property(owner=owner, name=f"House of {owner}") for owner in owners)
    let = _let(tenants, houses, today=today, rng=rng)
    raise_charges(through=today)
    operator, plans = _operator(), _plans()
    return People(
        tuple(
            Payer(tenancy.tenant.user, _token(tenancy.tenant.user), tenancy.unit.property.owner, tenancy)
            for tenancy in let
        ),
        tuple(Payer(owner.user, _token(owner.user), owner) for owner in owners),
        operator,
        _token(operator),
        plans,
    )


def settle_owners(owners: int, *, today: date, rng: Random) -> People:  # noqa: ARG001 - as `settle`
    """Let owners come who have nothing let yet, each with an address for e-mail."""
    users = _users("owner", owners)
    for user in users:
        user.email = f"{user.username}@zelton.example"
    User.objects.bulk_update(users, ["email"])
    made = Owner.objects.bulk_create(Owner(user=user, name=user.username) for user in users)
    operator = _operator()
    payers = tuple(Payer(owner.user, _token(owner.user), owner) for owner in made)
    return People((), payers, operator, _token(operator), _plans())


def _operator() -> User:
    return User.objects.create(username="operator", is_staff=True, is_superuser=True)


def _plans() -> tuple[PricingPlan, ...]:
    prices = {"Starter": (499_00, 4_990_00), "Growth": (1_499_00, 14_990_00)}
    return tuple(
        PricingPlan.objects.create(name=name, monthly_price_paise=month, yearly_price_paise=year, max_units=10)
        for name, (month, year) in prices.items()
    )


def _let(tenants: list[Tenant], houses: list[Property], *, today: date, rng: Random) -> list[Tenancy]:
    units = Unit.objects.bulk_create(
        Unit(property=houses[index % len(houses)], name=f"Flat of {tenant}") for index, tenant in enumerate(tenants)
    )
    return Tenancy.objects.bulk_create(
        Tenancy(
            tenant=tenant,
            unit=unit,
            starts_on=today.replace(day=1) - relativedelta(months=rng.randrange(2)),
            monthly_rent_paise=rng.choice(RENTS),
        )
        for tenant, unit in zip(tenants, units, strict=True)
    )


def _users(role: str, count: int) -> list[User]:
    return User.objects.bulk_create(User(username=f"{role}-{number}") for number in range(1, count + 1))


def _token(user: User) -> str:
    token: str = get_token_model().objects.create(user)[1]
    return token
