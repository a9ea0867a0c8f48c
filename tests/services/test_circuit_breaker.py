"""Whether PhonePe is thought to be down."""

import pytest

from core.services.phonepe.circuit_breaker import CircuitBreaker
from core.services.phonepe.rate_limit import RateLimit
from tests.clocks import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> CircuitBreaker:
    return CircuitBreaker(clock)


def stays_silent(breaker: CircuitBreaker, clock: Clock, *, calls: int, each: float) -> list[bool]:
    told = []
    for _ in range(calls):
        told.append(breaker.unanswered())
        clock.now += each
    return told


def test_it_opens_once_after_ten_silent_calls_within_five_seconds_and_more(
    breaker: CircuitBreaker, clock: Clock
) -> None:
    told = stays_silent(breaker, clock, calls=14, each=0.6)

    assert told.index(True) == 9
    assert told.count(True) == 1
    assert breaker.is_open


def test_a_burst_of_silence_is_no_outage(breaker: CircuitBreaker, clock: Clock) -> None:
    stays_silent(breaker, clock, calls=100, each=0.04)

    assert not breaker.is_open


def test_one_answer_in_between_keeps_it_closed(breaker: CircuitBreaker, clock: Clock) -> None:
    for _ in range(5):
        stays_silent(breaker, clock, calls=9, each=2)
        assert breaker.answered() is False

    assert not breaker.is_open


def test_an_open_one_lets_one_probe_through_now_and_then(breaker: CircuitBreaker, clock: Clock) -> None:
    stays_silent(breaker, clock, calls=10, each=1)

    probes = 0
    for _ in range(600):
        clock.now += 0.1
        probes += breaker.may_probe()

    assert 60 / 4.2 <= probes <= 60 / 1.9


def test_whoever_gets_an_answer_closes_it(breaker: CircuitBreaker, clock: Clock) -> None:
    stays_silent(breaker, clock, calls=10, each=1)

    assert breaker.answered() is True
    assert not breaker.is_open
    assert breaker.answered() is False


def test_a_web_process_that_notices_late_that_phonepe_is_back_slows_nobody_down(clock: Clock) -> None:
    web, worker = RateLimit(clock, redis_url=""), RateLimit(clock, redis_url="")
    worker.permits(1)
    for pace in (web, worker):
        stays_silent(pace.breaker, clock, calls=10, each=1)
        pace.answered()
        clock.now += 0.1

    assert web.budget.take(1000) == 1000
    assert 0 < worker.budget.take(1000) < 100
