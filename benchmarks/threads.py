"""How many entries a second four threads post together."""

import time
from collections.abc import Callable
from threading import Thread

THREADS, SECONDS = 4, 3.0
Post = Callable[[str], object]


def rate(post: Post, prefix: str) -> float:
    """Return how many a second all threads post together.

    :param post: posts one entry, with a name that no other has, in a commit of its own
    """
    counts = [0] * THREADS
    ends = time.monotonic() + SECONDS

    def work(thread: int) -> None:
        from django.db import connection

        while time.monotonic() < ends:
            post(f"{prefix}-{thread}-{counts[thread]}")
            counts[thread] += 1
        connection.close()

    threads = [Thread(target=work, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / SECONDS
