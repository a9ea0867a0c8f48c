"""What can be made to go wrong, with which call, and how often."""

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from random import Random
from typing import Any, Literal

Document = dict[str, Any]
Side = Literal["call", "webhook", "settlement"]


@dataclass(frozen=True, slots=True)
class FaultKind:
    side: Side
    meaning: str
    # False: the caller sees the fault and nothing else happened.
    has_effect: bool = True


KINDS: dict[str, FaultKind] = {
    "latency": FaultKind("call", "answers after `seconds`"),
    "timeout_before": FaultKind("call", "never answers, nothing happened", has_effect=False),
    "timeout_after": FaultKind("call", "never answers, yet it happened"),
    "cut_before": FaultKind("call", "connection reset, nothing happened", has_effect=False),
    "cut_after": FaultKind("call", "connection reset, yet it happened"),
    "rate_limited": FaultKind("call", "429 with Retry-After, nothing happened", has_effect=False),
    "server_error": FaultKind("call", "500 in JSON, nothing happened", has_effect=False),
    "server_error_after": FaultKind("call", "500 in JSON, yet it happened"),
    "bad_gateway": FaultKind("call", "502 in HTML, nothing happened", has_effect=False),
    "bad_gateway_after": FaultKind("call", "502 in HTML, yet it happened"),
    "unavailable": FaultKind("call", "503 in plain text, nothing happened", has_effect=False),
    "html_answer": FaultKind("call", "200 in HTML, nothing happened", has_effect=False),
    "token_revoked": FaultKind("call", "all tokens are revoked, so the call gets 401", has_effect=False),
    "broken_json": FaultKind("call", "200 with half of the JSON"),
    "empty_object": FaultKind("call", "200 with {}"),
    "drip": FaultKind("call", "the body comes byte by byte, too slowly"),
    "wrong_amount": FaultKind("call", "the amount is another by `value` paise (100)"),
    "wrong_order_id": FaultKind("call", "the answer is about another orderId"),
    "unknown_state": FaultKind("call", "state is a word that nobody documented"),
    "unknown_mode": FaultKind("call", "paymentMode is a word that nobody documented"),
    "extra_fields": FaultKind("call", "fields that nobody documented are added"),
    "nulls": FaultKind("call", "optional fields are null"),
    "text_amount": FaultKind("call", "amounts are strings of digits"),
    "awkward_url": FaultKind("call", "redirectUrl is long and has %2B and = in it"),
    "webhook_lost": FaultKind("webhook", "is never sent"),
    "webhook_late": FaultKind("webhook", "is sent after `seconds`"),
    "webhook_repeated": FaultKind("webhook", "is sent `value` times (2)"),
    "webhook_reordered": FaultKind("webhook", "lets the next webhook overtake it, or waits `seconds` (60)"),
    "webhook_forged": FaultKind("webhook", "has the wrong Authorization header"),
    "webhook_wrong_amount": FaultKind("webhook", "names an amount that is another by `value` paise (100)"),
    "report_line_missing": FaultKind("settlement", "is not in the report"),
    "report_line_unknown": FaultKind("settlement", "is followed by one about an order that nobody made"),
    "report_line_repeated": FaultKind("settlement", "is there twice"),
    "report_line_in_two": FaultKind("settlement", "is also in the report on the next settlement"),
    "report_wrong_amount": FaultKind("settlement", "names an amount that is more by `value` paise (100)"),
    "report_wrong_fee": FaultKind("settlement", "names a fee that takes off `value` paise (100) more"),
    "report_wrong_net": FaultKind("settlement", "has a net that is `value` paise (100) more than its parts"),
}


LONGEST_WAIT = 10**9
CALLS = (
    "oauth",
    "pay",
    "sdk_order",
    "order_status",
    "transaction_status",
    "refund",
    "refund_status",
    "settlement_range",
    "settlement_status",
    "settlement_webhook",
    "unknown",
)
LINE_TYPES = ("PAYMENT", "REFUND", "CHARGEBACK")


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong, where and how often.

    `call` is a call's name, a webhook's event or the type of a line in a settlement's report,
    None any of them; `times` None is for ever.
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
    """Read a fault as the command line gives it: kind, then key=value, parted by commas.

    :raises ValueError: if it is not one
    """
    kind, *pairs = (part.strip() for part in text.split(","))
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
    if not all(isinstance(document.get(key, 0), int) for key in ("times", "value")):
        raise ValueError("A fault's times and value are whole numbers.")
    try:
        return Fault(**document)
    except TypeError as error:
        raise ValueError("A fault's times, chance, seconds and value are numbers.") from error


class FaultBox:
    """The faults that are set; each use counts down."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> Fault:
        self._faults.append(fault)
        return fault

    def clear(self) -> None:
        self._faults.clear()

    def __iter__(self) -> Iterator[Fault]:
        return iter(tuple(self._faults))

    def __len__(self) -> int:
        return len(self._faults)

    def draw(self, side: Side, name: str, merchant_order_id: str | None) -> list[Fault]:
        """Return the faults that strike now, and count them; latency joins with one other."""
        struck: list[Fault] = []
        for fault in tuple(self._faults):
            blocked = fault.kind != "latency" and any(each.kind != "latency" for each in struck)
            if blocked or not fault.concerns(side, name, merchant_order_id):
                continue
            if fault.chance < 1 and self._rng.random() >= fault.chance:
                continue
            struck.append(fault)
            self._use(fault)
        return struck

    def _use(self, fault: Fault) -> None:
        if fault.times is None:
            return
        place = next(index for index, each in enumerate(self._faults) if each is fault)
        if fault.times == 1:
            del self._faults[place]
        else:
            self._faults[place] = replace(fault, times=fault.times - 1)
