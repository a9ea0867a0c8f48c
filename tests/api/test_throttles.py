"""How often somebody may call: counted in a Redis that all processes share, or by each for itself."""

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from rest_framework.test import APIClient

from core.views import counters
from core.views.throttles import CallbackThrottle
from tests.api.answers import assert_problem
from tests.people import Caller
from tests.phonepe import Days
from tests.redis import Redis, running_redis


@pytest.fixture
def redis(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Redis]:
    monkeypatch.setattr(counters, "TIMEOUT", 10)  # on a busy machine nobody is let in for Redis's sake
    with running_redis(tmp_path) as redis:
        settings.REDIS_URL = redis.url
        yield redis


def test_a_window_is_full_and_the_next_is_empty(redis: Redis, db: None, days: Days) -> None:
    assert [calls_back().status_code for _ in range(61)] == [200] * 60 + [429]
    days.pass_by(60)
    assert calls_back().status_code == 200


def test_a_user_is_told_when_to_come_back(redis: Redis, tenant: Caller, days: Days) -> None:
    days.pass_by(25)  # of the minute's sixty
    for _ in range(600):
        answer = tenant.get("/api/payments/verify-payment/ZLT-unknown/")
    assert answer.status_code == 404

    refused = tenant.get("/api/payments/verify-payment/ZLT-unknown/")

    assert_problem(refused, 429)
    assert int(refused.headers["Retry-After"]) == 36


def test_while_redis_is_gone_a_process_counts_for_itself(redis: Redis, db: None, days: Days) -> None:
    redis.kill()

    answers = [calls_back().status_code for _ in range(61)]

    assert answers == [200] * 60 + [429]


def test_a_right_password_begins_anew_for_all_processes(redis: Redis, tenant: Caller, quick_passwords: None) -> None:
    def logs_in(password: str) -> int:
        cache.clear()  # as another process, which has counted nothing itself
        body = {"username": tenant.user.username, "password": password}
        return (
            APIClient()
            .post("/api/auth/login/", body, format="json", REMOTE_ADDR=f"192.0.2.{next(numbers)}")
            .status_code
        )

    numbers = itertools.count(1)
    tenant.user.set_password("a-long-Password-4711")
    tenant.user.save(update_fields=["password"])
    for _ in range(3):
        assert [logs_in("wrong") for _ in range(15)] == [401] * 15
        assert logs_in("a-long-Password-4711") == 200
    assert [logs_in("wrong") for _ in range(21)] == [401] * 20 + [429]


def test_where_redis_is_gone_nobody_is_refused_before_their_time(redis: Redis, tenant: Caller) -> None:
    redis.kill()

    assert tenant.get("/api/tenancies/").status_code == 200


class TestAddress:
    """Whose calls are counted together."""

    @pytest.fixture(autouse=True)
    def one_a_minute(self, monkeypatch: pytest.MonkeyPatch, db: None, days: Days) -> None:
        monkeypatch.setattr(CallbackThrottle, "rate", "1/min", raising=False)

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff"),
            ("2001:db8:1:2::1", "2001:0DB8:0001:0002::9"),
            ("[2001:db8:1:2::1]:443", "[2001:db8:1:2::2]:444"),
            ("[2001:db8:1:2::1]", "2001:db8:1:2::1"),
            ("fe80::1%eth0", "fe80::2%eth1"),
            ("192.0.2.1:50000", "192.0.2.1:50001"),
            ("192.0.2.1", " 192.0.2.1 "),
            ("::ffff:192.0.2.1", "192.0.2.1"),
            ("unknown", "for the first time"),  # no addresses: their proxy's counts
            ("", "192.0.2.999"),
        ],
    )
    def test_these_are_one(self, settings: Any, one: str, other: str) -> None:
        settings.TRUSTED_PROXIES = 1

        assert [calls_back(one).status_code, calls_back(other).status_code] == [200, 429]

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("2001:db8:1:2::1", "2001:db8:1:3::1"),
            ("192.0.2.1", "192.0.2.2"),
            ("192.0.2.1:80", "192.0.2.2:80"),
            ("::ffff:192.0.2.1", "::ffff:192.0.2.2"),
        ],
    )
    def test_these_are_two(self, settings: Any, one: str, other: str) -> None:
        settings.TRUSTED_PROXIES = 1

        assert [calls_back(one).status_code, calls_back(other).status_code] == [200, 200]

    @pytest.mark.parametrize(
        ("proxies", "one", "other"),
        [
            (0, "192.0.2.1", "192.0.2.2"),
            (1, "192.0.2.1, 198.51.100.7", "192.0.2.2, 198.51.100.7"),
            (1, "192.0.2.1,192.0.2.3,198.51.100.7", "198.51.100.7"),
            (2, "192.0.2.1, 198.51.100.7, 10.0.0.1", "192.0.2.2, 198.51.100.7, 10.0.0.2"),
        ],
    )
    def test_what_the_caller_wrote_themselves_counts_for_nothing(
        self, settings: Any, proxies: int, one: str, other: str
    ) -> None:
        settings.TRUSTED_PROXIES = proxies

        assert [calls_back(one).status_code, calls_back(other).status_code] == [200, 429]

    @pytest.mark.parametrize("remote", ["", "192.0.2.1"])
    def test_a_server_behind_a_socket_counts_too(self, remote: str) -> None:
        answers = [
            APIClient().post("/api/payments/handle-payment-callback/", {}, format="json", REMOTE_ADDR=remote)
            for _ in range(2)
        ]

        assert [answer.status_code for answer in answers] == [200, 429]


def calls_back(forwarded_for: str | None = None) -> Any:
    headers = {} if forwarded_for is None else {"X-Forwarded-For": forwarded_for}
    return APIClient().post("/api/payments/handle-payment-callback/", {}, format="json", headers=headers)
