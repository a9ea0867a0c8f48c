"""A row for every call to PhonePe about an order or a refund, from which its story is told."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

import structlog
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import QuerySet
from django.utils import timezone

from core.db.batches import delete_in_batches
from core.db.prepared import insert, insert_together
from core.models import PhonePeCall

logger = structlog.get_logger(__name__)

ANSWERED = "answered"
DECIDES_NOTHING = "PENDING"  # most answers, by far
_gathered: ContextVar[list[PhonePeCall] | None] = ContextVar("gathered calls", default=None)


class Reported(Protocol):
    """An answer with a state."""

    @property
    def state(self) -> str: ...


Answer = TypeVar("Answer", bound=Reported)


@dataclass(slots=True)
class Record:
    """What a call has brought so far.

    :ivar row: what tells of it, once it has ended
    """

    state: str = ""
    row: PhonePeCall | None = None

    def of(self, answer: Answer) -> Answer:
        """Note the state in an answer, and return the answer."""
        self.state = answer.state
        return answer


@contextmanager
def recorded(
    call: str, *, merchant_order_id: str = "", merchant_refund_id: str = "", kept_with_answer: bool = False
) -> Iterator[Record]:
    """Keep a row for the call made in this block, whatever comes of it. If that fails, nothing else does.

    :param call: the method of `PhonePeService`
    :param kept_with_answer: whether the caller stores `row` together with an answer; what is none is kept here
    """
    began, start, record = timezone.now(), time.monotonic(), Record()
    outcome, said = ANSWERED, ""
    try:
        yield record
        said = record.state
    except Exception as error:
        outcome, said = type(error).__name__, str(error)
        raise
    finally:
        record.row = PhonePeCall(
            call=call,
            merchant_order_id=merchant_order_id[:63],
            merchant_refund_id=merchant_refund_id[:63],
            at=began,
            milliseconds=round((time.monotonic() - start) * 1000),
            outcome=outcome[:64],
            said=said[:200],
        )
        gathered, is_question = _gathered.get(), call.endswith("_status")
        if gathered is not None and is_question and outcome == ANSWERED and said == DECIDES_NOTHING:
            gathered.append(record.row)
        elif outcome != ANSWERED or not kept_with_answer:
            _keep(record.row)


@contextmanager
def kept_together() -> Iterator[None]:
    """Keep the rows of questions that PhonePe answered with PENDING when this block ends, in one statement.

    They decide nothing, and there are many more of them than of all other calls.
    """
    rows: list[PhonePeCall] = []
    before = _gathered.set(rows)
    try:
        yield
    finally:
        _gathered.reset(before)
        if rows:
            _if_possible(lambda: insert_together(rows), rows[0])


def old_calls(*, now: datetime) -> QuerySet[PhonePeCall]:
    """Return the rows whose time here is over."""
    return PhonePeCall.objects.filter(at__lt=now - timedelta(days=settings.PHONEPE_CALLS_KEPT_DAYS))


def forget_old(*, now: datetime) -> int:
    """Delete them; return how many."""
    return delete_in_batches(old_calls(now=now))


def _keep(row: PhonePeCall) -> None:
    _if_possible(lambda: insert(row), row)


def _if_possible(keep: Callable[[], object], row: PhonePeCall) -> None:
    try:
        keep()
    except DatabaseError as error:  # the call has been made, and what came of it matters more
        if connection.in_atomic_block:
            raise
        logger.warning("call_not_kept", call=row.call, problem=str(error).partition("\n")[0])
