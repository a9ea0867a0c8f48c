"""Months of subscriptions with AutoPay, lived in seconds: no debit too many, no period unpaid, nobody told nothing."""

from collections import Counter
from collections.abc import Callable

import pytest

from zelton_backend.simulation.run import Result, Wanted
from zelton_backend.simulation.subscriptions.planted import PLANTED

HAPPENS = (
    "paid",
    "mandates",
    "debits",
    "debited",
    "papers",
    "messages",
    "refunds",
    "surplus",
    "paused",
    "webhooks",
    "settled",
    "in_time",
)
OF_ORDERS = {"lost-order", "refused-refund", "old-webhook"}
COMES_BETWEEN = ("deaths", "meanwhile", "in_transactions", "faults")


def test_a_month_of_an_owner_leaves_nothing_wrong_and_is_the_same_again(simulate: Callable[..., Result]) -> None:
    first, again = (simulate(1, months=1, owners=1) for _ in range(2))

    assert not first.violation, "\n".join([*first.trace, first.violation])
    assert first.counts["mandates"]
    assert (again.digest, again.counts) == (first.digest, first.counts)


def test_a_message_before_its_cause_is_committed_is_found(simulate: Callable[..., Result]) -> None:
    found = simulate(1, months=1, owners=1, planted="early-mail")

    assert "before its cause is committed" in found.violation
    assert found.arguments == "--months 1 --owners 1 --plant early-mail"


def test_every_fourth_seed_tells_of_subscriptions() -> None:
    wanted = Wanted(orders=50, months=2, months_every=4)

    assert [wanted.by(seed).arguments() for seed in (3, 4, 5)] == [
        "--orders 50",
        "--months 2 --owners 3",
        "--orders 50",
    ]


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(PLANTED))
def test_a_planted_defect_is_found(name: str, simulate: Callable[..., Result]) -> None:
    wanted = {"orders": 60} if name in OF_ORDERS else {"months": 3, "owners": 3}

    assert any(simulate(seed, planted=name, **wanted).violation for seed in range(1, 61))


@pytest.mark.slow
def test_nothing_is_proved_by_what_never_happens(simulate: Callable[..., Result]) -> None:
    results = [simulate(seed, months=3, owners=3) for seed in range(1, 9)]

    assert [result.violation for result in results if result.violation] == []
    counts = sum((Counter(result.counts) for result in results), Counter[str]())
    assert {kind for kind in (*HAPPENS, *COMES_BETWEEN) if not counts[kind]} == set()
