"""POST /api/auth/password-reset/ and …/confirm/"""

import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from core.models import Notification, User
from core.services.operations.delivery import deliver_due
from tests.api.answers import assert_problem
from tests.people import Caller
from tests.phonepe import Days

NEW = "another-long-Password-4712"


@pytest.fixture(autouse=True)
def ravi(tenant: Caller, quick_passwords: None, days: Days) -> User:
    tenant.user.email = "Ravi@example.org"
    tenant.user.set_password("a-long-Password-4711")
    tenant.user.save()
    return tenant.user


def asks(email: Any = "ravi@example.org") -> Any:
    return Client().post("/api/auth/password-reset/", {"email": email}, content_type="application/json")


def chooses(token: Any, password: Any = NEW) -> Any:
    body = {"token": token, "password": password}
    return Client().post("/api/auth/password-reset/confirm/", body, content_type="application/json")


def mailed_token() -> str:
    deliver_due()
    found = re.search(r"token=(\S+)", str(mail.outbox[-1].body))
    assert found
    return found[1]


def logs_in(password: str = NEW) -> int:
    body = {"username": "ravi", "password": password}
    return Client().post("/api/auth/login/", body, content_type="application/json").status_code


class TestPasswordReset:
    def test_the_mailed_token_sets_a_password_and_ends_every_log_in(self, ravi: User) -> None:
        phone = Caller(ravi)
        assert asks().status_code == 200

        token = mailed_token()
        assert mail.outbox[-1].to == ["Ravi@example.org"]
        assert chooses(token).status_code == 200

        assert_problem(phone.get("/api/me/"), 401)
        assert (logs_in(), logs_in("a-long-Password-4711")) == (200, 401)

    def test_it_works_once(self) -> None:
        asks()
        token = mailed_token()
        chooses(token)

        assert_problem(chooses(token, "a-third-Password-4713"), 400, "token_not_valid")
        assert logs_in() == 200

    def test_it_works_for_an_hour(self, days: Days) -> None:
        asks()
        token = mailed_token()
        days.pass_by(3601)

        assert_problem(chooses(token), 400, "token_not_valid")

    def test_one_that_is_used_ends_those_that_were_asked_for_before(self, days: Days) -> None:
        asks()
        first = mailed_token()
        days.pass_by(60)
        asks()
        chooses(mailed_token())

        assert_problem(chooses(first, "a-third-Password-4713"), 400, "token_not_valid")

    def test_nobody_learns_who_has_an_address(self, owner: Caller) -> None:
        known, unknown = asks(), asks("nobody@example.org")

        assert (known.status_code, known.content) == (unknown.status_code, unknown.content)
        assert Notification.objects.count() == 1

    def test_who_is_inactive_gets_none(self, ravi: User) -> None:
        User.objects.filter(pk=ravi.pk).update(is_active=False)
        asks()

        assert not Notification.objects.exists()

    def test_an_address_of_two_is_nobodys(self, owner: Caller) -> None:
        User.objects.filter(pk=owner.user.pk).update(email="ravi@EXAMPLE.org")
        asks()

        assert not Notification.objects.exists()

    @pytest.mark.parametrize("password", ["short", "12345678901234", "password"])
    def test_a_weak_password_leaves_the_token_good(self, password: str) -> None:
        asks()
        token = mailed_token()

        assert_problem(chooses(token, password), 400, "invalid", field="password")
        assert chooses(token).status_code == 200

    @pytest.mark.parametrize("token", ["x", "WzEsIngiXQ:1:2", "☃", "a:b:c", "x" * 500])
    def test_a_made_up_token_is_none(self, token: str) -> None:
        assert_problem(chooses(token), 400, "token_not_valid")

    @pytest.mark.parametrize("email", ["", None, "ravi", [], "a\0@example.org", "x" * 300])
    def test_what_is_no_address_is_400(self, email: Any) -> None:
        assert_problem(asks(email), 400, "invalid", field="email")

    def test_nobodys_mailbox_is_filled(self) -> None:
        answers = [asks(" RAVI@example.org" if number % 2 else "ravi@example.org").status_code for number in range(6)]

        assert answers == [200] * 5 + [429]
