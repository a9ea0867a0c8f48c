"""What a check hands back: a proof with its evidence, or the sentence that says what is not met."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Evidence = list[dict[str, Any]]


class Verdict(StrEnum):
    PROVED = "proved"
    FAILED = "failed"
    BY_HAND = "by_hand"
    NOT_RUN = "not_run"


class NotMet(Exception):
    """A requirement is not met; the sentence says what was seen, and what should have been."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What shows that a requirement is met.

    :ivar sentence: what was done, and what was seen
    :ivar left: what a person still has to do; only requirements in BY_HAND may leave something
    """

    sentence: str
    evidence: Evidence
    left: str = ""


def expect(what: str, seen: object, expected: object) -> None:
    """:raises NotMet: if they differ"""
    if seen != expected:
        raise NotMet(f"{what}: {seen!r}, and should be {expected!r}.")


def expect_that(holds: object, sentence: str) -> None:
    """:raises NotMet: with the sentence, if it does not hold"""
    if not holds:
        raise NotMet(sentence)
