"""Who gets into the admin."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client

from core.models import Payment, PricingPlan, Tenancy, User
from tests.admin.desk import clerk, words
from tests.people import Caller

PASSWORD = "a-long-Password-4711"


@pytest.mark.parametrize(("is_staff", "lands_on"), [(True, "/admin/"), (False, None)])
def test_only_staff_log_in(tenant: Caller, is_staff: bool, lands_on: str | None) -> None:
    User.objects.filter(pk=tenant.user.pk).update(is_staff=is_staff)
    tenant.user.set_password(PASSWORD)
    tenant.user.save(update_fields=["password"])
    browser = Client()

    answer = browser.post("/admin/login/?next=/admin/", {"username": tenant.user.username, "password": PASSWORD})

    assert answer.headers.get("Location") == lands_on
    assert browser.get("/admin/").status_code == (200 if is_staff else 302)


def test_who_opens_the_form_itself_lands_in_the_admin(operator: Caller) -> None:
    operator.user.set_password(PASSWORD)
    operator.user.save(update_fields=["password"])

    answer = Client().post("/admin/login/", {"username": "operator", "password": PASSWORD})

    assert answer.headers["Location"] == "/admin/"


def test_a_token_of_the_api_opens_nothing(operator: Caller) -> None:
    assert operator.get("/admin/").status_code == 302


class TestClerk:
    """Staff without superuser rights."""

    def test_they_see_what_they_may_see_and_no_more(self, payment: Payment) -> None:
        desk = clerk("view_payment")

        assert desk.looks_at(payment).status_code == 200
        assert desk.looks_at(Tenancy).status_code == 403
        assert desk.looks_at(payment.transaction).status_code == 403
        assert "Tenancies" not in words(desk.browser.get("/admin/"))

    def test_to_see_is_not_to_change(self, plan: PricingPlan) -> None:
        desk = clerk("view_pricingplan")

        assert desk.saves(plan, {"name": "Free"}).status_code == 403
        assert PricingPlan.objects.get().name == "Starter"

    def test_they_give_nobody_powers(self, tenant: Caller) -> None:
        desk = clerk("view_user", "change_user")
        group = Group.objects.create(name="bookkeepers")
        form = {"username": "ravi", "is_active": "on", "is_staff": "on", "is_superuser": "on"}
        form |= {"groups": [group.pk], "user_permissions": permissions("refund_payment")}
        dates = {"date_joined_0": "2026-04-01", "date_joined_1": "00:00:00"}

        assert desk.saves(tenant.user, {**form, **dates, "email": "ravi@example.org"}).status_code == 302

        tenant.user.refresh_from_db()
        assert tenant.user.email == "ravi@example.org"
        assert_without_powers(tenant.user)

    def test_they_give_themselves_none(self, db: None) -> None:
        desk = clerk("view_user", "change_user")
        group = Group.objects.create(name="bookkeepers")
        [mine] = User.objects.all()
        powers = {"is_superuser": "on", "groups": [group.pk], "user_permissions": permissions("refund_payment")}
        dates = {"date_joined_0": "2026-04-01", "date_joined_1": "00:00:00"}

        assert desk.saves(mine, {"username": mine.username, "is_active": "on", **powers, **dates}).status_code == 302

        mine.refresh_from_db()
        assert not mine.is_superuser
        assert not mine.groups.exists()
        assert not mine.user_permissions.filter(codename="refund_payment").exists()

    def test_a_user_they_make_has_none(self, db: None) -> None:
        new = {"username": "kiran", "password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"}
        powers = {"is_staff": "on", "is_superuser": "on", "user_permissions": permissions("refund_payment")}

        assert clerk("view_user", "add_user", "change_user").saves(User, {**new, **powers}).status_code == 302

        assert_without_powers(User.objects.get(username="kiran"))

    def test_they_change_no_group(self, db: None) -> None:
        before = list(Group.objects.values_list("name", flat=True))
        group = Group.objects.create(name="bookkeepers")
        desk = clerk("view_group", "add_group", "change_group", "delete_group")
        form = {"name": "cashiers", "permissions": permissions("refund_payment")}

        assert desk.looks_at(group).status_code == 200
        assert desk.saves(Group, form).status_code == 403
        assert desk.saves(group, form).status_code == 403
        assert desk.deletes(group).status_code == 403
        assert set(Group.objects.values_list("name", flat=True)) == {*before, "bookkeepers"}
        assert not group.permissions.exists()

    def test_they_log_no_operator_out(self, operator: Caller, tenant: Caller) -> None:
        clerk("view_user", "change_user").does("revoke_tokens", operator.user, tenant.user)

        assert operator.get("/api/tenancies/").status_code == 200
        assert tenant.get("/api/tenancies/").status_code == 401

    def test_they_become_no_owner_of_what_others_let(self, owner: Caller) -> None:
        desk, somebody = clerk("view_owner", "change_owner"), User.objects.get(is_staff=True)

        desk.saves(owner.user.owner, {"user": somebody.pk, "name": "Asha", "phone": "98765 43210"})

        owner.user.owner.refresh_from_db()
        assert (owner.user.owner.user, owner.user.owner.phone) == (owner.user, "98765 43210")

    def test_they_set_no_password_of_an_operator(self, operator: Caller) -> None:
        desk = clerk("view_user", "change_user", "delete_user")
        new = {"password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"}

        assert desk.browser.post(f"/admin/core/user/{operator.user.pk}/password/", new).status_code == 403
        assert desk.deletes(operator.user).status_code == 403
        assert desk.saves(operator.user, {"username": "nobody"}).status_code == 403


def permissions(*codenames: str) -> list[int]:
    return list(Permission.objects.filter(codename__in=codenames).values_list("pk", flat=True))


def assert_without_powers(user: User) -> None:
    user.refresh_from_db()
    assert not user.is_staff
    assert not user.is_superuser
    assert not user.groups.exists()
    assert not user.user_permissions.exists()
