"""Charges of rent and dashboards, as the API shows them."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.models import RentCharge, Role, Tenancy
from core.money import rupees
from core.serializers.fields import RupeesField, SignedRupeesField
from core.serializers.payments import PaymentSerializer
from core.services.rent.dashboards import Month, OwnerDashboard, TenantDashboard


class MonthField(serializers.Field[Any, Any, str, Any]):
    """A month as "2026-04"."""

    def to_representation(self, value: Any) -> str:
        return f"{value:%Y-%m}"


class ChargeSerializer(serializers.ModelSerializer[RentCharge]):
    month = extend_schema_field({"type": "string", "pattern": r"^\d{4}-\d{2}$", "example": "2026-04"})(MonthField)()
    amount = RupeesField(source="amount_paise")
    outstanding = RupeesField(help_text="What is left to pay; money that came goes to the oldest month first.")

    class Meta:
        model = RentCharge
        fields = ["id", "tenancy", "month", "amount", "due_on", "outstanding"]
        read_only_fields = fields


class DueSerializer(ChargeSerializer):
    property = serializers.CharField(source="tenancy.unit.property.name")
    unit = serializers.CharField(source="tenancy.unit.name")

    class Meta(ChargeSerializer.Meta):
        fields = [*ChargeSerializer.Meta.fields, "property", "unit"]
        read_only_fields = fields


class UnitOutstandingSerializer(serializers.ModelSerializer[Tenancy]):
    tenancy = serializers.IntegerField(source="pk")
    property = serializers.CharField(source="unit.property.name")
    unit = serializers.CharField(source="unit.name")
    tenant = serializers.CharField(source="tenant.name")
    outstanding = SignedRupeesField(help_text="Negative: paid ahead.")

    class Meta:
        model = Tenancy
        fields = ["tenancy", "property", "unit", "tenant", "outstanding"]
        read_only_fields = fields


class NowAndBeforeSerializer(serializers.Serializer[Any]):
    """The running month of the Indian calendar, and the one before it."""

    this_month = SignedRupeesField()
    last_month = SignedRupeesField()


class MonthSerializer(serializers.Serializer[Month]):
    month = extend_schema_field({"type": "string", "pattern": r"^\d{4}-\d{2}$", "example": "2026-04"})(MonthField)()
    received = SignedRupeesField(source="received_paise", help_text="Of a tenant: what they paid.")
    refunded = SignedRupeesField(source="refunded_paise", help_text="Refunds that have not failed.")


def _both(months: list[Month], name: str) -> dict[str, str]:
    last, this = (getattr(month, f"{name}_paise") for month in months[-2:])
    return {"this_month": rupees(this), "last_month": rupees(last)}


class DashboardSerializer(serializers.Serializer[Any]):
    """Base of both: `role` says which it is."""

    role = serializers.ChoiceField(choices=Role.choices, help_text="tenant or owner")
    outstanding = RupeesField(source="outstanding_paise", help_text="All that is due and not paid.")
    refunds = NowAndBeforeSerializer(help_text="Refunds that have not failed.")
    months = MonthSerializer(many=True, help_text="Twelve months, the running one last: a series for a chart.")


class TenantDashboardSerializer(DashboardSerializer):
    due = DueSerializer(many=True, help_text="Months that are not paid in full, the oldest first.")
    paid = NowAndBeforeSerializer()
    open_payment = PaymentSerializer(allow_null=True, help_text="The payment that is under way.")

    def to_representation(self, instance: TenantDashboard) -> dict[str, Any]:
        months = instance.months
        current = instance.open_payment
        return {
            "role": Role.TENANT.value,
            "outstanding": rupees(instance.outstanding_paise),
            "due": DueSerializer(instance.due, many=True).data,
            "paid": _both(months, "received"),
            "refunds": _both(months, "refunded"),
            "open_payment": PaymentSerializer(current, context=self.context).data if current else None,
            "months": [MonthSerializer(month).data for month in months],
        }


class OwnerDashboardSerializer(DashboardSerializer):
    received = NowAndBeforeSerializer()
    units = UnitOutstandingSerializer(many=True, help_text="What is let now, and what still owes something.")
    held_for_payout = SignedRupeesField(help_text="Rent that Zelton holds for the owner, less what went back.")

    def to_representation(self, instance: OwnerDashboard) -> dict[str, Any]:
        return {
            "role": Role.OWNER.value,
            "outstanding": rupees(instance.outstanding_paise),
            "received": _both(instance.months, "received"),
            "refunds": _both(instance.months, "refunded"),
            "held_for_payout": rupees(instance.held_paise),
            "units": UnitOutstandingSerializer(instance.units, many=True).data,
            "months": [MonthSerializer(month).data for month in instance.months],
        }
