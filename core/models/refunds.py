"""Money on its way back to a payer."""

from django.db import models
from django.db.models import Q

from core.models.orders import PaymentTransaction
from core.models.people import User
from core.models.reconciled import UNSETTLED, Reconciled, ReconciledQuerySet, Reconciliation
from core.models.vocabulary import only_known


class RefundState(models.TextChoices):
    """PhonePe's word on a refund. COMPLETED and FAILED are final."""

    PENDING = "PENDING"
    CONFIRMED = "CONFIRMED"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"


IN_FLIGHT = (RefundState.PENDING, RefundState.CONFIRMED)
FINAL = (RefundState.COMPLETED, RefundState.FAILED)


class RefundKind(models.TextChoices):
    """Why money goes back."""

    REQUESTED = "requested", "requested by an owner or an operator"
    SURPLUS = "surplus", "more came than was due"
    MISMATCH = "mismatch", "another amount came than was asked for"


class Refund(Reconciled):
    """One refund at PhonePe. A row is committed before PhonePe is asked for it."""

    transaction = models.ForeignKey(PaymentTransaction, on_delete=models.PROTECT, related_name="refunds")
    merchant_refund_id = models.CharField(max_length=63, unique=True, editable=False)
    refund_id = models.CharField(max_length=64, blank=True, db_index=True, help_text="PhonePe's; empty: not known yet.")
    amount_paise = models.BigIntegerField()
    state = models.CharField(max_length=16, choices=RefundState.choices, default=RefundState.PENDING)
    kind = models.CharField(max_length=16, choices=RefundKind.choices)
    reason = models.CharField(max_length=500)
    requested_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    retry_of = models.OneToOneField("self", null=True, blank=True, on_delete=models.PROTECT, related_name="retried_by")
    sent_at = models.DateTimeField(null=True, blank=True, help_text="When PhonePe was first asked for it.")
    finished_at = models.DateTimeField(null=True, blank=True)
    error_code = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ReconciledQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_paise__gte=100), name="refund_at_least_one_rupee"),
            models.UniqueConstraint(
                fields=["transaction"], condition=Q(state__in=IN_FLIGHT), name="one_refund_in_flight_per_order"
            ),
            models.UniqueConstraint(
                fields=["transaction"],
                condition=Q(kind=RefundKind.SURPLUS, retry_of__isnull=True),
                name="one_surplus_refund_per_order",
            ),
            models.CheckConstraint(
                condition=Q(state__in=IN_FLIGHT, finished_at__isnull=True, reconciliation_status__in=UNSETTLED)
                | Q(state__in=FINAL, finished_at__isnull=False, reconciliation_status=Reconciliation.SETTLED),
                name="refund_finished_if_final",
            ),
            models.CheckConstraint(
                condition=Q(state=RefundState.PENDING) | Q(sent_at__isnull=False), name="refund_answered_only_if_sent"
            ),
            models.CheckConstraint(
                condition=Q(retry_of__isnull=True) | Q(kind=RefundKind.SURPLUS), name="only_surplus_is_retried"
            ),
            models.CheckConstraint(condition=~Q(merchant_refund_id=""), name="refund_has_an_id"),
            only_known("state", RefundState, name="refund_state_known"),
            only_known("kind", RefundKind, name="refund_kind_known"),
            only_known("reconciliation_status", Reconciliation, name="refund_reconciliation_known"),
        ]
        indexes = [
            models.Index(fields=["next_check_at"], condition=Q(next_check_at__isnull=False), name="refund_due"),
        ]

    def __str__(self) -> str:
        return self.merchant_refund_id

    @property
    def is_in_flight(self) -> bool:
        return self.state in IN_FLIGHT
