"""Let somebody choose a password who proves who they are with a token: of one use, because it names the old password.

Nothing is stored for it. A token is signed, holds the person, and a digest of what changes with the password.
"""

import secrets
from datetime import datetime, timedelta
from html import escape

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac

from core.errors import DomainError, InvalidField
from core.models import Notification, NotificationChannel, NotificationKind, User
from core.services.operations.log_ins import people_named

# How long a token holds: one that somebody asked for themselves, and one that an owner had sent.
LIFETIMES = {"reset": timedelta(hours=1), "invitation": timedelta(days=7)}


class TokenNotValid(DomainError):
    """The token to choose a password is wrong, has run out or was used."""

    code = "token_not_valid"

    def __init__(self) -> None:
        super().__init__(
            "This link is not valid any more. Ask for a new one with “Forgot password?”, or, if you were invited, "
            "whoever invited you."
        )


def reset_password(email: str, *, now: datetime) -> None:
    """Mail a token to whoever has this address, if that is one active person; the caller cannot tell."""
    found = [user for user in people_named(email) if user.is_active and user.email.casefold() == email.casefold()]
    if len(found) == 1:
        sentence = "Somebody, we hope you, asked for a new password for Zelton."
        _mail(found[0], "Choose a new password", sentence, "reset", now=now)


def invite(user: User, sentence: str, *, now: datetime) -> None:
    """Mail somebody who has no password yet a token to choose one. Called in the transaction of the cause."""
    _mail(user, "You are invited to Zelton", sentence, "invitation", now=now)


def token_for(user: User, purpose: str) -> str:
    """:param purpose: a key of `LIFETIMES`"""
    return signing.dumps([user.pk, _digest(user)], salt=f"core.passwords.{purpose}")


def choose_password(token: str, password: str) -> User:
    """Give whom a token names a new password, which ends their log-ins and the token.

    :raises TokenNotValid: if it is none, or not any more
    :raises InvalidField: if the password is too weak
    """
    with transaction.atomic():
        user = _named_by(token)
        try:
            validate_password(password, user)
        except ValidationError as problem:
            raise InvalidField("password", " ".join(problem.messages)) from None
        user.set_password(password)
        user.save(update_fields=["password"])
    return user


def link_to_choose(token: str) -> str:
    return f"{settings.APP_PASSWORD_URL}?token={token}"


def _named_by(token: str) -> User:
    """Return whom a good token names, locked, so that of two uses at once one is the second."""
    for purpose, lifetime in LIFETIMES.items():
        try:
            pk, digest = signing.loads(token, salt=f"core.passwords.{purpose}", max_age=lifetime)
        except (signing.BadSignature, ValueError):
            continue
        user = User.objects.select_for_update().filter(pk=pk, is_active=True).first()
        if user is not None and constant_time_compare(digest, _digest(user)):
            return user
    raise TokenNotValid


def _digest(user: User) -> str:
    changes = f"{user.pk} {user.password} {user.email}"
    return salted_hmac("core.passwords", changes, algorithm="sha256").hexdigest()[:32]


def _mail(user: User, subject: str, sentence: str, purpose: str, *, now: datetime) -> None:
    lifetime, link = LIFETIMES[purpose], link_to_choose(token_for(user, purpose))
    until = "an hour" if lifetime == timedelta(hours=1) else f"{lifetime.days} days"
    what = f"Choose a password here within {until}. The link works once; if this was not for you, do nothing."
    Notification.objects.create(
        kind=NotificationKind.PASSWORD,
        about=f"user:{user.pk}:{secrets.token_hex(8)}",  # each is told
        channel=NotificationChannel.EMAIL,
        recipient=user.email,
        subject=f"Zelton: {subject}",
        text=f"{sentence}\n\n{what}\n\n{link}\n",
        html=f'<p>{escape(sentence)}</p><p>{escape(what)}</p><p><a href="{escape(link)}">{escape(link)}</a></p>',
        created_at=now,
        next_try_at=now,
    )
