"""GET /healthz, /readyz and /metrics"""

from typing import Any

import pytest
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from core.models import Payment
from core.services.operations import readiness
from core.views import operations
from tests.api.answers import assert_problem

TOKEN = {"Authorization": "Bearer metrics-for-tests"}


class TestHealthz:
    def test_it_answers_without_the_database(self) -> None:
        assert Client().get("/healthz").json() == {"status": "ok"}
        assert Client().get("/healthz/").status_code == 200


class TestReadyz:
    def test_all_is_well(self, db: None) -> None:
        answer = Client().get("/readyz")

        assert answer.status_code == 200
        assert answer.json() == {"status": "ok", "database": "ok", "broker": "none"}

    def test_a_lost_broker_is_named_but_webhooks_still_come_in(self, db: None, settings: Any) -> None:
        settings.REDIS_URL = "redis://127.0.0.1:1/0"

        answer = Client().get("/readyz")

        assert answer.status_code == 200
        assert answer.json() == {"status": "degraded", "database": "ok", "broker": "lost"}

    def test_a_lost_database_is_a_503(self, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
        def lost() -> None:
            raise DatabaseError("secret host is gone")

        monkeypatch.setattr(connection, "cursor", lost)
        answer = Client().get("/readyz")
        monkeypatch.undo()

        assert answer.status_code == 503
        assert "secret" not in answer.content.decode()

    def test_a_database_that_was_not_migrated_is_a_503(self, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(readiness, "_applied", False)
        recorder = MigrationRecorder(connection)
        [newest] = MigrationLoader(connection).graph.leaf_nodes("core")
        recorder.record_unapplied(*newest)

        answer = Client().get("/readyz")
        assert answer.status_code == 503
        assert answer.json() == {"status": "unavailable", "database": "ok", "migrations": "pending"}

        recorder.record_applied(*newest)
        cache.clear()
        assert Client().get("/readyz").status_code == 200

    def test_migrations_are_looked_for_once(self, db: None, django_assert_num_queries: Any) -> None:
        Client().get("/readyz")
        cache.clear()

        with django_assert_num_queries(1):
            Client().get("/readyz")

    def test_a_flood_has_it_looked_once_a_second(
        self, db: None, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
    ) -> None:
        now = 1000.0
        monkeypatch.setattr(operations.time, "monotonic", lambda: now)
        Client().get("/readyz")  # looks for migrations
        now += 1

        with django_assert_num_queries(1):
            assert {Client().get("/readyz").status_code for _ in range(50)} == {200}
        now += 1
        with django_assert_num_queries(1):
            Client().get("/readyz")

    @pytest.mark.parametrize(("before", "status"), [(0, 503), (1, 200)])
    def test_who_asks_while_somebody_looks_does_not_wait(
        self, db: None, monkeypatch: pytest.MonkeyPatch, before: int, status: int
    ) -> None:
        monkeypatch.setattr(operations, "SEEN_FOR", 0)
        for _ in range(before):
            Client().get("/readyz")
        meanwhile: list[int] = []

        def slow() -> bool:
            meanwhile.append(Client().get("/readyz").status_code)
            return True

        monkeypatch.setattr(readiness, "are_applied", slow)
        assert Client().get("/readyz").status_code == 200
        assert meanwhile == [status]


class TestMetrics:
    def test_with_its_token_it_tells_numbers(self, payment: Payment) -> None:
        answer = Client().get("/metrics", headers=TOKEN)

        assert answer.status_code == 200
        text = answer.content.decode()
        assert 'zelton_orders{status="open"} 1.0' in text
        assert "zelton_phonepe_call_seconds_bucket" in text
        assert "zelton_check_lateness_seconds 0.0" in text

    @pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer wrong", "metrics-for-tests", "Bearer мет"])
    def test_without_it_it_is_closed(self, db: None, header: str | None) -> None:
        answer = Client().get("/metrics", headers={} if header is None else {"Authorization": header})

        assert_problem(answer, 401, "not_authenticated")
        assert b"zelton_" not in answer.content

    def test_while_none_is_configured_it_is_closed_to_all(self, db: None, settings: Any) -> None:
        settings.METRICS_TOKEN = ""

        for header in ("", "Bearer ", "Bearer"):
            assert Client().get("/metrics", headers={"Authorization": header}).status_code == 401
