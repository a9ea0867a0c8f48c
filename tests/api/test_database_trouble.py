"""The database's troubles: what cannot be written now is a 503, to be sent again; reading goes on."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import ProgrammingError, close_old_connections, connection, connections, transaction
from django.test import Client

from core.db.connection import has_room
from core.models import Payment, PricingPlan, User, WebhookEvent
from core.services import doctor, worker
from core.services.operations import metrics
from tests.api.answers import assert_problem
from tests.deliveries import BODY, OURS, delivers
from tests.people import Caller
from tests.phonepe import WEBHOOK, Days, PhonePe

pytestmark = pytest.mark.django_db(transaction=True)
on_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="errors of PostgreSQL")
PASSWORD = "a-long-Password-4711"
Requests = dict[str, Callable[[], Any]]
TROUBLES = {
    "25006": "read-only: the server was demoted",
    "25P03": "a transaction that stood idle was ended",
    "40001": "transactions could not be put into an order",
    "40P01": "deadlock",
    "53100": "disk full",
    "53200": "out of memory",
    "53300": "too many connections",
    "55P03": "a lock did not come in time",
    "57014": "a statement took too long",
    "57P01": "shutting down",
    "57P03": "starting up",
    "58030": "the disk does not answer",
    "08P01": "a pooler gave up",
    "26000": "a prepared statement that another server knows",
    "42P05": "a prepared statement that there is already",
}


@pytest.fixture
def anonymous() -> Client:
    return Client(raise_request_exception=False)


@pytest.fixture
def paid(tenant: Caller, phonepe: PhonePe, days: Days) -> Payment:
    payment = Payment.objects.get(merchant_order_id=tenant.starts_rent("5000.00").json()["merchant_order_id"])
    phonepe.pays(payment)
    days.pass_by(5)
    tenant.verifies(payment.merchant_order_id)
    return payment


@pytest.fixture
def writing(
    paid: Payment, tenant: Caller, owner: Caller, plan: PricingPlan, anonymous: Client, quick_passwords: None
) -> Requests:
    User.objects.create_user("clerk", password=PASSWORD, is_staff=True)
    log_in = {"username": "clerk", "password": PASSWORD}
    refund = {"amount": "100.00", "reason": "Too much"}
    return {
        "webhook": lambda: anonymous.post(
            WEBHOOK, BODY, content_type="application/json", headers={"Authorization": OURS}
        ),
        "log-in": lambda: anonymous.post("/api/auth/login/", log_in, content_type="application/json"),
        "log-out": lambda: tenant.post("/api/auth/logout/"),
        "pay": lambda: tenant.starts_rent("1000.00"),
        "pay under a key": lambda: tenant.starts_rent("1000.00", key="k1"),
        "subscribe": lambda: owner.post(
            "/api/owner-subscriptions/initiate-payment/", {"pricing_plan_id": plan.pk, "period": "monthly"}
        ),
        "refund": lambda: owner.post(f"/api/payments/{paid.pk}/refund/", refund),
        "admin log-in": lambda: anonymous.post("/admin/login/", log_in),
    }


@pytest.fixture
def reading(payment: Payment, tenant: Caller, anonymous: Client) -> Requests:
    """What is only looked at, among it an open payment about which PhonePe cannot be asked now."""
    addresses = ["/api/tenancies/", "/api/payments/", f"/api/payments/{payment.pk}/"]
    addresses += ["/api/pricing-plans/", f"/api/payments/verify-payment/{payment.merchant_order_id}/"]
    return {address: lambda address=address: tenant.get(address) for address in addresses} | {
        "return": lambda: anonymous.get(f"/payments/return/{payment.merchant_order_id}/")
    }


def is_ready(anonymous: Client) -> bool:
    cache.clear()  # what was seen in the last second
    return bool(anonymous.get("/readyz").status_code == 200)


@contextmanager
def read_only() -> Iterator[None]:
    """Let nobody write: each new connection finds a database that was demoted."""
    name, init = f'"{connection.settings_dict["NAME"]}"', connection.settings_dict["OPTIONS"].get("init_command", "")
    postgresql = connection.vendor == "postgresql"
    if postgresql:
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    else:
        connection.settings_dict["OPTIONS"]["init_command"] = f"{init}; PRAGMA query_only=ON"
    connection.close()
    try:
        yield
    finally:
        connection.close()
        if postgresql:
            with connection.cursor() as cursor:
                cursor.execute("SET default_transaction_read_only = off")
                cursor.execute(f"ALTER DATABASE {name} RESET default_transaction_read_only")
        else:
            connection.settings_dict["OPTIONS"]["init_command"] = init
        connection.close()


@contextmanager
def failing(sqlstate: str) -> Iterator[None]:
    """Let PostgreSQL itself answer every write with this error."""

    def execute(proceed: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.lstrip().startswith(("INSERT", "UPDATE", "DELETE", "CREATE", "WITH")):
            proceed(f"DO $$ BEGIN RAISE EXCEPTION 'trouble' USING ERRCODE = '{sqlstate}'; END $$", None, many, context)
        return proceed(sql, params, many, context)

    connection.execute_wrappers.insert(0, execute)
    try:
        yield
    finally:
        connection.execute_wrappers.remove(execute)


class TestReadOnly:
    def test_every_writing_request_is_a_503(self, writing: Requests, phonepe: PhonePe) -> None:
        calls = len(phonepe.simulator.calls)
        with read_only():
            answers = {name: send() for name, send in writing.items()}

        for answer in answers.values():
            assert_problem(answer, 503, "busy")
            assert int(answer.headers["Retry-After"]) > 0
        assert len(phonepe.simulator.calls) == calls

    def test_reading_goes_on(self, reading: Requests, phonepe: PhonePe) -> None:
        with read_only():
            answers = {name: send() for name, send in reading.items()}

        assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(reading, 200)
        assert not phonepe.was_asked()

    def test_readiness_sees_it(self, anonymous: Client) -> None:
        with read_only():
            answer = anonymous.get("/readyz")

        assert answer.status_code == 503
        assert answer.json() == {"status": "unavailable", "database": "read_only"}
        assert is_ready(anonymous)

    def test_afterwards_all_goes_on(self, writing: Requests) -> None:
        with read_only():
            for send in writing.values():
                send()

        expected = {"pay": 201, "pay under a key": 200, "subscribe": 201, "refund": 202}
        expected |= {"log-out": 204, "admin log-in": 302}
        order = [name for name in writing if name != "log-out"] + ["log-out"]
        statuses = {name: writing[name]().status_code for name in order}
        assert statuses == {name: expected.get(name, 200) for name in writing}

    def test_the_clock_survives_it_and_goes_on(
        self, payment: Payment, phonepe: PhonePe, days: Days, surviving_ticks: None
    ) -> None:
        phonepe.pays(payment)
        phonepe.delivers()
        days.pass_by(25)
        with read_only():
            for _ in range(3):
                worker.tick()
        assert not phonepe.was_asked()

        worker.tick()

        payment.refresh_from_db()
        assert payment.status == "completed"

    def test_an_answer_that_cannot_be_noted_is_asked_for_again(
        self, payment: Payment, phonepe: PhonePe, days: Days, surviving_ticks: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        phonepe.pays(payment)
        days.pass_by(25)
        ask = worker.ORDERS.check

        def demoted_meanwhile(*args: Any, **kwargs: Any) -> Any:
            with read_only():
                return ask(*args, **kwargs)

        orders = worker.Work(worker.ORDERS.queue, demoted_meanwhile, worker.ORDERS.ask_now)
        monkeypatch.setattr(worker, "ORDERS", orders)
        worker.tick()
        monkeypatch.undo()
        days.tick_for(15)

        payment.refresh_from_db()
        assert payment.status == "completed"


@on_postgresql
class TestADemotedServersConnection:
    """Only this connection still leads to the server that was demoted; a new one leads to the new primary."""

    @pytest.fixture
    def demoted(self) -> Iterator[Callable[[], None]]:
        def demote() -> None:
            with connection.cursor() as cursor:
                cursor.execute("SET default_transaction_read_only = on")

        yield demote
        connection.close()

    def test_a_webhook_is_stored_over_a_new_one(self, demoted: Callable[[], None]) -> None:
        demoted()

        assert delivers().status_code == 200
        assert WebhookEvent.objects.get().deliveries == 1

    def test_readiness_drops_it(self, demoted: Callable[[], None], anonymous: Client) -> None:
        demoted()

        assert not is_ready(anonymous)
        assert is_ready(anonymous)

    def test_a_refused_request_drops_it(self, demoted: Callable[[], None], writing: Requests) -> None:
        demoted()

        assert writing["pay"]().status_code == 503
        close_old_connections()  # as Django does after a request, and Celery's fixup after a task
        assert writing["pay"]().status_code == 201

    def test_a_tick_drops_it(
        self, demoted: Callable[[], None], payment: Payment, phonepe: PhonePe, days: Days, surviving_ticks: None
    ) -> None:
        days.pass_by(25)
        demoted()

        for _ in range(2):
            worker.tick()

        assert len(phonepe.was_asked()) == 1


@on_postgresql
@pytest.mark.parametrize("sqlstate", TROUBLES)
def test_whatever_the_database_says_is_a_503_and_no_payment_is_lost(sqlstate: str, writing: Requests) -> None:
    with failing(sqlstate):
        answers = {name: send() for name, send in writing.items()}
        close_old_connections()

    for name, answer in answers.items():
        assert answer.status_code == 503, name
        assert_problem(answer, 503, "busy")
        assert int(answer.headers["Retry-After"]) > 0
    assert writing["pay"]().status_code == 201


@on_postgresql
def test_a_defect_of_ours_is_still_a_500(writing: Requests, anonymous: Client) -> None:
    with failing("42601"):
        assert writing["webhook"]().status_code == 500


@on_postgresql
class TestNoDatabaseAtAll:
    @pytest.fixture(params=["gone", "too many connections"])
    def unreachable(self, request: pytest.FixtureRequest) -> Iterator[None]:
        original = dict(connection.settings_dict)
        if request.param == "gone":
            trouble: dict[str, Any] = {"PORT": 1}
        else:
            with connection.cursor() as cursor:
                cursor.execute("CREATE ROLE crowded LOGIN CONNECTION LIMIT 0")
            trouble = {"USER": "crowded"}
        connection.close()
        connection.settings_dict.update(trouble)
        yield
        connection.settings_dict.update(original)
        with connection.cursor() as cursor:
            cursor.execute("DROP ROLE IF EXISTS crowded")

    def test_every_request_is_a_503(self, writing: Requests, unreachable: None, anonymous: Client) -> None:
        for name, send in writing.items():
            answer = send()
            assert answer.status_code == 503, name
            assert answer.headers["Retry-After"]
        assert anonymous.get("/readyz").json() == {"status": "unavailable", "database": "lost"}


@on_postgresql
class TestFull:
    @pytest.fixture
    def plain_role(self, db: None) -> Iterator[None]:
        """The application may use its tables and make none, not even temporary ones."""
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f'REVOKE TEMPORARY ON DATABASE "{connection.settings_dict["NAME"]}" FROM PUBLIC')
            cursor.execute("CREATE ROLE plain")
            cursor.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO plain")
            cursor.execute("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO plain")
            cursor.execute("SET ROLE plain")
            yield
            transaction.set_rollback(True)

    @pytest.mark.usefixtures("plain_role")
    def test_room_is_seen_without_the_right_to_make_temporary_tables(self) -> None:
        with pytest.raises(ProgrammingError, match="temporary"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("CREATE TEMPORARY TABLE refused (number int)")

        assert has_room()
        assert not Session.objects.exists()

    def test_whoever_asks_is_told_until_there_is_room(self, writing: Requests, anonymous: Client) -> None:
        assert is_ready(anonymous)
        with failing("53100"):
            assert_problem(writing["pay"](), 503, "busy")

            assert not is_ready(anonymous)
            assert anonymous.get("/readyz").json() == {"status": "unavailable", "database": "full"}
            assert metrics.DATABASE_FULL._value.get() > time.time() - 60
            assert (
                "disk is full" in next(check for check in doctor.examine() if check.name == "database_writable").detail
            )

        assert is_ready(anonymous)

    def test_as_long_as_it_refuses_nobody_no_table_is_made(
        self, anonymous: Client, django_assert_num_queries: Any
    ) -> None:
        assert is_ready(anonymous)
        with django_assert_num_queries(1):
            assert is_ready(anonymous)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite has one writer at a time")
def test_while_somebody_writes_to_sqlite_it_can_be_written(anonymous: Client) -> None:
    assert is_ready(anonymous)
    other = connections.create_connection("default")
    other.set_autocommit(False)
    with other.cursor() as cursor:
        cursor.execute("UPDATE core_user SET username = username")
        assert is_ready(anonymous)
    other.rollback()
    other.close()
