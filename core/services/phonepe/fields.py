"""Single fields of PhonePe's answers and webhooks, read without being strict about what is in them."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

LONGEST_NUMBER = 16  # digits; more is neither an amount nor an instant, and no database column
DEEPEST = 20  # what is nested deeper is not kept; PhonePe nests five deep


def text(answer: Any, key: str) -> str:
    value = answer.get(key) if isinstance(answer, Mapping) else None
    return storable(value) if isinstance(value, str) else ""


def paise(answer: Any, key: str) -> int | None:
    """Return whole paise; PhonePe sends a number, or the same as text."""
    value = answer.get(key) if isinstance(answer, Mapping) else None
    if isinstance(value, str) and len(value) < LONGEST_NUMBER and value.isascii() and value.isdigit():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if abs(value) < 10**LONGEST_NUMBER else None


def instant(answer: Any, key: str) -> datetime | None:
    """Return the instant of epoch milliseconds, None for what cannot be one."""
    milliseconds = paise(answer, key)
    # The documentation's samples hold shorter placeholders; no order is older than this service.
    if milliseconds is None or not 1_500_000_000_000 < milliseconds < 10_000_000_000_000:
        return None
    return datetime.fromtimestamp(milliseconds // 1000, UTC).replace(microsecond=milliseconds % 1000 * 1000)


def storable(value: Any, deepest: int = DEEPEST) -> Any:
    """Return the same without what a database cannot store.

    That is NUL, halves of surrogate pairs, NaN, infinity, and what is nested too deeply.
    """
    if isinstance(value, str):
        return value.replace("\0", "").encode(errors="ignore").decode()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Mapping | list) and not deepest:
        return None
    if isinstance(value, Mapping):
        return {storable(key): storable(item, deepest - 1) for key, item in value.items()}
    return [storable(item, deepest - 1) for item in value] if isinstance(value, list) else value


def mappings(answer: Any, key: str) -> list[Mapping[str, Any]]:
    values = answer.get(key) if isinstance(answer, Mapping) else None
    return [value for value in values if isinstance(value, Mapping)] if isinstance(values, list) else []
