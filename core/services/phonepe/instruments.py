"""What a payer paid with, in words for people: enough to recognise it, too little to use it."""

from collections.abc import Iterable, Mapping
from typing import Any

from core.services.phonepe.fields import text

SHOWN = 4  # last digits of a card or an account
NAMES = {
    "ACCOUNT": "account",
    "CREDIT_CARD": "credit card",
    "DEBIT_CARD": "debit card",
    "NET_BANKING": "net banking",
    "CREDIT_LINE": "credit line",
    "WALLET": "wallet",
    "EGV": "gift voucher",
}
NUMBERS = ("maskedAccountNumber", "accountNumber", "maskedCardNumber", "cardNumber")


def describe(parts: Iterable[Mapping[str, Any]]) -> str:
    """Return what the parts of an attempt (`rail` and `instrument`) say, masked; each thing once.

    Source: "Order status", tables rail and instrument.
    """
    said = dict.fromkeys(filter(None, (_part(part) for part in parts)))
    return " and ".join(said)[:200]


def _part(part: Mapping[str, Any]) -> str:
    rail, instrument = part.get("rail"), part.get("instrument")
    return ", ".join(filter(None, (_upi_id(text(rail, "vpa")), _instrument(instrument))))


def _instrument(instrument: Any) -> str:
    kind = text(instrument, "type")
    name = NAMES.get(kind, kind.replace("_", " ").lower()[:32])
    number = next(filter(None, (last_digits(text(instrument, key)) for key in NUMBERS)), "")
    bank = text(instrument, "bankId")[:16] or text(instrument, "ifsc")[:4]
    return " ".join(filter(None, (text(instrument, "cardNetwork")[:16], name, number, bank and f"({bank})")))


def last_digits(number: str) -> str:
    """Return a number's last four digits behind dots, however much of it is there; nothing without digits."""
    digits = "".join(character for character in number if character.isdigit())
    return f"••{digits[-SHOWN:]}" if digits else ""


def _upi_id(vpa: str) -> str:
    """Return a UPI id by two characters and its handle; the first part is often a phone number."""
    name, _, handle = vpa.partition("@")
    return f"UPI {name[:2]}…@{handle[:32]}" if name and handle else ""
