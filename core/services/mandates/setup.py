"""Ask an owner for a UPI AutoPay mandate: one current setup, whatever happens.

A setup is an order like any other, and fills a slot like any other: its row is committed before PhonePe is called, and
what PhonePe leaves open its status decides. PhonePe tells the link to the UPI app once; a setup whose answer was lost
cannot be approved through us, so that the next tap replaces it.
"""

from abc import abstractmethod
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.db import models
from django.utils import timezone

from core.db.prepared import insert_linked
from core.errors import AutopayNotPossible, AutopayRunning, InvalidField, SetupWaits
from core.models import (
    BillingPeriod,
    Channel,
    Flow,
    IdempotencyKey,
    Mandate,
    MandateState,
    Owner,
    OwnerSubscription,
    OwnerSubscriptionPayment,
    PaymentTransaction,
    PricingPlan,
    Purpose,
    SubscriptionStatus,
    Workflow,
)
from core.money import rupees, rupees_for_people
from core.services.payments.checkout import (
    PaymentRequest,
    PaymentSlot,
    StartedPayment,
    new_order_id,
    start,
)
from core.services.phonepe.responses import Checkout
from core.services.phonepe_service import PhonePeService
from core.services.subscriptions.checkout import can_be_approved
from core.services.subscriptions.life import renewal_of

SETUP_LIFE = timedelta(minutes=10)
LOOK_AFTER = timedelta(minutes=5)  # the end of a setup that nobody has decided
PENNY_DROP_PAISE = 200
WITHOUT_EXTRA_FACTOR_PAISE = 15_000_00  # NPCI: a debit up to this takes no PIN
ROOM = 3, 2  # the most of one debit is one and a half times the price


@dataclass(frozen=True, slots=True)
class Way:
    """How an owner approves a mandate: in a UPI app that is opened, or asked by UPI id."""

    device_os: str
    target_app: str = ""
    upi_id: str = ""


@dataclass(frozen=True, slots=True)
class SetupRequest(PaymentRequest):
    """What somebody wants to approve, and how."""

    way: Way = Way("")

    def is_met_by(self, order: PaymentTransaction, *, now: datetime) -> bool:
        """Tell whether a setup can be handed back: PhonePe's answer is stored, and it lives on."""
        return can_be_approved(order, upi_id=self.way.upi_id, now=now)


@dataclass(frozen=True, slots=True)
class StartedSetup(StartedPayment):
    """A mandate that can be approved now."""

    mandate: Mandate


def start_setup(
    *, owner: Owner, plan: PricingPlan, period: BillingPeriod, way: Way, key: IdempotencyKey | None = None
) -> StartedSetup:
    """Let an owner approve a mandate: hand back the current setup or begin one.

    While a period is paid, two rupees check the account, and go back; otherwise the first period is paid with it.

    :raises AutopayNotPossible, AutopayRunning, SetupWaits: before PhonePe is called
    :raises InvalidField: if the plan is offered no more, and is not what this subscription goes on with
    """
    subscription, _ = OwnerSubscription.objects.get_or_create(owner=owner)
    workflow, amount_paise = _first_payment(subscription, plan, period, now=timezone.now())
    slot = SLOTS[workflow](subscription, plan, period, way)
    current = slot.current()
    if current is not None and slot.is_same(current):
        amount_paise = current.transaction.amount_paise  # a price that has changed meanwhile is for the next one
    started = start(slot, SetupRequest(amount_paise, Channel.REDIRECT, way=way), key=key)
    mandate = Mandate.objects.get(payments=started.payable.pk)
    return StartedSetup(started.payable, started.is_new, mandate)


def most_of_a_debit(price_paise: int) -> int:
    """Return the maximum of a mandate.

    :raises AutopayNotPossible: if every debit would take a PIN
    """
    if price_paise > WITHOUT_EXTRA_FACTOR_PAISE:
        limit = rupees_for_people(WITHOUT_EXTRA_FACTOR_PAISE)
        raise AutopayNotPossible(
            f"AutoPay is possible up to {limit}, and this plan costs more. Please pay it yourself.",
            params={"limit": rupees(WITHOUT_EXTRA_FACTOR_PAISE)},
        )
    times, parts = ROOM
    return min(price_paise * times // parts, WITHOUT_EXTRA_FACTOR_PAISE)


def _first_payment(
    subscription: OwnerSubscription, plan: PricingPlan, period: BillingPeriod, *, now: datetime
) -> tuple[Workflow, int]:
    renewal = renewal_of(subscription)
    is_next = renewal is not None and (renewal.plan.pk, renewal.period) == (plan.pk, period)
    if not plan.is_offered and not is_next:
        raise InvalidField("pricing_plan_id", "There is no such pricing plan.")
    is_paid = subscription.paid_until is not None and subscription.paid_until > now
    if is_paid and subscription.status == SubscriptionStatus.ACTIVE:
        if renewal is None:
            raise AutopayNotPossible("Your subscription ends with what is paid. Resume it first, then set AutoPay up.")
        if not is_next:
            sentence = f"Your subscription goes on with the {renewal.plan} plan. Change the plan first."
            raise AutopayNotPossible(sentence)
        return Workflow.PENNY_DROP, PENNY_DROP_PAISE
    return Workflow.TRANSACTION, renewal.amount_paise if renewal is not None and is_next else plan.price_paise(period)


class MandateSlot(PaymentSlot):
    """The current setup of a subscription's mandate.

    :cvar workflow: what is paid with it
    """

    kind = OwnerSubscriptionPayment
    call_name = "set_up_mandate"
    workflow: ClassVar[Workflow]

    def __init__(self, subscription: OwnerSubscription, plan: PricingPlan, period: BillingPeriod, way: Way) -> None:
        super().__init__(subscription.pk)
        self._subscription, self._plan, self._period, self._way = subscription, plan, period, way

    @classmethod
    def payers(cls) -> models.QuerySet[OwnerSubscription, Any]:
        return OwnerSubscription.objects.values("pk")

    @classmethod
    def in_slot(cls, made: Any) -> Any:
        return made.filter(mandate__isnull=False, renews_from=None)

    def refuse_if_wrong(self, books: dict[str, Any]) -> None:  # noqa: ARG002 - what matters changes with time
        in_use = self._subscription.mandates.filter(is_in_use=True, state=MandateState.ACTIVE).first()
        if in_use is not None and in_use.covers(self._period, self._plan.price_paise(self._period)):
            raise AutopayRunning
        self._subscription.refresh_from_db()
        workflow, _ = _first_payment(self._subscription, self._plan, self._period, now=timezone.now())
        if workflow != self.workflow:
            raise AutopayNotPossible("Your subscription has just changed. Please try again.")

    def refuse_to_replace(self, current: Any) -> None:
        """:raises SetupWaits: while another setup can be approved"""
        order, mandate = current.transaction, current.mandate
        if mandate is None or self.is_same(current):
            return
        if can_be_approved(order, upi_id=mandate.upi_id, now=timezone.now()):
            raise SetupWaits

    def new_order(self, wanted: PaymentRequest, now: datetime) -> PaymentTransaction:
        return PaymentTransaction(
            flow=Flow.MANDATE_SETUP,
            amount_paise=wanted.amount_paise,
            channel=wanted.channel,
            expire_at=now + SETUP_LIFE,
        )

    def create(self, order: PaymentTransaction) -> OwnerSubscriptionPayment:
        mandate = Mandate.objects.create(
            owner_subscription=self._subscription,
            merchant_subscription_id=new_order_id().replace("ZLT-", "ZLM-", 1),
            plan=self._plan,
            period=self._period,
            workflow=self.workflow,
            max_amount_paise=most_of_a_debit(self._plan.price_paise(self._period)),
            device_os=self._way.device_os,
            target_app=self._way.target_app,
            upi_id=self._way.upi_id,
            initiated_at=order.initiated_at,
            next_check_at=order.expire_at + LOOK_AFTER,
        )
        payment = OwnerSubscriptionPayment(
            subscription=self._subscription,
            transaction=order,
            merchant_order_id=order.merchant_order_id,
            plan=self._plan,
            period=self._period,
            purpose=self.purpose(),
            mandate=mandate,
        )
        insert_linked(order, payment)
        return payment

    @abstractmethod
    def purpose(self) -> Purpose:
        """Return what is paid with it."""

    def call(self, payable: Any) -> Checkout:
        return PhonePeService().set_up_mandate(payable.mandate, payable.transaction)

    def is_same(self, current: Any) -> bool:
        mandate = current.mandate
        if mandate is None:
            return False
        way = Way(mandate.device_os, mandate.target_app, mandate.upi_id)
        return (current.plan_id, current.period, way) == (self._plan.pk, self._period, self._way)


class CheckSlot(MandateSlot):
    """The setup that checks an account while a period is paid, beside a payment for the next one."""

    workflow = Workflow.PENNY_DROP

    def purpose(self) -> Purpose:
        return Purpose.CHECK


class FirstPaymentSlot(MandateSlot):
    """The setup that pays a period: one place with the checkout that would pay it, whose slot this is too."""

    workflow = Workflow.TRANSACTION

    @classmethod
    def in_slot(cls, made: Any) -> Any:
        return made.filter(renews_from=None)

    def purpose(self) -> Purpose:
        return Purpose.RENEWAL if renewal_of(self._subscription) else Purpose.FIRST


SLOTS: dict[Workflow, type[MandateSlot]] = {slot.workflow: slot for slot in (CheckSlot, FirstPaymentSlot)}
