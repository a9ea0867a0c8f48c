"""The clock of subscriptions: do what is due by the rows' own times, in batches, each row in a transaction of its own.

Late, twice, or on several machines at once, it comes to the same: what is due is decided again under the row's lock.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from django.db import transaction

from core.models import OwnerSubscription
from core.services.subscriptions.life import advance

logger = structlog.get_logger(__name__)

BATCH = 200


@dataclass(slots=True)
class Renewed:
    """What a run did: how many subscriptions it looked at, what happened to them, and how many it could not do."""

    looked_at: int = 0
    failed: int = 0
    steps: Counter[str] = field(default_factory=Counter)


def renew_due(*, now: datetime) -> Renewed:
    """Announce renewals, and move on what has ended; a subscription that fails does not stop the others."""
    done = Renewed()
    last: tuple[datetime, int] | None = None
    while batch := _due_after(last, now=now):
        for key, due_at in batch:
            last = (due_at, key)
            done.looked_at += 1
            try:
                with transaction.atomic():
                    steps = advance(key, now=now)
            except Exception:
                # A defect of ours: it stays due, and comes up again with the next run.
                logger.exception("renewal_failed", subscription=key)
                done.failed += 1
            else:
                done.steps.update(step.event for step in steps)
    return done


def _due_after(last: tuple[datetime, int] | None, *, now: datetime) -> list[tuple[int, datetime]]:
    """Return keys and due times of the next rows, beginning after the last one that this run has looked at."""
    due = OwnerSubscription.objects.filter(due_at__lte=now).order_by("due_at", "pk")
    if last is not None:
        due = due.filter(due_at__gte=last[0]).exclude(due_at=last[0], pk__lte=last[1])
    return list(due.values_list("pk", "due_at")[:BATCH])  # type: ignore[arg-type]
