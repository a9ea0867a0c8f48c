"""Keep PhonePe's access token: one fetch for all threads, and never a wait while a good token is at hand.

Source: "Authorization" in PhonePe's documentation: reuse the token until `expires_at`, epoch seconds.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from core.services.phonepe.deadline import deadline, seconds_left
from core.services.phonepe.errors import PhonePeUnavailable

RENEW_BEFORE = 60  # seconds before `expires_at`
TIMEOUT_WITH_A_GOOD_TOKEN = 2.0  # seconds an early renewal may take
TIMEOUT = 8.0
LATEST = 10**11  # epoch seconds; what is later than the year 5138 is no such thing


@dataclass(frozen=True, slots=True)
class Token:
    header: str = field(repr=False)
    expires_at: int

    @classmethod
    def read(cls, answer: Any) -> "Token":
        """:raises PhonePeUnavailable: if the answer holds no usable token"""
        kind, secret, expires_at = (
            (answer.get("token_type"), answer.get("access_token"), answer.get("expires_at"))
            if isinstance(answer, dict)
            else (None, None, None)
        )
        if not (_can_be_sent(kind) and _can_be_sent(secret) and isinstance(expires_at, int) and expires_at < LATEST):
            raise PhonePeUnavailable("PhonePe's answer holds no token")
        return cls(f"{kind} {secret}", expires_at)

    def seconds_left(self) -> float:
        return self.expires_at - time.time()


def _can_be_sent(text: Any) -> bool:
    """Tell whether a header may hold it: a token that none may would make every request fail until it expires."""
    return isinstance(text, str) and bool(text) and text.isascii() and text.isprintable()


class TokenKeeper:
    """One token for all threads of a process.

    :param fetch: asks PhonePe for a token; raises PhonePeUnavailable
    """

    def __init__(self, fetch: Callable[[], Token]) -> None:
        self._fetch = fetch
        self._token: Token | None = None
        self._lock = threading.Lock()
        self._used = threading.local()

    def header(self) -> str:
        """Return the Authorization header's value.

        :raises PhonePeUnavailable: if there is no valid token and none is to be had
        """
        token = self._token
        if token is None or token.seconds_left() <= 0:
            token = self._replace(token)
        elif token.seconds_left() < RENEW_BEFORE:
            token = self._renew_early(token)
        self._used.token = token
        return token.header

    def renew(self) -> None:
        """Replace the token that PhonePe has just refused to this thread, unless another thread has."""
        self._replace(getattr(self._used, "token", None))

    def _replace(self, old: Token | None) -> Token:
        if not self._lock.acquire(timeout=max(0.0, seconds_left(TIMEOUT))):
            raise PhonePeUnavailable("PhonePe gives no token now")
        try:
            if self._token is None or self._token is old:
                self._token = None
                self._token = self._fetch()
            return self._token
        finally:
            self._lock.release()

    def _renew_early(self, token: Token) -> Token:
        if not self._lock.acquire(blocking=False):
            return token
        try:
            with deadline(min(TIMEOUT_WITH_A_GOOD_TOKEN, seconds_left(TIMEOUT) / 2)):
                self._token = fresh = self._fetch()
        except PhonePeUnavailable:
            return token
        finally:
            self._lock.release()
        return fresh
