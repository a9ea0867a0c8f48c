"""Tell an operator: a row in the admin, a line in the log, a count in the summary, and a message in the outbox."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

import structlog
from django.db import transaction
from django.db.models import CharField, DateTimeField

from core.db.prepared import Param, PreparedUpdate
from core.errors import AlreadyResolved
from core.models import Alert, AlertKind, PaymentTransaction, Reconciliation, Refund
from core.models.reconciled import Reconciled, ReconciledQuerySet
from core.services.operations import outbox
from core.services.operations.permission import Operator, requires
from core.services.operations.trace import note_action

LONGEST_SENTENCE = 500

logger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class NewAlert:
    kind: AlertKind
    subject: str
    sentence: str


def alert(kind: AlertKind, subject: str, sentence: str, *, now: datetime) -> None:
    """Raise an alert; while the same one is open, it is not raised again."""
    raise_alerts([NewAlert(kind, subject, sentence)], now=now)


def raise_alerts(alerts: Iterable[NewAlert], *, now: datetime) -> None:
    """Raise alerts together; one that is open already, or that comes twice, is not raised again."""
    new = {(str(each.kind), each.subject): each for each in reversed(list(alerts))}
    subjects = {subject for _, subject in new}
    open_ones = Alert.objects.filter(subject__in=subjects, resolved_at=None) if subjects else Alert.objects.none()
    for key in open_ones.values_list("kind", "subject"):
        new.pop(key, None)
    # In one order everywhere, so that no two processes wait for each other. One that another process raises at this
    # moment is left out.
    rows = [
        Alert(kind=key[0], subject=key[1], sentence=in_short(new[key].sentence), raised_at=now) for key in sorted(new)
    ]
    with transaction.atomic(savepoint=False):
        Alert.objects.bulk_create(rows, ignore_conflicts=True)
        if rows and outbox.channels():  # the ids of rows are known only to the database
            raised = Alert.objects.filter(subject__in=[row.subject for row in rows], resolved_at=None)
            outbox.tell_operators([row for row in raised if (row.kind, row.subject) in new], now=now)
    for row in rows:
        logger.error("alert", kind=row.kind, subject=row.subject, sentence=row.sentence)


@requires("core.resolve_alert")
def resolve_alert(told: Alert, *, by: Operator, reason: str, now: datetime) -> None:
    """Resolve an alert with a note. The same thing raises a new one, if it goes on.

    :raises AlreadyResolved: if it is resolved
    """
    with transaction.atomic():
        if not Alert.objects.filter(pk=told.pk, resolved_at=None).update(resolved_at=now):
            raise AlreadyResolved
        order = PaymentTransaction.objects.filter(merchant_order_id=told.subject).first()
        refund = Refund.objects.filter(merchant_refund_id=told.subject).select_related("transaction").first()
        about, detail = f"alert:{told.pk}", {"kind": told.kind, "subject": told.subject}
        note_action(
            "resolve_alert", by=by, reason=reason, about=about, order=order, refund=refund, detail=detail, now=now
        )


def in_short(sentence: str) -> str:
    """Return a sentence that fits an alert, cut after a word if it has to be."""
    if len(sentence) <= LONGEST_SENTENCE:
        return sentence
    kept, _, _ = sentence[: LONGEST_SENTENCE - 1].rpartition(" ")
    return f"{kept or sentence[: LONGEST_SENTENCE - 2]} …"


def end_alert(kind: AlertKind, subject: str, *, now: datetime) -> None:
    """Resolve an alert, if it is open, because what it told of has come to its end."""
    _ENDED.run(kind=kind, subject=subject, now=now)


_ENDED = PreparedUpdate(
    lambda: Alert.objects.filter(
        kind=Param("kind", CharField()), subject=Param("subject", CharField()), resolved_at=None
    ),
    resolved_at=Param("now", DateTimeField()),
)


def end_alerts(kind: AlertKind, *, but: Collection[str], now: datetime) -> None:
    """Resolve all open alerts of a kind, but for those about what has not come to its end."""
    Alert.objects.filter(kind=kind, resolved_at=None).exclude(subject__in=but).update(resolved_at=now)


def end_waiting(subject: str, *, now: datetime) -> None:
    """Resolve the alerts about an order or a refund that had no final word, because it has one now."""
    for kind in (AlertKind.SILENT, AlertKind.LOST_BY_PHONEPE):
        end_alert(kind, subject, now=now)


def alert_silence(row: Reconciled, sentence: str, *, now: datetime) -> None:
    """Raise an alert once about an order or a refund on which PhonePe has given no final word for too long."""
    if _note_silence(row):
        alert(AlertKind.SILENT, str(row), sentence, now=now)


def alert_lost(row: Reconciled, sentence: str, *, now: datetime) -> None:
    """Raise an alert about an order or a refund that PhonePe took and now says it does not know."""
    _note_silence(row)
    alert(AlertKind.LOST_BY_PHONEPE, str(row), sentence, now=now)


def _note_silence(row: Reconciled) -> bool:
    """Mark an open row as one that waits too long, so that its final word ends the alert; False if it was marked."""
    mine = ReconciledQuerySet(type(row)).filter(pk=row.pk, reconciliation_status=Reconciliation.OPEN)
    if row.reconciliation_status != Reconciliation.OPEN or not mine.update(reconciliation_status=Reconciliation.SILENT):
        return False
    row.reconciliation_status = Reconciliation.SILENT
    return True
