import pytest
import requests

from phonepe_simulator import Fault
from phonepe_simulator.requests_adapter import SimulatorAdapter
from tests.simulator.people import API, credentials

TOKEN = f"http://phonepe.test{API}/v1/oauth/token"


@pytest.fixture
def session(sim):
    with requests.Session() as session:
        session.mount("http://", SimulatorAdapter(sim))
        yield session


def test_a_session_talks_to_the_simulator_without_a_socket(sim, session):
    answer = session.post(TOKEN, data=credentials(sim), timeout=1)

    assert (answer.status_code, answer.json()["token_type"]) == (200, "O-Bearer")


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault("timeout_after"), requests.exceptions.ReadTimeout),
        (Fault("drip"), requests.exceptions.ReadTimeout),
        (Fault("cut_before"), requests.exceptions.ConnectionError),
        (Fault("latency", seconds=3600), requests.exceptions.ReadTimeout),
    ],
)
@pytest.mark.parametrize("timeout", [5, (1, 5)])
def test_what_goes_wrong_is_raised_at_once(sim, session, fault, error, timeout):
    sim.faults.add(fault)

    with pytest.raises(error):
        session.post(TOKEN, data=credentials(sim), timeout=timeout)


def test_a_short_wait_is_no_wait(sim, session):
    sim.faults.add(Fault("latency", seconds=4))

    assert session.post(TOKEN, data=credentials(sim), timeout=5).status_code == 200
