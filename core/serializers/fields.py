"""Money at the API's edge."""

from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.money import NotAnAmount, paise_from_text, rupees


@extend_schema_field({"type": "string", "pattern": r"^-?\d+\.\d{2}$", "example": "15000.00"})
class RupeesField(serializers.Field[int, Any, str, Any]):
    """Rupees as a decimal string outside, paise inside."""

    default_error_messages = {"required": "Give an amount.", "null": "Give an amount."}

    def to_internal_value(self, data: Any) -> int:
        written = str(data) if isinstance(data, int | Decimal) and not isinstance(data, bool) else data
        try:
            return paise_from_text(written)
        except NotAnAmount as problem:
            raise serializers.ValidationError(str(problem)) from None

    def to_representation(self, value: int) -> str:
        return rupees(value)
