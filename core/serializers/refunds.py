"""Refunds as the API shows them, and what it takes to ask for one."""

from typing import Any

from rest_framework import serializers

from core.models import Refund, RefundState
from core.serializers.fields import RupeesField, TextField


class RefundSerializer(serializers.ModelSerializer[Refund]):
    amount = RupeesField(source="amount_paise")

    class Meta:
        model = Refund
        fields = ["merchant_refund_id", "refund_id", "amount", "state", "kind", "reason", "created_at", "finished_at"]
        read_only_fields = fields


class AskRefundSerializer(serializers.Serializer[Any]):
    amount = RupeesField(
        what="refund", required=False, allow_null=True, help_text="Left out or null: all that is left."
    )
    reason = TextField(max_length=500)


class RefundAskedSerializer(serializers.Serializer[Refund]):
    """A refund on its way; PENDING too where PhonePe has not answered yet."""

    success = serializers.BooleanField(default=True)
    merchant_refund_id = serializers.CharField()
    refund_id = serializers.CharField()
    state = serializers.ChoiceField(choices=RefundState.choices)
    amount = RupeesField(source="amount_paise")

    def to_representation(self, instance: Refund) -> dict[str, Any]:
        return {
            "success": True,
            "merchant_refund_id": instance.merchant_refund_id,
            "refund_id": instance.refund_id,
            "state": instance.state,
            "amount": RupeesField().to_representation(instance.amount_paise),
        }
