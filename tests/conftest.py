import os
import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.db.backends.base.operations import BaseDatabaseOperations

from core import tasks
from core.db.append_only import protect, unprotect
from core.models import Payment, PricingPlan, Tenancy, User
from core.services import phonepe_service, worker
from core.services.operations import delivery
from core.services.phonepe import rate_limit
from core.services.phonepe_service import PhonePeService
from phonepe_simulator.requests_adapter import SimulatorAdapter
from tests.clocks import START
from tests.environment import POOLER_PORT
from tests.meanwhile import Meanwhile
from tests.migrated import migrated_database
from tests.people import Caller, make_owner, make_plan, make_tenancy, make_tenant
from tests.phonepe import Days, PhonePe
from zelton_backend.database import read_database
from zelton_backend.simulation.seeded import seeded

FIXTURES = Path(__file__).parent / "fixtures" / "phonepe"


@pytest.fixture(scope="session")
def django_db_modify_db_settings(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Put SQLite into a file: connections of threads then lock as they do in the product."""
    database = settings.DATABASES["default"]
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    on_sqlite = database["ENGINE"].endswith("sqlite3")
    database["TEST"]["NAME"] = str(tmp_path_factory.mktemp("db") / "test.sqlite3") if on_sqlite else f"test_{worker}"


@pytest.fixture(scope="session")
def django_db_keepdb(django_db_modify_db_settings: None) -> bool:
    """Begin with a copy of a database that was migrated before; one of PostgreSQL is made by the migrations."""
    database = settings.DATABASES["default"]
    if not database["ENGINE"].endswith("sqlite3"):
        return False
    shutil.copyfile(migrated_database(), database["TEST"]["NAME"])
    return True


@pytest.fixture(scope="session", autouse=True)
def flush_in_spite_of_triggers() -> Iterator[None]:
    """Let a test with real transactions be cleaned up: the books refuse to be emptied."""
    original = BaseDatabaseOperations.execute_sql_flush

    def execute_sql_flush(operations: BaseDatabaseOperations, statements: list[str]) -> None:
        unprotect(connection)
        original(operations, statements)
        protect(connection)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseDatabaseOperations, "execute_sql_flush", execute_sql_flush)
        yield


@pytest.fixture(scope="session", autouse=True)
def static_files_when_asked_for() -> None:
    """Spare every client that a test makes the list of all static files: it took half of the time."""
    settings.WHITENOISE_AUTOREFRESH = True


@pytest.fixture(scope="session", autouse=True)
def through_the_pooler(django_db_setup: None) -> Iterator[None]:
    """Let every connection lead through PgBouncer, once the database was made and migrated past it."""
    database = connection.settings_dict
    past = dict(database)
    if port := os.environ.get(POOLER_PORT):
        connection.close()
        url = f"postgresql://{past['USER']}@{past['HOST']}:{port}/{past['NAME']}"
        database.update(read_database(url, pooler=True))
    yield
    connection.close()
    database.update(past)


@pytest.fixture(scope="session", autouse=True)
def no_connection_is_left(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Let the test database be dropped, whatever thread still holds a connection to it."""
    yield
    if connection.vendor == "postgresql":
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            cursor.execute(f"SELECT pg_terminate_backend(pid) {others}")


@pytest.fixture(autouse=True)
def clean_process(request: pytest.FixtureRequest) -> Iterator[None]:
    """No test inherits another's throttle counts, PhonePe client or pace; its ids and jitter are always the same."""
    cache.clear()
    PhonePeService.forget_client()
    rate_limit.use(None)
    with seeded(request.node.nodeid):
        yield
    PhonePeService.forget_client()
    rate_limit.use(None)


@pytest.fixture
def quick_passwords(settings: Any) -> None:
    """Hash passwords in no time: how well they are hashed is Django's to test."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def surviving_ticks(ticks_fail_loudly: Callable[[], None]) -> None:
    """Let ticks survive what goes wrong in them, as they do in the product."""
    ticks_fail_loudly()


@pytest.fixture(autouse=True)
def ticks_fail_loudly() -> Iterator[Callable[[], None]]:
    """Let a test see what goes wrong in a tick; the product logs it and goes on."""

    def step(_: str, do: Callable[[], object]) -> bool:
        do()
        return True

    with pytest.MonkeyPatch.context() as patch:
        for module in (worker, tasks):
            patch.setattr(module, "survives", step)
        yield patch.undo


@pytest.fixture(autouse=True)
def no_thread_sends(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no tick begin a thread that sends messages: its connection would see nothing of the test's transaction."""

    class NeverSends:
        def __init__(self, **_: Any) -> None: ...

        def start(self) -> None:
            delivery._sending.release()

    monkeypatch.setattr(delivery, "Thread", NeverSends)


@pytest.fixture(autouse=True)
def sdk_as_it_came(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take back what core put into PhonePe's SDK: other tests use the SDK without core."""
    for module, name in (
        (phonepe_service.sdk_http, "RecyclingHTTPAdapter"),
        (phonepe_service.sdk_http, "Session"),
        (phonepe_service.sdk_base_client, "TokenService"),
    ):
        monkeypatch.setattr(module, name, getattr(module, name))


@pytest.fixture
def traveller() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


@pytest.fixture
def days(traveller: time_machine.Traveller) -> Days:
    return Days(traveller)


@pytest.fixture
def phonepe(traveller: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch) -> PhonePe:
    phonepe = PhonePe(traveller)
    monkeypatch.setattr(phonepe_service, "Transport", lambda **_: SimulatorAdapter(phonepe.simulator))
    return phonepe


@pytest.fixture
def meanwhile(phonepe: PhonePe, monkeypatch: pytest.MonkeyPatch) -> Meanwhile:
    return Meanwhile(monkeypatch)


@pytest.fixture
def tenancy(db: None, traveller: time_machine.Traveller) -> Tenancy:
    return make_tenancy(make_owner("asha"), make_tenant("ravi"), starts_on=date(2026, 4, 1))


@pytest.fixture
def tenant(tenancy: Tenancy) -> Caller:
    return Caller(tenancy.tenant.user)


@pytest.fixture
def owner(tenancy: Tenancy) -> Caller:
    return Caller(tenancy.unit.property.owner.user)


@pytest.fixture
def other_tenancy(tenancy: Tenancy) -> Tenancy:
    return make_tenancy(make_owner("meera"), make_tenant("farid"), starts_on=date(2026, 4, 1))


@pytest.fixture
def stranger(other_tenancy: Tenancy) -> Caller:
    return Caller(other_tenancy.tenant.user)


@pytest.fixture
def other_owner(other_tenancy: Tenancy) -> Caller:
    return Caller(other_tenancy.unit.property.owner.user)


@pytest.fixture
def operator(db: None) -> Caller:
    return Caller(User.objects.create(username="operator", is_staff=True, is_superuser=True))


@pytest.fixture
def plan(db: None) -> PricingPlan:
    return make_plan()


@pytest.fixture
def payment(tenant: Caller, phonepe: PhonePe) -> Payment:
    """An open rent payment of ₹15,000.00, all that is due."""
    answer = tenant.starts_rent()
    assert answer.status_code == 201, answer.content
    return Payment.objects.get(merchant_order_id=answer.json()["merchant_order_id"])


@pytest.fixture
def fixture_body() -> Any:
    return lambda name: (FIXTURES / f"{name}.json").read_bytes()
