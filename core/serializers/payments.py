"""Rent payments as the API shows them, and what it takes to start one."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.models import Channel, OrderState, Payment, Tenancy
from core.serializers.attempts import ATTEMPT_FIELDS, AttemptSerializer, StandingSerializer
from core.serializers.fields import ListOf, OneOf, RupeesField, SignedRupeesField, WholeNumberField
from core.services.payments.checkout import PaymentRequest, StartedPayment
from core.services.payments.for_payer import state_for_payer
from core.services.rent.charges import next_due_date

PAYMENT_MODES = ["UPI_INTENT", "UPI_COLLECT", "UPI_QR", "CARD", "NET_BANKING"]


class TenancySerializer(serializers.ModelSerializer[Tenancy]):
    unit_id = serializers.IntegerField()
    unit = serializers.CharField(source="unit.name")
    property = serializers.CharField(source="unit.property.name")
    tenant = serializers.CharField(source="tenant.name", help_text="The tenant's name.")
    due_day = serializers.IntegerField(help_text="31: the last day of a shorter month.")
    ends_on = serializers.DateField(allow_null=True, help_text="The last day, inclusive; null while it has no end.")
    monthly_rent = RupeesField(source="monthly_rent_paise")
    outstanding = SignedRupeesField()
    next_due_date = serializers.SerializerMethodField()
    has_signed_up = serializers.BooleanField(
        source="tenant.user.has_usable_password",
        help_text="Whether the tenant has chosen a password; until then the owner can invite them again.",
    )

    class Meta:
        model = Tenancy
        fields = [
            "id",
            "unit_id",
            "unit",
            "property",
            "tenant",
            "monthly_rent",
            "due_day",
            "starts_on",
            "ends_on",
            "outstanding",
            "next_due_date",
            "has_signed_up",
        ]

    @extend_schema_field({"type": ["string", "null"], "format": "date"})
    def get_next_due_date(self, tenancy: Any) -> str | None:
        due = next_due_date(tenancy, tenancy.paid_paise, self.context["today"])
        return due.isoformat() if due else None


class PaymentSerializer(AttemptSerializer):
    property = serializers.CharField(source="tenancy.unit.property.name")
    unit = serializers.CharField(source="tenancy.unit.name")
    payer = serializers.CharField(source="payer_name", help_text="The tenant's name.")
    months = serializers.ListField(
        child=serializers.CharField(), help_text='Paid for, as "2026-04"; empty until the money has come.'
    )

    class Meta:
        model = Payment
        fields = [*ATTEMPT_FIELDS, "tenancy", "property", "unit", "payer", "months"]
        read_only_fields = fields

    @classmethod
    def paid_for(cls, payment: Payment) -> dict[str, Any]:
        unit = payment.tenancy.unit
        return {
            "tenancy": payment.tenancy_id,
            "property": unit.property.name,
            "unit": unit.name,
            "payer": payment.payer_name,
            "months": payment.months,
        }


class StartRentPaymentSerializer(serializers.Serializer[Any]):
    amount = RupeesField()
    tenancy = WholeNumberField(required=False, min_value=1, max_value=2**63 - 1)
    channel = OneOf(choices=Channel.choices, default=Channel.REDIRECT)
    payment_modes = ListOf(
        child=OneOf(choices=PAYMENT_MODES), required=False, allow_empty=False, min_length=1, max_length=5
    )

    def validate_payment_modes(self, modes: list[str]) -> list[str]:
        return sorted(set(modes))

    def wanted(self) -> PaymentRequest:
        body = self.validated_data
        return PaymentRequest(body["amount"], Channel(body["channel"]), tuple(body.get("payment_modes", ())))


_RUPEES, _INSTANT = RupeesField(), serializers.DateTimeField()


class StartedSerializer(serializers.Serializer[StartedPayment]):
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

    def to_representation(self, instance: StartedPayment) -> dict[str, Any]:
        order = instance.payable.transaction
        mobile = order.channel == Channel.MOBILE_SDK
        return {
            "success": True,
            "payment_id": instance.payable.pk,
            "merchant_order_id": order.merchant_order_id,
            "order_id": order.phonepe_order_id,
            "state": state_for_payer(instance.payable).value,
            **({"token": order.order_token} if mobile else {"redirect_url": order.redirect_url}),
            "expire_at": _INSTANT.to_representation(order.expire_at),
            "amount": _RUPEES.to_representation(order.amount_paise),
        }


class VerifiedSerializer(StandingSerializer):
    attempt = PaymentSerializer
    payment = PaymentSerializer()


class CallbackSerializer(serializers.Serializer[Any]):
    """What the app may send, and anything else: nothing of it is believed, and what is of no use is ignored."""

    merchant_order_id = serializers.JSONField(required=False, help_text="Ours. Best: a string.")
    orderId = serializers.JSONField(required=False, help_text="PhonePe's.")  # noqa: N815 - PhonePe's spelling


class CalledBackSerializer(serializers.Serializer[Any]):
    success = serializers.BooleanField(default=True)
    state = serializers.ChoiceField(choices=OrderState.choices)
