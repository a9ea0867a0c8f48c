"""What is left of log-ins that are over: tokens of the app, and sessions of the admin."""

from datetime import datetime

from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from knox.models import AuthToken

from core.services.retention import delete_in_batches


def expired_log_ins(*, now: datetime) -> tuple[QuerySet[AuthToken], QuerySet[Session]]:
    """Return the tokens and the sessions that nobody can use any more."""
    return AuthToken.objects.filter(expiry__lte=now), Session.objects.filter(expire_date__lte=now)


def forget_expired(*, now: datetime) -> int:
    """Delete them; return how many."""
    return sum(delete_in_batches(rows) for rows in expired_log_ins(now=now))
