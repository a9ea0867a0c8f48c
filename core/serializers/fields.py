"""Money at the API's edge, and words to choose from."""

import re
from decimal import Decimal
from typing import Any, NoReturn

from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from rest_framework import serializers

from core.money import NotAnAmount, paise_from_text, rupees

_NEGATIVE = re.compile(r"-[0-9]+(\.[0-9]{1,2})?")
_TOO_LARGE = re.compile(r"0*[1-9][0-9]{9,}(\.[0-9]{1,2})?")


class RupeesField(serializers.Field[int, Any, str, Any]):
    """Rupees as a decimal string outside, paise inside."""

    default_error_messages = {
        "too_small": "The smallest payment is ₹1.00.",
        "too_large": "This amount is too large.",
    }
    shown_as = r"^\d+\.\d{2}$"

    def to_internal_value(self, data: Any) -> int:
        written = str(data) if isinstance(data, int | Decimal) and not isinstance(data, bool) else data
        try:
            return paise_from_text(written)
        except NotAnAmount as problem:
            if isinstance(written, str) and _NEGATIVE.fullmatch(written):
                self.fail("too_small")
            if isinstance(written, str) and _TOO_LARGE.fullmatch(written):
                self.fail("too_large")
            raise serializers.ValidationError(str(problem)) from None

    def to_representation(self, value: int) -> str:
        return rupees(value)


class SignedRupeesField(RupeesField):
    """What can be less than nothing, as a balance."""

    shown_as = r"^-?\d+\.\d{2}$"


class RupeesSchema(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    target_class = "core.serializers.fields.RupeesField"
    match_subclasses = True

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict[str, Any]:  # noqa: ARG002
        if direction == "response":
            return {"type": "string", "pattern": self.target.shown_as, "example": "15000.00"}
        return {
            "type": ["string", "number"],
            "pattern": r"^[1-9][0-9]{0,8}(\.[0-9]{1,2})?$",
            "minimum": 1,
            "exclusiveMaximum": 1_000_000_000,
            "description": "Rupees, at least 1, with at most two decimals. Best as a string; a number is taken too.",
            "example": "15000.00",
        }


class OneOf(serializers.ChoiceField):
    """One of some words; the refusal tells which."""

    default_error_messages = {"invalid_choice": "Choose {name} from {choices}."}

    def fail(self, key: str, **facts: Any) -> NoReturn:
        name = self.field_name or getattr(self.parent, "field_name", "")  # in a list, the list has the name
        super().fail(key, name=name, choices=", ".join(str(choice) for choice in self.choices), **facts)
