"""Idempotency keys, after the IETF draft "The Idempotency-Key HTTP Header Field".

The same key and body gives back the same answer for 24 hours. Only answers that would stay the same are kept:
2xx and validation. After a 409, a 429 or a 5xx the key is free again but stays bound to its order.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from core.clocks import still_runs
from core.db.batches import delete_in_batches
from core.errors import InvalidField, KeyUsedOtherwise, StillRunning
from core.models import IdempotencyKey, User

KEPT_FOR = timedelta(hours=24)
LONGEST_KEY = 255
KEPT_ERRORS = {400, 422}
BEYOND_CALLS = timedelta(seconds=10)  # a request may make two calls to PhonePe, and wait for another's

Answer = tuple[int, Any]


def once(
    user: User, key: str, *, request: tuple[str, str, bytes], answer: Callable[[IdempotencyKey | None], Answer]
) -> Answer:
    """Answer a request once for its key; without a key, just answer.

    :param request: method, path and body
    :param answer: makes the answer (status code and JSON), given the key to bind to an order
    :raises KeyUsedOtherwise, StillRunning: as the design says
    """
    if not key:
        return answer(None)
    if len(key) > LONGEST_KEY or "\0" in key:
        raise InvalidField("Idempotency-Key", f"Use at most {LONGEST_KEY} characters, without NUL.")
    row = _take(user, key, _fingerprint(*request), now=timezone.now())
    if row.status_code is not None:
        return row.status_code, row.answer
    kept: Answer | None = None
    try:
        kept = answer(row)
    finally:
        _give_back(row, kept)
    return kept


def forget_old(*, now: datetime) -> int:
    """Delete keys whose time is over; return how many."""
    return delete_in_batches(old_keys(now=now))


def old_keys(*, now: datetime) -> QuerySet[IdempotencyKey]:
    return IdempotencyKey.objects.filter(created_at__lte=now - KEPT_FOR)


def _fingerprint(method: str, path: str, body: bytes) -> str:
    return sha256(b"\0".join([method.encode(), path.encode(), body])).hexdigest()


def _take(user: User, key: str, fingerprint: str, *, now: datetime) -> IdempotencyKey:
    lease = timedelta(seconds=2 * settings.PHONEPE_TIMEOUT) + BEYOND_CALLS
    fresh = {
        "fingerprint": fingerprint,
        "created_at": now,
        "running_until": now + lease,
        "order": None,
        "refund": None,
        "status_code": None,
        "answer": None,
    }
    IdempotencyKey.objects.filter(user=user, key=key, created_at__lte=now - KEPT_FOR).delete()
    try:
        with transaction.atomic():
            return IdempotencyKey.objects.create(user=user, key=key, **fresh)
    except IntegrityError:
        row = IdempotencyKey.objects.get(user=user, key=key)
    if row.fingerprint != fingerprint:
        raise KeyUsedOtherwise
    if row.status_code is None:
        now = timezone.now()  # we may have waited for the first request's writing
        mine = IdempotencyKey.objects.filter(pk=row.pk, status_code__isnull=True, running_until=row.running_until)
        lapsed = not still_runs(row.running_until, length=lease, now=now)
        if not (lapsed and mine.update(running_until=now + lease)):
            raise StillRunning("The first request with this Idempotency-Key still runs. Try again in a moment.")
        row.running_until = now + lease
    return row


def _give_back(row: IdempotencyKey, kept: Answer | None) -> None:
    # A request that was suspended for longer than its lease leaves the key to the one that has it now.
    mine = IdempotencyKey.objects.filter(pk=row.pk, running_until=row.running_until)
    if kept is not None and (kept[0] < 300 or kept[0] in KEPT_ERRORS):
        mine.update(status_code=kept[0], answer=kept[1])
    else:
        mine.update(running_until=timezone.now())
