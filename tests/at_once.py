"""Stories that happen at the same moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connections


def at_once(*stories: Callable[[], Any]) -> list[Any]:
    """Start all of them at the same moment, each in a thread with its own connection."""
    barrier = Barrier(len(stories))

    def run(story: Callable[[], Any]) -> Any:
        barrier.wait()
        try:
            return story()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(stories)) as pool:
        return [future.result() for future in [pool.submit(run, story) for story in stories]]
