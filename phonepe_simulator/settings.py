"""Settings that can be changed while the simulator runs."""

import re
from dataclasses import dataclass, fields, replace
from datetime import time
from typing import Any

UNKNOWN_ORDER_CODES = (
    "INVALID_MERCHANT_ORDER_ID",
    "MERCHANT_ORDER_MAPPING_NOT_FOUND",
    "ORDER_NOT_FOUND",
    "INVALID_TRANSACTION_ID",
)


# Thirty years in seconds; much more would overflow a date.
LARGEST_NUMBER = 10**9
LARGEST_RATE = 10_000


@dataclass(frozen=True, slots=True)
class Settings:
    merchant_id: str = "SIMULATORUAT"
    merchant_name: str = "Test merchant"
    token_lifetime: int = 624_600
    # PhonePe's sample prints null, at which its own PHP SDK stops.
    expires_in_is_null: bool = False
    default_expire_after: int = 1200
    # Whether the pay page shows what PhonePe shows on that device, or every mode that the order offers.
    modes_by_device: bool = True
    # Where the pay page asks for a UPI ID: ios, everywhere or nowhere.
    upi_collect: str = "ios"
    refund_confirmed_after: float = 2
    refund_completed_after: float = 6
    refund_outcome: str = "success"
    # None: INVALID_MERCHANT_ORDER_ID on checkout paths, ORDER_NOT_FOUND on payments paths.
    unknown_order_code: str | None = None
    not_found_status: int = 400
    webhook_retry_delays: tuple[float, ...] = (10, 60, 300, 1800)
    webhook_timeout: float = 5
    webhook_delay: float = 0
    drip_interval: float = 0.5
    # HH:MM in India, when each day's money is settled; None: only on request.
    settlement_at: str | None = None
    settlement_processed_after: float = 10
    settlement_outcome: str = "success"
    # Seconds: until a payer has been told of a debit, until a bank has decided about it, until a mandate has moved.
    mandate_notified_after: float = 2
    mandate_debited_after: float = 2
    mandate_moves_after: float = 0
    # Where the link of a setup leads: a UPI app (upi://), or the page on which a person plays one.
    mandate_link: str = "upi"
    debit_outcome: str = "success"
    # Basis points: 190 is 1.9 %.
    upi_fee_bp: int = 0
    card_fee_bp: int = 190
    net_banking_fee_bp: int = 150
    gst_on_fee_bp: int = 1800

    def __post_init__(self) -> None:
        if self.unknown_order_code not in (None, *UNKNOWN_ORDER_CODES):
            raise ValueError(f"unknown_order_code is one of {', '.join(UNKNOWN_ORDER_CODES)}")
        if self.not_found_status not in (400, 404):
            raise ValueError("not_found_status is 400 or 404")
        if self.upi_collect not in ("ios", "everywhere", "nowhere"):
            raise ValueError("upi_collect is ios, everywhere or nowhere")
        if self.refund_outcome not in ("success", "failure", "pending"):
            raise ValueError("refund_outcome is success, failure or pending")
        if self.refund_confirmed_after > self.refund_completed_after:
            raise ValueError("A refund is confirmed before it is completed.")
        if self.token_lifetime < 1 or self.webhook_timeout <= 0:
            raise ValueError("token_lifetime and webhook_timeout are positive")
        if self.mandate_link not in ("upi", "page"):
            raise ValueError("mandate_link is upi or page")
        if self.debit_outcome not in ("success", "failure", "pending"):
            raise ValueError("debit_outcome is success, failure or pending")
        if self.settlement_outcome not in ("success", "failure", "pending"):
            raise ValueError("settlement_outcome is success, failure or pending")
        rates = (self.upi_fee_bp, self.card_fee_bp, self.net_banking_fee_bp, self.gst_on_fee_bp)
        if not all(0 <= rate <= LARGEST_RATE for rate in rates):
            raise ValueError(f"fees and the tax on them are 0 to {LARGEST_RATE} basis points")
        if self.settlement_at is not None:
            _time_of_day(self.settlement_at)

    @property
    def settlement_time(self) -> time | None:
        return None if self.settlement_at is None else _time_of_day(self.settlement_at)

    def changed(self, **choices: Any) -> "Settings":
        """Return a copy with some settings replaced.

        :raises ValueError: for a name that is not a setting, or a value it cannot take
        """
        known = {field.name: field for field in fields(self)}
        for name, value in choices.items():
            if name not in known:
                raise ValueError(f"There is no setting {name!r}; there are {', '.join(known)}.")
            if known[name].default is not None:
                _check_type(name, getattr(self, name), value)
            if known[name].type is int and not isinstance(value, int):
                raise ValueError(f"{name} is a whole number")
        if "webhook_retry_delays" in choices:
            choices["webhook_retry_delays"] = tuple(choices["webhook_retry_delays"])
        return replace(self, **choices)


def _time_of_day(text: Any) -> time:
    if not isinstance(text, str) or not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", text):
        raise ValueError("settlement_at is a time of day, for instance 11:00")
    return time.fromisoformat(text)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= LARGEST_NUMBER


def _is_number_list(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(map(_is_number, value))


def _check_type(name: str, current: Any, value: Any) -> None:
    if isinstance(current, bool):
        if not isinstance(value, bool):
            raise ValueError(f"{name} is true or false")  # noqa: TRY004 - one error for all wrong choices
    elif isinstance(current, int | float) and not _is_number(value):
        raise ValueError(f"{name} is a number from 0 to {LARGEST_NUMBER}")
    if isinstance(current, str) and not isinstance(value, str):
        raise ValueError(f"{name} is a string")  # noqa: TRY004 - one error for all wrong choices
    if isinstance(current, tuple) and not _is_number_list(value):
        raise ValueError(f"{name} is a list of numbers")
