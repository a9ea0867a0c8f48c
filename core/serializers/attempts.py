"""An attempt to pay as the API shows it, whatever it was for."""

from dataclasses import asdict
from typing import Any, ClassVar

from rest_framework import serializers

from core.models import OrderState, User
from core.models.refunds import refunds_of
from core.money import rupees
from core.serializers.fields import RupeesField
from core.serializers.refunds import RefundSerializer
from core.services.payments.failures import Failure, failure_of
from core.services.payments.for_payer import Standing, is_under_review, state_for_payer
from core.services.refunds.refund_status import refunded_paise
from core.services.refunds.requesting import can_be_refunded, refundable_paise

ATTEMPT_FIELDS = [
    "id",
    "merchant_order_id",
    "amount",
    "status",
    "state",
    "under_review",
    "refunded_amount",
    "payment_mode",
    "utr",
    "paid_at",
    "created_at",
    "refunds",
    "refundable_amount",
    "can_refund",
    "can_pay_again",
    "failure",
]


_INSTANT = serializers.DateTimeField()


class FailureSerializer(serializers.Serializer[Failure]):
    """Why a payment failed."""

    code = serializers.CharField(
        help_text="PhonePe's errorCode, or NOT_STARTED, NOT_COMPLETED or CLOSED where nobody tried to pay. "
        "A code that an app does not know is shown by its sentence."
    )
    sentence = serializers.CharField(help_text="For a person: why, and what to do.")


class AttemptSerializer(serializers.ModelSerializer[Any]):
    # What every attempt to pay has; a subclass names its model and adds what it was for.

    amount = RupeesField(source="transaction.amount_paise")
    state = serializers.ChoiceField(choices=OrderState.choices, read_only=True)
    under_review = serializers.BooleanField(read_only=True)
    refunded_amount = RupeesField(read_only=True)
    payment_mode = serializers.CharField(source="transaction.payment_mode")
    utr = serializers.CharField(source="transaction.utr")
    paid_at = serializers.DateTimeField(source="transaction.paid_at", allow_null=True)
    refunds = RefundSerializer(many=True, read_only=True)
    refundable_amount = RupeesField(
        read_only=True,
        help_text="Of what was paid, the part that is neither back, nor on its way back, nor disputed.",
    )
    can_refund = serializers.BooleanField(read_only=True, help_text="Whether who asks can ask for a refund now.")
    can_pay_again = serializers.BooleanField(
        help_text="Nothing can come of this attempt any more, and something is due: offer to pay again."
    )
    failure = FailureSerializer(allow_null=True, read_only=True)

    @classmethod
    def shown(cls, payment: Any, user: User) -> dict[str, Any]:
        """Return what the fields declare, as somebody sees it. DRF's way through its fields takes many times as long.

        `explain` has been told of the payment before.
        """
        order, failure = payment.transaction, failure_of(payment)
        return {
            "id": payment.pk,
            "merchant_order_id": payment.merchant_order_id,
            "amount": rupees(order.amount_paise),
            "status": payment.status,
            "state": state_for_payer(payment).value,
            "under_review": is_under_review(payment),
            "refunded_amount": rupees(refunded_paise(order)),
            "payment_mode": order.payment_mode,
            "utr": order.utr,
            "paid_at": _INSTANT.to_representation(order.paid_at) if order.paid_at else None,
            "created_at": _INSTANT.to_representation(payment.created_at),
            "refunds": RefundSerializer(refunds, many=True).data if (refunds := refunds_of(order)) else [],
            "refundable_amount": rupees(refundable_paise(payment)),
            "can_refund": can_be_refunded(payment) and payment.may_be_refunded_by(user),
            "can_pay_again": payment.can_pay_again,
            "failure": asdict(failure) if failure else None,
            **cls.paid_for(payment),
        }

    @classmethod
    def paid_for(cls, payment: Any) -> dict[str, Any]:
        """Return what a subclass adds."""
        raise NotImplementedError

    def to_representation(self, instance: Any) -> dict[str, Any]:
        return self.shown(instance, self.context["request"].user)


class StandingSerializer(serializers.Serializer[Standing]):
    """How an attempt to pay stands.

    `poll_after` is there while asking again can bring news; it grows with the age of the payment. `final` says that
    nothing can come any more. `under_review` is true while PENDING waits for Zelton's
    staff, because another amount came than was asked for; then `detail` says so to a person.
    """

    attempt: ClassVar[type[AttemptSerializer]]
    success = serializers.BooleanField(default=True)
    merchant_order_id = serializers.CharField()
    state = serializers.ChoiceField(choices=OrderState.choices)
    under_review = serializers.BooleanField()
    final = serializers.BooleanField(source="is_final", help_text="True once nothing can come any more.")
    detail = serializers.CharField(required=False, help_text="A sentence for a person.")
    poll_after = serializers.IntegerField(required=False, help_text="Seconds to wait before asking again.")

    @classmethod
    def shown(cls, standing: Standing, user: User) -> dict[str, Any]:
        """Return what the fields declare, as somebody sees it."""
        sometimes = {"detail": standing.detail, "poll_after": standing.poll_after}
        return {
            "success": True,
            "merchant_order_id": standing.merchant_order_id,
            "state": standing.state.value,
            "under_review": standing.under_review,
            "final": standing.is_final,
            **{name: value for name, value in sometimes.items() if value is not None},
            "payment": cls.attempt.shown(standing.payment, user),
        }

    def to_representation(self, instance: Standing) -> dict[str, Any]:
        return self.shown(instance, self.context["request"].user)
