"""How often somebody may call, when the count is in a Redis that all processes share."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rest_framework.test import APIClient

from core.views import counts
from tests.api.answers import assert_problem
from tests.people import Caller
from tests.phonepe import Days
from tests.redis import Redis, running_redis


@pytest.fixture
def redis(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Redis]:
    monkeypatch.setattr(counts, "PATIENCE", 10)  # on a busy machine nobody is let in for Redis's sake
    with running_redis(tmp_path) as redis:
        settings.REDIS_URL = redis.url
        yield redis


def test_a_window_is_full_and_the_next_is_empty(redis: Redis, db: None, days: Days) -> None:
    def calls_back() -> int:
        return APIClient().post("/api/payments/handle-payment-callback/", {}, format="json").status_code

    assert [calls_back() for _ in range(61)] == [200] * 60 + [429]
    days.pass_by(60)
    assert calls_back() == 200


def test_a_user_is_told_when_to_come_back(redis: Redis, tenant: Caller, days: Days) -> None:
    days.pass_by(25)  # of the minute's sixty
    for _ in range(600):
        answer = tenant.get("/api/payments/verify-payment/ZLT-unknown/")
    assert answer.status_code == 404

    refused = tenant.get("/api/payments/verify-payment/ZLT-unknown/")

    assert_problem(refused, 429)
    assert int(refused.headers["Retry-After"]) == 36


def test_everybody_is_let_in_while_redis_is_gone(redis: Redis, tenant: Caller) -> None:
    redis.kill()

    assert tenant.get("/api/tenancies/").status_code == 200
