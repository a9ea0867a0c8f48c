"""Who sends a request, and what they are: knox's tokens, in one statement."""

from hmac import compare_digest
from typing import cast

from django.db.models import CharField
from django.utils import timezone
from drf_spectacular.contrib.knox_auth_token import KnoxTokenScheme
from knox.auth import TokenAuthentication
from knox.crypto import hash_token
from knox.models import AuthToken
from knox.settings import CONSTANTS
from rest_framework.exceptions import AuthenticationFailed

from core.connection import unasked
from core.models import User
from core.prepared import Param, Prepared

_TOKENS = Prepared(
    lambda: AuthToken.objects.filter(token_key=Param("key", CharField())).select_related("user__tenant", "user__owner")
)


class ApiToken(TokenAuthentication):  # type: ignore[misc]
    """knox's log-in, without what else that does at each request: read all tokens of the user, to delete expired ones.

    They are refused here, and beat has them deleted.
    """

    def authenticate_credentials(self, token: bytes) -> tuple[User, AuthToken]:
        """:raises AuthenticationFailed: if this is not a token of ours that is still good"""
        try:
            written = token.decode()
        except UnicodeDecodeError:
            raise AuthenticationFailed("Invalid token.") from None
        if "\0" in written:  # which PostgreSQL cannot be asked for
            raise AuthenticationFailed("Invalid token.")
        digest = hash_token(written)
        for found in unasked(lambda: _TOKENS.rows(key=written[: CONSTANTS.TOKEN_KEY_LENGTH])):
            if compare_digest(digest, found.digest) and (found.expiry is None or found.expiry > timezone.now()):
                return cast("tuple[User, AuthToken]", self.validate_user(found))
        raise AuthenticationFailed("Invalid token.")


class ApiTokenScheme(KnoxTokenScheme):  # type: ignore[no-untyped-call]
    target_class = "core.views.authentication.ApiToken"
