"""How often somebody may call, and how often a password may be guessed."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from hashlib import sha256
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle, SimpleRateThrottle

from core.models import Door, User
from core.services.operations import guessing
from core.services.operations.guessing import Guess
from core.views.addresses import caller_network
from core.views.counters import count

NO_VIEW: Any = None  # of DRF


class Throttle(SimpleRateThrottle):
    """Counts calls per caller's network, in windows as long as the rate's unit.

    :cvar unshared: of how many calls in a window a process tells no other, which spares them the way to Redis
    """

    unshared = 0

    num_requests: int | None
    duration: int | None

    def allow_request(self, request: Request, view: Any) -> bool:
        key = self.get_cache_key(request, view)
        if key is None:
            return True
        most, seconds = self._limit()
        return count(self._window(key), seconds, unshared=self.unshared) <= most

    def wait(self) -> float:
        """Return the seconds until the next window."""
        _, seconds = self._limit()
        return seconds - self.timer() % seconds

    def _limit(self) -> tuple[int, int]:
        return cast("tuple[int, int]", (self.num_requests, self.duration))

    def _window(self, key: str) -> str:
        return f"{key}:{int(self.timer() // self._limit()[1])}"

    def get_ident(self, request: Request | HttpRequest) -> str:
        return caller_network(request.META)

    def get_cache_key(self, request: Request, view: Any) -> str | None:  # noqa: ARG002 - DRF's signature
        return self._key(self.get_ident(request))

    def _key(self, ident: str) -> str:
        return self.cache_format % {"scope": self.scope, "ident": ident}


class EveryoneThrottle(Throttle):
    """Counts a user's calls, or an anonymous caller's."""

    scope = "user"
    unshared = 30

    def get_cache_key(self, request: Request, view: Any) -> str | None:
        if request.user and request.user.is_authenticated:
            return self._key(str(request.user.pk))
        self.scope, self.unshared = "anonymous", 6
        self.num_requests, self.duration = self.parse_rate(self.THROTTLE_RATES["anonymous"])
        return super().get_cache_key(request, view)


class LoginThrottle(Throttle):
    """Counts attempts to log in, right ones too, for what it costs to look at a password; the admin's form is free."""

    scope = "login"

    def get_cache_key(self, request: Request, view: Any) -> str | None:
        return super().get_cache_key(request, view) if request.method == "POST" else None


class GuessThrottle(BaseThrottle):
    """Lets a password be guessed as often as `guessing` says. It looks before the password is looked at."""

    _until: datetime | None = None

    def guess(self, request: Request | HttpRequest) -> Guess | None:
        """Return what a request guesses at, if it does."""
        raise NotImplementedError

    def allow_request(self, request: Request, view: Any) -> bool:  # noqa: ARG002 - DRF's signature
        if (guess := self.guess(request)) is not None:
            self._until = guessing.locked_until(guess, now=timezone.now())
        return self._until is None

    def wait(self) -> float | None:
        """Return the seconds until the password may be guessed again."""
        return (self._until - timezone.now()).total_seconds() if self._until else None

    def was_right(self, request: Request | HttpRequest) -> None:
        if (guess := self.guess(request)) is not None:
            guessing.was_right(guess, now=timezone.now())


class LoginGuessThrottle(GuessThrottle):
    """Guesses at a person's password, under any of their names; the API and the admin count together."""

    door = Door.API

    def guess(self, request: Request | HttpRequest) -> Guess | None:
        if request.method != "POST":
            return None
        given = request.data if isinstance(request, Request) else request.POST
        name = str(cast("dict[str, object]", given).get("username", ""))
        return guessing.at_log_in(self.door, name, caller_network(request.META))


class AdminGuessThrottle(LoginGuessThrottle):
    door = Door.ADMIN


class PasswordResetThrottle(LoginThrottle):
    """Counts mails to one address, so that nobody's mailbox is filled from wherever."""

    scope = "password_reset"

    def get_ident(self, request: Request | HttpRequest) -> str:
        given = request.data if isinstance(request, Request) else request.POST
        email = str(cast("dict[str, object]", given).get("email", "")).strip().lower()
        return sha256(email.encode(errors="replace")).hexdigest()


class InvitationThrottle(Throttle):
    """Counts how often an owner invites the tenant of one tenancy anew, so that nobody's mailbox is filled."""

    scope = "invitation"

    def get_cache_key(self, request: Request, view: Any) -> str | None:
        return self._key(f"{request.user.pk}:{view.kwargs['pk']}")


class OldPasswordThrottle(GuessThrottle):
    """Whoever changes a password has to know the old one."""

    def guess(self, request: Request | HttpRequest) -> Guess | None:
        user = request.user
        return guessing.at_old_password(user) if request.method == "POST" and isinstance(user, User) else None


class CallbackThrottle(Throttle):
    scope = "callback"


class ReturnThrottle(Throttle):
    scope = "return"


def throttled(*throttles: type[BaseThrottle]) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Throttle a plain Django view. A redirect says that what was guessed was right."""

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def limited(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            limits = [throttle() for throttle in throttles]
            refused = [limit for limit in limits if not limit.allow_request(cast("Request", request), NO_VIEW)]
            if refused:
                wait = str(int(max(limit.wait() or 0 for limit in refused)) + 1)
                sentence = f"Too many requests. Try again in {wait} seconds."
                return HttpResponse(sentence, status=429, headers={"Retry-After": wait})
            response = view(request, *args, **kwargs)
            if response.status_code == 302:
                for limit in limits:
                    if isinstance(limit, GuessThrottle):
                        limit.was_right(request)
            return response

        return limited

    return decorate
