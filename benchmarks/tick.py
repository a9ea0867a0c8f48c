"""`python -m benchmarks.tick COUNT`: look for what is due, COUNT times; prints the median in milliseconds.

The operator's command runs the product's own tick, and with nothing due that is nothing but looking.
"""

import os
import sys
import time
from io import StringIO
from statistics import median

import django
from django.core.management import call_command

os.environ["DJANGO_SETTINGS_MODULE"] = "zelton_backend.settings"


def main() -> None:
    django.setup()
    taken = []
    for _ in range(int(sys.argv[1])):
        start = time.perf_counter()
        for command in ("reconcile_pending_payments", "reconcile_pending_refunds"):
            call_command(command, skip_checks=True, stdout=StringIO())
        taken.append(1000 * (time.perf_counter() - start))
    print(median(taken))


if __name__ == "__main__":
    main()
