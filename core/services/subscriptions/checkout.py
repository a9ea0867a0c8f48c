"""Owner subscriptions: pay for a period of a plan or for an upgrade, and tell what runs."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast

from django.db import models
from django.utils import timezone

from core.clocks import is_ahead
from core.db.prepared import insert_linked
from core.errors import InvalidField, NothingDue, OtherPlanRunning, SetupWaits
from core.india import day_written
from core.models import (
    BillingPeriod,
    IdempotencyKey,
    Owner,
    OwnerSubscription,
    OwnerSubscriptionPayment,
    PaymentTransaction,
    PricingPlan,
    Purpose,
    SubscriptionPeriod,
)
from core.models.orders import Channel
from core.money import SMALLEST_PAYMENT_PAISE, rupees_for_people
from core.services.payments.checkout import (
    WORTH_HANDING_BACK,
    PaymentRequest,
    PaymentSlot,
    StartedPayment,
    start,
)
from core.services.subscriptions.life import RUNS, renewal_of
from core.services.subscriptions.upgrades import upgrade_of


@dataclass(frozen=True, slots=True)
class Offer:
    """What a payment would be for: how much, less what is credited, and when its period would run."""

    plan: PricingPlan
    period: BillingPeriod
    purpose: Purpose
    amount_paise: int
    credit_paise: int
    starts_at: datetime
    ends_at: datetime

    @property
    def charged_for(self) -> str:
        """Return what the money is for, in a few words."""
        until = day_written(self.ends_at)
        if self.purpose == Purpose.UPGRADE:
            return f"{self.plan} plan, {self.period.label.lower()}, from now to {until}"
        return f"{self.plan} plan, {self.period.label.lower()}, {day_written(self.starts_at)} to {until}"

    @property
    def detail(self) -> str:
        """Return a sentence about when the period runs."""
        begins, ends = day_written(self.starts_at), day_written(self.ends_at)
        if self.purpose == Purpose.UPGRADE:
            return (
                f"The {self.plan} plan begins as soon as this is paid, and is paid until {ends}. "
                f"{rupees_for_people(self.credit_paise)} that are left of your present plan are taken off its price."
            )
        if self.purpose == Purpose.RENEWAL:
            return f"The {self.plan} plan is paid until {begins}. This payment extends it to {ends}."
        return f"If paid today, the {self.plan} plan runs from {begins} to {ends}."


@dataclass(frozen=True, slots=True)
class StartedSubscription(StartedPayment):
    """A subscription payment that can be paid now, and what it is for."""

    offer: Offer


def start_subscription_payment(
    *, owner: Owner, plan: PricingPlan, period: BillingPeriod, channel: Channel, key: IdempotencyKey | None = None
) -> StartedSubscription:
    """Let an owner pay for a period or an upgrade: hand back the current order or open one.

    More of the plan that runs follows it. A plan that costs more begins at once, for the rest of the period.

    :raises OtherPlanRunning, NothingDue, InvalidField: before PhonePe is called
    """
    subscription, _ = OwnerSubscription.objects.get_or_create(owner=owner)
    slot = SubscriptionSlot(subscription, offer_of(subscription, plan, period, now=timezone.now()))
    return start_offer(slot, channel, key=key)


def start_offer(slot: "SubscriptionSlot", channel: Channel, *, key: IdempotencyKey | None) -> StartedSubscription:
    """Start paying for an offer. What the present order asks for stays, whatever the price has become since."""
    current = slot.current()
    waiting = current.transaction.amount_paise if current and slot.is_same(current) else None
    wanted = waiting if waiting is not None else slot.offer.amount_paise
    started = start(slot, PaymentRequest(wanted, channel), key=key)
    payment = cast("OwnerSubscriptionPayment", started.payable)
    offer = replace(slot.offer, amount_paise=payment.transaction.amount_paise, credit_paise=payment.credit_paise)
    return StartedSubscription(payment, started.is_new, offer)


def offer_of(
    subscription: OwnerSubscription, plan: PricingPlan, period: BillingPeriod, *, now: datetime, at_once: bool = False
) -> Offer:
    """Return what paying for a plan and a period now would be for.

    :param at_once: it is to begin now, also where more of the same plan could follow what is paid
    :raises OtherPlanRunning: if it can only begin when another plan has ended
    :raises NothingDue: if it is an upgrade that costs nothing
    :raises InvalidField: if the plan is offered no more, and is not what this subscription goes on with
    """
    last, renewal = subscription.last_period(), renewal_of(subscription)
    is_next = renewal is not None and (renewal.plan.pk, renewal.period) == (plan.pk, period)
    if not plan.is_offered and not is_next:
        raise InvalidField("pricing_plan_id", "There is no such pricing plan.")
    runs_on = last is not None and last.ends_at > now
    if last is not None and runs_on and (at_once or (plan.pk != last.plan_id and not is_next)):
        upgrade = upgrade_of(subscription, plan, period, now=now)
        if upgrade is None:
            raise OtherPlanRunning(str(last.plan), last.ends_at)
        if upgrade.amount_paise < SMALLEST_PAYMENT_PAISE:
            raise NothingDue(str(plan))
        return Offer(plan, period, Purpose.UPGRADE, upgrade.amount_paise, upgrade.credit_paise, now, upgrade.ends_at)
    span = subscription.next_span(period, now=now)
    price = renewal.amount_paise if renewal is not None and is_next else plan.price_paise(period)
    purpose = Purpose.RENEWAL if span.continues else Purpose.FIRST
    return Offer(plan, period, purpose, price, 0, span.starts_at, span.ends_at)


def can_be_approved(setup: PaymentTransaction, *, upi_id: str, now: datetime) -> bool:
    """Tell whether the setup of a mandate waits in a UPI app: PhonePe's answer is stored, and it lives on.

    :param upi_id: who was asked without a link, or empty
    """
    answer = setup.phonepe_order_id if upi_id else setup.redirect_url
    return bool(answer) and setup.expire_at - now > WORTH_HANDING_BACK and not is_ahead(setup.initiated_at, now=now)


class SubscriptionSlot(PaymentSlot):
    """The current payment of an owner's subscription, on a pay page or with the setup of AutoPay."""

    kind = OwnerSubscriptionPayment

    def __init__(self, subscription: OwnerSubscription, offer: Offer) -> None:
        super().__init__(subscription.pk)
        self._subscription, self.offer = subscription, offer

    @classmethod
    def in_slot(cls, made: Any) -> Any:
        return made.filter(renews_from=None).exclude(purpose=Purpose.CHECK)

    def refuse_to_replace(self, current: Any) -> None:
        """:raises SetupWaits: while AutoPay can be approved, which pays the period"""
        order, mandate = current.transaction, current.mandate
        if mandate is not None and can_be_approved(order, upi_id=mandate.upi_id, now=timezone.now()):
            raise SetupWaits(pays_paise=order.amount_paise)

    @classmethod
    def payers(cls) -> models.QuerySet[OwnerSubscription, Any]:
        return OwnerSubscription.objects.values("pk")

    def refuse_if_wrong(self, books: dict[str, Any]) -> None:  # noqa: ARG002 - what matters changes with time
        """:raises OtherPlanRunning, NothingDue: if what is paid has changed, so that this cannot be paid any more"""
        self._subscription.refresh_from_db()
        now, at_once = timezone.now(), self.offer.purpose == Purpose.UPGRADE
        fresh = offer_of(self._subscription, self.offer.plan, self.offer.period, now=now, at_once=at_once)
        if (fresh.purpose == Purpose.UPGRADE) != at_once:
            raise OtherPlanRunning(str(self._subscription.plan), self._subscription.paid_until or now)

    def create(self, order: PaymentTransaction) -> OwnerSubscriptionPayment:
        payment = OwnerSubscriptionPayment(
            subscription=self._subscription,
            transaction=order,
            merchant_order_id=order.merchant_order_id,
            plan=self.offer.plan,
            period=self.offer.period,
            purpose=self.offer.purpose,
            credit_paise=self.offer.credit_paise,
        )
        insert_linked(order, payment)
        return payment

    def is_same(self, current: Any) -> bool:
        return (current.mandate_id, current.plan_id, current.period, current.purpose) == (
            None,
            self.offer.plan.pk,
            self.offer.period,
            self.offer.purpose,
        )


def running_period(owner: Owner, now: datetime) -> SubscriptionPeriod | None:
    """Return the paid period that runs now."""
    subscription = OwnerSubscription.objects.filter(owner=owner).first()
    return subscription.running_period(now) if subscription else None


def plan_of(owner: Owner, *, now: datetime) -> PricingPlan | None:
    """Return the plan whose limits hold for an owner: of the period that runs, or while a renewal is past due."""
    subscription = OwnerSubscription.objects.filter(owner=owner).first()
    if subscription is None:
        return None
    period = subscription.running_period(now)
    if period is None and subscription.status in RUNS:
        period = subscription.last_period()
    return period.plan if period else None


def paid_until(running: SubscriptionPeriod) -> datetime:
    """Return when an owner's paid time ends: that of the running period, and of those that follow it without a gap."""
    ends_at = running.ends_at
    for period in running.subscription.periods.order_by("starts_at"):
        if period.starts_at == ends_at:
            ends_at = period.ends_at
    return ends_at
