"""Rupees in the admin's forms and lists; paise in the database."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from unfold.widgets import UnfoldAdminTextInputWidget

from core.money import SMALLEST_PAYMENT_PAISE, NotAnAmount, paise_from_people, rupees


class RupeesField(forms.Field):
    """Takes and shows rupees, and gives paise; exact, or a sentence says what is wrong."""

    widget = UnfoldAdminTextInputWidget(attrs={"inputmode": "decimal"})
    default_error_messages = {"required": "Give an amount of rupees, for example 15000.00."}

    def __init__(self, *, least_paise: int = SMALLEST_PAYMENT_PAISE, **given: Any) -> None:
        """:param least_paise: the smallest amount that is taken; what PhonePe does not move may be less than it pays"""
        super().__init__(**given)
        self.least_paise = least_paise

    def to_python(self, value: Any) -> int | None:
        text = str(value or "").strip()
        if not text:
            return None
        try:
            return paise_from_people(text, what="amount", least=self.least_paise)
        except NotAnAmount as problem:
            raise ValidationError(str(problem)) from None

    def prepare_value(self, value: Any) -> Any:
        return rupees(value) if isinstance(value, int) else value
