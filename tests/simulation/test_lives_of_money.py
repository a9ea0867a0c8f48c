"""The whole life of money, some fifty times over: whatever comes between, our books are PhonePe's."""

import os
from collections.abc import Callable

import pytest

from zelton_backend.simulation.run import Result

# On PostgreSQL a seed takes several times as long.
SEEDS = range(1, 11) if os.environ.get("ZELTON_TEST_DATABASE") == "postgresql" else range(1, 51)
ORDERS = 6


@pytest.mark.parametrize("seed", SEEDS)
def test_our_books_are_phonepes_to_the_paisa(seed: int, simulate: Callable[..., Result]) -> None:
    result = simulate(seed, ORDERS)

    assert not result.violation, "\n".join([*result.trace, result.violation])
    assert result.counts["orders"] >= ORDERS
