"""One fault: what goes wrong, with which call, and how often."""

from dataclasses import dataclass, fields
from typing import Any

from phonepe_simulator.faults.kinds import CALLS, KINDS, LINE_TYPES, Side

Document = dict[str, Any]
LONGEST_WAIT = 10**9


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong, where and how often.

    `call` is a call's name, a webhook's event or the type of a line in a settlement's report,
    and None means any; `times` None means every time.
    """

    kind: str
    call: str | None = None
    times: int | None = None
    chance: float = 1.0
    seconds: float | None = None
    value: int | None = None
    merchant_order_id: str | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"There is no fault {self.kind!r}; there are {', '.join(KINDS)}.")
        if self.times is not None and self.times < 1:
            raise ValueError("times: 1 or more, or left out for every time")
        if not 0 <= self.chance <= 1:
            raise ValueError("chance: from 0 to 1")
        if self.seconds is not None and not 0 <= self.seconds <= LONGEST_WAIT:
            raise ValueError(f"seconds: from 0 to {LONGEST_WAIT}")
        if self.side == "call" and self.call not in (None, *CALLS):
            raise ValueError(f"There is no call {self.call!r}; there are {', '.join(CALLS)}.")
        if self.side == "settlement" and self.call not in (None, *LINE_TYPES):
            raise ValueError(f"There is no line {self.call!r}; there are {', '.join(LINE_TYPES)}.")

    @property
    def side(self) -> Side:
        return KINDS[self.kind].side

    @property
    def has_effect(self) -> bool:
        return KINDS[self.kind].has_effect

    def concerns(self, side: Side, name: str, merchant_order_id: str | None) -> bool:
        named = self.call is None or self.call == name
        ordered = self.merchant_order_id is None or self.merchant_order_id == merchant_order_id
        return self.side == side and named and ordered


def read_fault(text: str) -> Fault:
    """Read a fault as the command line gives it: kind, then key=value, separated by commas.

    :raises ValueError: if it does not describe a fault
    """
    kind, *pairs = (part.strip() for part in text.split(","))
    for pair in pairs:
        if "=" not in pair:
            raise ValueError(f"a fault's part is written as NAME=VALUE, not {pair!r}")
    given = dict(pair.partition("=")[::2] for pair in pairs)
    return fault_from({"kind": kind, **{key: _number_or_text(value) for key, value in given.items()}})


def _number_or_text(text: str) -> int | float | str:
    for convert in (int, float):
        try:
            return convert(text)
        except ValueError:
            continue
    return text


def fault_from(document: Document) -> Fault:
    """Read a fault from JSON.

    :raises ValueError: if a field is unknown or has a wrong type
    """
    known = {field.name for field in fields(Fault)}
    unknown = set(document) - known
    if unknown or "kind" not in document:
        raise ValueError(f"A fault has a kind and may have {', '.join(sorted(known - {'kind'}))}.")
    given = {key: value for key, value in document.items() if value is not None}
    if not all(type(given.get(key, 0)) is int for key in ("times", "value")):
        raise ValueError("A fault's times and value are whole numbers.")
    if not all(type(given.get(key, 0)) in (int, float) for key in ("chance", "seconds")):
        raise ValueError("A fault's chance and seconds are numbers.")
    if not all(isinstance(given.get(key, ""), str) for key in ("kind", "call", "merchant_order_id")):
        raise ValueError("A fault's kind, call and merchant_order_id are text.")
    return Fault(**given)
