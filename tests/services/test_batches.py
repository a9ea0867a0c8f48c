"""How many rows a tick claims together: as many as it can ask about before the last of them is late."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from core.models import PaymentTransaction
from core.services import worker
from core.services.polling.queue import Queue


@dataclass
class Work:
    """So many due rows; each takes so many seconds to ask about."""

    due: int
    seconds: float
    claimed: list[int] = field(default_factory=list)
    share: float = 1.0
    now: float = 0.0

    def __post_init__(self) -> None:
        self.queue = Queue(PaymentTransaction.objects.none)

    def claim_due(self, *, limit: int, queue_pass: Any, **_: Any) -> list[int]:
        self.claimed.append(min(limit, self.due))
        self.due -= self.claimed[-1]
        return list(queue_pass.claim(limit, lambda *_: [0] * (self.claimed[-1] if self.due else 0)))

    def ask(self, _: Any, claims: list[int], __: Any) -> int:
        self.now += self.seconds * len(claims)
        return len(claims)


@pytest.mark.parametrize(
    ("seconds", "claimed"),
    [
        (0.0, [10, 40, 40]),  # however quick PhonePe is, no more: other workers are to have some
        (0.1, [10, 4, 4]),
        (0.3, [10, 1, 1]),
        (1.0, [10, 1, 1]),
    ],
)
def test_the_slower_phonepe_is_the_fewer(monkeypatch: pytest.MonkeyPatch, seconds: float, claimed: list[int]) -> None:
    work = Work(due=300, seconds=seconds)
    monkeypatch.setattr(worker, "check", work.ask)
    monkeypatch.setattr(worker.time, "monotonic", lambda: work.now)

    worker.do_due(work, worker.Tally())  # type: ignore[arg-type]

    assert work.claimed[:3] == claimed
