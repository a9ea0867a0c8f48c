"""How far a walk through the sandbox has come, kept in a file so that it can be stopped and taken up again."""

import json
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from zelton_backend.sign_off.proofs import Evidence

FILE = "progress.json"


class ProgressUnreadable(Exception):
    """The file holds something else, or the progress of a walk with other credentials."""


@dataclass
class Progress:
    """
    :ivar client_id: at PhonePe; a walk goes on only with the same
    :ivar name: what the people and things of this walk have in their names
    :ivar orders: what a client was told of each order, by its part in the walk
    :ivar refunds: what the owner was told of each refund, in order
    :ivar notes: what was tried and seen once, by name
    :ivar stops: from when to when the walk stood still
    :ivar entries: all calls to PhonePe and requests to us, masked, in order
    """

    path: Path
    client_id: str
    name: str
    started_at: str
    orders: dict[str, dict[str, Any]] = field(default_factory=dict)
    refunds: list[dict[str, Any]] = field(default_factory=list)
    notes: dict[str, Any] = field(default_factory=dict)
    stops: list[list[str]] = field(default_factory=list)
    entries: Evidence = field(default_factory=list)
    stopped_at: str = ""

    @classmethod
    def load(cls, folder: Path, *, client_id: str, name: str, now: datetime) -> "Progress":
        """Take up the walk that a folder holds, or begin one.

        :raises ProgressUnreadable: if it holds no such walk
        """
        path = folder / FILE
        if not path.exists():
            return cls(path, client_id, name, _instant(now))
        try:
            progress = cls(path=path, **json.loads(path.read_text()))
        except (OSError, ValueError, TypeError) as problem:
            raise ProgressUnreadable(
                f"{path} cannot be read: {type(problem).__name__}. Choose another folder."
            ) from None
        if progress.client_id != client_id:
            raise ProgressUnreadable(f"{path} is of a walk with another client id. Choose another folder.")
        if progress.stopped_at:
            progress.stops.append([progress.stopped_at, _instant(now)])
            progress.stopped_at = ""
        return progress

    def save(self) -> None:
        """Write it whole or not at all."""
        kept = asdict(self)
        del kept["path"]
        written = self.path.with_suffix(".part")
        written.write_text(json.dumps(kept, ensure_ascii=False))
        written.replace(self.path)

    def stop(self, now: datetime) -> None:
        self.stopped_at = _instant(now)
        self.save()

    def stood_still(self, moment: datetime) -> bool:
        """Tell whether the walk was stopped at a moment."""
        return any(start <= _instant(moment) <= end for start, end in self.stops)

    @property
    def started(self) -> datetime:
        return datetime.fromisoformat(self.started_at)


def _instant(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{moment.microsecond:06}Z"
