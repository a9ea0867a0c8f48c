"""Properties, units and tenancies as their owner keeps them."""

from typing import Any

from rest_framework import serializers

from core.models import Property, Unit
from core.serializers.fields import NEEDED, EmailField, ExactTextField, RupeesField, WholeNumberField
from core.serializers.payments import TenancySerializer
from core.serializers.statements import DayField
from core.services.lettings.invitations import Invited, Person
from core.services.lettings.tenancies import Terms

LARGEST_KEY = 2**63 - 1
AN_OBJECT: dict[str, Any] = {**NEEDED, "invalid": "{{name}} must be an object."}
A_DAY = {"required": "Give the {{words}}.", "null": "{{name}} must not be null."}


class PropertySerializer(serializers.ModelSerializer[Property]):
    name = ExactTextField(max_length=200)
    address = ExactTextField(max_length=1000, required=False, allow_blank=True)

    class Meta:
        model = Property
        fields = ["id", "name", "address"]


class UnitSerializer(serializers.ModelSerializer[Unit]):
    property = WholeNumberField(source="property_id", read_only=True)
    name = ExactTextField(max_length=100)

    class Meta:
        model = Unit
        fields = ["id", "property", "name"]


class NewUnitSerializer(serializers.Serializer[Any]):
    property = WholeNumberField(min_value=1, max_value=LARGEST_KEY, help_text="Its id.")
    name = ExactTextField(max_length=100)


class NewTenantSerializer(serializers.Serializer[Any]):
    """Whom the unit is let to; by the phone number or the e-mail address they log in."""

    name = ExactTextField(max_length=200)
    phone = ExactTextField(max_length=20, required=False, allow_blank=True)
    email = EmailField(max_length=254, required=False, allow_blank=True)


class NewTenancySerializer(serializers.Serializer[Any]):
    unit = WholeNumberField(min_value=1, max_value=LARGEST_KEY, help_text="Its id.")
    tenant = NewTenantSerializer(error_messages=AN_OBJECT)
    monthly_rent = RupeesField(what="rent")
    due_day = WholeNumberField(min_value=1, max_value=31, default=5, help_text="31: the last day of a shorter month.")
    starts_on = DayField(error_messages=A_DAY, help_text="The first day.")

    def person(self) -> Person:
        return Person(**self.validated_data["tenant"])

    def terms(self) -> Terms:
        body = self.validated_data
        return Terms(body["monthly_rent"], body["due_day"], body["starts_on"])


class EndTenancySerializer(serializers.Serializer[Any]):
    ends_on = DayField(error_messages=A_DAY, help_text="The last day, inclusive.")


class InvitationSerializer(serializers.Serializer[Invited]):
    """How the tenant comes to a password; neither is there for somebody who has one."""

    mailed_to = serializers.CharField(help_text="The address to which a link was mailed; empty: none was.")
    link = serializers.CharField(
        help_text="For a new tenant without an e-mail address: hand it to them. It works once, for seven days."
    )


class LetSerializer(TenancySerializer):
    invitation = InvitationSerializer()

    class Meta(TenancySerializer.Meta):
        fields = [*TenancySerializer.Meta.fields, "invitation"]
        read_only_fields = fields
