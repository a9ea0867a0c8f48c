"""How fast PhonePe is asked: a budget of calls a second that all processes share, and a circuit breaker.

What a person asks for always goes out: it counts, and is a probe. The clock's own checks wait in the database, as
due as they are, until there is a permit.
"""

import os
import time
from collections.abc import Callable

import structlog
from django.conf import settings

from core.services.operations import metrics
from core.services.phonepe.call_budget import CallBudget
from core.services.phonepe.circuit_breaker import CircuitBreaker
from core.services.phonepe.errors import PhonePeError, PhonePeRejected, PhonePeTooManyRequests, PhonePeUnauthorised

logger = structlog.get_logger(__name__)


class RateLimit:
    """The rate limit of one process. Threads share it.

    :param clock: returns seconds; left out, the machine's own
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic, *, redis_url: str | None = None) -> None:
        self._serves_the_clock = False
        self.clock = clock
        self.answered_at: float | None = None  # seconds since 1970
        self.credentials_refused = False
        self.breaker = CircuitBreaker(clock)
        self.budget = CallBudget(
            settings.PHONEPE_CALLS_PER_SECOND,
            shares=settings.PHONEPE_CALL_SHARES,
            redis_url=settings.REDIS_URL if redis_url is None else redis_url,
            clock=clock,
        )

    def permits(self, wanted: int, *, share: float = 1.0) -> int:
        """Return how many checks of the clock may be made now, at most as many as wanted.

        :param share: of a second's permits, above which there are none for this kind of check
        """
        self._serves_the_clock = True
        if self.breaker.is_open:
            return int(self.breaker.may_probe())
        return self.budget.take(wanted, share=share)

    def give_back(self, unused: int) -> None:
        """Return permits for which nothing was due; a probe, too, so that orders do not keep it from refunds."""
        if unused and self.breaker.is_open:
            self.breaker.give_back()
        elif unused:
            self.budget.give_back(unused)

    def spend(self, calls: int = 1) -> None:
        """Count calls that a person asked for; they are made in any case."""
        self.budget.take(calls)

    def answered(self) -> None:
        """Note an answer. After an outage whoever serves the clock starts slowly, for everybody.

        A web process may notice the end of an outage long after it; it has no backlog, and slows nobody down.
        """
        self.answered_at, self.credentials_refused = time.time(), False
        metrics.LAST_ANSWER.set(self.answered_at)
        metrics.BREAKER.set(0)
        if self.breaker.answered():
            logger.warning("phonepe_answers_again")
            if self._serves_the_clock:
                self.budget.start_slowly()

    def failed(self, error: PhonePeError) -> None:
        """Note a call that did not end well; a refusal is an answer."""
        if isinstance(error, PhonePeRejected):
            self.answered()
        elif isinstance(error, PhonePeTooManyRequests):
            self.answered()
            self.budget.slow_down()
        else:
            metrics.LAST_SILENCE.set(time.time())
            self.credentials_refused = isinstance(error, PhonePeUnauthorised)
            if self.breaker.unanswered():
                logger.error("phonepe_does_not_answer", problem=str(error))
            if self.breaker.is_open:
                metrics.BREAKER.set(1)


_of_this_process: list[RateLimit] = []


def rate_limit() -> RateLimit:
    """Return this process's rate limit."""
    if not _of_this_process:
        use(RateLimit())
    return _of_this_process[0]


def use(another: RateLimit | None) -> None:
    """Use another rate limit from now on, perhaps on a clock of its own; None: a fresh one at its first use."""
    _of_this_process[:] = [another] if another else []


os.register_at_fork(after_in_child=lambda: use(None))  # locks and sockets must not be inherited
