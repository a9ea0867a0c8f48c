"""`python -m benchmarks.nights TASK [NUMBER]`: what is done once a day, timed; prints milliseconds.

`books` compares what is new, `all-books` everything; `retention DAYS` moves bodies older than so many days to files,
and prints the milliseconds a body.
"""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "zelton_backend.settings"


def main() -> None:
    django.setup()
    task, *more = sys.argv[1:]
    start = time.perf_counter()
    done = TASKS[task](*more)
    print(1000 * (time.perf_counter() - start) / done)


def books(*, everything: bool = False) -> int:
    from django.utils import timezone

    from core.services import audit

    if found := audit.check_and_alert(now=timezone.now(), everything=everything):
        raise SystemExit(f"The books differ: {found[:3]}")
    return 1


def retention(days: str) -> int:
    from django.utils import timezone

    from core.services.webhooks.archive import archive_bodies

    with TemporaryDirectory() as folder:
        moved = sum(count for _, count in archive_bodies(Path(folder), now=timezone.now(), days=int(days)))
    if not moved:
        raise SystemExit("There was no body to move.")
    return moved


TASKS: dict[str, Callable[..., int]] = {
    "books": books,
    "all-books": lambda: books(everything=True),
    "retention": retention,
}

if __name__ == "__main__":
    main()
