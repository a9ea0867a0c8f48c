"""The test cards, UPI IDs and bank login of PhonePe's sandbox, and checks of what a payer enters."""

import re
from dataclasses import dataclass
from datetime import datetime

from phonepe_simulator.ids import IST
from phonepe_simulator.payments.modes import CardType
from phonepe_simulator.payments.validation import VPA

OTP = "123456"
BANK_USER = "test"
BANK_PASS = "test"  # noqa: S105 - documented, opens nothing


@dataclass(frozen=True, slots=True)
class SandboxCard:
    number: str
    expiry: str
    cvv: str
    kind: CardType


SANDBOX_CARDS = (
    SandboxCard("4208585190116667", "06/2027", "508", CardType.CREDIT_CARD),
    SandboxCard("4242424242424242", "12/2027", "936", CardType.DEBIT_CARD),
)


class WrongInputError(Exception):
    """What a payer entered cannot be accepted; the message says why."""


def read_card(number: str, expiry: str, cvv: str, *, accepted: frozenset[CardType], now: datetime) -> SandboxCard:
    """Return the test card that was entered.

    :raises WrongInputError: for any other card, because real ones must not be entered here
    """
    digits = re.sub(r"[\s-]", "", number)
    card = next((each for each in SANDBOX_CARDS if each.number == digits), None)
    if card is None:
        raise WrongInputError("Use one of the test cards shown below, never a real card.")
    if card.kind not in accepted:
        raise WrongInputError("The merchant does not take this kind of card for this order.")
    _check_expiry(expiry, now)
    if cvv.strip() != card.cvv:
        raise WrongInputError("That is not this test card's CVV.")
    return card


def _check_expiry(expiry: str, now: datetime) -> None:
    """Accept any month that is not over: the documented dates will pass some day."""
    entered = re.fullmatch(r"\s*(0?[1-9]|1[0-2])\s*/\s*(?:20)?(\d\d)\s*", expiry)
    if entered is None:
        raise WrongInputError("Write the expiry as MM/YY.")
    month, year = int(entered[1]), 2000 + int(entered[2])
    today = now.astimezone(IST)
    if (year, month) < (today.year, today.month):
        raise WrongInputError("The card has expired: any month to come will do.")


def read_vpa(text: str) -> str:
    vpa = text.strip()
    if not VPA.fullmatch(vpa):
        raise WrongInputError("A UPI ID looks like name@bank.")
    return vpa


def check_otp(text: str) -> None:
    if text.strip() != OTP:
        raise WrongInputError(f"Wrong OTP. It is {OTP}.")


def check_bank_login(user: str, password: str) -> None:
    if (user.strip(), password) != (BANK_USER, BANK_PASS):
        raise WrongInputError("Wrong user or password. Both are test.")
