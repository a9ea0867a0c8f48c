"""An attempt to pay as the API shows it, whatever it was for."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.models import OrderState, Purpose
from core.money import rupees
from core.serializers.fields import RupeesField
from core.serializers.refunds import RefundSerializer
from core.services.payments import state_for_payer
from core.services.refund_status import refunded_paise

ATTEMPT_FIELDS = [
    "id",
    "merchant_order_id",
    "amount",
    "status",
    "state",
    "refunded_amount",
    "payment_mode",
    "utr",
    "paid_at",
    "created_at",
    "refunds",
]


class AttemptSerializer(serializers.ModelSerializer[Any]):
    # What every attempt to pay has; a subclass names its model and adds what it was for.

    amount = RupeesField(source="transaction.amount_paise")
    state = serializers.SerializerMethodField()
    refunded_amount = serializers.SerializerMethodField()
    payment_mode = serializers.CharField(source="transaction.payment_mode")
    utr = serializers.CharField(source="transaction.utr")
    paid_at = serializers.DateTimeField(source="transaction.paid_at", allow_null=True)
    refunds = RefundSerializer(source="transaction.refunds_made", many=True)

    @extend_schema_field(serializers.ChoiceField(choices=OrderState.choices))
    def get_state(self, payment: Purpose) -> str:
        return state_for_payer(payment).value

    @extend_schema_field(RupeesField)
    def get_refunded_amount(self, payment: Purpose) -> str:
        return rupees(refunded_paise(payment.transaction))


class StandingSerializer(serializers.Serializer[Any]):
    """How an attempt stands. `poll_after` (seconds) is there while it is pending."""

    success = serializers.BooleanField(default=True)
    merchant_order_id = serializers.CharField()
    state = serializers.ChoiceField(choices=OrderState.choices)
    poll_after = serializers.IntegerField(required=False)
