"""`python -m benchmarks.telling ORDER ...`: explain orders as an operator does; prints the median in milliseconds."""

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
    for order in sys.argv[1:]:
        start = time.perf_counter()
        call_command("explain", order, skip_checks=True, stdout=StringIO())
        taken.append(1000 * (time.perf_counter() - start))
    print(median(taken[1:]))  # the first connects, and writes statements


if __name__ == "__main__":
    main()
