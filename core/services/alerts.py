"""Tell an operator: a row in the admin, a line in the log, a count in the summary."""

from datetime import datetime

import structlog
from django.db import IntegrityError, transaction

from core.models import Alert, AlertKind, Reconciliation
from core.models.reconciled import Reconciled, ReconciledQuerySet

logger = structlog.get_logger(__name__)


def alert(kind: AlertKind, subject: str, sentence: str, *, now: datetime) -> None:
    """Raise an alert; while the same one is open, it is not raised again."""
    try:
        with transaction.atomic():
            _, is_new = Alert.objects.get_or_create(
                kind=kind, subject=subject, resolved_at=None, defaults={"sentence": sentence, "raised_at": now}
            )
    except IntegrityError:  # another process raised it at this moment
        return
    if is_new:
        logger.error("alert", kind=str(kind), subject=subject, sentence=sentence)


def alert_silence(row: Reconciled, sentence: str, *, now: datetime) -> None:
    """Raise an alert once about an order or a refund on which PhonePe has given no final word for too long."""
    mine = ReconciledQuerySet(type(row)).filter(pk=row.pk, reconciliation_status=Reconciliation.OPEN)
    if row.reconciliation_status == Reconciliation.OPEN and mine.update(reconciliation_status=Reconciliation.SILENT):
        alert(AlertKind.SILENT, str(row), sentence, now=now)
