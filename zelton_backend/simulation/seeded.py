"""Everything random in this process, drawn from one seed."""

import base64
import random
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from unittest import mock


@contextmanager
def seeded(seed: int | str) -> Iterator[Random]:
    """Give the simulation, or a test, its rng; the product's ids and jitter come from the same seed.

    One stream for each of the three, so that a draw for an id shifts no story.
    """
    ids, before = Random(f"{seed}:ids"), random.getstate()

    def token_bytes(count: int | None = None) -> bytes:
        return ids.randbytes(32 if count is None else count)

    def token_urlsafe(count: int | None = None) -> str:
        return base64.urlsafe_b64encode(token_bytes(count)).rstrip(b"=").decode()

    random.seed(f"{seed}:jitter")
    try:
        with (
            mock.patch.object(secrets, "token_bytes", token_bytes),
            mock.patch.object(secrets, "token_urlsafe", token_urlsafe),
            mock.patch.object(secrets, "token_hex", lambda count=None: token_bytes(count).hex()),
        ):
            yield Random(f"{seed}:story")
    finally:
        random.setstate(before)
