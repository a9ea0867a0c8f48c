"""One attempt of a payer to pay an order."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from phonepe_simulator.ids import IdGenerator
from phonepe_simulator.payments.modes import CardType, Mode

AnyMode = Mode | Literal["UPI_AUTO_PAY"]
RailAndInstrument = tuple[dict[str, Any], dict[str, Any]]


class State(StrEnum):
    PENDING = "PENDING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"


class Outcome(StrEnum):
    SUCCESS = "success"
    FAILURE = "failure"
    PENDING = "pending"


@dataclass(frozen=True, slots=True)
class Failure:
    error_code: str
    detailed_error_code: str
    stage: str
    description: str


WRONG_PIN = Failure("INVALID_MPIN", "ZM", "AUTHENTICATION", "The payer entered a wrong UPI PIN.")
NOT_AUTHORIZED = Failure("AUTHORIZATION_ERROR", "ZM", "AUTHENTICATION", "The payer's bank did not authorize it.")
BANK_DECLINED = Failure("PAYMENT_ERROR", "TXN_FAILED", "AUTHENTICATION", "The payer's bank declined it.")
EXPIRED = Failure("PAYMENT_ERROR", "TXN_AUTO_FAILED", "AUTHENTICATION", "Nobody paid before the order expired.")

FAILURE_OF = {
    Mode.UPI_INTENT: WRONG_PIN,
    Mode.UPI_COLLECT: WRONG_PIN,
    Mode.UPI_QR: WRONG_PIN,
    Mode.CARD: NOT_AUTHORIZED,
    Mode.NET_BANKING: BANK_DECLINED,
}

# UPI IDs that decide the outcome; with any other ID the person who pays chooses.
OUTCOME_OF_VPA = {
    "success@ybl": Outcome.SUCCESS,
    "failure@ybl": Outcome.FAILURE,
    "failed@ybl": Outcome.FAILURE,
    "pending@ybl": Outcome.PENDING,
}


@dataclass(slots=True)
class Attempt:
    transaction_id: str
    mode: AnyMode
    amount: int
    at: datetime
    state: State = State.PENDING
    vpa: str | None = None
    failure: Failure | None = None
    rail: dict[str, Any] = field(default_factory=dict)
    instrument: dict[str, Any] = field(default_factory=dict)

    @property
    def utr(self) -> str | None:
        return self.rail.get("utr")

    @property
    def error_code(self) -> str | None:
        return self.failure.error_code if self.failure else None

    @property
    def detailed_error_code(self) -> str | None:
        return self.failure.detailed_error_code if self.failure else None


def new_attempt(
    mode: AnyMode, *, amount: int, at: datetime, ids: IdGenerator, vpa: str | None = None, card: CardType | None = None
) -> Attempt:
    """Return a pending attempt with the made-up account that will pay it."""
    rail, instrument = _account(mode, ids, vpa, card)
    return Attempt(ids.transaction_id(), mode, amount, at, vpa=vpa, rail=rail, instrument=instrument)


def _account(mode: AnyMode, ids: IdGenerator, vpa: str | None, card: CardType | None) -> RailAndInstrument:
    if mode is Mode.CARD:
        return _card(ids, card or CardType.CREDIT_CARD)
    if mode is Mode.NET_BANKING:
        return _net_banking(ids)
    return _upi(ids, vpa)


def _upi(ids: IdGenerator, vpa: str | None) -> RailAndInstrument:
    rail = {
        "type": "UPI",
        "utr": ids.digits(12),
        "upiTransactionId": ids.upi_transaction_id(),
        "vpa": masked(vpa or f"98{ids.digits(8)}@ybl"),
    }
    instrument = {
        "type": "ACCOUNT",
        "maskedAccountNumber": f"XXXXXX{ids.digits(4)}",
        "ifsc": "SBIN0000001",
        "accountType": "SAVINGS",
    }
    return rail, instrument


def masked(vpa: str) -> str:
    name, _, bank = vpa.partition("@")
    return f"{name[:2]}****{name[-2:]}@{bank}"


def _card(ids: IdGenerator, kind: CardType) -> RailAndInstrument:
    rail = {
        "type": "PG",
        "transactionId": ids.digits(12),
        "authorizationCode": ids.digits(6),
        "serviceTransactionId": f"PG{ids.digits(16)}",
    }
    instrument = {
        "type": kind.value,
        "bankId": "SBIN",
        "bankTransactionId": ids.digits(12),
        "arn": ids.digits(23),
        "brn": ids.digits(12),
        "geoScope": "DOMESTIC",
        "cardNetwork": "VISA",
        "maskedCardNumber": "******6667" if kind is CardType.CREDIT_CARD else "******4242",
    }
    return rail, instrument


def _net_banking(ids: IdGenerator) -> RailAndInstrument:
    rail = {
        "type": "PG",
        "transactionId": ids.digits(12),
        "authorizationCode": ids.digits(6),
        "serviceTransactionId": f"PG{ids.digits(16)}",
    }
    instrument = {
        "type": "NET_BANKING",
        "bankTransactionId": ids.digits(12),
        "bankId": "SBIN",
        "arn": ids.digits(23),
        "brn": ids.digits(12),
    }
    return rail, instrument
