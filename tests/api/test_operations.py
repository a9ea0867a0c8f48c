"""GET /healthz, /readyz and /metrics"""

from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from core.models import Payment
from core.services import migrations
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
        monkeypatch.setattr(migrations, "_applied", False)
        recorder = MigrationRecorder(connection)
        [newest] = MigrationLoader(connection).graph.leaf_nodes("core")
        recorder.record_unapplied(*newest)

        answer = Client().get("/readyz")
        assert answer.status_code == 503
        assert answer.json() == {"status": "unavailable", "database": "ok", "migrations": "pending"}

        recorder.record_applied(*newest)
        assert Client().get("/readyz").status_code == 200

    def test_migrations_are_looked_for_once(self, db: None, django_assert_num_queries: Any) -> None:
        Client().get("/readyz")

        with django_assert_num_queries(1):
            Client().get("/readyz")


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
