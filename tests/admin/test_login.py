"""Who gets into the admin."""

import pytest
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
        form = {"username": "ravi", "is_active": "on", "is_staff": "on", "is_superuser": "on"}
        dates = {"date_joined_0": "2026-04-01", "date_joined_1": "00:00:00"}

        assert desk.saves(tenant.user, {**form, **dates, "email": "ravi@example.org"}).status_code == 302

        tenant.user.refresh_from_db()
        assert tenant.user.email == "ravi@example.org"
        assert not tenant.user.is_staff
        assert not tenant.user.is_superuser

    def test_they_set_no_password_of_an_operator(self, operator: Caller) -> None:
        desk = clerk("view_user", "change_user", "delete_user")
        new = {"password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"}

        assert desk.browser.post(f"/admin/core/user/{operator.user.pk}/password/", new).status_code == 403
        assert desk.deletes(operator.user).status_code == 403
        assert desk.saves(operator.user, {"username": "nobody"}).status_code == 403
