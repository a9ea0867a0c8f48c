"""How a call to PhonePe can go wrong, told apart by what is known afterwards."""


class PhonePeError(Exception):
    """Base. The sentence never holds a secret or PhonePe's data, and the class can be pickled."""


class PhonePeRejected(PhonePeError):
    """PhonePe understood the request and refused it: it had no effect. `code` is PhonePe's."""

    def __init__(self, code: str, http_status: int) -> None:
        super().__init__(code, http_status)
        self.code = code
        self.http_status = http_status

    def __str__(self) -> str:
        return f"PhonePe refused the request: {self.code} (HTTP {self.http_status})"


class PhonePeUnknownId(PhonePeRejected):
    """PhonePe knows no such order or refund."""


class PhonePeUnavailable(PhonePeError):
    """The request had no effect: it was never sent, or PhonePe told us to come back later."""


class PhonePeTooManyRequests(PhonePeUnavailable):
    """PhonePe asks us to slow down (HTTP 429)."""


class PhonePeUnauthorised(PhonePeUnavailable):
    """PhonePe does not accept our credentials or token, also after a new token."""


class PhonePeOutcomeUnknown(PhonePeError):
    """The request may or may not have had its effect; only the status call can tell."""
