"""The one way in which anything changes its status: the move is made, recorded and counted."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

import structlog
from django.db import transaction

from core.models import ChangeCause, Flow, Payable, PaymentStatus
from core.services.operations import metrics

logger = structlog.get_logger(__name__)


def move(
    payable: Payable,
    status: PaymentStatus,
    *,
    cause: ChangeCause,
    at: datetime,
    answer: Mapping[str, Any] | None = None,
) -> None:
    """Change the status of what was paid for, keep why, and count and log it once that is committed.

    :param answer: what PhonePe said, as it came
    :raises IllegalMove: if MOVES does not allow it
    """
    old = payable.status
    payable.move_to(status, cause=cause, at=at, answer=answer)
    transaction.on_commit(metrics.MOVES.labels(status, cause).inc)
    if payable.transaction.flow == Flow.REDEMPTION:
        transaction.on_commit(metrics.DEBITS.labels(status).inc)
    order = payable.merchant_order_id
    transaction.on_commit(
        partial(logger.info, "payment_moved", order=order, old=str(old), new=str(status), cause=str(cause))
    )
