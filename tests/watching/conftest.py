from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from core.services.phonepe import rate_limit
from core.services.phonepe.rate_limit import RateLimit

Told = Callable[[str], float]


def scraped() -> dict[str, float]:
    """Return every series of the real /metrics, by its name with labels."""
    answer = Client().get("/metrics", headers={"Authorization": "Bearer metrics-for-tests"})
    assert answer.status_code == 200
    lines = [line.rpartition(" ") for line in answer.content.decode().splitlines() if line and line[0] != "#"]
    return {name: float(value) for name, _, value in lines}


@pytest.fixture
def scrape() -> Callable[[], dict[str, float]]:
    return scraped


@pytest.fixture
def more(db: None) -> Told:
    """How much a counter has grown since the test began."""
    before = scraped()
    return lambda name: scraped()[name] - before[name]


@pytest.fixture
def own_pace(traveller: Any) -> Iterator[None]:
    """The circuit breaker on the story's clock."""
    rate_limit.use(RateLimit(lambda: datetime.now(UTC).timestamp()))
    yield
    rate_limit.use(None)
