"""Fields of what the API takes, with what each says to a person who filled it in wrongly.

The name of a field is put into its sentences when they are sent (`core/views/error_texts.py`), where they have {name},
or {words}, as a person calls it.
"""

import re
from decimal import Decimal
from typing import Any, NoReturn

from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from rest_framework import serializers

from core.money import NotAnAmount, paise_from_text, rupees

_NEGATIVE = re.compile(r"-[0-9]+(\.[0-9]{1,2})?")
_TOO_LARGE = re.compile(r"0*[1-9][0-9]{9,}(\.[0-9]{1,2})?")


NEEDED = {"required": "Give the {{words}}.", "null": "{{name}} must not be null."}


class TextField(serializers.CharField):
    default_error_messages = {
        **NEEDED,
        "blank": "Give the {{words}}.",
        "invalid": "{{name}} must be text.",
        "max_length": "{{name}} may have at most {max_length} characters.",
    }


class ExactTextField(TextField):
    """Text that was sent as text: a number is not taken for one."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return str(super().to_internal_value(data))


class EmailField(serializers.EmailField):
    default_error_messages = {
        **TextField.default_error_messages,
        "invalid": "Give an e-mail address, for example ravi@example.org.",
    }


class YesOrNoField(serializers.BooleanField):
    default_error_messages = {**NEEDED, "invalid": "{{name}} must be true or false."}


class WholeNumberField(serializers.IntegerField):
    default_error_messages = {
        **NEEDED,
        "invalid": "{{name}} must be a whole number.",
        "max_value": "{{name}} must be at most {max_value}.",
        "min_value": "{{name}} must be at least {min_value}.",
        "max_string_length": "{{name}} is too long.",
    }


class ListOf(serializers.ListField):
    default_error_messages = {
        **NEEDED,
        "not_a_list": "{{name}} must be a list.",
        "empty": "{{name}} must not be empty.",
        "max_length": "{{name}} may have at most {max_length} items.",
    }


class RowField(serializers.PrimaryKeyRelatedField[Any]):
    """A row by its number."""

    default_error_messages = {
        **NEEDED,
        "does_not_exist": "There is no such {{words}}.",
        "incorrect_type": "{{name}} must be a whole number.",
    }


class RupeesField(serializers.Field[int, Any, str, Any]):
    """Rupees as a decimal string outside, paise inside.

    :param what: what it is the amount of, for the sentence that refuses one that is too small
    """

    default_error_messages = {
        **NEEDED,
        "too_small": "The smallest {what} is ₹1.00.",
        "too_large": "This amount is too large.",
    }
    shown_as = r"^\d+\.\d{2}$"

    def __init__(self, *, what: str = "payment", **options: Any) -> None:
        super().__init__(**options)
        self._what = what

    def to_internal_value(self, data: Any) -> int:
        written = str(data) if isinstance(data, int | Decimal) and not isinstance(data, bool) else data
        try:
            return paise_from_text(written, what=self._what)
        except NotAnAmount as problem:
            if isinstance(written, str) and _NEGATIVE.fullmatch(written):
                self.fail("too_small", what=self._what)
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

    default_error_messages = {**NEEDED, "invalid_choice": "Choose {name} from {choices}."}

    def fail(self, key: str, **facts: Any) -> NoReturn:
        name = self.field_name or getattr(self.parent, "field_name", "")  # in a list, the list has the name
        super().fail(key, name=name, choices=", ".join(str(choice) for choice in self.choices), **facts)
