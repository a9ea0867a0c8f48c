"""End AutoPay: from then on no debit is begun, whenever PhonePe confirms that the mandate is cancelled.

Owners do it in the app, and operators for those who cannot.
"""

from datetime import datetime

from django.db import transaction

from core.errors import CannotBeDoneNow, NotFound
from core.models import (
    ChangeCause,
    Mandate,
    MandateState,
    Owner,
    OwnerSubscription,
    OwnerSubscriptionPayment,
    PaymentStatus,
)
from core.models.mandates import ENDED
from core.services.mandates import debits
from core.services.mandates.renewing import look_now
from core.services.moves import move
from core.services.operations.permission import Operator, requires
from core.services.operations.trace import about_payable, note_action
from core.services.subscriptions.changing import cancel

PERMISSION = "core.cancel_mandate"


def cancel_autopay(owner: int, *, now: datetime) -> Mandate:
    """Cancel the mandate of an owner's subscription, and call PhonePe at once if it answers; once more does no harm.

    :param owner: primary key of the owner
    :raises NotFound: if there is none
    """
    subscription = OwnerSubscription.objects.filter(owner=owner).first()
    mandate = _current(subscription) if subscription else None
    if subscription is None or mandate is None:
        raise NotFound("AutoPay mandate")
    with transaction.atomic():
        stop_mandates(subscription.pk, now=now)
    return _have_cancelled(mandate)


@requires(PERMISSION)
def cancel_mandate(mandate: Mandate, *, by: Operator, reason: str, now: datetime) -> Mandate:
    """Cancel AutoPay for its owner, who asks for it or can no longer do it: `cancel_autopay` with a trace.

    :raises CannotBeDoneNow: if it has ended, or is being cancelled
    :raises MissingPermission: without the permission
    """
    with transaction.atomic():
        OwnerSubscription.objects.select_for_update().get(pk=mandate.owner_subscription_id)
        mandate.refresh_from_db()
        if not can_be_cancelled(mandate):
            raise CannotBeDoneNow(f"This mandate is {mandate.shown_state}; there is nothing to cancel.")
        setup = mandate.setup()
        stop_mandates(mandate.owner_subscription_id, now=now)
        note_action(
            "cancel_mandate", by=by, reason=reason, about=about_payable(setup), order=setup.transaction, now=now
        )
    return _have_cancelled(mandate)


def can_be_cancelled(mandate: Mandate) -> bool:
    """Tell whether it is in use or waits to be approved, and nobody has cancelled it."""
    return not mandate.has_ended and mandate.shown_state != MandateState.CANCEL_IN_PROGRESS


def _have_cancelled(mandate: Mandate) -> Mandate:
    """Call PhonePe about a mandate that was stopped, if it answers; otherwise the clock does."""
    mandate.refresh_from_db()
    if mandate.cancel_at is not None and not mandate.has_ended:
        look_now(mandate, cause=ChangeCause.OPERATOR)
    mandate.refresh_from_db()
    return mandate


def cancel_subscription(owner: Owner, *, now: datetime) -> OwnerSubscription:
    """Let a subscription end with what is paid, and its mandate with it.

    :raises NoSubscription: if none runs
    """
    with transaction.atomic():
        subscription = cancel(owner, now=now)
        stop_mandates(subscription.pk, now=now)
    return subscription


def stop_mandates(subscription: int, *, now: datetime) -> None:
    """Use no mandate of a subscription any longer, and have them cancelled. Called in a transaction.

    A debit that PhonePe was asked to execute may still come. A setup that is approved after this is cancelled, and
    what came with it goes back.
    """
    locked = OwnerSubscription.objects.select_for_update().get(pk=subscription)
    setups = OwnerSubscriptionPayment.objects.filter(subscription=locked, mandate__isnull=False, renews_from=None)
    for setup in setups.filter(status=PaymentStatus.PENDING).select_related("transaction", "subscription"):
        move(setup, PaymentStatus.CANCELLED, cause=ChangeCause.REPLACED, at=now)
    for mandate in locked.mandates.exclude(state__in=(MandateState.ACTIVATION_IN_PROGRESS, *ENDED)):
        debit = mandate.debit()
        if debit is not None and debit.executed_at is None:
            debits.give_up(debit, locked, now=now)
        mandate.stop(now=now)


def _current(subscription: OwnerSubscription) -> Mandate | None:
    """Return the mandate in use, or the latest one."""
    return subscription.mandates.order_by("-is_in_use", "-pk").first()
