"""Write into the outbox whom to tell what; `delivery` sends it. Called in the transaction of the cause."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from html import escape
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from core.db.batches import delete_in_batches
from core.india import in_india
from core.models import Alert, AlertKind, Notification, NotificationChannel, NotificationKind

KEPT = timedelta(days=400)  # messages name people and their addresses; nothing that old is told again


def old_messages(*, now: datetime) -> QuerySet[Notification]:
    """Return the messages whose time here is over: sent, or given up."""
    return Notification.objects.filter(created_at__lt=now - KEPT, next_try_at=None)


def forget_old(*, now: datetime) -> int:
    """Delete them; return how many."""
    return delete_in_batches(old_messages(now=now))


def channels() -> list[NotificationChannel]:
    """Return where operators want to be told."""
    wanted = {
        NotificationChannel.EMAIL: settings.ALERT_EMAIL_TO,
        NotificationChannel.WEBHOOK: settings.ALERT_WEBHOOK_URL,
    }
    return [channel for channel, where in wanted.items() if where]


def tell_operators(alerts: Iterable[Alert], *, now: datetime) -> None:
    """Have operators told of alerts, wherever the settings say; of each once."""
    rows = [_of_alert(alert, channel, now=now) for alert in alerts for channel in channels()]
    rows.sort(key=lambda row: (row.about, row.channel))  # in one order everywhere, as alerts are raised
    Notification.objects.bulk_create(rows, ignore_conflicts=True)


def _of_alert(alert: Alert, channel: NotificationChannel, *, now: datetime) -> Notification:
    kind = AlertKind(alert.kind)
    environment = settings.PHONEPE_ENVIRONMENT
    page = f"{settings.PHONEPE_REDIRECT_BASE_URL}/admin/core/alert/{alert.pk}/change/"
    facts = {
        "What": f"{kind.label[0].upper()}{kind.label[1:]}",
        "About": alert.subject,
        "Raised": f"{in_india(alert.raised_at):%d %b %Y, %H:%M:%S} IST",
        "What to do": f"{settings.PHONEPE_REDIRECT_BASE_URL}{kind.runbook}",
        "Page": page,
        "PhonePe": environment,
    }
    return Notification(
        kind=NotificationKind.ALERT,
        about=f"alert:{alert.pk}",
        channel=channel,
        subject=f"Zelton {environment}: {kind.label}"[:200],
        text="\n".join([alert.sentence, "", *(f"{name}: {value}" for name, value in facts.items()), ""]),
        html=as_html(alert.sentence, facts),
        data=_data(alert, page),
        created_at=now,
        next_try_at=now,
    )


def as_html(sentence: str, facts: dict[str, str]) -> str:
    """Return a sentence and what stands below it as HTML; all of it is text."""
    cells = ((escape(name), escape(value)) for name, value in facts.items())
    rows = "".join(f"<tr><th align=left>{name}</th><td>{value}</td></tr>" for name, value in cells)
    return f"<p>{escape(sentence)}</p><table cellpadding=4>{rows}</table>"


def _data(alert: Alert, page: str) -> dict[str, Any]:
    """Return what a program gets; `text` is what chat services show."""
    kind = AlertKind(alert.kind)
    return {
        "text": f"Zelton {settings.PHONEPE_ENVIRONMENT}: {kind.label}. {alert.sentence} {page}",
        "environment": settings.PHONEPE_ENVIRONMENT,
        "alert": {
            "id": alert.pk,
            "kind": alert.kind,
            "subject": alert.subject,
            "sentence": alert.sentence,
            "raised_at": alert.raised_at.isoformat().replace("+00:00", "Z"),
            "runbook": f"{settings.PHONEPE_REDIRECT_BASE_URL}{kind.runbook}",
            "page": page,
        },
    }
