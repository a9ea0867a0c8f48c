"""Two beats and two workers, and still one check for every poll that is due."""

from statistics import quantiles

import pytest

from tests.processes.deployment import Deployment
from tests.processes.watch import CLOSEST, OPENED_BEFORE, open_orders, watched

ORDERS = 30
UNTIL = 56.0  # seconds of an order's life: every poll of the closest ones
PATIENCE = 3.0  # seconds a poll may be late on a machine that does other things too; the next one is due then


@pytest.mark.slow
def test_an_order_is_never_checked_twice_for_the_same_poll(deployment: Deployment) -> None:
    people = deployment.seed(tenants=ORDERS, owners=1)
    deployment.wait_until("both workers", lambda: len(deployment.workers()) < 2, seconds=30)

    names = open_orders(deployment, people["tenants"])
    deployment.rest(UNTIL + PATIENCE - OPENED_BEFORE)

    orders = watched(deployment, names)
    for order in orders:
        served = order.polls_served()
        assert len(served) == len(set(served)), f"checked twice for one poll: {order}"
        assert -1 not in served, f"checked too early: {order}"
        assert order.closest() >= CLOSEST, order
        assert order.polls_missed(patience=PATIENCE) == [], order
    late = sorted(seconds for order in orders for seconds in order.lateness())
    print(f"{len(late)} checks of {ORDERS} orders, late by (quartiles) {quantiles(late)}, at most {late[-1]:.2f} s")
