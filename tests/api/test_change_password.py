"""POST /api/auth/change-password/, and what a changed password ends, however it was changed."""

from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import pytest
from django.core.management import call_command
from django.test import Client
from knox.models import AuthToken

from core.models import User
from tests.admin.desk import Desk
from tests.api.answers import assert_problem
from tests.people import Caller
from tests.phonepe import Days

OLD, NEW = "a-long-Password-4711", "another-Password-0815"
TWICE = {"new_password1": NEW, "new_password2": NEW}


@pytest.fixture
def ravi(tenant: Caller, quick_passwords: None) -> Caller:
    tenant.user.set_password(OLD)
    tenant.user.save(update_fields=["password"])
    return Caller(tenant.user)


def changes(caller: Caller, old: str = OLD, new: str = NEW) -> Any:
    return caller.post("/api/auth/change-password/", {"old_password": old, "new_password": new})


class TestChangePassword:
    def test_it_revokes_every_token(self, ravi: Caller, stranger: Caller) -> None:
        elsewhere = Caller(ravi.user)

        answer = changes(ravi)

        assert answer.status_code == 204
        assert_problem(ravi.get("/api/tenancies/"), 401)
        assert_problem(elsewhere.get("/api/tenancies/"), 401)
        assert stranger.get("/api/tenancies/").status_code == 200
        ravi.user.refresh_from_db()
        assert ravi.user.check_password(NEW)

    @pytest.mark.parametrize(
        ("old", "new", "field"),
        [("wrong", NEW, "old_password"), (OLD, "12345678", "new_password"), (OLD, "short", "new_password")],
    )
    def test_what_is_wrong_changes_nothing(self, ravi: Caller, old: str, new: str, field: str) -> None:
        assert_problem(changes(ravi, old, new), 400, "invalid", field=field)
        assert ravi.get("/api/tenancies/").status_code == 200
        ravi.user.refresh_from_db()
        assert ravi.user.check_password(OLD)

    def test_a_stolen_token_guesses_the_old_one_twenty_times_an_hour(self, ravi: Caller, days: Days) -> None:
        assert [changes(ravi, "wrong").status_code for _ in range(21)] == [400] * 20 + [429]
        assert_problem(changes(ravi), 429)
        days.pass_by(3600)
        assert changes(ravi).status_code == 204

    def test_the_right_one_begins_anew(self, ravi: Caller, days: Days) -> None:
        for number in range(3):
            for _ in range(15):
                assert changes(ravi, "wrong").status_code == 400
            assert changes(ravi, OLD if number % 2 == 0 else NEW, NEW if number % 2 == 0 else OLD).status_code == 204
            ravi = Caller(ravi.user)


class TestInTheAdmin:
    @pytest.fixture
    def clerk(self, ravi: Caller) -> Client:
        User.objects.filter(pk=ravi.user.pk).update(is_staff=True)
        return Desk(ravi.user).browser

    def test_a_stolen_session_guesses_the_old_one_as_often(self, clerk: Client, days: Days) -> None:
        def guess(old: str) -> int:
            return clerk.post("/admin/password_change/", {"old_password": old, **TWICE}).status_code

        assert [guess("wrong") for _ in range(20)] == [200] * 20
        assert guess(OLD) == 429
        days.pass_by(3600)
        assert guess(OLD) == 302


def in_the_app(user: User) -> None:
    assert changes(Caller(user)).status_code == 204


def in_ones_own_admin(user: User) -> None:
    form = {"old_password": OLD, **TWICE}
    assert Desk(user).browser.post("/admin/password_change/", form).status_code == 302


def by_an_operator(user: User) -> None:
    desk = Desk(User.objects.create(username="boss", is_staff=True, is_superuser=True))
    form = {"password1": NEW, "password2": NEW, "usable_password": "true"}
    assert desk.browser.post(f"/admin/core/user/{user.pk}/password/", form).status_code == 302


def taken_away_by_an_operator(user: User) -> None:
    desk = Desk(User.objects.create(username="boss", is_staff=True, is_superuser=True))
    form = {"password1": "", "password2": "", "usable_password": "false", "unset-password": "1"}
    assert desk.browser.post(f"/admin/core/user/{user.pk}/password/", form).status_code == 302


def by_command(user: User) -> None:
    with patch("getpass.getpass", return_value=NEW):
        call_command("changepassword", user.username)


@pytest.mark.parametrize(
    "change", [in_the_app, in_ones_own_admin, by_an_operator, taken_away_by_an_operator, by_command]
)
def test_a_changed_password_ends_every_log_in(ravi: Caller, stranger: Caller, change: Callable[[User], None]) -> None:
    User.objects.filter(pk=ravi.user.pk).update(is_staff=True)
    elsewhere = Desk(ravi.user).browser
    assert (ravi.get("/api/tenancies/").status_code, elsewhere.get("/admin/").status_code) == (200, 200)

    change(User.objects.get(pk=ravi.user.pk))

    assert not AuthToken.objects.filter(user=ravi.user).exists()
    assert_problem(ravi.get("/api/tenancies/"), 401)
    assert elsewhere.get("/admin/").status_code == 302
    assert stranger.get("/api/tenancies/").status_code == 200


def test_a_stronger_hash_of_the_same_password_ends_nothing(ravi: Caller, settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher", *settings.PASSWORD_HASHERS]
    body = {"username": "ravi", "password": OLD}

    assert Client().post("/api/auth/login/", body, content_type="application/json").status_code == 200

    ravi.user.refresh_from_db()
    assert ravi.user.password.startswith("scrypt$")
    assert ravi.get("/api/tenancies/").status_code == 200
