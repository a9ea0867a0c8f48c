"""A second's calls to PhonePe, shared by threads, processes and machines."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from core.services.phonepe.call_budget import CallBudget
from tests.clocks import Clock
from tests.redis import running_redis
from zelton_backend.local_stack.ports import choose


@pytest.fixture
def clock() -> Clock:
    return Clock()


class TestInOneProcess:
    def test_a_second_has_so_many_permits_and_the_next_has_as_many_again(self, clock: Clock) -> None:
        budget = CallBudget(100, clock=clock)

        assert [budget.take(60), budget.take(60), budget.take(60)] == [60, 40, 0]

        clock.now += 1
        assert budget.take(200) == 100

    def test_what_is_given_back_can_be_taken_again_in_that_second_only(self, clock: Clock) -> None:
        budget = CallBudget(10, clock=clock)
        budget.give_back(budget.take(10) - 4)

        assert budget.take(10) == 6

        budget.give_back(6)
        clock.now += 1
        assert budget.take(20) == 10

    def test_a_part_is_kept_for_what_is_more_urgent(self, clock: Clock) -> None:
        budget = CallBudget(10, clock=clock)

        assert budget.take(10, share=0.8) == 8
        assert budget.take(10, share=0.8) == 0
        assert budget.take(10) == 2

    def test_each_of_several_processes_takes_its_share(self, clock: Clock) -> None:
        assert CallBudget(100, shares=4, clock=clock).take(100) == 25

    def test_threads_do_not_take_a_permit_twice(self) -> None:
        budget = CallBudget(500, clock=Clock())

        with ThreadPoolExecutor(8) as pool:
            taken = list(pool.map(lambda _: budget.take(1), range(2_000)))

        assert sum(taken) == 500


class TestWhenPhonePeAsksToSlowDown:
    def test_the_rate_is_halved_once_for_all_answers_of_a_second(self, clock: Clock) -> None:
        budget = CallBudget(100, clock=clock)

        for _ in range(20):
            budget.slow_down()

        clock.now += 0.01
        assert budget.take(100) == 50

    def test_it_is_halved_again_as_long_as_phonepe_asks_and_never_to_nothing(self, clock: Clock) -> None:
        budget = CallBudget(100, clock=clock)

        for _ in range(30):
            clock.now += 1
            budget.slow_down()

        assert budget.take(100) == 1

    def test_it_grows_back_by_itself(self, clock: Clock) -> None:
        budget = CallBudget(100, clock=clock)
        budget.slow_down()
        rates = []
        for _ in range(10):
            clock.now += 1
            rates.append(budget.take(1000))

        assert rates == sorted(rates)
        assert 50 < rates[0] < 60
        assert rates[-1] == 100


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_redis(tmp_path_factory.mktemp("redis")) as redis:
        yield redis.url


class TestBetweenProcesses:
    """Each CallBudget is what one process has; they meet in a real Redis."""

    @pytest.fixture(autouse=True)
    def one_second(self, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Clock:
        clock = Clock()
        clock.now = 10_000.0 + 100 * (hash(request.node.name) % 1_000_000)  # no test sees another's counts
        monkeypatch.setattr("core.services.phonepe.call_budget.time.time", clock)
        return clock

    def test_all_together_get_what_one_second_has(self, redis_url: str) -> None:
        processes = [CallBudget(100, redis_url=redis_url) for _ in range(4)]

        taken = [process.take(30) for process in processes * 2]

        assert taken == [30, 30, 30, 10, 0, 0, 0, 0]

    def test_a_busy_process_leases_more_than_it_needs_at_once(self, redis_url: str, one_second: Clock) -> None:
        busy, idle = CallBudget(100, redis_url=redis_url), CallBudget(100, redis_url=redis_url)
        for _ in range(80):
            busy.take(1)
        one_second.now += 1

        assert busy.take(1) == 1  # and leases eight
        assert idle.take(100) == 92

    def test_one_that_is_told_to_slow_down_slows_down_the_others(self, redis_url: str, one_second: Clock) -> None:
        told, other = CallBudget(100, redis_url=redis_url), CallBudget(100, redis_url=redis_url)
        told.take(1)
        told.slow_down()
        one_second.now += 1

        assert other.take(100) == 55

        told.start_slowly()  # and no other test is slowed down by this one
        one_second.now += 600
        assert other.take(100) == 100

    def test_without_redis_each_takes_its_share_and_nobody_waits(self) -> None:
        (port,) = choose([0])
        budget = CallBudget(100, shares=4, redis_url=f"redis://127.0.0.1:{port}/0")

        started = time.monotonic()
        taken = [budget.take(20) for _ in range(3)]

        assert taken == [20, 5, 0]
        assert time.monotonic() - started < 1
