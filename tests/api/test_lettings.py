"""What owners keep themselves: /api/properties/, /api/units/, and letting with /api/tenancies/"""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core import mail
from django.test import Client
from time_machine import Traveller

from core import tasks
from core.models import Notification, Owner, PricingPlan, Property, RentCharge, Tenancy, Tenant, Unit, User
from core.services.audit import differences
from core.services.operations.delivery import deliver_due
from tests.api.answers import assert_problem
from tests.people import Caller, make_plan
from tests.phonepe import Days, PhonePe
from tests.subscriptions import changes_plan, pays_a_period

RAVI = {"name": "Sunita Rao", "phone": "98111 22333", "email": "sunita@example.org"}


@pytest.fixture
def unit(owner: Caller, tenancy: Tenancy) -> int:
    """A second unit of the owner's property, not let."""
    answer = owner.post("/api/units/", {"property": tenancy.unit.property_id, "name": "Flat 2"})
    assert answer.status_code == 201, answer.content
    return int(answer.json()["id"])


def lets(owner: Caller, unit: int, tenant: Any = None, **changes: Any) -> Any:
    body = {"unit": unit, "tenant": tenant or RAVI, "monthly_rent": "12000.00", "due_day": 5, "starts_on": "2026-04-01"}
    return owner.post("/api/tenancies/", {**body, **changes})


def chooses(link: str) -> Any:
    body = {"token": link.partition("token=")[2], "password": "a-long-Password-4711"}
    return Client().post("/api/auth/password-reset/confirm/", body, content_type="application/json")


def logs_in(name: str) -> Any:
    body = {"username": name, "password": "a-long-Password-4711"}
    return Client().post("/api/auth/login/", body, content_type="application/json")


class TestProperties:
    def test_an_owner_adds_lists_renames_and_deletes(self, owner: Caller, tenancy: Tenancy) -> None:
        made = owner.post("/api/properties/", {"name": "Hill View", "address": "1 Hill Road"}).json()

        assert owner.get("/api/properties/").json()[0] == made
        assert owner.patch(f"/api/properties/{made['id']}/", {"name": "Hillside"}).json() == {
            **made,
            "name": "Hillside",
        }
        assert owner.delete(f"/api/properties/{made['id']}/").status_code == 204
        assert_problem(owner.get(f"/api/properties/{made['id']}/"), 404, "not_found")

    def test_what_has_a_past_stays(self, owner: Caller, tenancy: Tenancy) -> None:
        for path in (f"/api/units/{tenancy.unit_id}/", f"/api/properties/{tenancy.unit.property_id}/"):
            assert_problem(owner.delete(path), 409, "has_past")
        assert Unit.objects.filter(pk=tenancy.unit_id).exists()

    @pytest.mark.parametrize(
        "body", [{}, {"name": ""}, {"name": "x" * 201}, {"name": None}, {"name": 7}, {"name": "a\0b"}]
    )
    def test_a_name_is_needed(self, owner: Caller, body: Any) -> None:
        assert_problem(owner.post("/api/properties/", body), 400, "invalid", field="name")

    def test_a_strangers_is_not_there(self, owner: Caller, other_owner: Caller, tenancy: Tenancy) -> None:
        house = tenancy.unit.property_id
        assert_problem(other_owner.patch(f"/api/properties/{house}/", {"name": "Mine"}), 404, "not_found")
        assert_problem(other_owner.post("/api/units/", {"property": house, "name": "Mine"}), 404, "not_found")
        assert house not in [each["id"] for each in other_owner.get("/api/properties/").json()]


class TestUnits:
    def test_a_name_is_once_in_a_property(self, owner: Caller, unit: int, tenancy: Tenancy) -> None:
        body = {"property": tenancy.unit.property_id, "name": "Flat 2"}

        assert_problem(owner.post("/api/units/", body), 400, "invalid", field="name")
        assert_problem(owner.patch(f"/api/units/{tenancy.unit_id}/", {"name": "Flat 2"}), 400, "invalid", field="name")
        assert owner.patch(f"/api/units/{unit}/", {"name": "Flat 2"}).status_code == 200

    def test_there_are_as_many_as_the_plan_has(
        self, owner: Caller, tenancy: Tenancy, plan: PricingPlan, phonepe: PhonePe, days: Days
    ) -> None:
        def adds(name: str) -> Any:
            return owner.post("/api/units/", {"property": tenancy.unit.property_id, "name": name})

        PricingPlan.objects.filter(pk=plan.pk).update(max_units=2)
        told = owner.get("/api/owner-subscriptions/").json()
        assert (told["units_used"], told["units_allowed"]) == (1, 2)
        larger = PricingPlan.objects.create(
            name="Growth", monthly_price_paise=999_00, yearly_price_paise=9_990_00, max_units=3
        )
        assert adds("Two").status_code == 201
        assert "Starter plan has 2 units" in assert_problem(adds("Three"), 409, "unit_limit")["error"]

        body = {"pricing_plan_id": larger.pk, "period": "monthly"}
        phonepe.pays(owner.post("/api/owner-subscriptions/initiate-payment/", body))
        days.tick_for(25)

        assert adds("Three").status_code == 201
        assert_problem(adds("Four"), 409, "unit_limit")
        told = owner.get("/api/owner-subscriptions/").json()
        assert (told["units_used"], told["units_allowed"]) == (3, 3)

    def test_the_plan_that_runs_counts_though_the_clock_is_late_and_while_it_is_past_due(
        self,
        owner: Caller,
        other_owner: Caller,
        tenancy: Tenancy,
        plan: PricingPlan,
        phonepe: PhonePe,
        traveller: Traveller,
    ) -> None:
        """Growth is paid until 10 May, and Starter from then until 10 June."""

        def adds(day: str, name: str) -> Any:
            traveller.move_to(f"{day}T06:30:00Z")
            return Caller(owner.user).post("/api/units/", {"property": tenancy.unit.property_id, "name": name})

        make_plan("Nano", monthly_price_paise=199_00, yearly_price_paise=1_990_00, max_units=1)
        PricingPlan.objects.filter(pk=plan.pk).update(max_units=2)
        growth = make_plan("Growth", monthly_price_paise=999_00, yearly_price_paise=9_990_00, max_units=3)
        pays_a_period(owner, growth, phonepe)
        assert changes_plan(owner, plan).status_code == 200
        pays_a_period(owner, plan, phonepe)
        allowed = [who.get("/api/owner-subscriptions/").json()["units_allowed"] for who in (owner, other_owner)]
        assert allowed == [3, 1]

        assert adds("2026-05-10", "Two").status_code == 201
        said = [assert_problem(adds(day, "Three"), 409, "unit_limit")["error"] for day in ("2026-05-10", "2026-06-11")]
        assert said == ["The Starter plan has 2 units; with this there would be 3. The Growth plan has 3."] * 2
        traveller.move_to("2026-06-17T06:30:00Z")
        tasks.renew_subscriptions()
        assert "The Nano plan has 1 units" in assert_problem(adds("2026-06-17", "Three"), 409, "unit_limit")["error"]


class TestLetting:
    def test_a_new_tenant_is_mailed_a_link_chooses_a_password_and_sees_what_is_due(
        self, owner: Caller, unit: int, quick_passwords: None
    ) -> None:
        answer = lets(owner, unit)

        assert answer.status_code == 201, answer.content
        told = answer.json()
        assert (told["unit"], told["outstanding"], told["next_due_date"]) == ("Flat 2", "12000.00", "2026-04-05")
        assert told["invitation"] == {"mailed_to": "sunita@example.org", "link": ""}
        deliver_due()
        found = re.search(r"\S+token=\S+", str(mail.outbox[-1].body))
        assert found
        assert chooses(found[0]).status_code == 200
        token = logs_in("98111 22333").json()["token"]
        seen = Client().get("/api/tenancies/", headers={"Authorization": f"Token {token}"}).json()
        assert [each["id"] for each in seen] == [told["id"]]

    def test_who_has_no_address_is_handed_a_link(self, owner: Caller, unit: int, quick_passwords: None) -> None:
        invitation = lets(owner, unit, {"name": "Imran", "phone": "98111 22444"}).json()["invitation"]

        assert invitation["mailed_to"] == ""
        assert chooses(invitation["link"]).status_code == 200
        assert logs_in("9811122444").status_code == 200
        assert_problem(chooses(invitation["link"]), 400, "token_not_valid")

    def test_a_tenant_who_is_here_keeps_their_account_and_nobody_gets_a_link_to_it(
        self, owner: Caller, unit: int, stranger: Caller
    ) -> None:
        Tenant.objects.filter(user=stranger.user).update(phone="+91 98111 22333")

        told = lets(owner, unit, {"name": "Farid", "phone": "9811122333"}).json()

        assert told["invitation"] == {"mailed_to": "", "link": ""}
        assert not Notification.objects.exists()
        assert told["id"] in [each["id"] for each in stranger.get("/api/tenancies/").json()]

    def test_an_owner_or_staff_is_no_tenant(self, owner: Caller, unit: int, other_owner: Caller) -> None:
        Owner.objects.filter(user=other_owner.user).update(phone="9811122333")

        assert_problem(lets(owner, unit, {"name": "M", "phone": "9811122333"}), 400, "invalid", field="tenant")

    def test_two_people_are_not_one(self, owner: Caller, unit: int, tenant: Caller, stranger: Caller) -> None:
        Tenant.objects.filter(user=stranger.user).update(phone="9811122333")
        User.objects.filter(pk=tenant.user.pk).update(email="sunita@example.org")

        assert_problem(lets(owner, unit), 400, "invalid", field="tenant")

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"monthly_rent": "0"}, "monthly_rent"),
            ({"monthly_rent": "1.001"}, "monthly_rent"),
            ({"due_day": 32}, "due_day"),
            ({"due_day": 0}, "due_day"),
            ({"starts_on": "01.04.2026"}, "starts_on"),
            ({"starts_on": "2023-01-01"}, "starts_on"),
            ({"starts_on": "2062-04-01"}, "starts_on"),
            ({"tenant": {"name": "Sunita"}}, "tenant"),
            ({"tenant": {"phone": "9811122333"}}, "tenant"),
            ({"tenant": {"name": "Sunita", "phone": "12"}}, "tenant"),
            ({"tenant": {"name": "Sunita", "email": "sunita"}}, "tenant"),
        ],
    )
    def test_what_cannot_be_is_refused_with_a_sentence(
        self, owner: Caller, unit: int, changes: dict[str, Any], field: str
    ) -> None:
        before = User.objects.count()

        assert_problem(lets(owner, unit, **changes), 400, "invalid", field=field)

        assert (Tenancy.objects.filter(unit=unit).count(), User.objects.count()) == (0, before)

    @pytest.mark.parametrize(
        ("tenant", "sentence"), [("Sunita", "tenant must be an object."), (None, "tenant must not be null.")]
    )
    def test_a_tenant_of_another_form_is_refused_with_a_sentence(
        self, owner: Caller, unit: int, tenant: Any, sentence: str
    ) -> None:
        body = {"unit": unit, "monthly_rent": "12000.00", "starts_on": "2026-04-01"}

        assert_problem(owner.post("/api/tenancies/", {**body, "tenant": tenant}), 400, "invalid", field="tenant")
        assert owner.post("/api/tenancies/", {**body, "tenant": tenant}).json()["errors"] == {"tenant": [sentence]}
        assert owner.post("/api/tenancies/", body).json()["errors"] == {"tenant": ["Give the tenant."]}

    def test_a_unit_is_let_once(self, owner: Caller, unit: int) -> None:
        lets(owner, unit)

        assert_problem(lets(owner, unit, starts_on="2026-09-01"), 409, "already_let")

    def test_a_strangers_unit_is_not_there(self, owner: Caller, other_tenancy: Tenancy) -> None:
        assert_problem(lets(owner, other_tenancy.unit_id), 404, "not_found")


class TestInvitingAgain:
    """The link ran out, or was lost."""

    IMRAN = {"name": "Imran", "phone": "98111 22444"}

    @pytest.fixture
    def let(self, owner: Caller, unit: int) -> dict[str, Any]:
        return dict(lets(owner, unit, self.IMRAN).json())

    def again(self, owner: Caller, tenancy: int, key: str = "") -> Any:
        return owner.post(f"/api/tenancies/{tenancy}/invite/", **({"Idempotency-Key": key} if key else {}))

    def signed_up(self, owner: Caller, tenancy: int) -> bool:
        return bool({each["id"]: each["has_signed_up"] for each in owner.get("/api/tenancies/").json()}[tenancy])

    def test_the_new_link_works_and_the_old_one_is_dead(
        self, owner: Caller, let: dict[str, Any], quick_passwords: None
    ) -> None:
        assert not self.signed_up(owner, let["id"])

        told = self.again(owner, let["id"]).json()

        assert_problem(chooses(let["invitation"]["link"]), 400, "token_not_valid")
        assert told["mailed_to"] == ""
        assert chooses(told["link"]).status_code == 200
        assert logs_in("9811122444").status_code == 200
        assert self.signed_up(owner, let["id"])
        assert "chosen a password" in assert_problem(self.again(owner, let["id"]), 409, "not_invitable")["detail"]
        assert logs_in("9811122444").status_code == 200

    def test_it_works_when_the_first_link_has_run_out(
        self, owner: Caller, let: dict[str, Any], traveller: Traveller, quick_passwords: None
    ) -> None:
        traveller.shift(timedelta(days=7, seconds=1))
        assert_problem(chooses(let["invitation"]["link"]), 400, "token_not_valid")

        assert chooses(self.again(owner, let["id"]).json()["link"]).status_code == 200

    def test_who_has_an_address_is_mailed_and_the_owner_gets_no_link(self, owner: Caller, unit: int) -> None:
        tenancy = lets(owner, unit).json()["id"]

        assert self.again(owner, tenancy).json() == {"mailed_to": "sunita@example.org", "link": ""}

        deliver_due()
        first, second = (re.search(r"\S+token=\S+", str(mail.body)) for mail in mail.outbox[-2:])
        assert first
        assert second
        assert_problem(chooses(first[0]), 400, "token_not_valid")
        assert chooses(second[0]).status_code == 200

    def test_a_repeat_with_its_key_hands_out_the_same_link(
        self, owner: Caller, let: dict[str, Any], quick_passwords: None
    ) -> None:
        first, again = (self.again(owner, let["id"], key="once").json() for _ in range(2))

        assert first == again
        assert chooses(first["link"]).status_code == 200

    def test_no_link_to_somebody_who_rents_from_another_owner_too(
        self, owner: Caller, let: dict[str, Any], other_owner: Caller, other_tenancy: Tenancy
    ) -> None:
        Tenancy.objects.filter(pk=other_tenancy.pk).update(tenant=Tenant.objects.get(name="Imran"))

        for caller, tenancy in ((owner, let["id"]), (other_owner, other_tenancy.pk)):
            assert_problem(self.again(caller, tenancy), 409, "not_invitable")

    def test_it_is_for_the_owner_alone(
        self, let: dict[str, Any], other_owner: Caller, tenant: Caller, operator: Caller
    ) -> None:
        assert_problem(self.again(other_owner, let["id"]), 404, "not_found")
        for caller in (tenant, operator):
            assert_problem(self.again(caller, let["id"]), 403, "permission_denied")
        assert chooses(let["invitation"]["link"]).status_code == 200

    def test_it_is_counted_for_each_tenancy_and_each_owner(
        self, owner: Caller, let: dict[str, Any], other_owner: Caller, tenancy: Tenancy
    ) -> None:
        for _ in range(6):
            self.again(other_owner, let["id"])

        answers = [self.again(owner, let["id"]).status_code for _ in range(6)]

        assert answers == [200] * 5 + [429]
        assert self.again(owner, tenancy.pk).status_code != 429


class TestTheSameKey:
    """A request that is sent again, because its answer was lost or a finger came down twice."""

    def sends(self, owner: Caller, path: str, body: Any, key: str = "once") -> Any:
        return owner.post(path, body, **{"Idempotency-Key": key})

    def test_makes_one_property_and_one_unit(self, owner: Caller, tenancy: Tenancy) -> None:
        wishes = [
            ("/api/properties/", {"name": "Hill View", "address": ""}),
            ("/api/units/", {"property": tenancy.unit.property_id, "name": "Flat 7"}),
        ]
        for path, body in wishes:
            answers = [self.sends(owner, path, body, key=path) for _ in range(2)]
            assert [answer.status_code for answer in answers] == [201, 201]
            assert answers[0].json() == answers[1].json()
        assert Property.objects.filter(name="Hill View").count() == Unit.objects.filter(name="Flat 7").count() == 1

    def test_lets_once_and_hands_the_same_link_out_again(self, owner: Caller, unit: int) -> None:
        tenant = {"name": "Imran", "phone": "98111 22444"}
        body = {"unit": unit, "tenant": tenant, "monthly_rent": "12000.00", "starts_on": "2026-04-01"}

        first, again = (self.sends(owner, "/api/tenancies/", body).json() for _ in range(2))

        assert first["invitation"]["link"]
        assert first == again
        assert_problem(self.sends(owner, "/api/tenancies/", body, key="another"), 409, "already_let")

    def test_a_refusal_binds_nothing(self, owner: Caller, tenancy: Tenancy, plan: PricingPlan) -> None:
        body = {"property": tenancy.unit.property_id, "name": "Flat 7"}
        PricingPlan.objects.filter(pk=plan.pk).update(max_units=1)
        assert_problem(self.sends(owner, "/api/units/", body), 409, "unit_limit")

        PricingPlan.objects.filter(pk=plan.pk).update(max_units=2)

        assert self.sends(owner, "/api/units/", body).status_code == 201

    def test_another_body_is_refused(self, owner: Caller, tenancy: Tenancy) -> None:
        self.sends(owner, "/api/properties/", {"name": "Hill View"})

        assert_problem(self.sends(owner, "/api/properties/", {"name": "Sea View"}), 422, "idempotency_key_reused")


class TestEnding:
    def test_what_was_charged_for_later_days_is_owed_no_more(self, owner: Caller, unit: int, days: Days) -> None:
        tenancy = lets(owner, unit).json()["id"]

        answer = owner.post(f"/api/tenancies/{tenancy}/end/", {"ends_on": "2026-04-10"})

        assert answer.status_code == 200, answer.content
        assert answer.json()["outstanding"] == "4000.00"
        assert RentCharge.objects.standing().get(tenancy=tenancy).days == 10
        assert not list(differences())
        assert lets(owner, unit, {"name": "Next", "phone": "9811199999"}, starts_on="2026-04-11").status_code == 201

    def test_not_before_it_begins_and_not_into_the_next(self, owner: Caller, unit: int) -> None:
        tenancy = lets(owner, unit).json()["id"]
        path = f"/api/tenancies/{tenancy}/end/"
        assert_problem(owner.post(path, {"ends_on": "2026-03-31"}), 400, "invalid", field="ends_on")
        assert_problem(owner.post(path, {"ends_on": "soon"}), 400, "invalid", field="ends_on")
        owner.post(path, {"ends_on": "2026-04-30"})
        lets(owner, unit, {"name": "Next", "phone": "9811199999"}, starts_on="2026-05-01")

        assert_problem(owner.post(path, {"ends_on": "2026-05-01"}), 409, "already_let")

    @pytest.mark.parametrize(("may_reverse", "status"), [(False, 403), (True, 200)])
    def test_an_owner_who_works_for_us_needs_the_right_to_reverse(
        self, owner: Caller, tenancy: Tenancy, may_reverse: bool, status: int
    ) -> None:
        User.objects.filter(pk=owner.user.pk).update(is_staff=True)
        if may_reverse:
            owner.user.user_permissions.set(Permission.objects.filter(codename="reverse_rentcharge"))
        path = f"/api/tenancies/{tenancy.pk}/end/"
        assert owner.post(path, {"ends_on": "2026-12-31"}).status_code == 200, "nothing is reversed"

        assert owner.post(path, {"ends_on": "2026-04-10"}).status_code == status
        tenancy.refresh_from_db()
        assert tenancy.ends_on == (date(2026, 4, 10) if may_reverse else date(2026, 12, 31))
        assert tenancy.outstanding_paise() == (5_000_00 if may_reverse else 15_000_00)

    def test_an_owner_who_is_their_own_tenant_owes_what_was_charged(self, owner: Caller, tenancy: Tenancy) -> None:
        Tenant.objects.filter(pk=tenancy.tenant_id).update(user=owner.user)

        answer = owner.post(f"/api/tenancies/{tenancy.pk}/end/", {"ends_on": "2026-04-10"})

        assert_problem(answer, 403, "permission_denied")
        assert tenancy.outstanding_paise() == 15_000_00

    def test_a_strangers_is_not_there(self, other_owner: Caller, tenancy: Tenancy, tenant: Caller) -> None:
        path = f"/api/tenancies/{tenancy.pk}/end/"

        assert_problem(other_owner.post(path, {"ends_on": "2026-04-30"}), 404, "not_found")
        assert_problem(tenant.post(path, {"ends_on": "2026-04-30"}), 403, "permission_denied")


def test_lists_take_as_many_statements_for_more(owner: Caller, unit: int, django_assert_num_queries: Any) -> None:
    for path in ("/api/properties/", "/api/units/"):
        with django_assert_num_queries(2):
            owner.get(path)
    house = Property.objects.get(units=unit)
    Unit.objects.bulk_create(Unit(property=house, name=f"More {number}") for number in range(5))
    with django_assert_num_queries(2):
        assert len(owner.get("/api/units/").json()) == 7
