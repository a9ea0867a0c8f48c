"""Who may do a thing; what they may see is `visible_to` on the querysets. Somebody may be several things at once.

A permission is looked at before a row is looked for: who may do nothing at an address learns nothing there either, and
gets 403. Whoever may do something there, but not with this row, gets 404, as if there were no such row.
"""

from typing import Any, ClassVar

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


class IsParty(IsPerson):
    """Base: tenants and owners, who see what is theirs, and staff with a permission, who see all of it."""

    permission: ClassVar[str]

    @property
    def message(self) -> str:
        return f"Only tenants and owners can see this, and staff with the permission {self.permission}."

    def is_right(self, user: User) -> bool:
        return hasattr(user, "tenant") or hasattr(user, "owner") or user.may(self.permission)


class SeesTenancies(IsParty):
    permission = "core.view_tenancy"


class SeesCharges(IsParty):
    permission = "core.view_rentcharge"


class SeesPayments(IsParty):
    permission = "core.view_payment"


class SeesSubscriptionPayments(IsParty):
    permission = "core.view_ownersubscriptionpayment"


class RefundsPayments(IsOwner):
    message = "Only the owner of the property can do this, and staff with the permission core.refund_payment."

    def is_right(self, user: User) -> bool:
        return super().is_right(user) or user.may("core.refund_payment")


class RefundsSubscriptionPayments(IsPerson):
    message = "Only staff with the permission core.refund_ownersubscriptionpayment can do this."

    def is_right(self, user: User) -> bool:
        return user.may("core.refund_ownersubscriptionpayment")
