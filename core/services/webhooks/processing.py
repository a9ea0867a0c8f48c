"""Read stored webhooks, many in one transaction, and make due what PhonePe is to be asked about.

Nothing here waits for anybody: a delivery about a row that another transaction holds, or that cannot be read now, is
put off, and later and later each time; it keeps no other from being read.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import structlog
from django.db import connection, transaction
from django.db.models import DateTimeField, QuerySet, Value

from core.db.prepared import Param, Prepared
from core.models import AlertKind, PaymentAttempt, ReportedBy, WebhookEvent, WebhookOutcome
from core.models.reconciled import Reconciled, ReconciledQuerySet
from core.services.operations.alerts import NewAlert, end_alert, raise_alerts
from core.services.refunds.dashboard import note_reported
from core.services.webhooks.inbox import read_body
from core.services.webhooks.known_rows import KnownRows
from core.services.webhooks.readers import Delivery, Reading, read

logger = structlog.get_logger(__name__)
AT_ONCE = 200
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=1), timedelta(hours=1)


def process_waiting(*, now: datetime, limit: int) -> int:
    """Read deliveries that were not read yet, and such as are to be tried again; return how many were read.

    Those that name an order or a refund of ours come first, however many others wait.

    :param limit: of each kind
    """
    about_ours, never_tried, to_try_again = (waiting.rows(now=now) for waiting in _waiting(limit))
    keys = list(dict.fromkeys([*about_ours, *never_tried]))
    batches = [keys[start : start + limit] for start in range(0, len(keys), limit)]
    return sum(process(batch, now=now) for batch in [*batches, to_try_again])


def waiting(now: datetime | Value) -> dict[str, QuerySet[WebhookEvent]]:
    """Return the deliveries that `process_waiting` would read, in two parts of which each goes along an index."""
    events = WebhookEvent.objects
    return {"webhooks never tried": events.never_tried(), "webhooks to try again": events.to_try_again(now)}


def would_make_due() -> Iterator[Reconciled]:
    """Yield the rows that reading all stored deliveries would make due, without changing anything."""
    keys = list(WebhookEvent.objects.unread().values_list("pk", flat=True))
    for start in range(0, len(keys), AT_ONCE):
        events = WebhookEvent.objects.filter(pk__in=keys[start : start + AT_ONCE])
        deliveries = [delivery for event in events if (delivery := _delivery(event)) is not None]
        known = KnownRows(delivery.payload for delivery in deliveries)
        for delivery in deliveries:
            try:
                row = read(delivery, known).due
            except Exception:  # a defect, as in `_read`
                logger.exception("webhook_not_processed")
                continue
            if row is not None:
                yield row


@cache
def _waiting(limit: int) -> tuple[Prepared[int], ...]:
    """Return what is looked for ten times a second: keys of deliveries that wait, of each kind."""
    events, now = WebhookEvent.objects, Param("now", DateTimeField())
    kinds = (lambda: events.about_ours(now), events.never_tried, lambda: events.to_try_again(now))
    return tuple(
        Prepared(lambda kind=kind: kind().values_list("pk", flat=True)[:limit])  # type: ignore[misc]
        for kind in kinds
    )


def try_failed_now() -> None:
    """Let what could not be read be tried again at once."""
    WebhookEvent.objects.unread().filter(next_try_at__isnull=False).update(next_try_at=None)


def process(keys: Sequence[int], *, now: datetime) -> int:
    """Read deliveries together; if that fails, one half after the other, down to the one that cannot be read."""
    if not keys:
        return 0
    try:
        with transaction.atomic():
            return _process_together(keys, now=now)
    except Exception:
        if len(keys) > 1:
            half = len(keys) // 2
            return process(keys[:half], now=now) + process(keys[half:], now=now)
        logger.exception("webhook_not_processed", webhook=keys[0])  # a defect of ours, or the database's trouble
        put_off = WebhookEvent.objects.unread().filter(pk=keys[0]).only("tries")
        _put_off(list(put_off), now=now)
        return 0


def _process_together(keys: Sequence[int], *, now: datetime) -> int:
    skip = connection.features.has_select_for_update_skip_locked
    rows = WebhookEvent.objects.unread().filter(pk__in=keys).order_by("pk").select_for_update(skip_locked=skip)
    read_events = _follow_up(_read(list(rows), now=now), now=now)
    WebhookEvent.objects.note_read([event for event, _ in read_events], now=now)
    for event, _ in read_events:
        outcome, order = str(event.outcome), event.merchant_order_id
        logger.info("webhook_processed", webhook=event.pk, phonepe_event=event.event, outcome=outcome, order=order)
    return len(read_events)


def _read(events: list[WebhookEvent], *, now: datetime) -> list[tuple[WebhookEvent, Reading]]:
    """Let each be read; one whose reader has a defect is put off."""
    deliveries = {event.pk: _delivery(event) for event in events}
    known = KnownRows(delivery.payload for delivery in deliveries.values() if delivery is not None)
    readings: list[tuple[WebhookEvent, Reading]] = []
    for event in events:
        delivery = deliveries[event.pk]
        try:
            reading = _unreadable(event) if delivery is None else read(delivery, known)
        except Exception:
            logger.exception("webhook_not_processed", webhook=event.pk)
            _put_off([event], now=now)
            continue
        event.event = delivery.name if delivery is not None else ""
        event.outcome, event.merchant_order_id = reading.outcome, reading.merchant_order_id
        readings.append((event, reading))
    return readings


def _delivery(event: WebhookEvent) -> Delivery | None:
    try:
        return Delivery.of(read_body(bytes(event.body)))
    except ValueError:
        return None


def _unreadable(event: WebhookEvent) -> Reading:
    sentence = "PhonePe sent a body that is not JSON."
    return Reading(WebhookOutcome.UNREADABLE, alert=NewAlert(AlertKind.UNREADABLE_WEBHOOK, event.digest, sentence))


def _follow_up(readings: list[tuple[WebhookEvent, Reading]], *, now: datetime) -> list[tuple[WebhookEvent, Reading]]:
    """Do what follows from deliveries; put off, and leave out, those about rows that another transaction holds."""
    held = _make_due([reading.due for _, reading in readings if reading.due is not None], now=now)
    _put_off([event for event, reading in readings if reading.due in held], now=now)
    followed = [(event, reading) for event, reading in readings if reading.due not in held]
    for event, reading in followed:
        if reading.reported_refund:
            note_reported([reading.reported_refund], reported_by=f"The webhook {event.event}", now=now)
        if reading.ended_dispute:
            end_alert(AlertKind.DISPUTE, reading.ended_dispute, now=now)
    attempts = [attempt for _, reading in followed for attempt in reading.attempts]
    PaymentAttempt.objects.note(attempts, reported_by=ReportedBy.WEBHOOK, now=now)
    raise_alerts([reading.alert for _, reading in followed if reading.alert is not None], now=now)
    return followed


def _make_due(rows: list[Any], *, now: datetime) -> set[Any]:
    """Make rows due that nobody holds, and return the others."""
    skip = connection.features.has_select_for_update_skip_locked
    held: set[Any] = set()
    for model in {type(row): None for row in rows}:
        wanted = {row.pk: row for row in rows if type(row) is model}
        free = ReconciledQuerySet(model).filter(pk__in=wanted).select_for_update(skip_locked=skip)
        keys = set(free.values_list("pk", flat=True))
        ReconciledQuerySet(model).filter(pk__in=keys).make_due(now=now)
        held |= {row for pk, row in wanted.items() if pk not in keys}
    return held


def _put_off(events: list[WebhookEvent], *, now: datetime) -> None:
    """Let deliveries wait for their next try: a second at first, and twice as long after each."""
    for event in events:
        wait = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(event.tries, 20))
        WebhookEvent.objects.filter(pk=event.pk).update(tries=event.tries + 1, next_try_at=now + wait)
