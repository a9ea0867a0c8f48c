"""Which due rows are claimed next: the urgent ones, but every so often the longest waiting, so that none starves."""

import itertools
from collections.abc import Callable, Sequence
from typing import TypeVar

from core.models.reconciled import ReconciledQuerySet

OLDEST_FIRST = 5  # every so many claims the longest waiting rows come first, whatever is more urgent
Rows = Callable[[], ReconciledQuerySet]
Found = TypeVar("Found")


class Queue:
    """Rows of one model that PhonePe is asked about, and which of them are more urgent than others.

    :param kinds: the most urgent rows first; the last kind is all of them
    """

    def __init__(self, *kinds: Rows) -> None:
        self.kinds = kinds
        self._claims = itertools.count(1)  # of all passes, in all threads of this process

    def all_rows(self) -> ReconciledQuerySet:
        return self.kinds[-1]()

    def oldest_first(self) -> bool:
        """Count a claim, and tell whether it takes the longest waiting rows of all."""
        return next(self._claims) % OLDEST_FIRST == 0


class QueuePass:
    """One pass through a queue. It remembers of which kinds nothing is left, and does not look at them again."""

    def __init__(self, queue: Queue) -> None:
        self._queue = queue
        self._left = list(queue.kinds)

    @property
    def is_over(self) -> bool:
        return not self._left

    def claim(self, limit: int, take: Callable[[Rows, int], Sequence[Found]]) -> list[Found]:
        """Take up to so many rows, the most urgent first and the longest waiting among these.

        :param take: claims up to so many rows of a kind
        """
        claimed: list[Found] = []
        for kind in self._left[-1:] if self._queue.oldest_first() else tuple(self._left):
            if len(claimed) == limit:
                break
            wanted = limit - len(claimed)
            found = take(kind, wanted)
            claimed += found
            if len(found) < wanted:
                self._nothing_left_of(kind)
        return claimed

    def start_over(self) -> None:
        """Look at every kind again: claimed rows have been given back."""
        self._left = list(self._queue.kinds)

    def _nothing_left_of(self, kind: Rows) -> None:
        if kind is self._queue.kinds[-1]:
            self._left.clear()  # the last kind is all of them
        else:
            self._left.remove(kind)
