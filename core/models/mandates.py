"""UPI AutoPay: an owner's standing permission to debit a subscription, and the debits made under it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog
from django.db import models, transaction
from django.db.models import F, Q

from core.db.prepared import Param, Prepared, insert, update
from core.models.history import ChangeCause, StateChange
from core.models.orders import PaymentTransaction
from core.models.payables import PaymentStatus
from core.models.plans import BillingPeriod, PricingPlan
from core.models.reconciled import Reconciled, ReconciledQuerySet
from core.models.subscriptions import OwnerSubscription, OwnerSubscriptionPayment
from core.models.vocabulary import only_known

logger = structlog.get_logger(__name__)
NOTICE = timedelta(hours=24)  # between a payer's being told of a debit and the debit, by NPCI's rules


class MandateState(models.TextChoices):
    """PhonePe's word on a mandate."""

    ACTIVATION_IN_PROGRESS = "ACTIVATION_IN_PROGRESS"
    ACTIVE = "ACTIVE"
    PAUSE_IN_PROGRESS = "PAUSE_IN_PROGRESS"
    PAUSED = "PAUSED"
    UNPAUSE_IN_PROGRESS = "UNPAUSE_IN_PROGRESS"
    REVOKE_IN_PROGRESS = "REVOKE_IN_PROGRESS"
    REVOKED = "REVOKED"
    CANCEL_IN_PROGRESS = "CANCEL_IN_PROGRESS"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"
    FAILED = "FAILED"


ENDED = (MandateState.REVOKED, MandateState.CANCELLED, MandateState.EXPIRED, MandateState.FAILED)


class Workflow(models.TextChoices):
    """What is paid when a mandate is approved."""

    TRANSACTION = "TRANSACTION", "the first period"
    PENNY_DROP = "PENNY_DROP", "two rupees, which go back"


class RetryStrategy(models.TextChoices):
    """Who tries again after a debit failed."""

    STANDARD = "STANDARD", "PhonePe"
    CUSTOM = "CUSTOM", "Zelton"


class Mandate(Reconciled):
    """One mandate of an owner's subscription. `next_check_at` is when `renew_subscriptions` looks at it next.

    :ivar is_in_use: it was approved, and debits are made under it, one mandate at a time
    :ivar cancel_at: since when it is to be cancelled at PhonePe; no debit is begun from then on
    """

    # The column of PhonePe's id kept its first name, and so did that of ours, whose place it took.
    owner_subscription = models.ForeignKey(
        OwnerSubscription, on_delete=models.PROTECT, related_name="mandates", db_column="subscription_id"
    )
    merchant_subscription_id = models.CharField(max_length=63, unique=True, editable=False)
    subscription_id = models.CharField(
        max_length=64, blank=True, db_column="phonepe_subscription_id", help_text="PhonePe's name for it."
    )
    state = models.CharField(max_length=32, choices=MandateState.choices, default=MandateState.ACTIVATION_IN_PROGRESS)
    plan = models.ForeignKey(PricingPlan, on_delete=models.PROTECT, related_name="+", db_index=False)
    period = models.CharField(max_length=10, choices=BillingPeriod.choices)
    workflow = models.CharField(max_length=16, choices=Workflow.choices)
    max_amount_paise = models.BigIntegerField(help_text="The most that one debit may be.")
    device_os = models.CharField(max_length=16)
    target_app = models.CharField(max_length=64, blank=True, help_text="The UPI app that is opened.")
    upi_id = models.CharField(max_length=255, blank=True, help_text="The UPI id that is asked; forgotten then.")
    umn_masked = models.CharField(max_length=64, blank=True, help_text="Its name at the banks, most of it hidden.")
    is_in_use = models.BooleanField(default=False)
    cancel_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ReconciledQuerySet.as_manager()

    class Meta:
        verbose_name = "AutoPay mandate"
        permissions = [("cancel_mandate", "Can cancel an owner's AutoPay at PhonePe")]
        constraints = [
            models.UniqueConstraint(
                fields=["owner_subscription"], condition=Q(is_in_use=True), name="one_mandate_in_use_per_subscription"
            ),
            models.CheckConstraint(condition=Q(max_amount_paise__gte=100), name="mandate_at_least_one_rupee"),
            models.CheckConstraint(
                condition=~Q(is_in_use=True, state__in=("ACTIVATION_IN_PROGRESS", *ENDED)), name="mandate_in_use_lives"
            ),
            models.CheckConstraint(
                condition=Q(is_in_use=False) | Q(cancel_at__isnull=True), name="mandate_in_use_is_kept"
            ),
            only_known("state", MandateState, name="mandate_state_known"),
            only_known("workflow", Workflow, name="mandate_workflow_known"),
            only_known("period", BillingPeriod, name="mandate_period_known"),
        ]
        indexes = [
            models.Index(fields=["next_check_at"], condition=Q(next_check_at__isnull=False), name="mandate_due"),
            models.Index(fields=["subscription_id"], name="mandate_at_phonepe"),
        ]

    def __str__(self) -> str:
        return self.merchant_subscription_id

    @property
    def has_ended(self) -> bool:
        return self.state in ENDED

    @property
    def shown_state(self) -> str:
        """Return how it stands for its owner: once it is to be cancelled, it neither is active nor waits any more."""
        if self.state == MandateState.ACTIVATION_IN_PROGRESS:
            is_cancelled = self.payments.filter(renews_from=None, status=PaymentStatus.CANCELLED).exists()
        else:
            is_cancelled = self.cancel_at is not None and not self.has_ended
        return MandateState.CANCEL_IN_PROGRESS if is_cancelled else self.state

    def covers(self, period: str, paise: int) -> bool:
        """Tell whether a renewal can be debited under it: up to its maximum, at the frequency that was approved."""
        return self.period == period and paise <= self.max_amount_paise

    def setup(self) -> OwnerSubscriptionPayment:
        """Return the payment with which it is approved."""
        setup = _SETUP.one(mandate=self.pk)
        setup.mandate = self
        return setup

    def debit(self) -> "MandateDebit | None":
        """Return the debit that is announced or under way."""
        found = _DEBIT.rows(mandate=self.pk)
        for debit in found:
            debit.mandate = self
        return found[0] if found else None

    def note_payment(self, payment: OwnerSubscriptionPayment, *, now: datetime) -> None:
        """Begin to use it once its setup is paid, in place of the one before; a setup that was replaced is cancelled.

        Called under the subscription's lock, whenever a payment of it has completed.
        """
        self.next_check_at = now
        if payment.renews_from is None:
            self.apply_state(MandateState.ACTIVE, cause=ChangeCause.CLOCK, at=now)
            if payment.was_replaced() or self.is_overtaken():
                self.cancel_at = now
            else:
                for earlier in self.owner_subscription.mandates.filter(is_in_use=True).exclude(pk=self.pk):
                    earlier.stop(now=now)
                self.is_in_use = True
        update(self)

    def is_overtaken(self) -> bool:
        """Tell whether a later mandate is in use already: this one was approved too late, and goes back."""
        return self.owner_subscription.mandates.filter(is_in_use=True, pk__gt=self.pk).exists()

    def note_failure(self, payment: OwnerSubscriptionPayment, *, now: datetime) -> None:
        """Look soon at what follows from a setup or a debit that was not paid. Called under the subscription's lock."""
        self.next_check_at = now
        if payment.renews_from is None and not self.has_ended:
            self.apply_state(MandateState.FAILED, cause=ChangeCause.CLOCK, at=now)
        else:
            self.owner_subscription.debit_until, self.owner_subscription.due_at = None, now
            self.owner_subscription.save(update_fields=["debit_until", "due_at"])
        self.save()
        self.owner_subscription.have_mandate_looked_at(now=now)  # another mandate may have waited for this debit's end

    def stop(self, *, now: datetime) -> None:
        """Use it no longer and have it cancelled at PhonePe. Called under the subscription's lock."""
        self.is_in_use, self.cancel_at, self.next_check_at = False, self.cancel_at or now, now
        self.save()

    def apply_state(
        self, state: MandateState, *, cause: ChangeCause, at: datetime, answer: Mapping[str, Any] | None = None
    ) -> bool:
        """Take PhonePe's word for its state and keep why; the caller saves it. Tell whether it is another one."""
        if state == self.state:
            return False
        change = StateChange(
            transaction=self.setup().transaction,
            what="mandate",
            old=self.state,
            new=state,
            cause=cause,
            answer=dict(answer or {}),
            at=at,
        )
        insert(change)
        said = {"mandate": self.merchant_subscription_id, "old": str(self.state), "new": str(state)}
        transaction.on_commit(partial(logger.info, "mandate_moved", **said, cause=str(cause)))
        self.state, self.upi_id = state, ""
        if self.has_ended:
            self.is_in_use = False
        return True


class MandateDebit(models.Model):
    """One debit under a mandate, from its notice to its last word; the payment beside it says for what.

    :ivar valid_after: from when on it may be executed: a day after its payer was told
    """

    mandate = models.ForeignKey(Mandate, on_delete=models.PROTECT, related_name="debits")
    payment = models.OneToOneField(OwnerSubscriptionPayment, on_delete=models.PROTECT, related_name="debit")
    strategy = models.CharField(max_length=16, choices=RetryStrategy.choices)
    valid_after = models.DateTimeField(null=True, blank=True, help_text="Empty until PhonePe has told the payer.")
    executed_at = models.DateTimeField(null=True, blank=True, help_text="When PhonePe was first asked to execute it.")
    tries = models.PositiveIntegerField(default=0, help_text="How often PhonePe was asked to execute it.")
    last_tried_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(executed_at__isnull=True) | Q(valid_after__isnull=False, executed_at__gte=F("valid_after")),
                name="debit_a_day_after_its_notice",
            ),
            models.CheckConstraint(
                condition=Q(executed_at__isnull=True, tries=0) | Q(executed_at__isnull=False, tries__gte=1),
                name="debit_tried_if_executed",
            ),
            only_known("strategy", RetryStrategy, name="debit_strategy_known"),
        ]

    def __str__(self) -> str:
        return self.payment.merchant_order_id

    @property
    def order(self) -> PaymentTransaction:
        return self.payment.transaction


# Asked several times at each look at a mandate.
_SETUP = Prepared(
    lambda: OwnerSubscriptionPayment.objects.filter(
        mandate=Param("mandate", models.BigIntegerField()), renews_from=None
    ).select_related("transaction")
)
_DEBIT = Prepared(
    lambda: (
        MandateDebit.objects.filter(
            mandate=Param("mandate", models.BigIntegerField()), payment__status=PaymentStatus.PENDING
        )
        .select_related("payment__transaction", "payment__plan")
        .order_by("pk")[:1]
    )
)
