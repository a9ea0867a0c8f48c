"""Change the plan, cancel, and go on after all."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from core.errors import InvalidField, NoSubscription, PaymentWaits
from core.india import day_written
from core.models import (
    BillingPeriod,
    Channel,
    IdempotencyKey,
    Owner,
    OwnerSubscription,
    PricingPlan,
    Purpose,
    SubscriptionStatus,
)
from core.money import SMALLEST_PAYMENT_PAISE
from core.services.subscriptions.checkout import Offer, StartedSubscription, SubscriptionSlot, start_offer
from core.services.subscriptions.life import RUNS, advance, move_on
from core.services.subscriptions.upgrades import upgrade_of


@dataclass(frozen=True, slots=True)
class Change:
    """What changing the plan does: at once, for money or for nothing, or at the end of what is paid."""

    offer: Offer
    is_at_once: bool

    @property
    def charged_now_paise(self) -> int:
        is_charged = self.is_at_once and self.offer.amount_paise >= SMALLEST_PAYMENT_PAISE
        return self.offer.amount_paise if is_charged else 0

    @property
    def detail(self) -> str:
        if self.charged_now_paise:
            return self.offer.detail
        if self.is_at_once:
            until = day_written(self.offer.ends_at)
            return f"The {self.offer.plan} plan begins at once. Nothing is charged before {until}."
        return (
            f"The {self.offer.plan} plan, {self.offer.period.label.lower()}, begins on "
            f"{day_written(self.offer.starts_at)}, when what is paid has ended. Nothing is charged before."
        )


def current(owner: Owner, *, now: datetime) -> OwnerSubscription | None:
    """Return an owner's subscription as it is now, though the clock may be late; None: there never was one."""
    subscription = OwnerSubscription.objects.filter(owner=owner).only("pk", "due_at").first()
    if subscription is None:
        return None
    if subscription.due_at is not None and subscription.due_at <= now:
        with transaction.atomic():
            advance(subscription.pk, now=now)
    return OwnerSubscription.objects.select_related("plan", "next_plan").get(pk=subscription.pk)


def what_would_change(owner: Owner, plan: PricingPlan, period: BillingPeriod, *, now: datetime) -> Change:
    """:raises NoSubscription, InvalidField: if the plan cannot be changed, or not to this one"""
    subscription = current(owner, now=now)
    if subscription is None:
        raise NoSubscription("There is no subscription to change. Pay for a plan first.")
    return _change(subscription, plan, period, now=now)


def _change(subscription: OwnerSubscription, plan: PricingPlan, period: BillingPeriod, *, now: datetime) -> Change:
    last = subscription.last_period()
    if last is None or subscription.status not in RUNS:
        raise NoSubscription("No subscription runs that could be changed. Pay for the plan that you want.")
    if subscription.cancel_at_period_end:
        ends = day_written(last.ends_at)
        raise NoSubscription(f"The subscription is cancelled and ends on {ends}. Resume it first.")
    if not plan.is_offered and plan.pk != last.plan_id:
        raise InvalidField("pricing_plan_id", "There is no such pricing plan.")
    upgrade = upgrade_of(subscription, plan, period, now=now)
    if upgrade is not None:
        paise, credit = upgrade.amount_paise, upgrade.credit_paise
        return Change(Offer(plan, period, Purpose.UPGRADE, paise, credit, now, upgrade.ends_at), is_at_once=True)
    span = subscription.span_from(last.ends_at, period, after=last)
    price = plan.price_paise(period)
    return Change(Offer(plan, period, Purpose.RENEWAL, price, 0, span.starts_at, span.ends_at), is_at_once=False)


def change_plan(
    owner: Owner,
    plan: PricingPlan,
    period: BillingPeriod,
    *,
    channel: Channel,
    now: datetime,
    key: IdempotencyKey | None = None,
) -> Change | StartedSubscription:
    """Change the plan: begin to pay for an upgrade, or note what begins at the end of what is paid.

    :raises NoSubscription, InvalidField, PaymentWaits: before PhonePe is called
    """
    change = what_would_change(owner, plan, period, now=now)
    subscription = OwnerSubscription.objects.get(owner=owner)
    slot = SubscriptionSlot(subscription, change.offer)
    _refuse_while_one_waits(slot, change)
    if change.charged_now_paise:
        return start_offer(slot, channel, key=key)
    with transaction.atomic():
        subscription = OwnerSubscription.objects.select_for_update(of=("self",)).get(pk=subscription.pk)
        _refuse_while_one_waits(slot, change)  # one may have been begun a moment ago
        change = _change(subscription, plan, period, now=now)
        _note(subscription, change, now=now)
    return change


def _refuse_while_one_waits(slot: SubscriptionSlot, change: Change) -> None:
    """:raises PaymentWaits: while a payment for something else waits to be paid"""
    waiting = slot.current()
    if waiting is not None and not (change.charged_now_paise and slot.is_same(waiting)):
        order = waiting.transaction
        raise PaymentWaits(order.amount_paise, order.expire_at)


def _note(subscription: OwnerSubscription, change: Change, *, now: datetime) -> None:
    """Do a change that costs nothing now. Called under the subscription's lock."""
    offer, last, running = change.offer, subscription.last_period(), subscription.running_period(now)
    subscription.next_plan, subscription.next_period = None, ""
    if change.is_at_once and running is not None:
        for paid in subscription.periods.filter(ends_at__gt=now):
            paid.plan = offer.plan
            paid.save(update_fields=["plan"])
    elif last is None or (offer.plan.pk, offer.period) != (last.plan_id, last.payment.period):
        subscription.next_plan, subscription.next_period = offer.plan, offer.period
    subscription.announced_for = None  # the owner is told of what comes instead
    subscription.have_mandate_looked_at(now=now)
    move_on(subscription, now=now)


def cancel(owner: Owner, *, now: datetime) -> OwnerSubscription:
    """Let a subscription end with what is paid; one that is past due ends now.

    :raises NoSubscription: if none runs
    """
    with transaction.atomic():
        subscription = _locked(owner, now=now)
        if subscription.status not in RUNS:
            raise NoSubscription("No subscription runs that could be cancelled.")
        subscription.cancel_at_period_end = True
        subscription.next_plan, subscription.next_period = None, ""
        move_on(subscription, now=now)
    return subscription


def resume(owner: Owner, *, now: datetime) -> OwnerSubscription:
    """Take back a cancellation before it has happened.

    :raises NoSubscription: if there is none to take back
    """
    with transaction.atomic():
        subscription = _locked(owner, now=now)
        if subscription.status == SubscriptionStatus.CANCELLED:
            raise NoSubscription("The subscription has ended. Pay for a plan to begin again.")
        if subscription.status not in RUNS or not subscription.cancel_at_period_end:
            raise NoSubscription("The subscription is not cancelled.")
        subscription.cancel_at_period_end = False
        move_on(subscription, now=now)
    return subscription


def _locked(owner: Owner, *, now: datetime) -> OwnerSubscription:
    subscription = OwnerSubscription.objects.filter(owner=owner).first()
    if subscription is None:
        raise NoSubscription("There is no subscription yet. Pay for a plan first.")
    advance(subscription.pk, now=now)  # which locks it
    return OwnerSubscription.objects.select_related("plan", "next_plan").get(pk=subscription.pk)
