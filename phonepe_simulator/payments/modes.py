"""Payment modes, and which of them an order offers."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


class Mode(StrEnum):
    UPI_INTENT = "UPI_INTENT"
    UPI_COLLECT = "UPI_COLLECT"
    UPI_QR = "UPI_QR"
    CARD = "CARD"
    NET_BANKING = "NET_BANKING"


# How PhonePe debits a mandate: nobody can choose it.
UPI_AUTO_PAY: Literal["UPI_AUTO_PAY"] = "UPI_AUTO_PAY"


class CardType(StrEnum):
    DEBIT_CARD = "DEBIT_CARD"
    CREDIT_CARD = "CREDIT_CARD"


@dataclass(frozen=True, slots=True)
class ModeEntry:
    """One entry of a paymentModeConfig; `card_types` is empty if it named none."""

    mode: Mode
    card_types: frozenset[CardType] = frozenset()


@dataclass(frozen=True, slots=True)
class Offer:
    modes: frozenset[Mode] = frozenset(Mode)
    card_types: frozenset[CardType] = frozenset(CardType)

    def __contains__(self, mode: Mode) -> bool:
        return mode in self.modes


EVERYTHING = Offer()


def only_these(entries: list[ModeEntry]) -> Offer:
    cards = [entry.card_types or frozenset(CardType) for entry in entries if entry.mode is Mode.CARD]
    return Offer(frozenset(entry.mode for entry in entries), frozenset[CardType]().union(*cards))


def all_but(entries: list[ModeEntry]) -> Offer:
    """Return everything but the listed modes; of CARD only the card types that are named are left out."""
    hidden: set[Mode] = {entry.mode for entry in entries if entry.mode is not Mode.CARD}
    cards = frozenset(CardType).difference(*(entry.card_types for entry in entries if entry.mode is Mode.CARD))
    if not cards:
        hidden.add(Mode.CARD)
    return Offer(frozenset(Mode) - hidden, cards)
