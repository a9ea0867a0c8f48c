"""Plans and subscriptions as the API shows them."""

from typing import Any

from rest_framework import serializers

from core.models import Channel, OwnerSubscriptionPayment, Period, PricingPlan, SubscriptionPeriod
from core.serializers.attempts import ATTEMPT_FIELDS, AttemptSerializer, StandingSerializer
from core.serializers.fields import OneOf, RupeesField


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
    period = OneOf(choices=Period.choices)
    channel = OneOf(choices=Channel.choices, default=Channel.REDIRECT)


class SubscriptionPaymentSerializer(AttemptSerializer):
    plan = serializers.CharField(source="plan.name")

    class Meta:
        model = OwnerSubscriptionPayment
        fields = [*ATTEMPT_FIELDS, "plan", "period"]
        read_only_fields = fields


class VerifiedSubscriptionSerializer(StandingSerializer):
    payment = SubscriptionPaymentSerializer()


class ActiveSubscriptionSerializer(serializers.ModelSerializer[SubscriptionPeriod]):
    plan = PricingPlanSerializer()
    period = serializers.ChoiceField(source="payment.period", choices=Period.choices)

    class Meta:
        model = SubscriptionPeriod
        fields = ["id", "plan", "period", "starts_at", "ends_at"]
