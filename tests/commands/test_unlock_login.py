"""manage.py unlock_login: a person is locked out by wrong passwords, calls, and gets in again."""

import json
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.management import CommandError, call_command
from django.test import Client

from core.models import OperatorAction, Owner, Tenant, User
from tests.people import Caller
from tests.phonepe import Days

PASSWORD = "a-long-Password-4711"


@pytest.fixture
def meena(db: None, quick_passwords: None, days: Days, settings: Any) -> User:
    """Somebody of the staff, at a desk behind a proxy."""
    settings.TRUSTED_PROXIES = 1
    user = User(username="meena", email="Meena@example.org", is_staff=True)
    user.set_password(PASSWORD)
    user.save()
    return user


def signs_in(name: str = "meena", password: str = PASSWORD, *, at: int = 1) -> int:
    """Try the admin's form at an address; 302 leads in."""
    body = {"username": name, "password": password}
    return Client().post("/admin/login/", body, headers={"X-Forwarded-For": f"198.51.100.{at}"}).status_code


def is_locked_out(name: str = "meena") -> None:
    for number in range(20):
        assert signs_in(name, "wrong", at=10 + number // 10) == 200
    assert signs_in(name) == 429


def unlock(*words: str) -> Any:
    out = StringIO()
    call_command("unlock_login", *words, "--json", stdout=out)
    return json.loads(out.getvalue())


@pytest.mark.parametrize("name", ["meena", " meena ", "meena@example.org", "98765 43210"])
def test_it_opens_under_every_name(meena: User, name: str) -> None:
    Owner.objects.create(user=meena, name="Meena", phone="+91 98765-43210")
    is_locked_out()

    assert unlock(name) == {"unlocked": "meena", "guesses": 20}

    assert signs_in() == 302


def test_it_opens_at_once_where_the_wrong_passwords_came_from(meena: User) -> None:
    for _ in range(10):
        assert signs_in(password="wrong") == 200
    assert signs_in() == 429

    unlock("meena")

    assert signs_in() == 302


def test_the_app_opens_too(tenant: Caller, meena: User) -> None:
    tenant.user.set_password(PASSWORD)
    tenant.user.save(update_fields=["password"])

    def logs_in() -> int:
        body = {"username": "ravi", "password": PASSWORD}
        return Client().post("/api/auth/login/", body, content_type="application/json").status_code

    is_locked_out("ravi")
    assert logs_in() == 429
    unlock("ravi")
    assert logs_in() == 200


def test_others_stay_locked(meena: User, owner: Caller) -> None:
    is_locked_out()
    is_locked_out("asha")

    unlock("meena")

    assert signs_in("asha") == 429


def test_it_opens_an_address(meena: User) -> None:
    for number in range(50):
        signs_in(f"nobody{number}", "wrong", at=7)
    assert signs_in(at=7) == 429

    assert unlock("198.51.100.7") == {"unlocked": "198.51.100.7", "guesses": 50}

    assert signs_in(at=7) == 302


def test_it_is_kept_who_did_it_and_why(meena: User, operator: Caller) -> None:
    is_locked_out()

    unlock("meena", "--by", "operator", "--reason", "She called from her own number")

    act = OperatorAction.objects.get()
    assert (act.action, act.about, act.by, act.detail) == (
        "unlock_login",
        f"user:{meena.pk}",
        operator.user,
        {"guesses": 20},
    )
    assert act.reason == "She called from her own number"


def test_it_takes_the_right_to_change_users(meena: User) -> None:
    clerk = User.objects.create(username="clerk", is_staff=True)

    with pytest.raises(CommandError, match=r"core\.change_user"):
        unlock("meena", "--by", "clerk")

    assert not OperatorAction.objects.exists()
    clerk.user_permissions.add(Permission.objects.get(codename="change_user"))
    assert unlock("meena", "--by", "clerk")["guesses"] == 0


@pytest.mark.parametrize("name", ["nobody", "12", "", "x@example.org", "a\0b"])
def test_a_name_of_nobody_gets_a_sentence(meena: User, name: str) -> None:
    with pytest.raises(CommandError, match="Nobody logs in as"):
        unlock(name)


def test_a_number_of_two_people_gets_their_names(tenant: Caller, owner: Caller) -> None:
    Tenant.objects.update(phone="98765 43210")
    Owner.objects.update(phone="98765 43210")

    with pytest.raises(CommandError, match="asha, ravi"):
        unlock("9876543210")


def test_it_speaks_to_people(meena: User) -> None:
    out = StringIO()
    call_command("unlock_login", "meena", stdout=out)
    signs_in(password="wrong")
    call_command("unlock_login", "meena", stdout=out)

    assert out.getvalue().splitlines() == [
        "meena was not locked: no wrong password counts at the moment.",
        "meena can log in again; 1 wrong password is forgotten.",
    ]
