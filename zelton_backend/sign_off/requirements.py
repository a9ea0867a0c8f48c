"""The requirements of PhonePe's checklist: each is a function that returns its proof, or says what is not met."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

from zelton_backend.sign_off.proofs import Evidence, Proof, Verdict
from zelton_backend.sign_off.uat import Uat

SECTIONS = {
    "A": "Authorization",
    "P": "Payment API",
    "S": "Order status",
    "W": "Webhooks",
    "R": "Refund API",
    "T": "Refund status",
    "G": "Sign-off process",
}
# What a person has to do: outside of this program there is nothing that it could look at.
BY_HAND = frozenset({"W7", "W11", "G1", "G2", "G3", "G4"})
MODULES = ("authorization", "payment", "order_status", "webhooks", "refund", "refund_status", "process")


@dataclass(frozen=True, slots=True)
class Requirement:
    id: str
    title: str
    check: Callable[[Uat], Proof]

    @property
    def section(self) -> str:
        return SECTIONS[self.id[0]]

    @property
    def place(self) -> tuple[int, int]:
        """Return where it stands on the checklist."""
        return list(SECTIONS).index(self.id[0]), int(self.id[1:])


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one requirement."""

    requirement: Requirement
    verdict: Verdict
    proof: str
    evidence: Evidence

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.requirement.id,
            "title": self.requirement.title,
            "verdict": self.verdict.value,
            "proof": self.proof,
            "evidence": self.evidence,
        }


_known: dict[str, Requirement] = {}


def requirement(identifier: str, title: str) -> Callable[[Callable[[Uat], Proof]], Callable[[Uat], Proof]]:
    """Put a check on the list, under its id of the checklist."""

    def register(check: Callable[[Uat], Proof]) -> Callable[[Uat], Proof]:
        if identifier in _known:
            raise ValueError(f"{identifier} is on the list twice")
        _known[identifier] = Requirement(identifier, title, check)
        return check

    return register


@cache
def all_requirements() -> tuple[Requirement, ...]:
    """Return every requirement, in the order of the checklist."""
    for name in MODULES:
        import_module(f"zelton_backend.sign_off.checks.{name}")
    return tuple(sorted(_known.values(), key=lambda each: each.place))
