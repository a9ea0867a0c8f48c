"""Whether PhonePe kept of a payment what was agreed."""

from decimal import ROUND_HALF_UP, Decimal

from django.conf import settings

from core.models import LineType, SettlementLine
from core.money import rupees_for_people

ROUNDING = 1  # paisa; PhonePe does not say how it rounds


def wrong_fee(line: SettlementLine, payment_mode: str) -> str:
    """Return a sentence if a payment's fee, before tax, is not what was agreed for its mode; else nothing.

    What `PHONEPE_AGREED_FEES` does not name is not checked.
    """
    percent = settings.PHONEPE_AGREED_FEES.get(_group(payment_mode))
    if line.type != LineType.PAYMENT or percent is None:
        return ""
    agreed = int((line.amount_paise * percent / 100).quantize(Decimal(1), ROUND_HALF_UP))
    if abs(-line.fee_paise - agreed) <= ROUNDING:
        return ""
    return f"PhonePe kept a fee of {rupees_for_people(-line.fee_paise)}, agreed are {rupees_for_people(agreed)}"


def _group(payment_mode: str) -> str:
    """Return under which mode of the agreement a payment falls, as PhonePe names its mode."""
    if payment_mode in ("CARD", "TOKEN"):
        return "CARD"
    return "UPI" if payment_mode.startswith("UPI") else payment_mode
