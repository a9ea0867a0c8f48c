"""Who may do a thing; what they may see is `visible_to` on the querysets. Somebody may be several things at once."""

from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from core.models import User


class IsPerson(BasePermission):
    """Base: somebody who has logged in and is what a subclass says."""

    def has_permission(self, request: Request, view: Any) -> bool:  # noqa: ARG002 - DRF's signature
        return bool(request.user and request.user.is_authenticated and self.is_right(request.user))

    def is_right(self, user: User) -> bool:
        raise NotImplementedError


class IsTenant(IsPerson):
    message = "Only a tenant can do this."

    def is_right(self, user: User) -> bool:
        return hasattr(user, "tenant")


class IsOwner(IsPerson):
    message = "Only an owner can do this."

    def is_right(self, user: User) -> bool:
        return hasattr(user, "owner")


class IsStaff(IsPerson):
    message = "Only Zelton's staff can do this."

    def is_right(self, user: User) -> bool:
        return user.is_staff


class IsOwnerOrStaff(IsOwner):
    message = "Only the owner of the property or Zelton's staff can do this."

    def is_right(self, user: User) -> bool:
        return user.is_staff or super().is_right(user)
