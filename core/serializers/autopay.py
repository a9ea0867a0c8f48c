"""UPI AutoPay as the API shows it, and what it takes to set it up."""

import re
from typing import Any

from rest_framework import serializers

from core.models import BillingPeriod, MandateState, PricingPlan
from core.serializers.fields import OneOf, RowField, RupeesField, TextField, WholeNumberField
from core.services.mandates.setup import StartedSetup, Way
from core.services.mandates.showing import Autopay

DEVICES = ("ANDROID", "IOS")
APPS_ON_IOS = ("PHONEPE", "GPAY", "PAYTM", "CRED", "SUPERMONEY", "BHIM", "AMAZON")
PACKAGE = re.compile(r"[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z0-9_]+)+")
UPI_ID = re.compile(r"[A-Za-z0-9._-]{2,255}@[A-Za-z][A-Za-z0-9]{1,63}")
_INSTANT = serializers.DateTimeField()


class SetUpAutopaySerializer(serializers.Serializer[Any]):
    """One of `target_app`, which the phone then opens, and `upi_id`, whose owner is asked."""

    # Whether a plan that is offered no more may still be set up depends on the subscription.
    pricing_plan_id = RowField(queryset=PricingPlan.objects.all(), pk_field=WholeNumberField())
    period = OneOf(choices=BillingPeriod.choices)
    device_os = OneOf(choices=DEVICES)
    target_app = TextField(
        max_length=64, required=False, help_text=f"On Android its package, on iOS one of {', '.join(APPS_ON_IOS)}."
    )
    upi_id = TextField(max_length=255, required=False)

    def validate_upi_id(self, upi_id: str) -> str:
        if not UPI_ID.fullmatch(upi_id):
            raise serializers.ValidationError("A UPI id looks like name@bank.")
        return upi_id

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("target_app" in attrs) == ("upi_id" in attrs):
            raise serializers.ValidationError({"target_app": "Give either the app that is opened or a UPI id."})
        app = attrs.get("target_app")
        if app is not None and attrs["device_os"] == "IOS" and app not in APPS_ON_IOS:
            raise serializers.ValidationError({"target_app": f"On iOS choose from {', '.join(APPS_ON_IOS)}."})
        if app is not None and attrs["device_os"] == "ANDROID" and not PACKAGE.fullmatch(app):
            raise serializers.ValidationError({"target_app": "On Android give the app's package, as com.phonepe.app."})
        return attrs

    def way(self) -> Way:
        body = self.validated_data
        return Way(body["device_os"], body.get("target_app", ""), body.get("upi_id", ""))


class AutopaySetupSerializer(serializers.Serializer[StartedSetup]):
    """A mandate that can be approved now: open `intent_url`, which is empty when a UPI id is asked."""

    success = serializers.BooleanField(default=True)
    merchant_order_id = serializers.CharField()
    merchant_subscription_id = serializers.CharField()
    intent_url = serializers.CharField(allow_blank=True)
    state = serializers.ChoiceField(choices=MandateState.choices)
    expire_at = serializers.DateTimeField()

    def to_representation(self, instance: StartedSetup) -> dict[str, Any]:
        order = instance.payable.transaction
        return {
            "success": True,
            "merchant_order_id": order.merchant_order_id,
            "merchant_subscription_id": instance.mandate.merchant_subscription_id,
            "intent_url": order.redirect_url,
            "state": instance.mandate.state,
            "expire_at": _INSTANT.to_representation(order.expire_at),
        }


class AutopaySerializer(serializers.Serializer[Autopay]):
    """How AutoPay stands: `next_debit_at` is null while no debit is to come."""

    state = serializers.ChoiceField(choices=MandateState.choices)
    merchant_subscription_id = serializers.CharField()
    max_amount = RupeesField(source="max_amount_paise")
    next_debit_at = serializers.DateTimeField(allow_null=True)
    next_debit_amount = RupeesField(source="next_debit_paise", allow_null=True)


class AutopayCancelledSerializer(serializers.Serializer[Any]):
    success = serializers.BooleanField(default=True)
    state = serializers.ChoiceField(choices=MandateState.choices)
