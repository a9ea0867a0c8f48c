"""Rent payments as the API shows them, and what it takes to start one."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.models import Channel, OrderState, Payment, Tenancy
from core.serializers.attempts import ATTEMPT_FIELDS, AttemptSerializer, StandingSerializer
from core.serializers.fields import OneOf, RupeesField, SignedRupeesField
from core.services.checkout import Started, Wish
from core.services.payments import state_for_payer
from core.services.rent import next_due_date

PAYMENT_MODES = ["UPI_INTENT", "UPI_COLLECT", "UPI_QR", "CARD", "NET_BANKING"]


class TenancySerializer(serializers.ModelSerializer[Tenancy]):
    unit = serializers.CharField(source="unit.name")
    property = serializers.CharField(source="unit.property.name")
    monthly_rent = RupeesField(source="monthly_rent_paise")
    outstanding = SignedRupeesField()
    next_due_date = serializers.SerializerMethodField()

    class Meta:
        model = Tenancy
        fields = ["id", "unit", "property", "monthly_rent", "outstanding", "next_due_date"]

    @extend_schema_field({"type": ["string", "null"], "format": "date"})
    def get_next_due_date(self, tenancy: Any) -> str | None:
        due = next_due_date(tenancy, tenancy.paid_paise, self.context["today"])
        return due.isoformat() if due else None


class PaymentSerializer(AttemptSerializer):
    class Meta:
        model = Payment
        fields = [*ATTEMPT_FIELDS, "tenancy"]
        read_only_fields = fields


class StartRentPaymentSerializer(serializers.Serializer[Any]):
    amount = RupeesField()
    tenancy = serializers.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
    channel = OneOf(choices=Channel.choices, default=Channel.REDIRECT)
    payment_modes = serializers.ListField(
        child=OneOf(choices=PAYMENT_MODES), required=False, allow_empty=False, max_length=5
    )

    def validate_payment_modes(self, modes: list[str]) -> list[str]:
        return sorted(set(modes))

    def wish(self) -> Wish:
        body = self.validated_data
        return Wish(body["amount"], Channel(body["channel"]), tuple(body.get("payment_modes", ())))


_RUPEES, _INSTANT = RupeesField(), serializers.DateTimeField()


class StartedSerializer(serializers.Serializer[Started]):
    """A payment that can be paid now: `redirect_url` for the channel redirect, `token` for mobile_sdk."""

    success = serializers.BooleanField(default=True)
    payment_id = serializers.IntegerField()
    merchant_order_id = serializers.CharField()
    order_id = serializers.CharField()
    state = serializers.ChoiceField(choices=OrderState.choices)
    redirect_url = serializers.CharField(required=False)
    token = serializers.CharField(required=False)
    expire_at = serializers.DateTimeField()
    amount = RupeesField()

    def to_representation(self, instance: Started) -> dict[str, Any]:
        order = instance.purpose.transaction
        mobile = order.channel == Channel.MOBILE_SDK
        return {
            "success": True,
            "payment_id": instance.purpose.pk,
            "merchant_order_id": order.merchant_order_id,
            "order_id": order.phonepe_order_id,
            "state": state_for_payer(instance.purpose).value,
            **({"token": order.order_token} if mobile else {"redirect_url": order.redirect_url}),
            "expire_at": _INSTANT.to_representation(order.expire_at),
            "amount": _RUPEES.to_representation(order.amount_paise),
        }


class VerifiedSerializer(StandingSerializer):
    payment = PaymentSerializer()


class CallbackSerializer(serializers.Serializer[Any]):
    """What the app may send; anything else is ignored, and nothing of it is believed."""

    merchant_order_id = serializers.CharField(required=False)
    orderId = serializers.CharField(required=False)  # noqa: N815 - PhonePe's spelling


class CalledBackSerializer(serializers.Serializer[Any]):
    success = serializers.BooleanField(default=True)
    state = serializers.ChoiceField(choices=OrderState.choices)
