"""What a payer, a bank and time do with mandates, for tests and for the control API."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import datetime

from phonepe_simulator.mandates.mandate import Mandate
from phonepe_simulator.mandates.processing import Mandates, failure_named

UpToDate = Callable[[], AbstractContextManager[datetime]]
MOST_PLANNED = 100


class MandateActs(Mapping[str, Mandate]):
    """All mandates by merchantSubscriptionId, and what happens to each. Every act first does what is due."""

    def __init__(self, mandates: Mandates, up_to_date: UpToDate) -> None:
        self._mandates = mandates
        self._up_to_date = up_to_date

    def __getitem__(self, merchant_subscription_id: str) -> Mandate:
        mandate = self._mandates.mandates.get(merchant_subscription_id)
        if mandate is None:
            raise KeyError(f"There is no mandate {merchant_subscription_id}.")
        return mandate

    def __iter__(self) -> Iterator[str]:
        return iter(self._mandates.mandates)

    def __len__(self) -> int:
        return len(self._mandates.mandates)

    def approve(self, merchant_subscription_id: str) -> Mandate:
        """Let the payer approve it in the UPI app; the bank may say so after the setup has run out.

        :raises NotPossibleError: if it has been decided
        """
        with self._up_to_date():
            mandate = self[merchant_subscription_id]
            self._mandates.approve(mandate)
            return mandate

    def decline(self, merchant_subscription_id: str, reason: str = "INVALID_MPIN") -> Mandate:
        """Let the payer or the bank decline it, with one of the error codes of PhonePe's samples.

        :raises NotPossibleError: if it has been decided
        """
        with self._up_to_date():
            mandate = self[merchant_subscription_id]
            self._mandates.decline(mandate, failure_named(reason))
            return mandate

    def pause(self, merchant_subscription_id: str, seconds: float | None = None) -> Mandate:
        """Let the payer pause it; with `seconds` it goes on by itself after them.

        :raises NotPossibleError: if it is not active
        """
        with self._up_to_date():
            mandate = self[merchant_subscription_id]
            self._mandates.pause(mandate, seconds=seconds)
            return mandate

    def unpause(self, merchant_subscription_id: str) -> Mandate:
        """:raises NotPossibleError: if it is not paused"""
        with self._up_to_date():
            mandate = self[merchant_subscription_id]
            self._mandates.unpause(mandate)
            return mandate

    def revoke(self, merchant_subscription_id: str) -> Mandate:
        """:raises NotPossibleError: if it is neither active nor paused"""
        with self._up_to_date():
            mandate = self[merchant_subscription_id]
            self._mandates.revoke(mandate)
            return mandate

    def fail_debits(self, merchant_subscription_id: str, reason: str = "INSUFFICIENT_BALANCE", times: int = 1) -> None:
        """Let the next attempts to debit it fail, each of PhonePe's own retries counted."""
        if not 1 <= times <= MOST_PLANNED:
            raise ValueError(f"times: 1 to {MOST_PLANNED}")
        with self._up_to_date():
            self[merchant_subscription_id].planned_debits += [failure_named(reason)] * times

    def fail_notices(self, merchant_subscription_id: str, times: int = 1) -> None:
        """Let the next notices of a debit not reach the payer."""
        if not 1 <= times <= MOST_PLANNED:
            raise ValueError(f"times: 1 to {MOST_PLANNED}")
        with self._up_to_date():
            self[merchant_subscription_id].failing_notices += times
