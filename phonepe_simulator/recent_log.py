"""A log that keeps only its latest entries."""

from collections import deque
from collections.abc import Iterator
from itertools import islice
from typing import Generic, TypeVar

Entry = TypeVar("Entry")


class RecentLog(Generic[Entry]):
    """Keeps the latest `kept` entries. Every entry has a number, from 0 for the first that was ever added."""

    def __init__(self, kept: int) -> None:
        self._entries: deque[Entry] = deque(maxlen=kept)
        self._added = 0

    def append(self, entry: Entry) -> None:
        self._entries.append(entry)
        self._added += 1

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries)

    def numbered(self, first: int) -> Iterator[tuple[int, Entry]]:
        """Yield the entries that are still kept, from number `first` on, each with its number."""
        oldest = self._added - len(self._entries)
        skipped = max(first - oldest, 0)
        return enumerate(islice(self._entries, skipped, None), oldest + skipped)

    def latest(self, count: int) -> list[Entry]:
        """Return up to `count` entries, the newest first."""
        return list(islice(reversed(self._entries), count))
