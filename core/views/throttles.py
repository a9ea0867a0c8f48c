"""How often somebody may call. A Redis that is gone lets everybody in: it must not stop payments."""

from collections.abc import Callable
from functools import wraps
from hashlib import sha256
from typing import Any, cast

import structlog
from django.http import HttpRequest, HttpResponse
from redis.exceptions import RedisError
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from core.views.counts import count

logger = structlog.get_logger(__name__)
UNSHARED = 20  # a process tells no other of so small a part of what is allowed


class Throttle(SimpleRateThrottle):
    """Counts calls per address, in windows as long as the rate's unit."""

    num_requests: int | None
    duration: int | None

    def allow_request(self, request: Request, view: Any) -> bool:
        key = self.get_cache_key(request, view)
        if key is None:
            return True
        try:
            most, seconds = self._limit()
            window = f"{key}:{int(self.timer() // seconds)}"
            return count(window, seconds, unshared=most // UNSHARED) <= most
        except (RedisError, OSError):
            logger.warning("throttle_without_cache", scope=self.scope)
            return True

    def wait(self) -> float:
        """Return the seconds until the next window."""
        _, seconds = self._limit()
        return seconds - self.timer() % seconds

    def _limit(self) -> tuple[int, int]:
        return cast("tuple[int, int]", (self.num_requests, self.duration))

    def get_cache_key(self, request: Request, view: Any) -> str | None:  # noqa: ARG002 - DRF's signature
        return self.cache_format % {"scope": self.scope, "ident": self.get_ident(request)}


class EveryoneThrottle(Throttle):
    """Counts a user's calls, or an anonymous address's."""

    scope = "user"

    def get_cache_key(self, request: Request, view: Any) -> str | None:
        if request.user and request.user.is_authenticated:
            return self.cache_format % {"scope": self.scope, "ident": request.user.pk}
        self.scope = "anonymous"
        self.num_requests, self.duration = self.parse_rate(self.THROTTLE_RATES["anonymous"])
        return super().get_cache_key(request, view)


class LoginThrottle(Throttle):
    scope = "login"


class LoginNameThrottle(Throttle):
    """Counts attempts at one name from one address, so that guessing does not lock its owner out elsewhere."""

    scope = "login_name"

    def get_cache_key(self, request: Request, view: Any) -> str | None:  # noqa: ARG002
        name = str(cast("dict[str, object]", request.data).get("username", "")).strip().lower()
        ident = sha256(f"{self.get_ident(request)} {name}".encode(errors="replace")).hexdigest()
        return self.cache_format % {"scope": self.scope, "ident": ident}


class AdminLoginThrottle(Throttle):
    """Counts attempts to log in to the admin; looking at its form is free."""

    scope = "admin_login"

    def get_cache_key(self, request: Request, view: Any) -> str | None:
        return super().get_cache_key(request, view) if request.method == "POST" else None


class CallbackThrottle(Throttle):
    scope = "callback"


class ReturnThrottle(Throttle):
    scope = "return"


def throttled(throttle: type[Throttle]) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Throttle a plain Django view."""

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def limited(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            limit = throttle()
            if limit.allow_request(cast("Request", request), None):  # it reads META alone
                return view(request, *args, **kwargs)
            wait = str(int(limit.wait() or 1) + 1)
            return HttpResponse("Too many requests. Wait a moment.", status=429, headers={"Retry-After": wait})

        return limited

    return decorate
