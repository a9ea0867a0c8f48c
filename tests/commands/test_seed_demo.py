"""manage.py seed_demo"""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from core.models import PricingPlan, Tenancy, User

PEOPLE = ("tenant", "owner", "other_tenant", "other_owner", "staff")


def seeds() -> dict[str, Any]:
    out = StringIO()
    call_command("seed_demo", "--json", stdout=out)
    return dict(json.loads(out.getvalue()))  # nothing else is printed


def as_seen_by(token: str, path: str) -> Any:
    return Client().get(path, headers={"Authorization": f"Token {token}"})


@pytest.mark.usefixtures("quick_passwords")
@pytest.mark.django_db
class TestSeedDemo:
    def test_it_prints_who_there_is_and_what_is_due(self) -> None:
        seeded = seeds()

        assert set(seeded) == {*PEOPLE, "tenancy_id", "outstanding", "plans"}
        assert all(set(seeded[who]) == {"username", "password", "token"} for who in PEOPLE)
        assert Tenancy.objects.get(pk=seeded["tenancy_id"]).outstanding_paise() > 0
        assert seeded["outstanding"] == "15000.00"
        assert {plan["id"] for plan in seeded["plans"]} == set(PricingPlan.objects.values_list("pk", flat=True))
        assert all(plan["name"] for plan in seeded["plans"])

    def test_its_tokens_and_passwords_work(self) -> None:
        seeded = seeds()

        for who in PEOPLE:
            assert as_seen_by(seeded[who]["token"], "/api/tenancies/").status_code == 200
        body = {name: seeded["tenant"][name] for name in ("username", "password")}
        answer = Client().post("/api/auth/login/", body, content_type="application/json")
        assert answer.json()["user"]["role"] == "tenant"
        assert User.objects.get(username=seeded["staff"]["username"]).role == "staff"

    def test_the_others_are_strangers(self) -> None:
        seeded = seeds()

        for who, sees in (("tenant", 1), ("owner", 1), ("other_tenant", 1), ("other_owner", 1), ("staff", 2)):
            tenancies = as_seen_by(seeded[who]["token"], "/api/tenancies/").json()
            assert len(tenancies) == sees
            mine = who in {"tenant", "owner", "staff"}
            assert (seeded["tenancy_id"] in [each["id"] for each in tenancies]) == mine

    def test_twice_gives_the_same_people_and_fresh_tokens(self) -> None:
        first, again = seeds(), seeds()

        for who in PEOPLE:
            assert first[who]["username"] == again[who]["username"]
            assert first[who]["token"] != again[who]["token"]
            assert as_seen_by(first[who]["token"], "/api/tenancies/").status_code == 200
        assert (first["tenancy_id"], first["plans"]) == (again["tenancy_id"], again["plans"])
        assert (User.objects.count(), Tenancy.objects.count()) == (5, 2)

    def test_every_plan_can_be_paid(self) -> None:
        seeds()

        assert all(plan.monthly_price_paise >= 100 <= plan.yearly_price_paise for plan in PricingPlan.objects.all())

    def test_for_people_it_prints_lines(self) -> None:
        out = StringIO()
        call_command("seed_demo", stdout=out)

        assert "demo_tenant" in out.getvalue()
        assert "₹15000.00 outstanding" in out.getvalue()

    def test_it_refuses_production(self, settings: Any) -> None:
        settings.PRODUCTION = True

        with pytest.raises(CommandError, match="PRODUCTION"):
            seeds()
        assert not User.objects.exists()
