"""A mandate, and what its orders know of it."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal

from phonepe_simulator.payments.attempts import BANK_DECLINED, NOT_AUTHORIZED, WRONG_PIN, Failure
from phonepe_simulator.payments.orders import Order

Frequency = Literal[
    "DAILY", "WEEKLY", "MONTHLY", "FORTNIGHTLY", "BIMONTHLY", "QUARTERLY", "HALFYEARLY", "YEARLY", "ON_DEMAND"
]


class MandateState(StrEnum):
    ACTIVATION_IN_PROGRESS = "ACTIVATION_IN_PROGRESS"
    ACTIVE = "ACTIVE"
    PAUSE_IN_PROGRESS = "PAUSE_IN_PROGRESS"
    PAUSED = "PAUSED"
    UNPAUSE_IN_PROGRESS = "UNPAUSE_IN_PROGRESS"
    REVOKE_IN_PROGRESS = "REVOKE_IN_PROGRESS"
    REVOKED = "REVOKED"
    CANCEL_IN_PROGRESS = "CANCEL_IN_PROGRESS"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"
    FAILED = "FAILED"


LIVE = (MandateState.ACTIVE, MandateState.PAUSED)
INSUFFICIENT_BALANCE = Failure("INSUFFICIENT_BALANCE", "Z9", "DEBIT", "The payer's account has too little on it.")
NOT_ACTIVE = Failure("PAYMENT_ERROR", "XC", "DEBIT", "The mandate was not active when the debit was tried.")
# Why a debit or a setup fails, by the error code that PhonePe's samples show.
FAILURES = {failure.error_code: failure for failure in (INSUFFICIENT_BALANCE, NOT_AUTHORIZED, BANK_DECLINED, WRONG_PIN)}


@dataclass(slots=True)
class Mandate:
    merchant_subscription_id: str
    subscription_id: str
    setup: Order
    token: str
    workflow: str
    amount_type: str
    max_amount: int
    frequency: str
    expire_at: datetime
    created_at: datetime
    umn: str
    vpa: str | None = None
    target_app: str | None = None
    state: MandateState = MandateState.ACTIVATION_IN_PROGRESS
    pause_start: datetime | None = None
    pause_end: datetime | None = None
    redemptions: list[Order] = field(default_factory=list)
    # How the next debits end, in their order; when the list is empty the settings say.
    planned_debits: list[Failure | None] = field(default_factory=list)
    # How many of the next notices do not reach the payer.
    failing_notices: int = 0


class Stage(StrEnum):
    """What PhonePe calls the order of a debit before it has been tried."""

    NOTIFICATION_IN_PROGRESS = "NOTIFICATION_IN_PROGRESS"
    NOTIFIED = "NOTIFIED"


@dataclass(slots=True)
class Redemption:
    """One debit that was announced, and what has come of it."""

    mandate: Mandate
    order: Order
    strategy: str
    auto_debit: bool
    notified_at: datetime | None = None
    valid_after: datetime | None = None
    last_tried_at: datetime | None = None
