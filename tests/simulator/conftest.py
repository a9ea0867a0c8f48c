"""The people of these tests: a simulator with a clock of its own, and a merchant that talks to it."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from phonepe_simulator import Simulator, VirtualClock
from phonepe_simulator.http_server import SimulatorServer
from tests.simulator.people import Merchant, OverHttp, paid

START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(START)


@pytest.fixture
def merchant(clock: VirtualClock) -> Merchant:
    return Merchant(clock)


@pytest.fixture
def landlord(merchant: Merchant) -> Merchant:
    """A merchant with one rent paid by UPI and one by card."""
    paid(merchant, "RENT-1", "UPI_QR", 150000)
    paid(merchant, "RENT-2", "CARD", 33400)
    return merchant


@pytest.fixture
def sim(merchant: Merchant) -> Simulator:
    return merchant.sim


@pytest.fixture
def served() -> Iterator[OverHttp]:
    """A simulator with the machine's clock behind a real socket on a free port."""
    simulator = Simulator(seed=7)
    with SimulatorServer(simulator) as server:
        simulator.base_url = server.url
        yield OverHttp(simulator, server)
