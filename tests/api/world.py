"""One of everything, and everybody who may or may not see it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.test import Client

from core.models import User
from tests.people import Caller


@dataclass
class World:
    names: Mapping[str, Any]
    people: Mapping[str, User | None]

    def asks(self, who: User | None, method: str, address: str) -> Any:
        cache.clear()  # the throttles
        return Client(raise_request_exception=False).generic(
            method, address.format(**self.names), b"{}", content_type="application/json", headers=self.headers(who)
        )

    def headers(self, who: User | None) -> dict[str, str]:
        """Return those of somebody who has just logged in, or of nobody."""
        return {"Authorization": f"Token {Caller(who).token}"} if who else {}

    def staff_with(self, *permissions: Permission) -> User:
        clerk = User.objects.create(username=f"clerk{User.objects.count()}", is_staff=True)
        clerk.user_permissions.set(permissions)
        return clerk
