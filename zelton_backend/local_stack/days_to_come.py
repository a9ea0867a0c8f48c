"""Live through days to come: python -m zelton_backend.local_stack.days_to_come DAYS SIMULATOR

The simulator's clock and the one of this process jump ahead together, half a day at a time, and after each
jump all is done that is due, as the worker and beat would do it. They must have stopped: their clocks go on as ever.
"""

import sys
import time
from datetime import datetime, timedelta

import django
from django.utils import timezone

from zelton_backend.local_stack.http import post_json
from zelton_backend.local_stack.journey import expect_status

STEP = timedelta(hours=12)


class ClockAhead:
    """Puts the clock of this process ahead: Django's and the one by which tokens expire.

    Install it before models are imported: their defaults keep the function that they find.
    """

    def __init__(self) -> None:
        self.ahead = timedelta()

    def install(self) -> None:
        now, seconds = timezone.now, time.time

        def now_ahead() -> datetime:
            return now() + self.ahead

        def seconds_ahead() -> float:
            return seconds() + self.ahead.total_seconds()

        timezone.now, time.time = now_ahead, seconds_ahead


def main(days: int, simulator: str) -> None:
    clock = ClockAhead()
    clock.install()
    django.setup()
    for _ in range(timedelta(days=days) // STEP):
        moved = post_json(f"{simulator}/_simulator/clock", {"advance": STEP.total_seconds()})
        expect_status(moved, 200)
        clock.ahead += STEP
        _do_what_is_due()


def _do_what_is_due() -> None:
    from core import tasks
    from core.services import worker
    from core.services.operations import delivery

    tasks.renew_subscriptions()
    worker.tick()
    delivery.deliver_due()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
