"""Go through the requirements; what fails in one keeps no other from being looked at."""

import traceback
from collections.abc import Iterable, Iterator

import structlog

from zelton_backend.sign_off.local import Bench
from zelton_backend.sign_off.proofs import NotMet, Proof, Verdict
from zelton_backend.sign_off.requirements import BY_HAND, Outcome, Requirement
from zelton_backend.sign_off.uat import Uat

logger = structlog.get_logger(__name__)


def check_all(bench: Bench, requirements: Iterable[Requirement]) -> Iterator[Outcome]:
    """Check requirements one after the other, and yield what came of each."""
    for requirement in requirements:
        try:
            with bench.uat() as uat:
                outcome = _check(requirement, uat)
        except Exception as problem:
            logger.exception("sign_off_not_set_up", requirement=requirement.id)
            outcome = Outcome(requirement, Verdict.FAILED, _crash("It could not be set up", problem), [])
        yield outcome


def _check(requirement: Requirement, uat: Uat) -> Outcome:
    try:
        proof = requirement.check(uat)
    except NotMet as missing:
        return Outcome(requirement, Verdict.FAILED, str(missing), uat.record.evidence())
    except Exception as problem:
        logger.exception("sign_off_check_crashed", requirement=requirement.id)
        return Outcome(requirement, Verdict.FAILED, _crash("The check crashed", problem), uat.record.evidence())
    return judged(requirement, proof)


def judged(requirement: Requirement, proof: Proof) -> Outcome:
    """Return the verdict on a proof: without evidence there is none."""
    if proof.left and requirement.id in BY_HAND:
        sentence = f"{proof.sentence} Left to a person: {proof.left}".strip()
        return Outcome(requirement, Verdict.BY_HAND, sentence, proof.evidence)
    if not proof.evidence:
        return Outcome(requirement, Verdict.FAILED, "The check has left no evidence.", [])
    return Outcome(requirement, Verdict.PROVED, proof.sentence, proof.evidence)


def _crash(what: str, problem: Exception) -> str:
    frame = traceback.extract_tb(problem.__traceback__)[-1]
    return f"{what}: {type(problem).__name__}: {problem} ({frame.name}, line {frame.lineno})."
