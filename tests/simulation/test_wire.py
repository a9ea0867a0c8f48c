"""Questions are told apart by the moment at which a process set out to ask them."""

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from requests import ConnectionError as ConnectionCut
from requests import Request

from phonepe_simulator import Fault, Simulator, VirtualClock
from zelton_backend.simulation.processes import Processes
from zelton_backend.simulation.wire import Wire

QUESTION = Request("GET", "http://phonepe.simulated/apis/pg-sandbox/checkout/v2/order/ZLT-one/status").prepare()


@pytest.mark.parametrize(("stood_still", "wrong"), [(0, ["ZLT-one: PhonePe was asked again after 0.0 s"]), (4, [])])
def test_only_who_sets_out_after_a_question_asks_again(
    stood_still: int, wrong: list[str], processes: Processes
) -> None:
    clock = VirtualClock(datetime(2026, 4, 10, tzinfo=UTC))
    simulator = Simulator(clock=clock, seed=1)
    simulator.faults.add(Fault("cut_before"))
    wire = Wire(simulator, processes, slowness=lambda: 0.0, take=clock.advance)

    def asks() -> None:
        with suppress(ConnectionCut):
            wire.send(QUESTION)

    def somebody_asks_meanwhile() -> None:
        clock.advance(stood_still)
        processes.meanwhile(asks, {})

    processes.first.runs(asks, {1: somebody_asks_meanwhile})

    assert wire.wrong == wrong
    processes.first.runs(asks, {})
    assert len(wire.wrong) == len(wrong) + 1


@pytest.mark.parametrize(("stood_still", "wrong"), [(0, ["ZLT-one: PhonePe was asked again after 0.0 s"]), (4, [])])
def test_who_repeats_what_a_refused_token_kept_it_from_had_set_out_before(
    stood_still: int, wrong: list[str], processes: Processes
) -> None:
    clock = VirtualClock(datetime(2026, 4, 10, tzinfo=UTC))
    simulator = Simulator(clock=clock, seed=1)
    wire = Wire(simulator, processes, slowness=lambda: 0.0, take=clock.advance)

    def asks() -> None:
        with suppress(ConnectionCut):
            wire.send(QUESTION)

    def asks_twice() -> None:
        asks()  # and is refused
        asks()

    def somebody_asks_meanwhile() -> None:
        clock.advance(stood_still)
        simulator.faults.add(Fault("cut_before"))
        processes.meanwhile(asks, {})

    processes.first.runs(asks_twice, {2: somebody_asks_meanwhile})

    assert wire.wrong == wrong
