"""How many calls a second PhonePe gets from all of our processes together.

The count of a second is in Redis. A process takes permits for that second some at a time, not one by one, and what
it does not use ends with the second. Without Redis, or while it is away, each process takes its share.

PhonePe states no limit but may answer 429: then the rate is halved, for everybody, and grows again by itself.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

import redis
import structlog

logger = structlog.get_logger(__name__)

GROWTH = 1.1  # times a second, after a cut
LEAST = 1.0  # call a second
SLOW_START = 0.05  # of the full rate, when PhonePe is back
CUT_AT_MOST_EVERY = 1.0  # seconds
LEASES_A_SECOND = 10
SMALLEST = 200  # part of a second's permits: 5 of 1,000
REDIS_PATIENCE = 0.2  # seconds
WITHOUT_REDIS_FOR = 5.0  # seconds, after it did not answer
KEPT_FOR = 5  # seconds a count stays in Redis
FORGOTTEN_AFTER = 600  # seconds; by then any rate has grown back

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Cut:
    """When the rate was cut, and to how many calls a second. `at` is on the budget's clock."""

    rate: float
    at: float

    def rate_at(self, now: float, full: float) -> float:
        """Return what the rate has grown to."""
        seconds = min(max(now - self.at, 0.0), float(FORGOTTEN_AFTER))
        return float(min(full, self.rate * GROWTH**seconds))


class Counter(Protocol):
    """Where the permits of a second are counted, and the last cut is kept."""

    def take(self, second: int, wanted: int, most: int) -> int:
        """Count permits of a second, as far as there are at most so many; return how many were granted."""

    def last_cut(self) -> Cut | None: ...

    def cut(self, cut: Cut) -> None:
        """Let everybody know of a cut."""


class InThisProcess:
    """A count of one process alone."""

    def __init__(self) -> None:
        self._second, self._counted = 0, 0
        self._cut: Cut | None = None

    def take(self, second: int, wanted: int, most: int) -> int:
        if second != self._second:
            self._second, self._counted = second, 0
        granted = max(0, min(wanted, most - self._counted))
        self._counted += granted
        return granted

    def last_cut(self) -> Cut | None:
        return self._cut

    def cut(self, cut: Cut) -> None:
        self._cut = cut


class InRedis:
    """A count that all processes share."""

    def __init__(self, url: str) -> None:
        self._redis = redis.Redis.from_url(url, socket_timeout=REDIS_PATIENCE, socket_connect_timeout=REDIS_PATIENCE)
        self._take = self._redis.register_script(
            """
            local counted = tonumber(redis.call('GET', KEYS[1]) or '0')
            local granted = math.max(0, math.min(tonumber(ARGV[1]), tonumber(ARGV[2]) - counted))
            redis.call('INCRBY', KEYS[1], granted)
            redis.call('EXPIRE', KEYS[1], ARGV[3])
            return granted
            """
        )

    def take(self, second: int, wanted: int, most: int) -> int:
        return int(self._take(keys=[f"zelton:phonepe:calls:{second}"], args=[wanted, most, KEPT_FOR]))

    def last_cut(self) -> Cut | None:
        last = self._redis.get("zelton:phonepe:cut")
        return Cut(*map(float, last.split())) if isinstance(last, bytes) else None

    def cut(self, cut: Cut) -> None:
        self._redis.set("zelton:phonepe:cut", f"{cut.rate} {cut.at}", ex=FORGOTTEN_AFTER)


class CallBudget:
    """Permits to call PhonePe, so many a second.

    :param calls_per_second: of all processes together
    :param shares: among how many processes they are divided while there is no Redis
    :param clock: returns seconds, the same for all processes that share a Redis
    """

    def __init__(
        self,
        calls_per_second: int,
        *,
        shares: int = 1,
        redis_url: str = "",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._full, self._clock = float(calls_per_second), time.time if redis_url else clock
        self._share = max(LEAST, self._full / shares)
        self._shared = InRedis(redis_url) if redis_url else None
        self._own = InThisProcess()
        self._own_until = 0.0
        self._second, self._leased, self._used, self._used_before = 0, 0, 0, 0
        self._lock = threading.Lock()

    def take(self, wanted: int, *, share: float = 1.0) -> int:
        """Return how many calls may be made now, at most as many as wanted.

        :param share: of a second's permits, above which there are none for this caller
        """
        with self._lock:
            second = int(self._clock())
            if second != self._second:
                self._second, self._leased = second, 0
                self._used, self._used_before = 0, self._used
            if self._leased < wanted:
                self._leased += self._lease(second, wanted - self._leased, share)
            granted = min(wanted, self._leased)
            self._leased -= granted
            self._used += granted
            return granted

    def give_back(self, unused: int) -> None:
        """Keep permits for another call of this process in this second."""
        with self._lock:
            self._leased += unused
            self._used -= unused

    def slow_down(self) -> None:
        """Halve the rate: PhonePe said that it is too much."""
        now = self._clock()
        last = self._ask(lambda counter, _: counter.last_cut())
        if last is not None and 0 <= now - last.at < CUT_AT_MOST_EVERY:
            return  # the answers of one second are one cause
        self._cut(Cut(max(LEAST, (last.rate_at(now, self._full) if last else self._full) / 2), now))

    def start_slowly(self) -> None:
        """Begin with few calls: PhonePe is back, and everything is due."""
        self._cut(Cut(max(LEAST, self._full * SLOW_START), self._clock()))

    def _lease(self, second: int, wanted: int, share: float) -> int:
        # A process that calls often leases more at once; one that seldom does keeps few from the others.
        permits = max(wanted, min(self._used_before, int(self._full)) // LEASES_A_SECOND, int(self._full / SMALLEST))

        def lease(counter: Counter, full: float) -> int:
            cut = counter.last_cut()
            rate = cut.rate_at(self._clock(), full) if cut else full
            return counter.take(second, permits, int(max(LEAST, rate * share)))

        return self._ask(lease)

    def _cut(self, cut: Cut) -> None:
        logger.warning("phonepe_calls_slowed_down", calls_per_second=round(cut.rate, 1))
        self._own.cut(cut)
        self._ask(lambda counter, _: counter.cut(cut))
        with self._lock:
            self._leased = 0

    def _ask(self, question: Callable[[Counter, float], Answer]) -> Answer:
        """Ask the count that all share, or our own while Redis is away."""
        if self._shared is not None and self._clock() >= self._own_until:
            try:
                return question(self._shared, self._full)
            except (redis.RedisError, ValueError):
                logger.warning("call_budget_without_redis", seconds=WITHOUT_REDIS_FOR)
                self._own_until = self._clock() + WITHOUT_REDIS_FOR
        return question(self._own, self._share)
