"""Who sends a request, and what they are: knox's tokens, in one statement."""

from datetime import datetime
from hmac import compare_digest
from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.db.models import CharField
from django.http import HttpRequest
from django.utils import timezone
from drf_spectacular.contrib.knox_auth_token import KnoxTokenScheme
from knox.auth import TokenAuthentication
from knox.crypto import hash_token
from knox.models import AuthToken
from knox.settings import CONSTANTS
from rest_framework.authentication import get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from core.db.connection import unasked
from core.db.prepared import Param, Prepared
from core.models import User
from core.services.operations.log_ins import find_user
from core.views.error_texts import LOG_IN, LOG_IN_AGAIN

_TOKENS = Prepared(
    lambda: AuthToken.objects.filter(token_key=Param("key", CharField())).select_related("user__tenant", "user__owner")
)


def opens(digest: str, kept: str, expiry: datetime | None, *, now: datetime) -> bool:
    """Tell whether a token's digest is that of a log-in, and that has not ended."""
    return compare_digest(digest, kept) and (expiry is None or expiry > now)


class AnyName(ModelBackend):
    """Django's check of a password, for a person under any of their names; it takes as long for a name of nobody."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **_others: Any
    ) -> User | None:
        if username is None:
            return None
        user = find_user(username)
        name = user.username if user else username  # of nobody, or of too many
        return super().authenticate(request, username=name, password=password)


class ApiToken(TokenAuthentication):  # type: ignore[misc]
    """knox's log-in, without what else that does at each request: read all tokens of the user, to delete expired ones.

    They are refused here, and beat has them deleted.
    """

    def authenticate(self, request: Request) -> tuple[User, AuthToken] | None:
        """:raises AuthenticationFailed: if a token is sent in another way than it should be, or is none that is good"""
        kind, *sent = get_authorization_header(request).split() or [b""]
        if kind.lower() != self.authenticate_header(request).lower().encode():
            return None
        if len(sent) != 1:
            raise AuthenticationFailed(LOG_IN)
        return self.authenticate_credentials(sent[0])

    def authenticate_credentials(self, token: bytes) -> tuple[User, AuthToken]:
        """:raises AuthenticationFailed: if this is not a token of ours that is still good"""
        try:
            written = token.decode()
        except UnicodeDecodeError:
            raise AuthenticationFailed(LOG_IN_AGAIN) from None
        if "\0" in written:  # which PostgreSQL cannot be asked for
            raise AuthenticationFailed(LOG_IN_AGAIN)
        digest = hash_token(written)
        for found in unasked(lambda: _TOKENS.rows(key=written[: CONSTANTS.TOKEN_KEY_LENGTH])):
            if opens(digest, found.digest, found.expiry, now=timezone.now()):
                if not found.user.is_active:
                    break
                return found.user, found
        raise AuthenticationFailed(LOG_IN_AGAIN)


class ApiTokenScheme(KnoxTokenScheme):  # type: ignore[no-untyped-call]
    target_class = "core.views.authentication.ApiToken"
