"""Ids as PhonePe makes them: a prefix, the instant in Indian time, and some random digits.

Every random choice comes from the seed, one stream for each purpose, so that a fault by chance
does not change the ids that follow it.
"""

import json
from base64 import urlsafe_b64encode
from datetime import datetime, timedelta, timezone
from random import Random
from secrets import randbits
from uuid import UUID

from phonepe_simulator.clock import Clock

IST = timezone(timedelta(hours=5, minutes=30))


def random_stream(seed: int | None, purpose: str) -> Random:
    chosen = randbits(128) if seed is None else seed
    return Random(f"{chosen}:{purpose}")  # noqa: S311 - repeatable on purpose


class IdGenerator:
    def __init__(self, clock: Clock, seed: int | None) -> None:
        self._clock = clock
        self._ids = random_stream(seed, "ids")
        self._tokens = random_stream(seed, "tokens")
        self._settlements = random_stream(seed, "settlements")
        self._made: set[str] = set()

    def order_id(self) -> str:
        return self._fresh("OMO")

    def transaction_id(self) -> str:
        return self._fresh("OM")

    def refund_id(self) -> str:
        return self._fresh("OMR")

    def subscription_id(self) -> str:
        return self._fresh("OMS")

    def umn(self) -> str:
        """Return the name that a mandate has at the banks."""
        return f"{self._ids.getrandbits(128):032x}"

    def _fresh(self, prefix: str) -> str:
        while (made := f"{prefix}{_stamp(self._clock.now())}{self.digits(7)}") in self._made:
            continue
        self._made.add(made)
        return made

    def digits(self, count: int) -> str:
        return f"{self._ids.randrange(10**count):0{count}d}"

    def upi_transaction_id(self) -> str:
        return f"YBL{self._ids.getrandbits(128):032x}"

    def tracking_id(self) -> str:
        return f"{self._ids.getrandbits(32):08x}"

    def settlement_id(self) -> str:
        return str(UUID(int=self._settlements.getrandbits(128), version=4))

    def settlement_utr(self) -> str:
        return f"YESPH{self.settlement_digits(11)}"

    def settlement_digits(self, count: int) -> str:
        return f"{self._settlements.randrange(10**count):0{count}d}"

    def token(self, claims: dict[str, object]) -> str:
        """Return a string that looks like a JWT; its last part is 256 random bits."""
        header = _encoded(b'{"alg":"HS256","typ":"JWT"}')
        payload = _encoded(json.dumps(claims, separators=(",", ":")).encode())
        return f"{header}.{payload}.{_encoded(self._tokens.randbytes(32))}"


def _stamp(instant: datetime) -> str:
    local = instant.astimezone(IST)
    return f"{local:%y%m%d%H%M%S}{local.microsecond // 1000:03d}"


def _encoded(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
