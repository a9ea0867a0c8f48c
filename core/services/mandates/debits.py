"""Debits under a mandate: whether one is owed, its notice, its execution, and giving one up before it was executed."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import BigIntegerField, DateTimeField

from core.db.prepared import Param, Prepared, insert_linked, update
from core.models import (
    ChangeCause,
    Flow,
    Mandate,
    MandateDebit,
    OrderState,
    OwnerSubscription,
    OwnerSubscriptionPayment,
    PaymentStatus,
    PaymentTransaction,
    Purpose,
    RetryStrategy,
)
from core.models.mandates import NOTICE
from core.models.subscriptions import ANNOUNCED_BEFORE
from core.services.mandates.quiet_hours import MOST_TRIES, RETRY_AFTER, RETRYING_FOR, next_quiet
from core.services.moves import move
from core.services.notices.payments import payment_failed
from core.services.payments.checkout import new_order_id
from core.services.polling import schedule
from core.services.subscriptions.life import Renewal

# PhonePe tells the payer some time after our call, and a debit waits for a day after that.
UNTIL_TOLD = timedelta(minutes=30)
MOST_NOTICES = 2  # for one period: one, and one more after it failed


def still_owed(debit: MandateDebit, renewal: Renewal | None) -> bool:
    """Tell whether what was announced is what is owed now: not paid by hand, not cancelled, not another plan."""
    payment = debit.payment
    return (
        renewal is not None
        and renewal.starts_at == payment.renews_from
        and (renewal.plan.pk, renewal.period) == (payment.plan_id, payment.period)
        and renewal.amount_paise == payment.transaction.amount_paise
    )


def announce_at(renewal: Renewal) -> datetime:
    return renewal.starts_at - ANNOUNCED_BEFORE


def may_announce(mandate: Mandate, subscription: OwnerSubscription, renewal: Renewal, *, now: datetime) -> bool:
    """Tell whether a debit for this renewal is to be announced now. Called under the subscription's lock."""
    if not mandate.covers(renewal.period, renewal.amount_paise):
        return False
    made = _STATUSES.rows(subscription=subscription.pk, renews_from=renewal.starts_at)
    if any(status not in (PaymentStatus.FAILED, PaymentStatus.CANCELLED) for status in made):
        return False
    if made.count(PaymentStatus.FAILED) >= MOST_NOTICES:
        return False
    return executes_at(renewal, now) + RETRY_AFTER < subscription.grace_ends_after(renewal.starts_at)


_STATUSES: Prepared[str] = Prepared(
    lambda: OwnerSubscriptionPayment.objects.filter(
        subscription=Param("subscription", BigIntegerField()),
        renews_from=Param("renews_from", DateTimeField()),
        goes_back=False,
    ).values_list("status", flat=True)
)


def executes_at(renewal: Renewal, now: datetime) -> datetime:
    """Return when a debit that is announced now is executed, at the earliest."""
    return max(renewal.starts_at, now + NOTICE + UNTIL_TOLD)


def announce(mandate: Mandate, subscription: OwnerSubscription, renewal: Renewal, *, now: datetime) -> MandateDebit:
    """Make the rows of a debit; the call that announces it comes after they are committed."""
    latest = subscription.grace_ends_after(renewal.starts_at)
    order = PaymentTransaction(
        merchant_order_id=new_order_id(),
        flow=Flow.REDEMPTION,
        amount_paise=renewal.amount_paise,
        initiated_at=now,
        expire_at=min(executes_at(renewal, now) + RETRYING_FOR + UNTIL_TOLD, latest),
    )
    order.next_check_at = schedule.next_check(order, after=now)
    payment = OwnerSubscriptionPayment(
        subscription=subscription,
        transaction=order,
        merchant_order_id=order.merchant_order_id,
        plan=renewal.plan,
        period=renewal.period,
        purpose=Purpose.RENEWAL,
        mandate=mandate,
        renews_from=renewal.starts_at,
    )
    debit = MandateDebit(mandate=mandate, payment=payment, strategy=RetryStrategy(settings.AUTOPAY_RETRIES.upper()))
    insert_linked(order, payment, debit)
    if now < renewal.starts_at:  # what is announced later does not keep it from being past due
        subscription.debit_until = order.expire_at
        update(subscription, "debit_until")
    return debit


def execute_at(debit: MandateDebit) -> datetime | None:
    """Return when it is executed; None while nobody knows that its payer was told."""
    if debit.valid_after is None or debit.payment.renews_from is None:
        return None
    return max(debit.payment.renews_from, debit.valid_after)


def next_try(debit: MandateDebit, *, now: datetime) -> datetime | None:
    """Return when PhonePe is asked again to execute a debit that was tried; None: it tries by itself, or no more."""
    order, last = debit.order, debit.last_tried_at
    if debit.executed_at is None or last is None:
        return None
    attempts = list(order.attempts.order_by("pk"))
    if not attempts:  # the call did not arrive, as it seems; the same order is never debited twice
        at = max(last + UNTIL_TOLD, now)
        return at if at < order.expire_at else None
    ends = min(debit.executed_at + RETRYING_FOR, order.expire_at)
    if debit.strategy != RetryStrategy.CUSTOM or len(attempts) >= MOST_TRIES:
        return None
    if attempts[-1].state != OrderState.FAILED:
        return None
    at = next_quiet(max(attempts[-1].changed_at + RETRY_AFTER, now))
    return at if at < ends else None


def note_try(debit: MandateDebit, *, now: datetime) -> None:
    """Note, before PhonePe is called, that it is; from then on its order is asked about anew."""
    debit.executed_at = debit.executed_at or now
    debit.last_tried_at, debit.tries = now, debit.tries + 1
    update(debit, "executed_at", "last_tried_at", "tries")
    order = debit.order
    order.initiated_at = now
    order.next_check_at = schedule.next_check(order, after=now)
    update(order, "initiated_at", "next_check_at", "updated_at")


def give_up(debit: MandateDebit, subscription: OwnerSubscription, *, now: datetime) -> None:
    """Do not execute what was announced; should it be debited all the same, all of it goes back.

    Called under the subscription's lock, for a debit that was not executed.
    """
    payment = debit.payment
    if payment.status == PaymentStatus.PENDING:
        move(payment, PaymentStatus.CANCELLED, cause=ChangeCause.REPLACED, at=now)
    subscription.debit_until, subscription.due_at = None, now
    subscription.save(update_fields=["debit_until", "due_at"])
    subscription.have_mandate_looked_at(now=now)  # another one may have waited for this to end


def refused(debit: MandateDebit, code: str, *, now: datetime) -> None:
    """Note that PhonePe refused to announce it: it does not exist."""
    with transaction.atomic():
        payment = debit.payment
        payment.lock_payer()
        payment = payment.locked()
        if payment.status == PaymentStatus.PENDING:
            move(payment, PaymentStatus.FAILED, cause=ChangeCause.REJECTED, at=now, answer={"code": code})
            payment.after_failure(now=now)
            payment_failed(payment, now=now)
