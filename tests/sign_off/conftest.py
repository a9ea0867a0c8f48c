from collections.abc import Callable, Iterator
from contextlib import nullcontext
from datetime import UTC, datetime
from typing import Any

import pytest

from zelton_backend.sign_off.local import LOCK_SECONDS, bench
from zelton_backend.sign_off.management.commands import phonepe_uat
from zelton_backend.sign_off.requirements import Outcome, all_requirements
from zelton_backend.sign_off.run import check_all
from zelton_backend.simulation.database import Databases, throw_away_databases

Check = Callable[..., dict[str, Outcome]]


@pytest.fixture(scope="session")
def databases(django_db_setup: None, django_db_blocker: Any) -> Iterator[Databases]:
    """One migrated template for all runs of this process: migrating takes longer than most of them."""
    with django_db_blocker.unblock(), throw_away_databases(lock_seconds=LOCK_SECONDS) as made:
        yield made


@pytest.fixture
def prepared(
    databases: Databases, django_db_blocker: Any, surviving_ticks: None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Let the command find its throw-away databases prepared."""
    monkeypatch.setattr(phonepe_uat, "throw_away_databases", lambda **_: nullcontext(databases))
    with django_db_blocker.unblock():
        yield


@pytest.fixture
def check(prepared: None, databases: Databases) -> Iterator[Check]:
    """Check the requirements of sections ("S"), or single ones ("S4"), and return what came of each by its id."""
    with bench(databases, now=datetime.now(UTC)) as ready:

        def run(*wanted: str) -> dict[str, Outcome]:
            chosen = [each for each in all_requirements() if not wanted or {each.id, each.id[0]} & set(wanted)]
            return {outcome.requirement.id: outcome for outcome in check_all(ready, chosen)}

        yield run
