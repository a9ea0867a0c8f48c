"""Money on its way back to a payer."""

from functools import cache
from typing import Any, cast

from django.db import models
from django.db.models import F, Q

from core.models.orders import PaymentTransaction
from core.models.people import User
from core.models.reconciled import NOT_CLOSED, Reconciled, ReconciledQuerySet, Reconciliation
from core.models.vocabulary import only_known


class RefundState(models.TextChoices):
    """PhonePe's word on a refund, and before it ours: one that waits for approval is unknown to PhonePe.

    COMPLETED and FAILED are final.
    """

    AWAITING_APPROVAL = "AWAITING_APPROVAL"
    PENDING = "PENDING"
    CONFIRMED = "CONFIRMED"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"


IN_FLIGHT = (RefundState.PENDING, RefundState.CONFIRMED)
NOT_ENDED = (RefundState.AWAITING_APPROVAL, *IN_FLIGHT)
FINAL = (RefundState.COMPLETED, RefundState.FAILED)


class RefundKind(models.TextChoices):
    """Why money goes back."""

    REQUESTED = "requested", "requested by an owner or an operator"
    SURPLUS = "surplus", "more came than was due"
    MISMATCH = "mismatch", "another amount came than was asked for"
    DASHBOARD = "dashboard", "made at PhonePe, on its dashboard, and not here"


ASKED_BY_A_PERSON = (RefundKind.REQUESTED, RefundKind.MISMATCH)
NOT_APPROVED = "NOT_APPROVED"  # the error code of a refund that a second person refused: PhonePe was never asked


class Refund(Reconciled):
    """One refund at PhonePe. A row is committed before PhonePe is asked for it."""

    transaction = models.ForeignKey(PaymentTransaction, on_delete=models.PROTECT, related_name="refunds")
    merchant_refund_id = models.CharField(max_length=63, unique=True, editable=False)
    refund_id = models.CharField(max_length=64, blank=True, db_index=True, help_text="PhonePe's; empty: not known yet.")
    amount_paise = models.BigIntegerField()
    state = models.CharField(max_length=32, choices=RefundState.choices, default=RefundState.PENDING)
    kind = models.CharField(max_length=16, choices=RefundKind.choices)
    reason = models.CharField(max_length=500)
    requested_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    approved_by = models.ForeignKey(
        User,
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        help_text="The second person who let it go to PhonePe; empty: it needed none, or waits for one.",
    )
    retry_of = models.OneToOneField("self", null=True, blank=True, on_delete=models.PROTECT, related_name="retried_by")
    sent_at = models.DateTimeField(null=True, blank=True, help_text="When PhonePe was first asked for it.")
    finished_at = models.DateTimeField(null=True, blank=True)
    error_code = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ReconciledQuerySet.as_manager()

    class Meta:
        permissions = [
            ("approve_refund", "Can approve or refuse a refund that another person asked for"),
            ("close_refund", "Can close a refund on which PhonePe gives no final word"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(amount_paise__gte=100), name="refund_at_least_one_rupee"),
            models.UniqueConstraint(
                fields=["transaction"], condition=Q(state__in=NOT_ENDED), name="one_unended_refund_per_order"
            ),
            models.UniqueConstraint(
                fields=["transaction"],
                condition=Q(kind=RefundKind.SURPLUS, retry_of__isnull=True),
                name="one_surplus_refund_per_order",
            ),
            models.CheckConstraint(
                condition=Q(state__in=IN_FLIGHT, finished_at__isnull=True, reconciliation_status__in=NOT_CLOSED)
                | Q(state__in=FINAL, finished_at__isnull=False, reconciliation_status=Reconciliation.SETTLED)
                | Q(
                    # PhonePe is asked neither for it nor about it.
                    state=RefundState.AWAITING_APPROVAL,
                    finished_at__isnull=True,
                    sent_at__isnull=True,
                    next_check_at__isnull=True,
                    reconciliation_status=Reconciliation.SETTLED,
                ),
                name="refund_finished_if_final",
            ),
            models.CheckConstraint(
                condition=Q(state__in=(RefundState.AWAITING_APPROVAL, RefundState.PENDING))
                | Q(sent_at__isnull=False)
                | Q(state=RefundState.FAILED, error_code=NOT_APPROVED),
                name="refund_answered_only_if_sent",
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("requested_by")),
                name="refund_approved_by_another",
            ),
            models.CheckConstraint(
                condition=Q(retry_of__isnull=True) | Q(kind=RefundKind.SURPLUS), name="only_surplus_is_retried"
            ),
            models.CheckConstraint(condition=~Q(merchant_refund_id=""), name="refund_has_an_id"),
            models.CheckConstraint(
                # It is never sent from here, also not again.
                condition=~Q(kind=RefundKind.DASHBOARD) | (Q(sent_at__isnull=False) & ~Q(refund_id="")),
                name="dashboard_refund_is_phonepes",
            ),
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
        """Tell whether PhonePe has it, or will get it by itself."""
        return self.state in IN_FLIGHT

    @property
    def awaits_approval(self) -> bool:
        return self.state == RefundState.AWAITING_APPROVAL


def refunds_of(order: PaymentTransaction) -> list[Refund]:
    """Return an order's refunds; those of an order without a capture are not looked up, because it has none."""
    return list(order.refunds.all()) if order.captured_paise else []


def know_of_no_refunds(order: PaymentTransaction) -> None:
    """Let `refunds_of` an order that has none answer without a statement."""
    cast("Any", order)._prefetched_objects_cache = {"refunds": _no_refunds()}  # noqa: SLF001 - as a prefetch does


@cache
def _no_refunds() -> models.QuerySet[Refund]:
    """Return one empty answer for all: building it is a good part of what a frequent question costs."""
    none = Refund.objects.none()
    none._result_cache = []  # noqa: SLF001 - what a prefetch would leave
    return none
