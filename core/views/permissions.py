"""Who may do a thing; what they may see is `visible_to` on the querysets."""

from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from core.models import Role


class HasRole(BasePermission):
    role: Role

    def has_permission(self, request: Request, view: Any) -> bool:  # noqa: ARG002 - DRF's signature
        return bool(request.user and request.user.is_authenticated and request.user.role == self.role)


class IsTenant(HasRole):
    role = Role.TENANT
    message = "Only a tenant can do this."


class IsStaff(HasRole):
    role = Role.STAFF
    message = "Only Zelton's staff can do this."


class IsOwnerOrStaff(BasePermission):
    message = "Only the owner of the property or Zelton's staff can do this."

    def has_permission(self, request: Request, view: Any) -> bool:  # noqa: ARG002
        return bool(request.user and request.user.is_authenticated and request.user.role in (Role.OWNER, Role.STAFF))


class IsOwner(HasRole):
    role = Role.OWNER
    message = "Only an owner can do this."
