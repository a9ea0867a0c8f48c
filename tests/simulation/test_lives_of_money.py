"""The whole life of money, a few times over, and more in `make soak`: our books are PhonePe's, whatever happens."""

import os
from collections import Counter
from collections.abc import Callable

import pytest

from zelton_backend.simulation.run import Result

ON_POSTGRESQL = os.environ.get("ZELTON_TEST_DATABASE") == "postgresql"
SEEDS = range(1, 4 if ON_POSTGRESQL else 7)  # a seed takes several times as long on PostgreSQL
ORDERS = 6
HAPPENS = ("paid", "failed", "under_review", "refunds", "surplus", "webhooks", "faults", "outages")
COMES_BETWEEN = ("deaths", "meanwhile", "in_transactions", "waits")


@pytest.mark.parametrize("seed", SEEDS)
def test_our_books_are_phonepes_to_the_paisa(seed: int, simulate: Callable[..., Result]) -> None:
    result = simulate(seed, ORDERS)

    assert not result.violation, "\n".join([*result.trace, result.violation])
    assert result.counts["orders"] >= ORDERS


@pytest.mark.slow
@pytest.mark.skipif(ON_POSTGRESQL, reason="the stories are the same, but for who waits for whom")
def test_nothing_is_proved_by_what_never_happens(simulate: Callable[..., Result]) -> None:
    counts = sum((Counter(simulate(seed, 60).counts) for seed in (1, 2, 3)), Counter[str]())

    assert {kind for kind in (*HAPPENS, *COMES_BETWEEN) if not counts[kind]} == set()
