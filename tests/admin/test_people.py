"""Users, owners and tenants are made here."""

import re

import pytest
from django.test import Client

from core.models import Owner, Payment, Tenancy, Tenant, User
from tests.admin.desk import Desk, clerk, errors, sentences, words
from tests.people import Caller

PASSWORD = "a-long-Password-4711"


def test_a_user_made_here_logs_in_to_the_app(desk: Desk) -> None:
    form = {"username": "kiran", "password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"}
    assert desk.saves(User, form).status_code == 302
    kiran = User.objects.get(username="kiran")
    assert desk.saves(Tenant, {"user": kiran.pk, "name": "Kiran"}).status_code == 302

    body = {"username": "kiran", "password": PASSWORD}
    answer = Client().post("/api/auth/login/", body, content_type="application/json")

    assert answer.status_code == 200
    assert answer.json()["user"]["role"] == "tenant"


def test_a_weak_password_is_refused_with_a_sentence(desk: Desk) -> None:
    form = {"username": "kiran", "password1": "12345678", "password2": "12345678", "usable_password": "true"}

    assert "This password is too common." in errors(desk.saves(User, form))


def test_a_new_password_ends_the_apps_sessions(desk: Desk, tenant: Caller) -> None:
    form = {"password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"}

    assert desk.browser.post(f"/admin/core/user/{tenant.user.pk}/password/", form).status_code == 302

    assert tenant.get("/api/tenancies/").status_code == 401


def test_an_operator_ends_somebodys_sessions(desk: Desk, tenant: Caller, stranger: Caller) -> None:
    assert sentences(desk.does("revoke_tokens", tenant.user)) == ["Revoked 1 tokens."]

    assert tenant.get("/api/tenancies/").status_code == 401
    assert stranger.get("/api/tenancies/").status_code == 200


@pytest.mark.parametrize("model", [Owner, Tenant])
def test_nobody_is_owner_and_tenant_at_once(desk: Desk, tenancy: Tenancy, model: type) -> None:
    user = tenancy.tenant.user if model is Owner else tenancy.unit.property.owner.user

    assert any("already" in sentence for sentence in errors(desk.saves(model, {"user": user.pk, "name": "Twice"})))


class TestMoney:
    """A person's page leads to all their money."""

    @pytest.mark.parametrize("kind", ["tenant", "owner"])
    def test_each_link_opens_what_is_theirs(self, desk: Desk, payment: Payment, stranger: Caller, kind: str) -> None:
        other = stranger.starts_rent().json()["merchant_order_id"]
        Payment.objects.update(owner=payment.tenancy.unit.property.owner)
        Payment.objects.filter(merchant_order_id=other).update(owner=None)
        tenancy = payment.tenancy
        person = tenancy.tenant if kind == "tenant" else tenancy.unit.property.owner

        page = desk.looks_at(person)
        links = re.findall(r'href="(/admin/core/[a-z]+/[?][^"]+)"', page.content.decode())

        assert len(links) == (3 if kind == "tenant" else 5)
        (payments,) = [link for link in links if link.startswith("/admin/core/payment/")]
        assert payment.merchant_order_id in words(desk.browser.get(payments))
        assert other not in words(desk.browser.get(payments))
        for link in links:
            assert desk.browser.get(link).status_code == 200, link

    def test_who_is_new_has_none_yet(self, desk: Desk) -> None:
        assert "Their money" not in words(desk.browser.get("/admin/core/tenant/add/"))


def test_a_pan_is_hidden_from_who_may_not_change_it(desk: Desk, tenancy: Tenancy) -> None:
    owner = tenancy.unit.property.owner
    Owner.objects.filter(pk=owner.pk).update(pan="ABCPE1234F")

    assert "ABCPE1234F" in desk.looks_at(owner).content.decode()
    shown = clerk("view_owner").looks_at(owner)
    assert "ABCPE1234F" not in shown.content.decode()
    assert "••••••234F" in words(shown)
