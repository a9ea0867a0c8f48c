"""POST /api/auth/login/"""

from typing import Any

import pytest
from django.test import Client
from knox.models import AuthToken

from core.models import User
from tests.api.answers import assert_problem
from tests.people import Caller
from tests.phonepe import Days

PASSWORD = "a-long-Password-4711"


@pytest.fixture
def ravi(tenant: Caller, quick_passwords: None) -> User:
    tenant.user.set_password(PASSWORD)
    tenant.user.save(update_fields=["password"])
    return tenant.user


def logs_in(username: Any = "ravi", password: Any = PASSWORD, **headers: str) -> Any:
    body = {"username": username, "password": password}
    return Client().post("/api/auth/login/", body, content_type="application/json", headers=headers)


class TestLogin:
    def test_it_gives_a_token_that_works(self, ravi: User) -> None:
        answer = logs_in()

        assert answer.status_code == 200
        body = answer.json()
        assert body["user"] == {"id": ravi.pk, "role": "tenant"}
        assert body["expiry"].endswith("Z")
        token = {"Authorization": f"Token {body['token']}"}
        assert Client().get("/api/tenancies/", headers=token).status_code == 200

    def test_the_token_is_stored_hashed(self, ravi: User) -> None:
        token = logs_in().json()["token"]

        assert token not in str(list(AuthToken.objects.values()))

    @pytest.mark.parametrize("role", ["owner", "staff", "none"])
    def test_it_tells_the_role(
        self, role: str, request: pytest.FixtureRequest, quick_passwords: None, db: None
    ) -> None:
        people = {"owner": "owner", "staff": "operator"}
        user = request.getfixturevalue(people[role]).user if role in people else User(username="nobody")
        user.set_password(PASSWORD)
        user.save()

        assert logs_in(user.username).json()["user"]["role"] == role

    @pytest.mark.parametrize(
        ("username", "password"), [("ravi", "wrong"), ("nobody", PASSWORD), ("ravi", " " + PASSWORD)]
    )
    def test_a_wrong_name_or_password_gets_the_same_answer(self, ravi: User, username: str, password: str) -> None:
        body = assert_problem(logs_in(username, password), 401, "wrong_credentials")

        assert body["error"] == "The user name or the password is wrong."

    def test_who_is_inactive_stays_out(self, ravi: User) -> None:
        User.objects.update(is_active=False)

        assert_problem(logs_in(), 401, "wrong_credentials")

    @pytest.mark.parametrize("field", ["username", "password"])
    @pytest.mark.parametrize("value", ["", None, [], {}, "x" * 2000, "a\0b"])
    def test_what_cannot_be_one_is_a_400(self, ravi: User, field: str, value: Any) -> None:
        assert_problem(logs_in(**{field: value}), 400, "invalid", field=field)


class TestThrottle:
    def test_ten_tries_a_minute_at_one_name(self, ravi: User, days: Days) -> None:
        for _ in range(10):
            assert logs_in("ravi", "wrong").status_code == 401

        answer = logs_in()
        assert_problem(answer, 429)
        assert 0 < int(answer.headers["Retry-After"]) <= 61
        days.pass_by(61)
        assert logs_in().status_code == 200

    def test_another_name_is_not_held_up(self, ravi: User, owner: Caller, days: Days) -> None:
        for _ in range(11):
            logs_in("RAVI", "wrong")

        assert logs_in("asha", "wrong").status_code == 401

    def test_a_name_with_spaces_around_it_is_the_same(self, ravi: User, days: Days) -> None:
        answers = [logs_in(" " * number + "ravi", "wrong") for number in range(11)]

        assert answers[-1].status_code == 429

    def test_a_forged_address_does_not_start_afresh(self, ravi: User, days: Days) -> None:
        answers = [logs_in("ravi", "wrong", **{"X-Forwarded-For": f"10.0.0.{number}"}) for number in range(11)]

        assert answers[-1].status_code == 429
