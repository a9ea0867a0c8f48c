"""Take PhonePe's webhooks in: refuse strangers, store what is authentic, answer. `processing` reads it later.

The header is a constant shared secret and the body is not signed, so a webhook never moves money by itself.
Source: "Webhook" in PhonePe's documentation.
"""

import json
import re
from datetime import datetime
from hashlib import sha256
from typing import Any

import structlog
from django.conf import settings
from django.db import DatabaseError
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from core.errors import WebhookRefused
from core.models import AlertKind, WebhookEvent
from core.services.operations import metrics
from core.services.operations.alerts import alert

logger = structlog.get_logger(__name__)
DIGEST = re.compile(r"[0-9a-fA-F]{64}")
REFUSED_IN_A_ROW = 5


def verify(authorization: str) -> None:
    """Accept only PhonePe's header: the hex SHA-256 of `username:password`, now or before the last rotation.

    :raises WebhookRefused: if it is another, or none is configured
    """
    expected = [sha256(pair.encode()).hexdigest() for pair in settings.PHONEPE_WEBHOOK_CREDENTIALS]
    # Every one is compared, so that the time taken does not tell which one is near.
    accepted = [constant_time_compare(authorization, digest) for digest in expected]
    if not any(accepted):
        _refusals.add(authorization)
        raise WebhookRefused
    _refusals.end()
    if not accepted[0]:
        metrics.WEBHOOKS.labels("previous_credentials").inc()


class Refusals:
    """Counts deliveries that this process refused in a row, and tells operators of the fifth.

    Only what has the shape of PhonePe's header counts: others are strangers, who may knock all night.
    """

    def __init__(self) -> None:
        self._in_a_row = 0

    def add(self, authorization: str) -> None:
        if not DIGEST.fullmatch(authorization):
            return
        self._in_a_row += 1
        if self._in_a_row == REFUSED_IN_A_ROW:
            sentence = (
                f"{REFUSED_IN_A_ROW} deliveries in a row came with a password that is not ours. Compare it with "
                "PhonePe's dashboard. The clock finds payments out meanwhile."
            )
            try:
                alert(AlertKind.WEBHOOKS_REFUSED, "webhooks", sentence, now=timezone.now())
            except DatabaseError as problem:  # the answer to the delivery is the same
                self._in_a_row -= 1
                logger.warning("alert_not_raised", problem=type(problem).__name__)

    def end(self) -> None:
        self._in_a_row = 0


_refusals = Refusals()


def receive(body: bytes, *, now: datetime) -> int:
    """Store a delivery durably before it is read; return how often it has come."""
    return WebhookEvent.objects.keep(digest=sha256(body).hexdigest(), body=body, now=now)


def read_body(body: bytes) -> Any:
    """Return a delivery's JSON.

    :raises ValueError: if it is not JSON
    """
    try:
        return json.loads(body)
    except RecursionError:
        raise ValueError("nested too deeply") from None
