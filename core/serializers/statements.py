"""Statements of account as the API shows them, and what it takes to ask for one."""

from datetime import date
from typing import Any

from rest_framework import serializers

from core.serializers.fields import SignedRupeesField, WholeNumberField
from core.services.ledger.statements import Days, Kind, Movement, Statement, Subject

LONGEST = 400  # days
EARLIEST, LATEST = date(2000, 1, 1), date(2099, 12, 31)


class DayField(serializers.DateField):
    """A day as YYYY-MM-DD and nothing else."""

    default_error_messages = {
        "required": "Name the first and the last day, as in from=2026-04-01&to=2026-04-30.",
        "invalid": "Write the day as YYYY-MM-DD, for example 2026-04-30.",
        "out_of_range": "Name a day of this century.",
    }

    def __init__(self, **how: Any) -> None:
        super().__init__(input_formats=["%Y-%m-%d"], **how)

    def to_internal_value(self, value: Any) -> date:
        day: date = super().to_internal_value(value)
        if not EARLIEST <= day <= LATEST:
            self.fail("out_of_range")
        return day


class AskStatementSerializer(serializers.Serializer[Any]):
    tenancy = WholeNumberField(
        required=False,
        min_value=1,
        max_value=2**63 - 1,
        help_text="Narrows a tenant's statement to one tenancy. Staff name a tenancy or an owner.",
    )
    owner = WholeNumberField(
        required=False, min_value=1, max_value=2**63 - 1, help_text="For staff: the owner whose statement is wanted."
    )

    def get_fields(self) -> dict[str, Any]:
        """`from` is a word of Python's and cannot be written as the others."""
        first = DayField(source="first", help_text="First day, inclusive, of the Indian calendar.")
        last = DayField(source="last", help_text=f"Last day, inclusive; at most {LONGEST} days in all.")
        return {"from": first, "to": last, **super().get_fields()}

    def validate(self, asked: dict[str, Any]) -> dict[str, Any]:
        length = (asked["last"] - asked["first"]).days + 1
        if length < 1:
            raise serializers.ValidationError({"to": "The last day cannot be before the first."})
        if length > LONGEST:
            raise serializers.ValidationError({"to": f"Ask for at most {LONGEST} days at once."})
        return asked

    def days(self) -> Days:
        return Days(self.validated_data["first"], self.validated_data["last"])


class MovementSerializer(serializers.Serializer[Movement]):
    date = serializers.DateField(source="day", help_text="Of the Indian calendar.")
    kind = serializers.ChoiceField(choices=Kind.choices)
    description = serializers.CharField()
    reference = serializers.CharField(help_text="A merchant_order_id, a merchant_refund_id, or the month of rent.")
    tenancy = serializers.IntegerField(allow_null=True, help_text="Null in an owner's statement.")
    amount = SignedRupeesField(source="amount_paise")
    balance = SignedRupeesField(source="balance_paise", help_text="After this movement.")


class TotalsSerializer(serializers.Serializer[Any]):
    """What each kind moved, with its sign; together they are the closing less the opening balance."""

    charges = SignedRupeesField(source=Kind.CHARGE.value)
    reversals = SignedRupeesField(source=Kind.REVERSAL.value, help_text="Of charges.")
    payments = SignedRupeesField(source=Kind.PAYMENT.value)
    refunds = SignedRupeesField(source=Kind.REFUND.value, help_text="That have not failed.")
    other = SignedRupeesField()


class StatementSerializer(serializers.Serializer[Statement]):
    """Opening balance + amounts of all movements = closing balance.

    Signs are the reader's. Of a tenancy, positive is owed by the tenant: a charge is positive, a payment negative.
    Of an owner, positive is held by Zelton for them: a payment is positive, a refund negative.
    """

    subject = serializers.ChoiceField(choices=Subject.choices)
    name = serializers.CharField(help_text="The tenant's or the owner's.")
    units = serializers.ListField(child=serializers.CharField(), help_text="Of the tenancies; empty for an owner.")
    opening_balance = SignedRupeesField(source="opening_paise", help_text="Before the first day.")
    movements = MovementSerializer(many=True)
    totals = TotalsSerializer()
    closing_balance = SignedRupeesField(source="closing_paise", help_text="After the last day.")

    def get_fields(self) -> dict[str, Any]:
        """`from` is a word of Python's and cannot be written as the others."""
        days = {"from": serializers.DateField(source="days.first"), "to": serializers.DateField(source="days.last")}
        return {**days, **super().get_fields()}
