"""A figure and its limit."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any

from benchmarks.load import Seen


@dataclass(frozen=True, slots=True)
class Figure:
    """One thing that was measured, beside what it may at most, or has at least, to be.

    :param value: what is compared with the limit: a ratio, or an amount in `unit`
    :param ours: what the product did, in words; `against` what it is compared with
    """

    part: str
    name: str
    value: float
    limit: float | None
    at_least: bool = False
    unit: str = "x"
    ours: str = ""
    against: str = ""
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def met(self) -> bool | None:
        """Tell whether the limit is met; None if there is none."""
        if self.limit is None:
            return None
        return self.value >= self.limit if self.at_least else self.value <= self.limit

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "value": round(self.value, 4), "met": self.met}

    def row(self) -> list[str]:
        sign = "≥" if self.at_least else "≤"
        limit = "" if self.limit is None else f"{sign} {_number(self.limit)} {self.unit}".strip()
        verdict = {True: "met", False: "MISSED", None: ""}[self.met]
        return [
            self.part,
            self.name,
            f"{_number(self.value)} {self.unit}".strip(),
            limit,
            verdict,
            self.ours,
            self.against,
        ]


HEADINGS = ["part", "figure", "measured", "limit", "", "ours", "against"]


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.2f}"


def text_table(figures: list[Figure]) -> str:
    rows = [HEADINGS, *(figure.row() for figure in figures)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(HEADINGS))]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines)


def alternate(rounds: int, ours: Callable[[], Seen], limit: Callable[[], Seen]) -> tuple[list[Seen], list[Seen]]:
    """Measure in turns, so that what the machine does otherwise strikes both."""
    pairs = [(ours(), limit()) if turn % 2 else (limit(), ours())[::-1] for turn in range(rounds)]
    return [pair[0] for pair in pairs], [pair[1] for pair in pairs]


def ratio_of_rates(ours: list[Seen], limit: list[Seen]) -> float:
    """Return the median over the rounds of what we do per second to what the limit does."""
    return median(mine.per_second / other.per_second for mine, other in zip(ours, limit, strict=True))


def percentile(values: Sequence[float], percent: int) -> float:
    """Return the smallest value that so many per cent of all do not exceed."""
    return sorted(values)[min(len(values) - 1, len(values) * percent // 100)]
