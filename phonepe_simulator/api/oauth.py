"""Access tokens: who gets one, and which are valid."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hmac import compare_digest
from typing import Any

from phonepe_simulator.clock import Clock, epoch_millis, epoch_seconds
from phonepe_simulator.errors import authorization_failed, bad_request, invalid_client
from phonepe_simulator.ids import IdGenerator
from phonepe_simulator.settings import Settings

SCHEME = "O-Bearer"
FORM_FIELDS = ("client_id", "client_version", "client_secret", "grant_type")


@dataclass(frozen=True, slots=True)
class Client:
    client_id: str
    secret: str
    version: str


DEMO_CLIENT = Client("SIMULATOR_CLIENT", "simulator-client-key", "1")


class Tokens:
    def __init__(self, client: Client, clock: Clock, ids: IdGenerator, settings: Callable[[], Settings]) -> None:
        self._client = client
        self._clock = clock
        self._ids = ids
        self._settings = settings
        self._expires_at: dict[str, int] = {}

    def issue(self, form: Mapping[str, str]) -> dict[str, Any]:
        """Issue a token.

        :raises ApiError: if the form is incomplete or the credentials are wrong
        """
        self._check(form)
        now = self._clock.now()
        issued_at = epoch_seconds(now)
        settings = self._settings()
        expires_at = issued_at + settings.token_lifetime
        token, encrypted = self._new_token(now), self._new_token(now)
        self._expires_at = {old: until for old, until in self._expires_at.items() if until > issued_at}
        self._expires_at[token] = expires_at
        return {
            "access_token": token,
            "encrypted_access_token": encrypted,
            "expires_in": None if settings.expires_in_is_null else settings.token_lifetime,
            "issued_at": issued_at,
            "expires_at": expires_at,
            "session_expires_at": expires_at,
            "token_type": SCHEME,
        }

    def _new_token(self, now: datetime) -> str:
        return self._ids.token({"iat": epoch_millis(now), "merchantId": self._settings().merchant_id})

    def _check(self, form: Mapping[str, str]) -> None:
        missing = [name for name in FORM_FIELDS if not form.get(name)]
        if missing:
            raise bad_request(f"form-encoded fields are missing: {', '.join(missing)}")
        if form["grant_type"] != "client_credentials":
            raise bad_request("grant_type: client_credentials")
        pairs = (
            (form["client_id"], self._client.client_id),
            (form["client_secret"], self._client.secret),
            (form["client_version"], self._client.version),
        )
        if not all([compare_digest(given.encode(), known.encode()) for given, known in pairs]):  # noqa: C419 - no short cut
            raise invalid_client(self._ids.tracking_id(), "client_id, client_secret or client_version is another")

    def check(self, authorization: str | None) -> None:
        """Check that the header holds a token that was issued here and is still valid.

        :raises ApiError: otherwise
        """
        if authorization is None:
            raise authorization_failed("no Authorization header")
        scheme, _, token = authorization.partition(" ")
        if scheme != SCHEME:
            raise authorization_failed(f"the scheme is {SCHEME}")
        until = self._expires_at.get(token)
        if until is None:
            raise authorization_failed("not a token of this simulator, or a revoked one")
        if self._clock.now().timestamp() >= until:
            raise authorization_failed("the token has expired")

    def revoke_all(self) -> None:
        self._expires_at.clear()
