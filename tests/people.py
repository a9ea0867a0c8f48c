"""The same few people everywhere: the tenant, the owner, their strangers, the operator."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.test import Client
from knox.models import AuthToken

from core.models import Owner, PricingPlan, Property, Tenancy, Tenant, Unit, User
from core.services.rent.charges import raise_charges

RENT_PAISE = 15_000_00


@dataclass
class Caller:
    """Somebody who calls the API with a real token."""

    user: User

    def __post_init__(self) -> None:
        self.token = AuthToken.objects.create(self.user)[1]

    def get(self, path: str, **headers: str) -> Any:
        return Client().get(path, headers=self._headers(headers))

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return Client().post(path, body or {}, content_type="application/json", headers=self._headers(headers))

    def patch(self, path: str, body: Any) -> Any:
        return Client().patch(path, body, content_type="application/json", headers=self._headers({}))

    def delete(self, path: str) -> Any:
        return Client().delete(path, headers=self._headers({}))

    def starts_rent(self, amount: Any = "15000.00", key: str = "", **body: Any) -> Any:
        headers = {"Idempotency-Key": key} if key else {}
        return self.post("/api/payments/initiate-rent-payment/", {"amount": amount, **body}, **headers)

    def verifies(self, merchant_order_id: str) -> Any:
        return self.get(f"/api/payments/verify-payment/{merchant_order_id}/")

    def _headers(self, headers: dict[str, str]) -> dict[str, str]:
        return {"Authorization": f"Token {self.token}", **headers}


def make_owner(name: str) -> Owner:
    return Owner.objects.create(user=User.objects.create(username=name), name=f"{name} the owner")


def make_tenant(name: str) -> Tenant:
    return Tenant.objects.create(user=User.objects.create(username=name), name=f"{name} the tenant")


def make_tenancy(owner: Owner, tenant: Tenant, *, starts_on: date, rent_paise: int = RENT_PAISE) -> Tenancy:
    """Let a new unit from a day, and charge the rent of that month."""
    house = Property.objects.create(owner=owner, name=f"House of {owner}")
    unit = Unit.objects.create(property=house, name=f"Flat of {tenant}")
    tenancy = Tenancy.objects.create(tenant=tenant, unit=unit, starts_on=starts_on, monthly_rent_paise=rent_paise)
    raise_charges(through=starts_on)
    return tenancy


def make_plan(name: str = "Starter", **prices: int) -> PricingPlan:
    wanted = {"monthly_price_paise": 499_00, "yearly_price_paise": 4_990_00, "max_units": 10, **prices}
    return PricingPlan.objects.create(name=name, features=["Receipts"], **wanted)


def sold(tenancy: Tenancy, to: Owner) -> None:
    house = tenancy.unit.property
    house.owner = to
    house.save()
