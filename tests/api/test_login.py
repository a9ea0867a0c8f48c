"""POST /api/auth/login/"""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from knox.models import AuthToken

from core.models import FamiliarPlace, Owner, PasswordGuess, Tenant, User
from core.tasks import forget_log_ins
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


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Token {token}"}


class TestLogin:
    def test_it_gives_a_token_that_works(self, ravi: User) -> None:
        answer = logs_in()

        assert answer.status_code == 200
        body = answer.json()
        assert body["success"] is True
        assert body["user"] == {"id": ravi.pk, "role": "tenant", "name": "ravi the tenant", "email": "", "phone": ""}
        assert body["expiry"].endswith("Z")
        assert Client().get("/api/tenancies/", headers=bearer(body["token"])).status_code == 200

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

    def test_one_device_too_many_ends_the_oldest_log_in(self, ravi: User, settings: Any, days: Days) -> None:
        settings.API_TOKENS_PER_PERSON = 3
        stranger = Caller(User.objects.create(username="kiran"))
        tokens = []
        for _ in range(5):
            days.pass_by(60)
            tokens.append(logs_in().json()["token"])

        statuses = [Client().get("/api/pricing-plans/", headers=bearer(token)).status_code for token in tokens]

        assert statuses == [401, 401, 200, 200, 200]
        assert stranger.get("/api/pricing-plans/").status_code == 200

    def test_who_is_inactive_stays_out(self, ravi: User) -> None:
        User.objects.update(is_active=False)

        assert_problem(logs_in(), 401, "wrong_credentials")

    @pytest.mark.parametrize("field", ["username", "password"])
    @pytest.mark.parametrize("value", ["", None, [], {}, "x" * 2000, "a\0b"])
    def test_what_cannot_be_one_is_a_400(self, ravi: User, field: str, value: Any) -> None:
        assert_problem(logs_in(**{field: value}), 400, "invalid", field=field)


class CountingHasher(MD5PasswordHasher):
    hashed = 0

    def encode(self, password: str, salt: str) -> str:
        CountingHasher.hashed += 1
        return super().encode(password, salt)


class TestNames:
    """Somebody logs in under their user name, e-mail address or phone number."""

    @pytest.fixture(autouse=True)
    def with_address_and_number(self, ravi: User) -> None:
        ravi.email = "Ravi@Example.org"
        ravi.save(update_fields=["email"])
        Tenant.objects.update(phone="+91 98765-43210")

    @pytest.mark.parametrize(
        "name",
        [
            "Ravi@Example.org",
            "ravi@example.org",
            " RAVI@EXAMPLE.ORG ",
            "9876543210",
            "98765 43210",
            "09876543210",
            "+91 98765 43210",
            "0091-98765-43210",
            "919876543210",
            "(98765) 432.10",
        ],
    )
    def test_they_are_found(self, ravi: User, name: str) -> None:
        assert logs_in(name).json()["user"]["id"] == ravi.pk
        assert_problem(logs_in(name, "wrong"), 401, "wrong_credentials")

    @pytest.mark.parametrize("kept", ["9876543210", "09876543210", "+919876543210", "0091 98765 43210", "98765.43210"])
    def test_however_the_number_is_kept(self, ravi: User, kept: str) -> None:
        Tenant.objects.update(phone=kept)

        assert logs_in("+91 98765 43210").status_code == 200

    def test_an_owner_and_somebody_abroad(self, owner: Caller) -> None:
        owner.user.set_password(PASSWORD)
        owner.user.save(update_fields=["password"])
        Owner.objects.update(phone="+1 (415) 555-2671")

        assert logs_in("14155552671").json()["user"]["id"] == owner.user.pk

    @pytest.mark.parametrize(
        "name",
        [
            "9876543211",
            "43210",
            "8765432109",
            "ravi@example.com",
            "ravi@",
            "%",
            "@",
            "-",
            "+",
            "98765 4321O",
            "٩٨٧٦٥٤٣٢١٠",
        ],
    )
    def test_others_are_not(self, ravi: User, name: str) -> None:
        Owner.objects.update(phone="-")

        assert_problem(logs_in(name), 401, "wrong_credentials")

    @pytest.mark.parametrize("name", ["ravi@example.org", "9876543210"])
    def test_what_two_have_is_nobodys(self, ravi: User, owner: Caller, name: str) -> None:
        User.objects.filter(pk=owner.user.pk).update(email="ravi@EXAMPLE.org")
        Owner.objects.update(phone="98765 43210")

        assert_problem(logs_in(name), 401, "wrong_credentials")
        assert logs_in("ravi").status_code == 200
        User.objects.filter(pk=owner.user.pk).update(is_active=False)
        assert logs_in(name).status_code == 200

    def test_a_user_name_is_its_owners_whatever_others_have(self, ravi: User, owner: Caller) -> None:
        User.objects.filter(pk=owner.user.pk).update(email="ravi")
        Owner.objects.update(phone="ravi")

        assert logs_in("ravi").json()["user"]["id"] == ravi.pk

    def test_a_name_of_nobody_takes_as_long(self, ravi: User, settings: Any) -> None:
        settings.PASSWORD_HASHERS = [f"{__name__}.CountingHasher"]
        ravi.set_password(PASSWORD)
        ravi.save(update_fields=["password"])

        def work(name: str) -> tuple[int, int]:
            CountingHasher.hashed = 0
            cache.clear()
            with CaptureQueriesContext(connection) as captured:
                assert_problem(logs_in(name, "wrong"), 401, "wrong_credentials")
            return CountingHasher.hashed, len(captured)

        names = ["ravi", "ravi@example.org", "9876543210", "nobody", "nobody@example.org", "9876543211"]
        assert len({work(name) for name in names}) == 1
        assert CountingHasher.hashed == 1

    def test_all_names_of_one_person_are_guessed_as_one(self, ravi: User, days: Days) -> None:
        names = ["ravi", "ravi@example.org", "RAVI@example.org", "9876543210", "098765 43210"]

        answers = [logs_in(names[number % 5], "wrong").status_code for number in range(11)]

        assert answers == [401] * 10 + [429]

    def test_the_admin_takes_them_too(self, ravi: User) -> None:
        User.objects.filter(pk=ravi.pk).update(is_staff=True)

        answer = Client().post("/admin/login/", {"username": "98765 43210", "password": PASSWORD})

        assert answer.status_code == 302

    def test_they_are_looked_up_along_indexes(self, ravi: User) -> None:
        if connection.vendor != "postgresql":
            pytest.skip("the planner of PostgreSQL")
        with connection.cursor() as cursor, CaptureQueriesContext(connection) as captured:
            logs_in("98765 43210")
            cursor.execute("SET enable_seqscan = off")
            cursor.execute("EXPLAIN " + captured.captured_queries[0]["sql"])
            plan = " ".join(row[0] for row in cursor.fetchall())
            cursor.execute("RESET enable_seqscan")
        for index in ("user_by_email", "owner_by_phone", "tenant_by_phone"):
            assert index in plan


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

    def test_sixty_tries_a_minute_from_one_address_whatever_the_names(self, ravi: User, days: Days) -> None:
        answers = [logs_in(f"nobody{number}", "wrong").status_code for number in range(61)]

        assert answers == [401] * 60 + [429]
        days.pass_by(61)
        assert logs_in().status_code == 200

    def test_a_name_with_spaces_around_it_is_the_same(self, ravi: User, days: Days) -> None:
        answers = [logs_in(" " * number + "ravi", "wrong") for number in range(11)]

        assert answers[-1].status_code == 429

    def test_a_forged_address_does_not_start_afresh(self, ravi: User, days: Days) -> None:
        answers = [logs_in("ravi", "wrong", **{"X-Forwarded-For": f"10.0.0.{number}"}) for number in range(11)]

        assert answers[-1].status_code == 429


class TestGuessing:
    """A person's password is guessed twenty times an hour, from wherever the guesses come."""

    @pytest.fixture(autouse=True)
    def behind_a_proxy(self, settings: Any) -> None:
        settings.TRUSTED_PROXIES = 1

    def test_a_new_address_each_time_does_not_help(self, ravi: User, days: Days) -> None:
        answers = [guesses(number).status_code for number in range(21)]

        assert answers == [401] * 20 + [429]
        assert_problem(logs_in(**address(99)), 429)  # with the right password, too
        days.pass_by(3600)
        assert logs_in().status_code == 200

    def test_the_admin_counts_with_the_api(self, ravi: User, days: Days) -> None:
        for number in range(20):
            guesses(number)

        assert admin_guess(99).status_code == 429

    def test_the_api_counts_with_the_admin(self, ravi: User, days: Days) -> None:
        answers = [admin_guess(number).status_code for number in range(21)]

        assert answers == [200] * 20 + [429]
        assert guesses(99).status_code == 429

    def test_a_name_of_nobody_is_guessed_as_often(self, ravi: User, days: Days) -> None:
        answers = [guesses(number, "nobody").status_code for number in range(21)]

        assert answers == [401] * 20 + [429]
        assert guesses(99, "nobody else").status_code == 401

    def test_the_right_one_begins_anew(self, ravi: User, days: Days) -> None:
        for number in range(50):
            assert (guesses(number).status_code, logs_in(**address(number)).status_code) == (401, 200)

    def test_so_it_does_in_the_admin(self, operator: Caller, quick_passwords: None, days: Days) -> None:
        operator.user.set_password(PASSWORD)
        operator.user.save(update_fields=["password"])
        for number in range(50):
            assert admin_guess(number, "operator").status_code == 200
            assert admin_guess(number, "operator", PASSWORD).status_code == 302

    def test_somebody_in_the_admin_guesses_no_more_at_another(self, ravi: User, operator: Caller, days: Days) -> None:
        browser = Client()
        browser.force_login(operator.user)

        answers = [admin_guess(number, browser=browser).status_code for number in range(21)]

        assert answers == [200] * 20 + [429]

    def test_strangers_lock_nobody_out_of_a_place_they_know(self, ravi: User, days: Days) -> None:
        assert logs_in(**address(1)).status_code == 200

        answers = [guesses(number).status_code for number in range(10, 31)]

        assert answers == [401] * 20 + [429]
        assert logs_in(**address(99)).status_code == 429
        assert logs_in(**address(1)).status_code == 200
        assert guesses(99).status_code == 429, "the right password at home opens nothing for strangers"

    def test_a_place_they_know_is_no_way_to_guess_without_end(self, ravi: User, days: Days) -> None:
        assert logs_in(**address(1)).status_code == 200
        answers = []
        for _ in range(3):
            answers += [guesses(1).status_code for _ in range(10)]
            days.pass_by(61)

        assert answers == [401] * 20 + [429] * 10
        assert guesses(2).status_code == 401, "what was guessed there counts for no other place"

    def test_a_place_is_forgotten_after_90_days(self, ravi: User, days: Days) -> None:
        assert logs_in(**address(1)).status_code == 200
        days.pass_by(90 * 86_400)
        for number in range(10, 30):
            guesses(number)

        assert logs_in(**address(1)).status_code == 429
        forget_log_ins()
        assert not FamiliarPlace.objects.exists()

    def test_guesses_are_forgotten_after_an_hour(self, ravi: User, days: Days) -> None:
        guesses(1)
        days.pass_by(3599)
        assert forget_log_ins() == 0
        days.pass_by(1)
        assert forget_log_ins() == 1

    def test_one_address_guesses_at_everybody_in_the_admin(self, ravi: User, days: Days) -> None:
        answers = [admin_guess(1, f"nobody{number}").status_code for number in range(51)]

        assert answers == [200] * 50 + [429]
        assert admin_guess(2).status_code == 200
        assert guesses(1).status_code == 401, "tenants share addresses: the app is not locked"
        days.pass_by(3600)
        assert admin_guess(1).status_code == 200

    def test_a_fast_clock_elsewhere_locks_nobody_out_for_longer(self, ravi: User, days: Days) -> None:
        for number in range(20):
            guesses(number)
        PasswordGuess.objects.update(at=days.now() + timedelta(minutes=59))
        assert guesses(99).status_code == 429

        days.pass_by(2 * 3600)

        assert logs_in().status_code == 200

    def test_nothing_of_it_holds_an_address_or_a_name(self, ravi: User, days: Days) -> None:
        guesses(1, "hunter2")
        logs_in(**address(1))

        kept = str([*PasswordGuess.objects.values(), *FamiliarPlace.objects.values()])
        assert "hunter2" not in kept
        assert "198.51.100.1" not in kept


def address(number: int) -> dict[str, str]:
    return {"X-Forwarded-For": f"198.51.100.{number}"}


def guesses(number: int, name: str = "ravi") -> Any:
    return logs_in(name, "wrong", **address(number))


def admin_guess(number: int, name: str = "ravi", password: str = "wrong", *, browser: Client | None = None) -> Any:
    body = {"username": name, "password": password}
    return (browser or Client()).post("/admin/login/", body, headers=address(number))
