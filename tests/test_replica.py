"""Lists, statements, dashboards and stories read a streaming replica, and never tell less than was done or told."""

import json
from collections.abc import Iterator
from io import StringIO
from typing import Any

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection, connections
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from core.db import replica
from core.models import Payment, Tenancy
from core.services import doctor
from tests.people import Caller
from tests.phonepe import PhonePe
from tests.postgres import Cluster
from zelton_backend.database import read_database

pytestmark = [
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no replicas"),
    pytest.mark.django_db(transaction=True, databases=["default", replica.REPLICA]),
]
DAYS = "from=2026-04-01&to=2026-04-30"
READ = ["/api/payments/", "/api/tenancies/", "/api/charges/", "/api/dashboard/", f"/api/statements/?{DAYS}"]


@pytest.fixture(scope="module", autouse=True)
def standby(django_db_setup: None) -> Iterator[Cluster]:
    """Let this process have the replica that DATABASE_REPLICA_URL names elsewhere."""
    primary = connection.settings_dict
    cluster = Cluster(standby_of=f"postgresql://{primary['USER']}@{primary['HOST']}:{primary['PORT']}/postgres")
    settings = read_database(cluster.url.replace("/postgres", f"/{primary['NAME']}"))
    settings["TEST"] = {"MIRROR": "default"}  # nothing is made or emptied there
    connections.settings[replica.REPLICA] = connections.configure_settings({"default": primary, "x": settings})["x"]
    yield cluster
    del connections.settings[replica.REPLICA]
    cluster.stop()


@pytest.fixture(autouse=True)
def routed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(replica, "_rests_until", 0.0)
    monkeypatch.setattr(replica, "PATIENCE", 5.0)  # a busy machine's replica takes its time
    with override_settings(DATABASE_ROUTERS=["core.db.replica.Router"]):
        yield
    connections[replica.REPLICA].close()
    del connections[replica.REPLICA]


@pytest.fixture
def behind(standby: Cluster, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The replica stops where it is, and follows again afterwards."""
    monkeypatch.setattr(replica, "PATIENCE", 0.02)
    with psycopg.connect(standby.url, autocommit=True) as there:
        there.execute("SELECT pg_wal_replay_pause()")
        yield
        there.execute("SELECT pg_wal_replay_resume()")


def asked_of_replica(ask: Any) -> tuple[Any, int]:
    """Return the answer, and how many of its statements read something at the replica."""
    with CaptureQueriesContext(connections[replica.REPLICA]) as captured:
        answer = ask()
    return answer, sum("FROM" in query["sql"] for query in captured.captured_queries)


class TestWhatIsReadThere:
    @pytest.mark.parametrize("path", READ)
    def test_lists_statements_and_dashboards_are(
        self, payment: Payment, tenant: Caller, owner: Caller, phonepe: PhonePe, path: str
    ) -> None:
        for caller in (tenant, owner):
            answer, there = asked_of_replica(lambda caller=caller: caller.get(path))

            assert answer.status_code == 200
            assert there > 0

    def test_a_story_is(self, payment: Payment, phonepe: PhonePe) -> None:
        out = StringIO()

        _, there = asked_of_replica(lambda: call_command("explain", payment.merchant_order_id, "--json", stdout=out))

        assert json.loads(out.getvalue())["subject"]["merchant_order_id"] == payment.merchant_order_id
        assert there > 0

    def test_what_decides_is_not(self, tenancy: Tenancy, tenant: Caller, phonepe: PhonePe) -> None:
        started, there = asked_of_replica(tenant.starts_rent)
        phonepe.pays(started)
        verified, also_there = asked_of_replica(lambda: tenant.verifies(started.json()["merchant_order_id"]))

        assert verified.json()["state"] == "COMPLETED"
        assert there == also_there == 0


class TestNobodyIsToldLess:
    def test_a_payment_made_a_moment_ago_is_listed_though_the_replica_is_behind(
        self, tenant: Caller, tenancy: Tenancy, phonepe: PhonePe, behind: None
    ) -> None:
        started = tenant.starts_rent()
        phonepe.pays(started)
        assert tenant.verifies(started.json()["merchant_order_id"]).json()["state"] == "COMPLETED"

        listed, there = asked_of_replica(lambda: tenant.get("/api/payments/"))

        assert [row["status"] for row in listed.json()["results"]] == ["completed"]
        assert there == 0

    def test_what_others_did_is_seen_too(
        self, payment: Payment, tenant: Caller, owner: Caller, phonepe: PhonePe, behind: None
    ) -> None:
        phonepe.pays(payment)
        tenant.verifies(payment.merchant_order_id)

        assert owner.get("/api/dashboard/").json()["received"]["this_month"] == "15000.00"

    def test_what_was_read_there_is_written_at_the_primary(self, payment: Payment, phonepe: PhonePe) -> None:
        read = replica.from_replica(Payment.objects.get)(pk=payment.pk)
        assert read._state.db == replica.REPLICA

        read.save()

        assert Payment.objects.get(pk=payment.pk).updated_at == read.updated_at


class TestTrouble:
    def test_a_replica_that_is_gone_is_left_alone_for_a_while(
        self, payment: Payment, tenant: Caller, phonepe: PhonePe, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        gone = {**connections.settings[replica.REPLICA], "PORT": 1}
        monkeypatch.setitem(connections.settings, replica.REPLICA, gone)
        del connections[replica.REPLICA]

        assert tenant.get("/api/payments/").status_code == 200
        assert replica._rests_until > 0
        monkeypatch.setattr(replica, "_written", None)  # not even asked
        assert tenant.get("/api/payments/").status_code == 200

    def test_a_query_that_the_replica_cancels_is_asked_of_the_primary(
        self, payment: Payment, standby: Cluster, phonepe: PhonePe
    ) -> None:
        tries = []

        def read() -> int:
            tries.append(Payment.objects.db)
            if len(tries) == 1:
                with psycopg.connect(standby.url, autocommit=True) as there:
                    there.execute(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                        "WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
                    )
            return Payment.objects.count()

        assert replica.from_replica(read)() == 1
        assert tries == [replica.REPLICA, "default"]

    def test_doctor_tells_how_it_stands(self, payment: Payment, phonepe: PhonePe) -> None:
        assert doctor.CHECKS["database"]().detail.endswith("and its replica is up to date.")

    def test_doctor_tells_that_it_is_behind(
        self, tenant: Caller, tenancy: Tenancy, phonepe: PhonePe, behind: None
    ) -> None:
        tenant.starts_rent()

        found = doctor.CHECKS["database"]()

        assert found.status == doctor.Health.WARN
        assert "s behind" in found.detail
