"""Plans and subscriptions as the API shows them."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.models import Channel, OrderState, OwnerSubscriptionPayment, Period, PricingPlan, SubscriptionPeriod
from core.money import rupees
from core.serializers.fields import RupeesField
from core.serializers.refunds import RefundSerializer
from core.services.payments import state_for_payer
from core.services.refunds import refunded_paise


class PricingPlanSerializer(serializers.ModelSerializer[PricingPlan]):
    monthly_price = RupeesField(source="monthly_price_paise")
    yearly_price = RupeesField(source="yearly_price_paise")
    features = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = PricingPlan
        fields = ["id", "name", "monthly_price", "yearly_price", "max_units", "features"]


class StartSubscriptionPaymentSerializer(serializers.Serializer[Any]):
    pricing_plan_id = serializers.PrimaryKeyRelatedField(
        queryset=PricingPlan.objects.filter(is_offered=True), pk_field=serializers.IntegerField()
    )
    period = serializers.ChoiceField(choices=Period.choices)
    channel = serializers.ChoiceField(choices=Channel.choices, default=Channel.REDIRECT)


class SubscriptionPaymentSerializer(serializers.ModelSerializer[OwnerSubscriptionPayment]):
    amount = RupeesField(source="transaction.amount_paise")
    state = serializers.SerializerMethodField()
    refunded_amount = serializers.SerializerMethodField()
    payment_mode = serializers.CharField(source="transaction.payment_mode")
    utr = serializers.CharField(source="transaction.utr")
    paid_at = serializers.DateTimeField(source="transaction.paid_at", allow_null=True)
    plan = serializers.CharField(source="plan.name")
    refunds = RefundSerializer(source="transaction.refunds", many=True)

    class Meta:
        model = OwnerSubscriptionPayment
        fields = [
            "id",
            "merchant_order_id",
            "plan",
            "period",
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
        read_only_fields = fields

    def get_refunded_amount(self, payment: OwnerSubscriptionPayment) -> str:
        return rupees(refunded_paise(payment.transaction))

    @extend_schema_field(serializers.ChoiceField(choices=OrderState.choices))
    def get_state(self, payment: OwnerSubscriptionPayment) -> str:
        return state_for_payer(payment).value


class VerifiedSubscriptionSerializer(serializers.Serializer[Any]):
    success = serializers.BooleanField(default=True)
    merchant_order_id = serializers.CharField()
    state = serializers.ChoiceField(choices=OrderState.choices)
    payment = SubscriptionPaymentSerializer()
    poll_after = serializers.IntegerField(required=False)


class ActiveSubscriptionSerializer(serializers.ModelSerializer[SubscriptionPeriod]):
    plan = PricingPlanSerializer()
    period = serializers.ChoiceField(source="payment.period", choices=Period.choices)

    class Meta:
        model = SubscriptionPeriod
        fields = ["id", "plan", "period", "starts_at", "ends_at"]
