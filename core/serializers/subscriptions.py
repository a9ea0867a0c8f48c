"""Plans and subscriptions as the API shows them."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from core.india import day_in_india
from core.models import (
    BillingPeriod,
    Channel,
    Invoice,
    OwnerSubscription,
    OwnerSubscriptionPayment,
    PaymentKind,
    PricingPlan,
    SubscriptionPeriod,
)
from core.serializers.attempts import ATTEMPT_FIELDS, AttemptSerializer, StandingSerializer
from core.serializers.autopay import AutopaySerializer
from core.serializers.fields import OneOf, RowField, RupeesField, WholeNumberField, YesOrNoField
from core.serializers.payments import StartedSerializer
from core.services.lettings.property import limiting_plan, units_of
from core.services.mandates.showing import autopay_of
from core.services.subscriptions.changing import Change
from core.services.subscriptions.checkout import Offer, paid_until
from core.services.subscriptions.life import amount_due_paise, renewal_of

_INSTANT, _RUPEES = serializers.DateTimeField(), RupeesField()


class PricingPlanSerializer(serializers.ModelSerializer[PricingPlan]):
    monthly_price = RupeesField(source="monthly_price_paise")
    yearly_price = RupeesField(source="yearly_price_paise")
    features = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = PricingPlan
        fields = ["id", "name", "monthly_price", "yearly_price", "max_units", "features"]


class StartSubscriptionPaymentSerializer(serializers.Serializer[Any]):
    # Whether a plan that is offered no more may still be paid for depends on the subscription.
    pricing_plan_id = RowField(queryset=PricingPlan.objects.all(), pk_field=WholeNumberField())
    period = OneOf(choices=BillingPeriod.choices)
    channel = OneOf(choices=Channel.choices, default=Channel.REDIRECT)


class ChangePlanSerializer(StartSubscriptionPaymentSerializer):
    preview = YesOrNoField(default=False, help_text="true: only tell what it would do.")


CHARGED_FOR = "What the money is for, in a few words for a person."
CREDIT = "What is left of the paid time and was taken off the price."


class StartedSubscriptionSerializer(StartedSerializer):
    """A payment that can be paid now, and when its period runs if it is: `detail` says so to a person."""

    charged_for = serializers.CharField(help_text=CHARGED_FOR)
    credit = RupeesField(help_text=CREDIT)
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    detail = serializers.CharField()

    def to_representation(self, instance: Any) -> dict[str, Any]:
        return {**super().to_representation(instance), **_told(instance.offer), "detail": instance.offer.detail}


def _told(offer: Offer) -> dict[str, Any]:
    return {
        "charged_for": offer.charged_for,
        "credit": _RUPEES.to_representation(offer.credit_paise),
        "starts_at": _INSTANT.to_representation(offer.starts_at),
        "ends_at": _INSTANT.to_representation(offer.ends_at),
    }


class PlanChangeSerializer(serializers.Serializer[Change]):
    """What changing the plan does, or would do: at once for `charged_now`, or at the end of what is paid."""

    success = serializers.BooleanField(default=True)
    preview = serializers.BooleanField()
    takes_effect = serializers.ChoiceField(choices=["now", "period_end"])
    plan = PricingPlanSerializer()
    period = serializers.ChoiceField(choices=BillingPeriod.choices)
    charged_now = RupeesField()
    price = RupeesField(help_text="Of the change at once, or of the period that begins at the end of what is paid.")
    charged_for = serializers.CharField(help_text=CHARGED_FOR)
    credit = RupeesField(help_text=CREDIT)
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    detail = serializers.CharField(help_text="A sentence for a person.")

    def to_representation(self, instance: Change) -> dict[str, Any]:
        return {
            "success": True,
            "preview": self.context["preview"],
            "takes_effect": "now" if instance.is_at_once else "period_end",
            "plan": PricingPlanSerializer(instance.offer.plan).data,
            "period": str(instance.offer.period),
            "charged_now": _RUPEES.to_representation(instance.charged_now_paise),
            "price": _RUPEES.to_representation(instance.offer.amount_paise),
            **_told(instance.offer),
            "detail": instance.detail,
        }


class PendingChangeSerializer(serializers.Serializer[Any]):
    """What begins when the paid time ends."""

    plan = PricingPlanSerializer()
    period = serializers.ChoiceField(choices=BillingPeriod.choices)
    starts_at = serializers.DateTimeField()
    amount = RupeesField(help_text="What it costs; fixed once the owner was told of the renewal.")


@extend_schema_serializer(many=False)
class SubscriptionSerializer(serializers.Serializer[OwnerSubscription]):
    """How the subscription stands. `status` is null until the first payment has come."""

    status = serializers.ChoiceField(choices=["active", "past_due", "cancelled", "expired"], allow_null=True)
    plan = PricingPlanSerializer(allow_null=True)
    period = serializers.ChoiceField(choices=BillingPeriod.choices, allow_null=True)
    current_period_start = serializers.DateTimeField(allow_null=True)
    current_period_end = serializers.DateTimeField(allow_null=True)
    paid_until = serializers.DateTimeField(allow_null=True, help_text="Later periods that are paid included.")
    cancel_at_period_end = serializers.BooleanField()
    pending_change = PendingChangeSerializer(allow_null=True)
    autopay = AutopaySerializer(allow_null=True)
    amount_due = RupeesField(help_text="What is to be paid now to go on; 0.00 until the renewal is announced.")
    units_used = serializers.IntegerField(help_text="How many units the owner has.")
    units_allowed = serializers.IntegerField(
        allow_null=True, help_text="How many the plan has; without a plan that runs, those of the smallest on offer."
    )

    def to_representation(self, instance: OwnerSubscription) -> dict[str, Any]:
        plan, limit = instance.plan, limiting_plan(instance.owner, now=timezone.now())
        return {
            "status": instance.status or None,
            "plan": PricingPlanSerializer(plan).data if plan else None,
            "period": instance.period or None,
            **{name: _instant(getattr(instance, name)) for name in _INSTANTS},
            "cancel_at_period_end": instance.cancel_at_period_end,
            "pending_change": self._pending_change(instance),
            "autopay": self._autopay(instance),
            "amount_due": _RUPEES.to_representation(amount_due_paise(instance) if instance.pk else 0),
            "units_used": units_of(instance.owner),
            "units_allowed": limit.max_units if limit else None,
        }

    def _autopay(self, subscription: OwnerSubscription) -> Any:
        autopay = autopay_of(subscription) if subscription.pk else None
        return AutopaySerializer(autopay).data if autopay else None

    def _pending_change(self, subscription: OwnerSubscription) -> Any:
        renewal = renewal_of(subscription) if subscription.next_plan else None
        if renewal is None:
            return None
        return {
            "plan": PricingPlanSerializer(renewal.plan).data,
            "period": renewal.period,
            "starts_at": _instant(renewal.starts_at),
            "amount": _RUPEES.to_representation(renewal.amount_paise),
        }


_INSTANTS = ("current_period_start", "current_period_end", "paid_until")


def _instant(moment: datetime | None) -> str | None:
    return str(_INSTANT.to_representation(moment)) if moment else None


class SubscriptionPaymentSerializer(AttemptSerializer):
    plan = serializers.CharField(source="plan.name")
    kind = serializers.ChoiceField(
        choices=PaymentKind.choices,
        read_only=True,
        help_text="`autopay_setup`: COMPLETED says that AutoPay is set up, and not only that money came.",
    )
    goes_back = serializers.BooleanField(
        read_only=True, help_text="True: setting AutoPay up only checks the account; its ₹2.00 go back by themselves."
    )

    class Meta:
        model = OwnerSubscriptionPayment
        fields = [*ATTEMPT_FIELDS, "plan", "period", "purpose", "kind", "goes_back"]
        read_only_fields = fields

    @classmethod
    def paid_for(cls, payment: OwnerSubscriptionPayment) -> dict[str, Any]:
        return {
            "plan": payment.plan.name,
            "period": payment.period,
            "purpose": payment.purpose,
            "kind": str(payment.kind),
            "goes_back": payment.only_checks_account,
        }


class VerifiedSubscriptionSerializer(StandingSerializer):
    attempt = SubscriptionPaymentSerializer
    payment = SubscriptionPaymentSerializer()


class ActiveSubscriptionSerializer(serializers.ModelSerializer[SubscriptionPeriod]):
    plan = PricingPlanSerializer()
    period = serializers.ChoiceField(source="payment.period", choices=BillingPeriod.choices)
    paid_until = serializers.SerializerMethodField()

    class Meta:
        model = SubscriptionPeriod
        fields = ["id", "plan", "period", "starts_at", "ends_at", "paid_until"]

    @extend_schema_field(
        {"type": "string", "format": "date-time", "description": "The end of what is paid, later periods included."}
    )
    def get_paid_until(self, period: SubscriptionPeriod) -> str:
        return str(_INSTANT.to_representation(paid_until(period)))


class InvoiceSerializer(serializers.ModelSerializer[Invoice]):
    """A tax paper: the invoice of a payment, or the credit note of a refund."""

    issued_on = serializers.SerializerMethodField()
    taxable_amount = RupeesField(source="taxable_paise")
    cgst = RupeesField(source="cgst_paise")
    sgst = RupeesField(source="sgst_paise")
    igst = RupeesField(source="igst_paise")
    total = RupeesField(source="total_paise")
    payment = serializers.IntegerField(source="payment_id", help_text="The subscription payment.")
    credits = serializers.SerializerMethodField()

    class Meta:
        model = Invoice
        fields = ["id", "kind", "number", "issued_on", "taxable_amount", "cgst", "sgst", "igst", "total", "payment",
                  "credits"]  # fmt: skip

    @extend_schema_field({"type": "string", "format": "date"})
    def get_issued_on(self, invoice: Invoice) -> str:
        return day_in_india(invoice.issued_at).isoformat()

    @extend_schema_field({"type": ["string", "null"], "description": "Of a credit note: the invoice's number."})
    def get_credits(self, invoice: Invoice) -> str | None:
        return invoice.credits.number if invoice.credits else None
