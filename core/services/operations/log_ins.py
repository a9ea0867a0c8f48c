"""Who logs in, and what is left of log-ins that are over: tokens of the app, and sessions of the admin."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db.models import QuerySet, Value
from django.db.models.functions import Upper
from knox.models import AuthToken
from knox.settings import knox_settings

from core.db.batches import delete_in_batches
from core.models import Owner, Tenant, User
from core.models.people import PHONE_MARKS, phone_digits

INDIA = "91"  # its code, before a phone number


def find_user(name: str) -> User | None:
    """Return who logs in under a user name, an e-mail address or a phone number, if there is such a person.

    A user name is one person's. An address or a number that several active people have is nobody's: each of them has a
    user name. It takes one statement, whether somebody is found or not.
    """
    if "\0" in name:  # which PostgreSQL cannot be asked for
        return None
    by_name = User.objects.filter(username=name).values("pk")
    others = [_with_email(name), *(_with_phone(people, name) for people in (Owner, Tenant))]
    found = list(User.objects.filter(pk__in=by_name.union(*others)))
    named = [user for user in found if user.username == name]
    return next(iter(named or found)) if named or len(found) == 1 else None


def people_named(name: str) -> QuerySet[User]:
    """Return everybody of this user name, e-mail address or phone number, active or not, for staff who look."""
    ways: list[QuerySet[Any, Any]] = [
        User.objects.filter(username=name).values("pk"),
        User.objects.exclude(email="").alias(address=Upper("email")).filter(address=Upper(Value(name))).values("pk"),
    ]
    for people in (Owner, Tenant):
        by_digits = people._default_manager.alias(digits=phone_digits()).filter(digits__in=ways_to_write(name))
        ways.append(by_digits.values("user"))
    return User.objects.filter(pk__in=ways[0].union(*ways[1:]))


def _with_email(name: str) -> QuerySet[Any, Any]:
    active = User.objects.filter(is_active=True).exclude(email="")
    return active.alias(address=Upper("email")).filter(address=Upper(Value(name))).values("pk")


def _with_phone(people: type[Owner] | type[Tenant], name: str) -> QuerySet[Any, Any]:
    active = people._default_manager.filter(user__is_active=True)
    return active.alias(digits=phone_digits()).filter(digits__in=ways_to_write(name)).values("user")


def ways_to_write(phone: str) -> set[str]:
    """Return the digits under which a phone number may be kept, with and without a 0 or the code of India before it."""
    digits = phone.translate({ord(mark): None for mark in PHONE_MARKS})
    if not (digits.isascii() and digits.isdigit() and 7 <= len(digits) <= 15):
        return {"-"}  # no phone number, and equal to none; an empty set would change the statement
    national = digits.removeprefix("00").removeprefix("0")
    national = national.removeprefix(INDIA) if len(national) == len(INDIA) + 10 else national
    if len(national) != 10:
        return {digits}
    return {digits, *(f"{before}{national}" for before in ("", "0", INDIA, f"00{INDIA}"))}


def log_in(user: User) -> tuple[AuthToken, str]:
    """Return a new token of the app; a person's oldest ones end where there would be too many.

    :returns: its row, and the token itself, which is stored nowhere
    """
    row, token = AuthToken.objects.create(user)
    newest = AuthToken.objects.filter(user=user).order_by("-created", "-digest")[: settings.API_TOKENS_PER_PERSON]
    AuthToken.objects.filter(user=user).exclude(pk__in=[*newest.values_list("pk", flat=True), row.pk]).delete()
    return row, token


def log_out_everywhere(user: User) -> None:
    """End every token that a person has, on whatever device."""
    AuthToken.objects.filter(user=user).delete()


def expired_log_ins(*, now: datetime) -> tuple[QuerySet[AuthToken], QuerySet[Session]]:
    """Return the tokens and the sessions that nobody can use any more."""
    return AuthToken.objects.filter(expiry__lte=now), Session.objects.filter(expire_date__lte=now)


def forget_expired(*, now: datetime) -> int:
    """Delete them; return how many. None lasts longer than if it were made now, whatever clock it was made by."""
    token_ends, session_ends = now + knox_settings.TOKEN_TTL, now + timedelta(seconds=settings.SESSION_COOKIE_AGE)
    AuthToken.objects.filter(expiry__gt=token_ends).update(expiry=token_ends)
    Session.objects.filter(expire_date__gt=session_ends).update(expire_date=session_ends)
    return sum(delete_in_batches(rows) for rows in expired_log_ins(now=now))
