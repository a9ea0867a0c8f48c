"""Logging in and out, and passwords."""

from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.models import SWITCHED, Role, User
from core.serializers.fields import EmailField, TextField, YesOrNoField


class LoginSerializer(serializers.Serializer[Any]):
    username = TextField(
        max_length=254, help_text="The user name, the e-mail address or the phone number of whoever logs in."
    )
    password = TextField(max_length=1024, trim_whitespace=False, style={"input_type": "password"})


class UserSerializer(serializers.ModelSerializer[User]):
    role = serializers.ChoiceField(choices=Role.choices, read_only=True)
    name = serializers.CharField(source="shown_name")
    email = serializers.CharField(help_text="Empty: none is known.")
    phone = serializers.CharField(help_text="Empty: none is known.")

    class Meta:
        model = User
        fields = ["id", "role", "name", "email", "phone"]
        read_only_fields = fields


BILLING = ("billing_name", "address", "state", "gstin", "pan")
PAN_USE = "Stands on invoices to its owner, and on receipts of rent that is paid from then on."
_SWITCHES = {
    "type": "object",
    "description": "By kind, whether its messages are wanted; what the law wants told is not among them.",
    "properties": {str(kind): {"type": "boolean"} for kind in SWITCHED},
    "additionalProperties": False,
}


class MeSerializer(UserSerializer):
    """Who is logged in. What invoices say of an owner is there for owners alone."""

    billing_name = serializers.CharField(source="owner.billing_name", required=False)
    address = serializers.CharField(source="owner.address", required=False)
    state = serializers.CharField(source="owner.state", required=False, help_text="The state's two digits: 29.")
    gstin = serializers.CharField(source="owner.gstin", required=False)
    pan = serializers.CharField(source="owner.pan", required=False, help_text=PAN_USE)
    notifications = serializers.SerializerMethodField()

    class Meta(UserSerializer.Meta):
        fields = [*UserSerializer.Meta.fields, *BILLING, "notifications"]
        read_only_fields = fields

    def to_representation(self, instance: User) -> dict[str, Any]:
        shown = super().to_representation(instance)
        is_owner = hasattr(instance, "owner")
        return {name: value for name, value in shown.items() if is_owner or name not in BILLING}

    @extend_schema_field(_SWITCHES)
    def get_notifications(self, user: User) -> dict[str, bool]:
        off = set(user.switched_off.values_list("kind", flat=True))
        return {str(kind): str(kind) not in off for kind in SWITCHED}


@extend_schema_field(_SWITCHES)
class SwitchesField(serializers.DictField):
    """Switches by kind; those that are not named stay as they are."""

    child = YesOrNoField()
    default_error_messages = {"not_a_dict": "{{name}} must be an object of true and false by kind."}

    def to_internal_value(self, data: Any) -> dict[str, bool]:
        switches: dict[str, bool] = super().to_internal_value(data)
        if unknown := sorted(set(switches) - set(map(str, SWITCHED))):
            raise serializers.ValidationError(f"{unknown[0]} is no kind of message that can be switched.")
        return switches


class ChangeMeSerializer(serializers.Serializer[Any]):
    """What people may change of themselves: owners what invoices say of them, everybody what they are told."""

    billing_name = TextField(max_length=200, allow_blank=True, required=False)
    address = TextField(max_length=500, allow_blank=True, required=False)
    state = TextField(max_length=2, allow_blank=True, required=False, help_text="The state's two digits: 29.")
    gstin = TextField(max_length=15, allow_blank=True, required=False)
    pan = TextField(max_length=10, allow_blank=True, required=False, help_text=PAN_USE)
    notifications = SwitchesField(required=False)

    def validate_gstin(self, value: str) -> str:
        return value.upper()

    def validate_pan(self, value: str) -> str:
        return value.upper()


class LoggedInSerializer(serializers.Serializer[Any]):
    success = serializers.BooleanField(default=True)
    token = serializers.CharField()
    expiry = serializers.DateTimeField()
    user = UserSerializer()


class PasswordResetSerializer(serializers.Serializer[Any]):
    email = EmailField(max_length=254)


class ChoosePasswordSerializer(serializers.Serializer[Any]):
    token = TextField(max_length=500, help_text="As the mail has it.")
    password = TextField(max_length=1024, trim_whitespace=False, style={"input_type": "password"})


class DoneSerializer(serializers.Serializer[Any]):
    success = serializers.BooleanField(default=True)
    detail = serializers.CharField(help_text="A sentence for a person.")


class ChangePasswordSerializer(serializers.Serializer[Any]):
    old_password = TextField(max_length=1024, trim_whitespace=False)
    new_password = TextField(max_length=1024, trim_whitespace=False)

    def validate_old_password(self, value: str) -> str:
        if not self.context["request"].user.check_password(value):
            raise serializers.ValidationError("This is not your present password.")
        return value

    def validate_new_password(self, value: str) -> str:
        try:
            validate_password(value, self.context["request"].user)
        except ValidationError as problem:
            raise serializers.ValidationError(problem.messages) from None
        return value
