"""Keep who did what, when and why."""

import getpass
from datetime import datetime
from typing import Any

import structlog

from core.models import OperatorAction, Payable, PaymentTransaction, Refund, User

logger = structlog.get_logger(__name__)


def note_action(
    action: str,
    *,
    by: User | str | None,
    reason: str,
    about: str,
    order: PaymentTransaction | None = None,
    refund: Refund | None = None,
    detail: dict[str, Any] | None = None,
    now: datetime,
) -> OperatorAction:
    """Keep what a person did, in the caller's transaction: it is there if, and only if, its effect is.

    :param by: the user; of a command, the name that was given; left out, the user of this machine
    :param about: what it was done to, such as `payment:12`, `refund:3`, `alert:4` or `webhook:9`
    """
    user = by if isinstance(by, User) else None
    name = user.get_username() if user is not None else (by or machine_user())
    row = OperatorAction.objects.create(
        by=user,
        name=str(name)[:150],
        action=action,
        reason=reason[:500],
        about=about,
        order=order or (refund.transaction if refund is not None else None),
        refund=refund,
        detail=detail or {},
        at=now,
    )
    logger.info("operator_action", action=action, about=about, operator=row.by_id or "command")
    return row


def about_payable(payable: Payable) -> str:
    """Return what an act on a payment is about: `payment:12`, or `subscription_payment:4`."""
    relation = type(payable)._meta.get_field("transaction").remote_field
    return f"{relation.get_accessor_name()}:{payable.pk}"


def machine_user() -> str:
    """Return the name of the user who runs this process."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # a container may run under a number that nobody has
        return "unknown"
