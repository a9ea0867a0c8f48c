"""What an operator does takes a permission, whether they ask in the admin, over the API or with a command."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from core.errors import MissingPermission
from core.models import User

Operator = User | str | None  # a user; or of a command, the name that was given, or nobody: the machine's user
P = ParamSpec("P")
Result = TypeVar("Result")


def requires(permission: str) -> Callable[[Callable[P, Result]], Callable[P, Result]]:
    """Let a service be done only by who holds a permission, who is its keyword `by`.

    A name, or None, is whoever may run commands on this machine: they can do anything as it is, but leave their name.

    :param permission: as Django writes it, for example `core.refund_payment`
    :raises MissingPermission: when the service is called by a user without it
    """

    def decorate(service: Callable[P, Result]) -> Callable[P, Result]:
        @wraps(service)
        def allowed(*args: P.args, **kwargs: P.kwargs) -> Result:
            refuse_unless_allowed(kwargs["by"], permission)
            return service(*args, **kwargs)

        return allowed

    return decorate


def refuse_unless_allowed(by: object, permission: str) -> None:
    """:raises MissingPermission: if this is a user without the permission"""
    if isinstance(by, User) and not by.may(permission):
        raise MissingPermission(permission)
