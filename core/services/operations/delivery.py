"""Send what waits in the outbox: outside of any transaction, beside everything else, and again until it is taken.

Nothing waits for it: the tick only looks whether something is due, and lets a thread of its own send it. A claim is
`next_try_at` moved beyond the longest a message takes, as with orders; a dead sender's claim lapses by itself.
"""

import smtplib
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from email.utils import formatdate
from threading import Lock, Thread
from urllib.parse import urlsplit

import requests
import structlog
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import Error, connection
from django.db.models import BigIntegerField, DateTimeField, F, QuerySet
from django.utils import timezone

from core.db.prepared import Param, PreparedUpdate
from core.models import Notification, NotificationChannel

logger = structlog.get_logger(__name__)

CLAIM = timedelta(minutes=2)
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=10), timedelta(hours=1)
GIVE_UP_AFTER = timedelta(days=3)
WEBHOOK_TIMEOUT = (3.0, 5.0)  # seconds, to connect and to answer
_sending = Lock()
_attachments_of: Callable[[Notification], list[tuple[str, bytes]]] | None = None


class NotTaken(Exception):
    """A message was not taken; says why in a sentence without a secret."""


def deliver_beside() -> None:
    """Let a thread send what is due, unless one of this process does so already."""
    is_due = Notification.objects.filter(next_try_at__lte=timezone.now()).exists()
    if is_due and _sending.acquire(blocking=False):
        Thread(target=_deliver_and_end, name="notifications", daemon=True).start()


def _deliver_and_end() -> None:
    try:
        deliver_due()
    except Error as problem:
        logger.warning("notifications_not_sent", problem=type(problem).__name__)  # the claims lapse
    finally:
        _close()
        _sending.release()


def _close() -> None:
    """Leave no connection behind with a thread that ends."""
    connection.close()


def deliver_due() -> tuple[int, int]:
    """Send what is due now; return how many messages were taken, and how many were not."""
    taken = failed = 0
    due = Notification.objects.filter(next_try_at__lte=timezone.now()).order_by("next_try_at", "pk")
    for notification in list(due):
        if _claim(notification, now=timezone.now()):
            if _deliver(notification):
                taken += 1
            else:
                failed += 1
    return taken, failed


def _same() -> QuerySet[Notification]:
    same = {"pk": Param("pk", BigIntegerField()), "next_try_at": Param("claimed_until", DateTimeField())}
    return Notification.objects.filter(**same)


_CLAIM = PreparedUpdate(_same, next_try_at=Param("until", DateTimeField()), tries=F("tries") + 1)
_SENT = PreparedUpdate(_same, next_try_at=None, sent_at=Param("sent_at", DateTimeField()), problem="")


def _claim(notification: Notification, *, now: datetime) -> bool:
    was = notification.next_try_at
    notification.next_try_at, notification.tries = now + CLAIM, notification.tries + 1
    return bool(_CLAIM.run(pk=notification.pk, claimed_until=was, until=notification.next_try_at))


def _deliver(notification: Notification) -> bool:
    told = {"notification": notification.pk, "about": notification.about, "channel": str(notification.channel)}
    try:
        CHANNELS[NotificationChannel(notification.channel)](notification)
    except NotTaken as problem:
        now = timezone.now()
        wait = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(notification.tries - 1, 20))
        again = now + wait if now < notification.created_at + GIVE_UP_AFTER else None
        mine = Notification.objects.filter(pk=notification.pk, next_try_at=notification.next_try_at)
        mine.update(next_try_at=again, problem=str(problem)[:300])
        logger.warning("notification_not_taken", **told, problem=str(problem), gives_up=again is None)
        return False
    _SENT.run(pk=notification.pk, claimed_until=notification.next_try_at, sent_at=timezone.now())
    logger.info("notification_sent", **told)
    return True


def _send_mail(notification: Notification) -> None:
    """:raises NotTaken: if the mail server does not take it"""
    to = [notification.recipient] if notification.recipient else settings.ALERT_EMAIL_TO
    host = urlsplit(settings.PHONEPE_REDIRECT_BASE_URL).hostname
    headers = {
        "Message-ID": f"<{notification.message_id}@{host}>",
        "Date": formatdate(notification.created_at.timestamp()),
        "Auto-Submitted": "auto-generated",
    }
    mail = EmailMultiAlternatives(notification.subject, notification.text, to=to, headers=headers)
    mail.attach_alternative(notification.html, "text/html")
    for name, pdf in attachments(notification):
        mail.attach(name, pdf, "application/pdf")
    if not to:
        raise NotTaken("ALERT_EMAIL_TO names nobody any more.")
    try:
        mail.send()
    except (OSError, smtplib.SMTPException, ValueError) as problem:
        server = f"The mail server {settings.EMAIL_HOST}" if settings.EMAIL_HOST else "EMAIL_URL"
        raise NotTaken(f"{server} does not take it: {_why(problem)}.") from None


def attach_with(attachments_of: Callable[[Notification], list[tuple[str, bytes]]]) -> None:
    """Say what draws the PDFs that go with a message: it knows documents, which are above this."""
    global _attachments_of
    _attachments_of = attachments_of


def attachments(notification: Notification) -> list[tuple[str, bytes]]:
    """Return what goes with a message; a document that cannot be drawn does not hold the message up."""
    try:
        return _attachments_of(notification) if _attachments_of else []
    except Exception:
        logger.exception("attachment_failed", notification=notification.pk)
        return []


def _log(notification: Notification) -> None:
    """Leave a line for operators: whoever has no address is told in the app alone."""
    logger.info("notification_without_address", kind=notification.kind, about=notification.about)


def _post(notification: Notification) -> None:
    """:raises NotTaken: if ALERT_WEBHOOK_URL does not take it"""
    url = settings.ALERT_WEBHOOK_URL
    if complaint := complaint_about(url):
        raise NotTaken(complaint)
    body = {"id": str(notification.message_id), "kind": notification.kind, **notification.data}
    headers = {"Idempotency-Key": str(notification.message_id)}
    host = urlsplit(url).hostname  # the rest of the address may be a secret
    try:
        with requests.post(
            url, json=body, headers=headers, timeout=WEBHOOK_TIMEOUT, allow_redirects=False, stream=True
        ) as answer:
            status = answer.status_code
    except (OSError, ValueError) as problem:
        raise NotTaken(f"ALERT_WEBHOOK_URL ({host}) does not answer: {_why(problem)}.") from None
    if not 200 <= status < 300:
        raise NotTaken(f"ALERT_WEBHOOK_URL ({host}) answered HTTP {status}.")


def complaint_about(url: str) -> str:
    """Return what is wrong with an address for a webhook, in a sentence; empty: nothing that can be seen from here."""
    with suppress(ValueError):
        parts = urlsplit(url)
        if parts.scheme in ("http", "https") and parts.hostname and parts.port != 0:
            return ""
    return "ALERT_WEBHOOK_URL is not an absolute URL (http or https)."


def _why(problem: Exception) -> str:
    if isinstance(problem, smtplib.SMTPResponseException):
        return f"{type(problem).__name__} {problem.smtp_code}"
    return type(problem).__name__


CHANNELS: dict[NotificationChannel, Callable[[Notification], None]] = {
    NotificationChannel.EMAIL: _send_mail,
    NotificationChannel.WEBHOOK: _post,
    NotificationChannel.LOG: _log,
}
