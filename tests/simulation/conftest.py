from collections.abc import Callable, Iterator
from typing import Any

import pytest

from zelton_backend.simulation.database import Databases, throw_away_databases
from zelton_backend.simulation.processes import Processes
from zelton_backend.simulation.run import Result, Wanted, run


@pytest.fixture(scope="session")
def databases(django_db_setup: None, django_db_blocker: Any) -> Iterator[Databases]:
    """One migrated template for all simulations of this process."""
    with django_db_blocker.unblock(), throw_away_databases() as made:
        yield made


@pytest.fixture
def simulate(databases: Databases, django_db_blocker: Any) -> Iterator[Callable[..., Result]]:
    with django_db_blocker.unblock():
        yield lambda seed, orders=0, keep=False, **wanted: run(seed, Wanted(orders, **wanted), databases, keep=keep)


@pytest.fixture
def processes(databases: Databases, django_db_blocker: Any) -> Iterator[Processes]:
    """Two processes, on a database of their own."""
    name = databases.copy()
    with django_db_blocker.unblock(), databases.opened(name), Processes() as two:
        yield two
    databases.drop(name)
