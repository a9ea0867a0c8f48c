"""Money is an int of paise inside; rupees live at the edge, as decimal strings with two places."""

import re
from decimal import Decimal
from typing import Any

# PhonePe takes nothing below one rupee, and pays nothing less back: "Create payment" and "Refund" in its documentation.
SMALLEST_PAYMENT_PAISE = 100
AMOUNT = re.compile(r"[0-9]{1,9}(\.[0-9]{1,2})?")
GROUPED = re.compile(r"([0-9]{1,2}(,[0-9]{2})*,[0-9]{3}|[0-9]{1,3}(,[0-9]{3})+)(\.[0-9]*)?")


class NotAnAmount(ValueError):
    """The text is not an amount of rupees."""


def paise_from_text(text: Any, *, what: str = "payment", least: int = SMALLEST_PAYMENT_PAISE) -> int:
    """Return the paise of "15000", "15000.5" or "15000.50"; no exponent, sign, space or other script's digits.

    :param what: what it is the amount of, for the sentence
    :param least: the smallest that is taken, in paise
    :raises NotAnAmount: for anything else, zero included
    """
    if not isinstance(text, str) or not AMOUNT.fullmatch(text):
        raise NotAnAmount("Give the amount in rupees with at most two decimals, for example 15000.00.")
    paise = int(Decimal(text).scaleb(2))
    if paise < least:
        raise NotAnAmount(f"The smallest {what} is {rupees_for_people(least)}.")
    return paise


def paise_from_people(text: str, *, what: str = "payment", least: int = SMALLEST_PAYMENT_PAISE) -> int:
    """Return the paise of an amount as people write it and as `rupees_for_people` prints it: "₹1,50,000.50".

    :raises NotAnAmount: for anything else; commas stand where India or the rest of the world has them, or nowhere
    """
    written = text.strip().removeprefix("₹").strip()
    if "," in written:
        if not GROUPED.fullmatch(written):
            raise NotAnAmount("Put the commas as in 1,50,000.50, or leave them out.")
        written = written.replace(",", "")
    return paise_from_text(written, what=what, least=least)


def rupees(paise: int) -> str:
    """Return "15000.00", as the API says it."""
    sign = "-" if paise < 0 else ""
    return f"{sign}{abs(paise) // 100}.{abs(paise) % 100:02d}"


def rupees_for_people(paise: int) -> str:
    """Return "₹1,50,000.00", grouped as in India."""
    whole, fraction = rupees(abs(paise)).split(".")
    head, tail = whole[:-3], whole[-3:]
    groups = [head[max(0, end - 2) : end] for end in range(len(head), 0, -2)][::-1]
    return f"{'-' if paise < 0 else ''}₹{','.join([*groups, tail])}.{fraction}"
