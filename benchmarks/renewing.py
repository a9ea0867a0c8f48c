"""`python -m benchmarks.renewing PART SECONDS_AHEAD`: do what is due for subscriptions, so far in the future.

PART is "subscriptions", for their clock, or "mandates", for the looks at mandates and orders, which processes share.
Prints how long it took, the processor time and the memory of this process, as JSON.
"""

import json
import os
import sys
import time
from datetime import timedelta
from resource import RUSAGE_SELF, getrusage

import django

from zelton_backend.local_stack.days_to_come import ClockAhead

os.environ["DJANGO_SETTINGS_MODULE"] = "zelton_backend.settings"


def main(part: str, seconds_ahead: float) -> None:
    clock = ClockAhead()
    clock.ahead = timedelta(seconds=seconds_ahead)
    clock.install()
    django.setup()
    from django.utils import timezone

    from core.services import worker
    from core.services.subscriptions.renewing import renew_due

    started, cpu_seconds = time.monotonic(), _cpu_seconds()
    if part == "subscriptions":
        renew_due(now=timezone.now())
    else:
        for work in (worker.MANDATES, worker.ORDERS):
            worker.do_due(work, worker.Tally())
    took = {"seconds": time.monotonic() - started, "cpu_seconds": _cpu_seconds() - cpu_seconds}
    print(json.dumps({**took, "mib": getrusage(RUSAGE_SELF).ru_maxrss / 1024}))


def _cpu_seconds() -> float:
    used = getrusage(RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
