"""One PhonePe order, whatever it pays for, and when to ask PhonePe about it next."""

from django.db import models
from django.db.models import F, Q

from core.models.reconciled import Reconciled, ReconciledQuerySet, Reconciliation
from core.models.vocabulary import only_known


class OrderState(models.TextChoices):
    """PhonePe's word on an order."""

    PENDING = "PENDING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"


class Channel(models.TextChoices):
    REDIRECT = "redirect"
    MOBILE_SDK = "mobile_sdk"


class Flow(models.TextChoices):
    """How an order is paid."""

    CHECKOUT = "checkout", "on a pay page"
    MANDATE_SETUP = "mandate_setup", "by approving a mandate"
    REDEMPTION = "redemption", "by a debit under a mandate"


class PaymentTransaction(Reconciled):
    """One order at PhonePe. Amounts in paise, instants in UTC."""

    merchant_order_id = models.CharField(max_length=63, unique=True, editable=False)
    phonepe_order_id = models.CharField("PhonePe order id", max_length=64, blank=True, db_index=True)
    amount_paise = models.BigIntegerField()
    captured_paise = models.BigIntegerField(default=0)
    surplus_paise = models.BigIntegerField(default=0, help_text="Captured beyond what was due at that moment.")
    refunding_paise = models.BigIntegerField(default=0, help_text="All refunds that have not failed.")
    state = models.CharField(max_length=16, choices=OrderState.choices, default=OrderState.PENDING)
    flow = models.CharField(max_length=16, choices=Flow.choices, default=Flow.CHECKOUT, db_default=Flow.CHECKOUT)
    channel = models.CharField(max_length=16, choices=Channel.choices, default=Channel.REDIRECT)
    payment_modes = models.JSONField(default=list, blank=True, help_text="Empty: PhonePe's default modes.")
    redirect_url = models.TextField(blank=True)
    order_token = models.TextField(blank=True)
    expire_at = models.DateTimeField()
    calling_until = models.DateTimeField(null=True, blank=True, help_text="Lease of the pay call that runs now.")
    paid_at = models.DateTimeField(null=True, blank=True)
    payment_mode = models.CharField(max_length=32, blank=True)
    utr = models.CharField("UTR", max_length=64, blank=True)

    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ReconciledQuerySet.as_manager()

    class Meta:
        verbose_name = "PhonePe order"
        permissions = [
            ("ask_phonepe", "Can ask PhonePe now how an order or a refund stands"),
            ("resolve_mismatch", "Can keep or send back what came with a mismatched order"),
            ("give_up_order", "Can give up an order that PhonePe has lost"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(amount_paise__gte=100), name="order_at_least_one_rupee"),
            models.CheckConstraint(condition=Q(captured_paise__gte=0), name="captured_not_negative"),
            models.CheckConstraint(
                condition=Q(refunding_paise__gte=0, refunding_paise__lte=F("captured_paise")),
                name="refunding_at_most_captured",
            ),
            models.CheckConstraint(
                condition=Q(state=OrderState.COMPLETED) | Q(captured_paise=0), name="captured_only_if_completed"
            ),
            models.CheckConstraint(
                condition=Q(state=OrderState.COMPLETED, captured_paise__gt=0, paid_at__isnull=False)
                | (~Q(state=OrderState.COMPLETED) & Q(paid_at__isnull=True)),
                name="completed_is_paid",
            ),
            models.CheckConstraint(
                condition=~Q(state=OrderState.COMPLETED)
                | Q(reconciliation_status__in=(Reconciliation.SETTLED, Reconciliation.SURPLUS)),
                name="completed_is_settled",
            ),
            models.CheckConstraint(
                condition=Q(surplus_paise__gte=0, surplus_paise__lte=F("captured_paise")),
                name="surplus_within_captured",
            ),
            models.CheckConstraint(condition=Q(expire_at__gt=F("initiated_at")), name="order_lives_for_some_time"),
            models.CheckConstraint(condition=~Q(merchant_order_id=""), name="order_has_an_id"),
            only_known("state", OrderState, name="order_state_known"),
            only_known("flow", Flow, name="order_flow_known"),
            only_known("channel", Channel, name="order_channel_known"),
            only_known("reconciliation_status", Reconciliation, name="order_reconciliation_known"),
        ]
        indexes = [
            models.Index(fields=["next_check_at"], condition=Q(next_check_at__isnull=False), name="order_due"),
            models.Index(
                fields=["reconciliation_status"],
                condition=~Q(reconciliation_status=Reconciliation.SETTLED),
                name="order_not_settled",
            ),
            models.Index(fields=["utr"], condition=~Q(utr=""), name="order_by_utr"),
        ]

    def __str__(self) -> str:
        return self.merchant_order_id

    @property
    def expire_after(self) -> int:
        """Return the order's life in whole seconds."""
        return round((self.expire_at - self.initiated_at).total_seconds())
